import { FALSE, type LayerSets, layerSets, type Node, PacketSpace, type SpaceOptions } from "../../src/analysis/index.ts";
import type { FilterEngine } from "../../src/engine/index.ts";
import type { Decision, FieldValue, Layer, Verdict } from "../../src/model/index.ts";

/** One layer of an engine in both forms, so that what they say of a packet can be compared. */
export interface Compared {
  readonly engine: FilterEngine;
  readonly layer: Layer;
  readonly space: PacketSpace;
  readonly sets: LayerSets;
}

export function compared(engine: FilterEngine, layer: Layer, options: SpaceOptions = {}): Compared {
  const program = engine.program(layer);
  const space = new PacketSpace([program], options);
  return { engine, layer, space, sets: layerSets(space, program) };
}

/** The verdicts that some packet of `here` gets by the sets. */
function verdictsOf({ space: { bdd }, sets }: Compared, here: Node): Verdict[] {
  const named: [Verdict, Node][] = [
    ["permit", sets.permit],
    ["block", sets.block],
    ["indeterminate", sets.open],
  ];
  return named.filter(([, set]) => bdd.and(here, set) !== FALSE).map(([verdict]) => verdict);
}

/** What is wrong with the sets' answer for a packet of which every field is told; undefined where both agree. */
export function disagreement(both: Compared, values: readonly FieldValue[]): string | undefined {
  const { engine, layer, space, sets } = both;
  const { bdd } = space;
  const here = space.known(layer, values);
  if (here === FALSE) return "the space does not have the packet";
  const decision = engine.classify(layer, values);
  const verdicts = verdictsOf(both, here);
  if (verdicts.length !== 1 || verdicts[0] !== decision.verdict)
    return `the sets say ${verdicts.join(" or ")}, the engine ${decision.verdict}`;
  return (decidersWrong(
    decision,
    [...sets.decided].filter(([, set]) => bdd.and(here, set) !== FALSE).map(([filter]) => filter.filterId),
  ) ?? (bdd.and(here, sets.undecided) !== FALSE) !== endsUndecided(decision))
    ? `of who decides: ${decision.code}`
    : undefined;
}

const endsUndecided = ({ filter, alternatives, verdict }: Decision): boolean =>
  alternatives.length > 0 ? alternatives.some((end) => end.filter === null) : filter === null && verdict === "permit";

function decidersWrong({ filter, alternatives }: Decision, found: readonly bigint[]): string | undefined {
  const ends = alternatives.length > 0 ? alternatives.map((end) => end.filter) : [filter];
  const expected = [...new Set(ends.flatMap((end) => (end === null ? [] : [end.filterId])))].sort().join();
  const got = [...found].sort().join();
  return expected === got ? undefined : `deciders ${got}, the engine ${expected}`;
}
