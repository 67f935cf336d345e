import { CONTINUES, type LayerProgram, type ProgramFilter, type ProgramSubLayer } from "../../engine/index.ts";
import { type FieldValue, type Filter, type FwpValue, MATCH_FILTER_RIGHT } from "../../model/index.ts";
import { FALSE, type Node } from "../bdd/bdd.ts";
import { BudgetExceeded } from "../bdd/budget-exceeded.ts";
import { PacketSpace } from "../space/packet-space.ts";
import { Cover } from "./cover.ts";
import { OverlapIndex } from "./overlap.ts";
import { type FilterBoxes, filterBoxes } from "./program-boxes.ts";

/** What becomes of a filter in its sublayer: can a packet get to it, past the filters that are asked before? */
export type Shadowing =
  | { readonly filter: Filter; readonly kind: "reached"; readonly witness: readonly FieldValue[] | null }
  /** No packet has what its conditions ask for. */
  | { readonly filter: Filter; readonly kind: "impossible" }
  /** Whatever it matches, these decide before; each of them matches some of it. */
  | { readonly filter: Filter; readonly kind: "shadowed"; readonly by: readonly Filter[] }
  | { readonly filter: Filter; readonly kind: "unsettled" };

export interface ShadowOptions {
  /** Pieces looked at for one filter before a decision diagram of the filters in question is made. */
  readonly steps?: number;
  /** Most nodes of such a diagram. */
  readonly maxNodes?: number;
}

const STEPS = 20_000;

/** Which filters of a layer no packet can reach in their sublayers. Exact: by boxes, and by decision diagrams where boxes do not suffice. */
export function shadowed(program: LayerProgram, options: ShadowOptions = {}): readonly Shadowing[] {
  return program.subLayers.flatMap((subLayer) => inSubLayer(program, subLayer, options));
}

function inSubLayer(program: LayerProgram, { filters }: ProgramSubLayer, options: ShadowOptions): readonly Shadowing[] {
  const ends = filters.map(alwaysEnds);
  // Access checks may depend on each other in ways that boxes do not know: one diagram for all then.
  const depends = hasDependentChecks(program, filters);
  if (depends) {
    const diagram = byDiagram(program, filters, ends, options);
    if (diagram !== null) return diagram;
  }
  const all = filterBoxes(program, filters);
  const index = new OverlapIndex(all.boxes, all.sizes);
  const cover = new Cover(all.boxes, options.steps ?? STEPS);
  const owner = new Int32Array(all.boxes.count);
  for (let filter = 0; filter < filters.length; filter++) owner.fill(filter, all.boxes.first[filter], all.boxes.first[filter + 1]);
  const result: Shadowing[] = [];
  for (const position of filters.keys()) {
    const answer = all.unfit.has(position) ? null : byBoxes(all, index, cover, owner, position);
    // Filters that are no boxes may cover what boxes leave open.
    const isSure = answer !== null && (answer.kind !== "reached" || (all.unfit.size === 0 && !depends));
    result.push(answer !== null && isSure ? answer : byOwnDiagram(program, filters, ends, position, options));
    if (!ends[position] || all.unfit.has(position)) continue;
    for (let box = all.boxes.first[position] as number; box < (all.boxes.first[position + 1] as number); box++) index.add(box);
  }
  return result;
}

/** Whether a match of the filter ends its sublayer whatever its callout does. */
function alwaysEnds(filter: ProgramFilter): boolean {
  return filter.flagsLookedAt === 0 && (filter.outcomes(0, 0) & CONTINUES) === 0;
}

/**
 * Whether the answers of access checks depend on each other. Descriptors that each grant one group or service to itself do not: a token can be
 * in any of them.
 */
function hasDependentChecks({ layer }: LayerProgram, filters: readonly ProgramFilter[]): boolean {
  const asked = new Map<object, string | undefined>();
  for (const { groups } of filters) {
    for (const { fieldIndex, tests } of groups) {
      const field = layer.fields[fieldIndex];
      if (field === undefined) return true;
      if (!field.dataType.startsWith("FWP_TOKEN")) continue;
      for (const { condition, identity } of tests)
        asked.set(identity, condition.matchType === "FWP_MATCH_EQUAL" ? onlyGrantee(condition.value) : undefined);
    }
  }
  const grantees = [...asked.values()];
  return grantees.includes(undefined) || new Set(grantees).size < grantees.length;
}

/** The one service or group that a descriptor grants; undefined for any other descriptor. */
function onlyGrantee(value: FwpValue): string | undefined {
  if (value.type !== "FWP_SECURITY_DESCRIPTOR_TYPE") return undefined;
  const [ace, ...more] = (value.value.dacl ?? []).filter(({ mask, flags }) => (mask & MATCH_FILTER_RIGHT) !== 0 && !flags.includes("IO"));
  if (ace === undefined || more.length > 0 || ace.kind !== "allow" || ace.condition !== undefined) return undefined;
  return /^S-1-5-(80|32)-/.test(ace.sid) ? ace.sid : undefined;
}

