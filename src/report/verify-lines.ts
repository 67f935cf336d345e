import { formatEndpoint, type RecordedVerdict, type UnresolvableCause, type VerifiedEvent, type VerifySummary } from "../model/index.ts";
import { count, plural } from "./number-text.ts";

const PROTOCOLS: Readonly<Record<number, string>> = { 1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 58: "icmpv6" };

export const CAUSE_TEXT: Readonly<Record<UnresolvableCause, string>> = {
  "no-such-filter": "name a filter that the policy does not have",
  "other-layer": "name a filter of another layer: an id of an earlier start of Windows",
  "no-policy": "are of a computer whose policy is not known; --policy FILE gives one",
  "unknown-layer": "are of a layer that is not known",
};

/** `out tcp 10.0.0.5:49700 > 10.0.0.9:445 svchost.exe (976)`, as the log has it. */
export function recordedFlowText(verdict: RecordedVerdict): string {
  const { direction, protocol, local, localPort, remote, remotePort, application, processId } = verdict;
  const end = (address: RecordedVerdict["local"], port: number | null): string =>
    address === null ? `*:${port ?? "*"}` : formatEndpoint(address, port ?? 0);
  const name = protocol === null ? "any" : (PROTOCOLS[protocol] ?? `protocol ${protocol}`);
  const here = end(local, localPort);
  const flow =
    remote === null ? here : direction === "in" ? `${end(remote, remotePort)} > ${here}` : `${here} > ${end(remote, remotePort)}`;
  const program = application === null ? "" : ` ${application.split("\\").at(-1)}`;
  const pid = processId === null || program === "" ? "" : ` (${processId})`;
  return `${direction === null ? "" : `${direction} `}${name} ${flow}${program}${pid}`;
}

/** What the recording says about filters of equal weight; undefined where it has none. */
export function tieText({ ties }: VerifySummary): string | undefined {
  if (ties.total === 0) return undefined;
  const where =
    ties.newest === ties.total
      ? "in all of them the filter with the highest id decided, that is the newest"
      : ties.oldest === ties.total
        ? "in all of them the filter with the lowest id decided, that is the oldest"
        : `the newest decided in ${count(ties.newest)}, the oldest in ${count(ties.oldest)}, one in between in ${count(ties.between)}`;
  return `In ${plural(ties.total, "verdict")} filters of equal weight match: ${where}.`;
}

/** The numbers in a sentence. */
export function conclusionText(summary: VerifySummary): string {
  const { withFilter, exact, compatible, contradiction, unresolvable } = summary;
  if (withFilter === 0) return "No verdict names a filter.";
  const resolved = withFilter - unresolvable;
  const found = `${count(resolved)} of ${plural(withFilter, "verdict")} with a filter id resolve`;
  const classes = `${count(exact)} exact, ${count(compatible)} compatible`;
  return `${found}: ${classes}, ${contradiction === 0 ? "no contradiction" : plural(contradiction, "contradiction")}.`;
}

/** Fields that keep candidates apart and nobody recorded, by how many verdicts they leave open. */
export function openFields(events: readonly VerifiedEvent[]): readonly (readonly [string, number])[] {
  const found = new Map<string, number>();
  for (const { unknown, result } of events) {
    if (result !== "compatible") continue;
    for (const field of unknown) found.set(field, (found.get(field) ?? 0) + 1);
  }
  return [...found].sort((a, b) => b[1] - a[1]);
}

export interface LayerCounts {
  readonly layer: string;
  readonly exact: number;
  readonly compatible: number;
  readonly contradiction: number;
  readonly unresolvable: number;
  /** Candidates of compatible verdicts: the median. */
  readonly candidates: number | null;
}

/** Classes by layer and action, in the order of the layers' ids. */
export function countsByLayer(events: readonly VerifiedEvent[]): readonly LayerCounts[] {
  const groups = new Map<string, VerifiedEvent[]>();
  for (const event of events) {
    if (event.result === null) continue;
    const name = event.layer?.name.replace("FWPM_LAYER_", "") ?? `layer ${event.verdict.layerId ?? "not named"}`;
    const key = `${String(event.verdict.layerId ?? 999).padStart(3, "0")} ${name} ${event.verdict.action}`;
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, list]) => layerCounts(key.slice(4), list));
}

function layerCounts(layer: string, list: readonly VerifiedEvent[]): LayerCounts {
  const of = (result: VerifiedEvent["result"]): number => list.filter((event) => event.result === result).length;
  const sizes = list.flatMap(({ result, candidates }) => (result === "compatible" ? [candidates.length] : [])).sort((a, b) => a - b);
  return {
    layer,
    exact: of("exact"),
    compatible: of("compatible"),
    contradiction: of("contradiction"),
    unresolvable: of("unresolvable"),
    candidates: sizes[Math.floor(sizes.length / 2)] ?? null,
  };
}
