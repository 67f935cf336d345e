import {
  FIELD_KEY,
  type Filter,
  formatAddress,
  formatEndpoint,
  type Guid,
  type LearnedFact,
  type Profile,
  type RecordedVerdict,
  type Sid,
  type VerifiedEvent,
} from "../../model/index.ts";
import type { ExtraFacts } from "./verdict-facts.ts";

/** A verdict and its place in the log. */
export interface VerdictCase {
  readonly verdict: RecordedVerdict;
  readonly index: number;
  /** Whether this is the first that the log has of its flow. */
  readonly isFirst: boolean;
  /** Place of the first. */
  readonly firstIndex: number;
  /** Names the flow at its layer. */
  readonly flow: string;
}

interface Clue<T> {
  readonly index: number;
  readonly line: number;
  readonly value: T;
}

/** Any package: only whether there is one matters. */
const SOME_PACKAGE: Sid = "S-1-15-2-1";

/** Fields that depend on whether a program is in an AppContainer. */
const PROCESS_FIELDS = ["ALE_PACKAGE_ID", "ALE_USER_ID"] as const;

const PROFILES: readonly Profile[] = ["none", "public", "private", "domain"];

/**
 * What other events of a log tell about a verdict: the profile of the interface that has an address, from filters that ask for it; which
 * service a process runs, from filters for one service (a process is taken to run one); that a program is in no AppContainer, from filters that could not have decided otherwise; and which addresses are the computer's own.
 */
export class Knowledge {
  readonly #profiles = new Map<string, Clue<Profile>[]>();
  readonly #plain = new Map<string, Clue<true>[]>();
  readonly #services = new Map<string, Clue<Sid>[]>();
  readonly #own = new Map<string | null, Set<string>>();
  /** By flow: what later verdicts on it leave of the profiles it can have been authorized in. */
  readonly #originals = new Map<string, Clue<readonly Profile[]>[]>();
  readonly #used = new Map<string, LearnedFact>();