function byBoxes(all: FilterBoxes, index: OverlapIndex, cover: Cover, owner: Int32Array, position: number): Shadowing | null {
  const { boxes, filters, values } = all;
  const { filter } = filters[position] as ProgramFilter;
  const [from, to] = [boxes.first[position] as number, boxes.first[position + 1] as number];
  if (from === to) return { filter, kind: "impossible" };
  const by = new Set<number>();
  for (let box = from; box < to; box++) {
    const others = index.overlapping(box);
    const coverage = cover.check(box, largestFirst(all, box, others));
    if (coverage.kind === "unknown") return null;
    if (coverage.kind === "open") return { filter, kind: "reached", witness: values(coverage.witness) };
    for (const used of cover.used) by.add(owner[used] as number);
  }
  return { filter, kind: "shadowed", by: [...by].sort((a, b) => a - b).flatMap((other) => filters[other]?.filter ?? []) };
}

/** Boxes by how much of another one they have: what covers much goes first. */
function largestFirst(all: FilterBoxes, box: number, others: readonly number[]): Int32Array {
  if (others.length < 2) return Int32Array.from(others);
  const sizes = new Map(others.map((other) => [other, sharedSize(all, box, other)]));
  return Int32Array.from(others.toSorted((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0)));
}

/** How much of a box another one has, as a sum of logarithms. */
function sharedSize({ boxes: { axes, low, high } }: FilterBoxes, box: number, other: number): number {
  let size = 0;
  for (let axis = 0; axis < axes; axis++) {
    const from = Math.max(low[axis]?.[box] ?? 0, low[axis]?.[other] ?? 0);
    const to = Math.min(high[axis]?.[box] ?? 0, high[axis]?.[other] ?? 0);
    size += Math.log2(to - from + 1);
  }
  return size;
}

/** All filters of a sublayer by one diagram; null where its budget does not suffice. */
function byDiagram(
  program: LayerProgram,
  filters: readonly ProgramFilter[],
  ends: readonly boolean[],
  options: ShadowOptions,
): Shadowing[] | null {
  try {
    const space = spaceOf(program, filters, options);
    const { bdd } = space;
    let ended: Node = FALSE;
    return filters.map((own, position) => {
      const match = space.match(own, program.layer);
      const left = bdd.difference(match, ended);
      if (ends[position]) ended = bdd.or(ended, space.matchSurely(own, program.layer));
      return concluded(program, space, filters, ends, { position, match, left });
    });
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return null;
  }
}

/** One filter by a diagram of it and those before it. */
function byOwnDiagram(
  program: LayerProgram,
  filters: readonly ProgramFilter[],
  ends: readonly boolean[],
  position: number,
  options: ShadowOptions,
): Shadowing {
  const own = filters[position] as ProgramFilter;
  try {
    const space = spaceOf(program, filters.slice(0, position + 1), options);
    const match = space.match(own, program.layer);
    let left: Node = match;
    for (let before = 0; before < position && left !== FALSE; before++) {
      if (ends[before]) left = space.bdd.difference(left, space.matchSurely(filters[before] as ProgramFilter, program.layer));
    }
    return concluded(program, space, filters, ends, { position, match, left });
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return { filter: own.filter, kind: "unsettled" };
  }
}

function spaceOf({ layer }: LayerProgram, filters: readonly ProgramFilter[], { maxNodes }: ShadowOptions): PacketSpace {
  const subLayer = { subLayerKey: layer.defaultSubLayer, subLayerName: "", weight: 0, filters };
  return new PacketSpace([{ layer, subLayers: [subLayer] }], maxNodes === undefined ? {} : { maxNodes });
}

function concluded(
  { layer }: LayerProgram,
  space: PacketSpace,
  filters: readonly ProgramFilter[],
  ends: readonly boolean[],
  { position, match, left }: { readonly position: number; readonly match: Node; readonly left: Node },
): Shadowing {
  const { filter } = filters[position] as ProgramFilter;
  if (match === FALSE) return { filter, kind: "impossible" };
  if (left !== FALSE) {
    const cube = space.witness(left);
    return { filter, kind: "reached", witness: cube === undefined ? null : space.values(layer, cube) };
  }
  const by: Filter[] = [];
  let rest = match;
  // One filter that has it all says more than many that share it.
  const alone = filters.find(
    (other, before) => before < position && ends[before] && space.bdd.implies(match, space.matchSurely(other, layer)),
  );
  if (alone !== undefined) return { filter, kind: "shadowed", by: [alone.filter] };
  for (let before = 0; before < position && rest !== FALSE; before++) {
    const other = filters[before] as ProgramFilter;
    if (!ends[before]) continue;
    const less = space.bdd.difference(rest, space.matchSurely(other, layer));
    if (less !== rest) by.push(other.filter);
    rest = less;
  }
  return { filter, kind: "shadowed", by };
}
