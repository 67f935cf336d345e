import type { SessionRecord } from "../model/index.ts";
import { labelled } from "./labelled.ts";
import type { TextOptions } from "./text-options.ts";

/** One line of a session that is there in one run only, or ended otherwise. */
export interface SessionDifference {
  /** `client connect()`, or `server SYN ALE_AUTH_RECV_ACCEPT_V4`. */
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What a change to a policy made of a session: lines of the same kind are compared in their order, times are not. */
export function sessionDifferences(before: readonly SessionRecord[], after: readonly SessionRecord[]): readonly SessionDifference[] {
  const [a, b] = [byKind(before), byKind(after)];
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((what) => {
    const [mine, theirs] = [a.get(what) ?? [], b.get(what) ?? []];
    const first = Array.from({ length: Math.max(mine.length, theirs.length) }, (_, index) => index).find(
      (index) => mine[index] !== theirs[index],
    );
    return first === undefined ? [] : [{ what, before: mine[first] ?? null, after: theirs[first] ?? null }];
  });
}

function byKind(records: readonly SessionRecord[]): ReadonlyMap<string, readonly string[]> {
  const kinds = new Map<string, string[]>();
  const add = (what: string, result: string) => {
    const list = kinds.get(what);
    if (list === undefined) kinds.set(what, [result]);
    else list.push(result);
  };
  for (const record of records) {
    if (record.type === "outcome") add(`${record.host} ${record.operation}()`, record.result);
    if (record.type !== "indication") continue;
    const { decision, host, event, layer } = record;
    const by = decision.filter === null ? "" : ` by "${decision.filter.name}"`;
    add(`${host} ${event} ${layer.name.replace(/^FWPM_LAYER_/, "")}`, `${decision.verdict}${by}`);
  }
  return kinds;
}

/** The same for people: socket calls and blocks in full, of the rest how many. */
export function sessionDifferenceLines(
  before: readonly SessionRecord[],
  after: readonly SessionRecord[],
  { style, width }: TextOptions,
): string[] {
  const differences = sessionDifferences(before, after);
  if (differences.length === 0) return labelled("Changed", "nothing: the session goes as it went without the change", style, width);
  const telling = differences.filter(
    ({ what, before: was, after: is }) => what.endsWith("()") || was?.startsWith("block") || is?.startsWith("block"),
  );
  const texts = telling.map(({ what, before: was, after: is }) => `${what}: ${was ?? "did not happen"} -> ${is ?? "does not happen"}`);
  const rest = differences.length - telling.length;
  if (rest > 0) texts.push(`and ${rest} layers that are reached or decide otherwise`);
  return texts.flatMap((text, index) => labelled(index === 0 ? "Changed" : "", text, style, width));
}