  /** `refutes` says whether the recorded filter could not have decided if a fact were so. */
  constructor(cases: readonly VerdictCase[], events: readonly VerifiedEvent[], refutes: (one: VerdictCase, facts: ExtraFacts) => boolean) {
    for (const [position, one] of cases.entries()) {
      const { verdict, index } = one;
      const event = events[position];
      if (verdict.direction === "out" && verdict.local !== null) {
        const own = this.#own.get(verdict.host) ?? new Set();
        this.#own.set(verdict.host, own.add(formatAddress(verdict.local)));
      }
      if (event?.filter === null || event === undefined || event.result === "unresolvable") continue;
      const { line } = verdict.position;
      const profile = profileAsked(event.filter);
      const at = addressKey(verdict);
      if (profile !== undefined && at !== undefined) push(this.#profiles, at, { index, line, value: profile });
      const program = programKey(verdict);
      const service = serviceAsked(event.filter);
      if (program !== undefined && service !== undefined) push(this.#services, program, { index, line, value: service });
      if (
        program !== undefined &&
        PROCESS_FIELDS.some((field) => event.unknown.includes(field)) &&
        refutes(one, { package: SOME_PACKAGE })
      ) {
        push(this.#plain, program, { index, line, value: true });
      }
    }
    for (const [position, one] of cases.entries()) {
      if (one.isFirst || events[position]?.unknown.includes("ORIGINAL_PROFILE_ID") !== true) continue;
      const { extra } = this.#tell(one);
      if (extra.profile === undefined || extra.originalProfile !== undefined) continue;
      const left = PROFILES.filter((originalProfile) => !refutes(one, { ...extra, originalProfile }));
      if (left.length === 0 || left.length === PROFILES.length) continue;
      push(this.#originals, one.flow, { index: one.index, line: one.verdict.position.line, value: left });
    }
  }

  /** Facts about a verdict that other events tell; its own is not among them. */
  about(one: VerdictCase): { readonly extra: ExtraFacts; readonly facts: readonly LearnedFact[] } {
    const told = this.#tell(one);
    for (const fact of told.facts) {
      const key = `${fact.what} ${fact.about} ${fact.value}`;
      if (!this.#used.has(key)) this.#used.set(key, fact);
    }
    return told;
  }

  #tell({ verdict, index, firstIndex, flow }: VerdictCase): { readonly extra: ExtraFacts; readonly facts: readonly LearnedFact[] } {
    const facts: LearnedFact[] = [];
    const ownAddresses = this.#own.get(verdict.host);
    const at = addressKey(verdict);
    const profile = at === undefined ? undefined : around(this.#profiles.get(at), index);
    if (profile !== undefined && verdict.local !== null && verdict.currentProfile === null) {
      const about = `the interface of ${formatAddress(verdict.local)}`;
      facts.push({ what: "profile", about, value: profile.value, line: profile.line });
    }
    // A flow keeps the profile that it was first authorized in, which the log may not show (WFP-SEMANTICS 2.1).
    const original = at === undefined || firstIndex === index ? profile : around(this.#profiles.get(at), firstIndex);
    const program = programKey(verdict);
    const service = program === undefined ? undefined : agreed(this.#services.get(program), index);
    if (service !== undefined) {
      const about = `${verdict.application} (process ${verdict.processId})`;
      facts.push({ what: "service", about, value: service.value, line: service.line });
    }
    const plain = program === undefined ? undefined : this.#plain.get(program)?.find((clue) => clue.index !== index);
    if (plain !== undefined) {
      const about = `${verdict.application} (process ${verdict.processId})`;
      facts.push({ what: "package", about, value: "none", line: plain.line });
    }
    const clue = original === undefined ? this.#originals.get(flow)?.find((entry) => entry.index !== index) : undefined;
    if (clue !== undefined) {
      const remote = verdict.remote === null ? "" : ` to ${formatEndpoint(verdict.remote, verdict.remotePort ?? 0)}`;
      const about = `the flow from port ${verdict.localPort}${remote} when it began`;
      facts.push({ what: "profile", about, value: clue.value.join(" or "), line: clue.line });
    }
    const extra: ExtraFacts = {
      ...(ownAddresses === undefined ? {} : { ownAddresses }),
      ...(profile === undefined ? {} : { profile: profile.value }),
      ...(original === undefined ? {} : { originalProfile: original.value }),
      ...(clue === undefined ? {} : { originalProfiles: clue.value }),
      ...(service === undefined ? {} : { service: service.value }),
      ...(plain === undefined ? {} : { package: null }),
    };
    return { extra, facts };
  }

  /** Every fact that was told of any verdict, each once. */
  used(): readonly LearnedFact[] {
    return [...this.#used.values()];
  }
}

function push<T>(map: Map<string, Clue<T>[]>, key: string, clue: Clue<T>): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [clue]);
  else list.push(clue);
}

/** What the clues before and after a place agree on: in between, a network may have changed its category and changed it back. */
function around<T>(clues: readonly Clue<T>[] | undefined, index: number): Clue<T> | undefined {
  const before = clues?.findLast((clue) => clue.index < index);
  const after = clues?.find((clue) => clue.index > index);
  if (before === undefined || after === undefined) return undefined;
  return before.value === after.value ? before : undefined;
}

/** What all clues but the verdict's own say; undefined where they differ. */
function agreed<T>(clues: readonly Clue<T>[] | undefined, index: number): Clue<T> | undefined {
  const others = clues?.filter((clue) => clue.index !== index) ?? [];
  const [first] = others;
  return others.every((clue) => clue.value === first?.value) ? first : undefined;
}

/** The one service that a filter is for; undefined where it is for several accounts or for all. */
function serviceAsked({ conditions }: Filter): Sid | undefined {
  const asked = conditions.filter(({ fieldKey }) => fieldKey === FIELD_KEY.ALE_USER_ID);
  const [only] = asked;
  if (asked.length !== 1 || only?.matchType !== "FWP_MATCH_EQUAL" || only.value.type !== "FWP_SECURITY_DESCRIPTOR_TYPE") return undefined;
  const { dacl } = only.value.value;
  const [ace] = dacl ?? [];
  return dacl?.length === 1 && ace?.kind === "allow" && ace.sid.startsWith("S-1-5-80-") ? ace.sid : undefined;
}

function addressKey({ host, local, remote }: RecordedVerdict): string | undefined {
  return local === null || remote === null ? undefined : `${host} ${formatAddress(local)}`;
}

function programKey({ host, application, processId }: RecordedVerdict): string | undefined {
  return application === null || processId === null ? undefined : `${host} ${processId} ${application}`;
}

/** The one profile that a filter asks for in CURRENT_PROFILE_ID; undefined where it takes several or any. */
function profileAsked({ conditions }: Filter): Profile | undefined {
  const key = FIELD_KEY.CURRENT_PROFILE_ID as Guid;
  const asked = conditions.filter(({ fieldKey }) => fieldKey === key);
  const [only] = asked;
  if (asked.length !== 1 || only?.matchType !== "FWP_MATCH_EQUAL" || only.value.type !== "FWP_UINT32") return undefined;
  return PROFILES[only.value.value];
}
