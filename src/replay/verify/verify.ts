import {
  formatAddress,
  type Interpretation,
  type LearnedFact,
  type Policy,
  type RecordedEvent,
  type RecordedVerdict,
  type UnresolvableCause,
  type VerifiedEvent,
  type VerifyReport,
  type VerifySummary,
} from "../../model/index.ts";
import { EventPolicyTimeline, hostsWithPolicy } from "../../sources/index.ts";
import { judgeVerdict } from "./judge-verdict.ts";
import { Knowledge, type VerdictCase } from "./learn.ts";
import { MovingPolicy, standingPolicy, type VerdictPolicy } from "./policy-cursor.ts";
import type { ExtraFacts } from "./verdict-facts.ts";

export interface VerifyOptions {
  /** What reports call the events, e.g. the file's name. */
  readonly source: string;
  /** A policy to compare with; without it that which the events themselves tell of. */
  readonly policy?: Policy;
  /** The computer whose events count; all of those whose policy is known if left out. */
  readonly host?: string;
  /** Whether facts of one event may narrow others. */
  readonly learn?: boolean;
  readonly interpretation?: Partial<Interpretation>;
  /** Told how many verdicts are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Recomputes every recorded verdict of a log and compares. */
export function verifyEvents(records: readonly RecordedEvent[], options: VerifyOptions): VerifyReport {
  const { source, policy } = options;
  const { hosts, otherHosts } = hostsToCompare(records, options);
  const cases = casesOf(records, hosts);
  const policies = policiesFor(records, hosts, options);
  const total = cases.length * (options.learn === true ? 2 : 1);
  let done = 0;
  const step = (): void => {
    if (++done % PROGRESS_STEP === 0) options.onProgress?.(done, total);
  };
  let events = cases.map((one) => {
    step();
    return verifyOne(one, policies.get(one.verdict.host) ?? null, undefined);
  });
  const knowledge = options.learn === true ? new Knowledge(cases, events, (one, facts) => refutes(one, facts, policies)) : undefined;
  if (knowledge !== undefined) {
    events = cases.map((one) => {
      step();
      return verifyOne(one, policies.get(one.verdict.host) ?? null, knowledge);
    });
  }
  return {
    source,
    policy: policy?.source ?? (policies.size > 0 ? "the log itself" : "no policy"),
    events,
    summary: summarize(events, hosts, otherHosts, knowledge?.used() ?? []),
  };
}

const PROGRESS_STEP = 100;

function policiesFor(
  records: readonly RecordedEvent[],
  hosts: readonly (string | null)[],
  { source, policy, interpretation = {} }: VerifyOptions,
): ReadonlyMap<string | null, VerdictPolicy> {
  const standing = policy === undefined ? undefined : standingPolicy(policy, interpretation);
  const withPolicy = hostsWithPolicy(records);
  const policies = new Map<string | null, VerdictPolicy>();
  for (const host of hosts) {
    if (standing !== undefined) policies.set(host, standing);
    else if (withPolicy.has(host)) policies.set(host, new MovingPolicy(new EventPolicyTimeline(records, { source, host }), interpretation));
  }
  return policies;
}

/** The verdicts of the hosts; a flow that was seen before is marked. */
function casesOf(records: readonly RecordedEvent[], hosts: readonly (string | null)[]): readonly VerdictCase[] {
  const seen = new Map<string, number>();
  const cases: VerdictCase[] = [];
  for (const [index, verdict] of records.entries()) {
    if (verdict.type !== "verdict" || !hosts.includes(verdict.host)) continue;
    const key = flowKey(verdict);
    const firstIndex = seen.get(key) ?? index;
    cases.push({ verdict, index, isFirst: verdict.isReauthorization !== true && firstIndex === index, firstIndex, flow: key });
    seen.set(key, firstIndex);
  }
  return cases;
}

function flowKey({ host, layerId, protocol, local, localPort, remote, remotePort }: RecordedVerdict): string {
  const end = (address: RecordedVerdict["local"]): string => (address === null ? "" : formatAddress(address));
  return [host, layerId, protocol, end(local), localPort, end(remote), remotePort].join(" ");
}

function verifyOne(one: VerdictCase, policy: VerdictPolicy | null, knowledge: Knowledge | undefined): VerifiedEvent {
  const { verdict, index, isFirst } = one;
  if (policy === null) return withoutPolicy(verdict);
  const lag = policy.moveTo(index, nameOf(verdict));
  const learned = knowledge?.about(one);
  const event = judgeVerdict({ verdict, policy, isFirst, extra: learned?.extra ?? {} });
  return { ...event, lag, learned: learned?.facts ?? [] };
}

function nameOf({ filterId }: RecordedVerdict): bigint | null {
  return filterId === null || filterId === 0n ? null : filterId;
}

/** Whether the recorded filter could not have decided if these facts were so. */
function refutes(
  { verdict, index, isFirst }: VerdictCase,
  extra: ExtraFacts,
  policies: ReadonlyMap<string | null, VerdictPolicy>,
): boolean {
  const policy = policies.get(verdict.host);
  if (policy === undefined || nameOf(verdict) === null) return false;
  policy.moveTo(index, nameOf(verdict));
  return judgeVerdict({ verdict, policy, isFirst, extra }).result === "contradiction";
}

function withoutPolicy(verdict: RecordedVerdict): VerifiedEvent {
  const isNamed = verdict.filterId !== null && verdict.filterId !== 0n;
  return {
    verdict,
    layer: null,
    result: isNamed ? "unresolvable" : null,
    filter: null,
    candidates: [],
    action: "not-judged",
    fitting: 0,
    cause: "no-policy",
    contradiction: null,
    tie: null,
    unknown: [],
    learned: [],
    lag: 0,
    subLayers: [],
  };
}

/** A log collected from several computers: those whose policy is known are compared, or all of them where none is. */
function hostsToCompare(
  records: readonly RecordedEvent[],
  { host, policy }: VerifyOptions,
): { readonly hosts: readonly (string | null)[]; readonly otherHosts: ReadonlyMap<string, number> } {
  const counts = new Map<string | null, number>();
  for (const record of records) if (record.type === "verdict") counts.set(record.host, (counts.get(record.host) ?? 0) + 1);
  const known = hostsWithPolicy(records);
  const all = [...counts.keys()];
  const chosen =
    host !== undefined
      ? all.filter((name) => name?.toLowerCase() === host.toLowerCase())
      : policy !== undefined || !all.some((name) => known.has(name))
        ? all
        : all.filter((name) => known.has(name));
  const others = [...counts].filter(([name]) => !chosen.includes(name)).map(([name, count]) => [name ?? "", count] as const);
  return { hosts: chosen, otherHosts: new Map(others) };
}

function summarize(
  events: readonly VerifiedEvent[],
  hosts: readonly (string | null)[],
  otherHosts: ReadonlyMap<string, number>,
  learned: readonly LearnedFact[],
): VerifySummary {
  const count = (test: (event: VerifiedEvent) => boolean): number => events.filter(test).length;
  const unnamed = (action: VerifiedEvent["action"]): number => count((event) => event.result === null && event.action === action);
  const byCause = new Map<UnresolvableCause, number>();
  for (const { cause, result } of events) if (cause !== null && result !== null) byCause.set(cause, (byCause.get(cause) ?? 0) + 1);
  const ties = events.flatMap(({ tie }) => (tie === null ? [] : [tie]));
  const newest = ties.filter(({ filters, recorded }) => filters[0]?.filterId === recorded).length;
  const oldest = ties.filter(({ filters, recorded }) => filters.at(-1)?.filterId === recorded).length;
  return {
    events: events.length,
    withFilter: count(({ result }) => result !== null),
    exact: count(({ result }) => result === "exact"),
    compatible: count(({ result }) => result === "compatible"),
    onlyFit: count(({ result, fitting }) => result === "compatible" && fitting === 1),
    contradiction: count(({ result }) => result === "contradiction"),
    unresolvable: count(({ result }) => result === "unresolvable"),
    unnamed: { agrees: unnamed("agrees"), open: unnamed("open"), differs: unnamed("differs"), notJudged: unnamed("not-judged") },
    byCause,
    ties: { total: ties.length, newest, oldest, between: ties.length - newest - oldest },
    otherHosts,
    hosts: hosts.map((name) => name ?? ""),
    learned,
  };
}
