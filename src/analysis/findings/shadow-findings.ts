import {
  CONTINUES,
  END_STATES,
  type FilterEngine,
  isFinalState,
  type LayerProgram,
  type ProgramFilter,
  type ProgramSubLayer,
} from "../../engine/index.ts";
import type { Filter, Layer, ShadowFinding, ShadowResult } from "../../model/index.ts";
import { FALSE, type Node } from "../bdd/bdd.ts";
import { BudgetExceeded } from "../bdd/budget-exceeded.ts";
import { shadowed } from "../boxes/shadowed.ts";
import { PacketSpace } from "../space/packet-space.ts";
import { layerSets } from "../symbolic/layer-sets.ts";
import { isWindowsOwn, ruleOfFilter } from "./filter-makers.ts";
import { shadowRules } from "./shadow-rules.ts";

export interface ShadowFindingsOptions {
  readonly maxNodes?: number;
  /** Only these layers; all that have filters unless told. */
  readonly layers?: (layer: Layer) => boolean;
  readonly onLayer?: (done: number, of: number) => void;
}

/** Filters named for one finding. */
const NAMED = 5;

/** What is found so far, layer by layer. */
interface Findings {
  readonly findings: ShadowFinding[];
  readonly incomplete: Layer[];
  nodes: number;
}

/** Filters that never decide, that decide what would be decided anyway, and ties whose order matters; layer by layer, and rule by rule. */
export function shadowFindings(engine: FilterEngine, options: ShadowFindingsOptions = {}): ShadowResult {
  const programs = engine.policy.layers
    .filter((layer) => engine.isFiltered(layer.key) && options.layers?.(layer) !== false)
    .map((layer) => engine.program(layer));
  const found: Findings = { findings: [], incomplete: [], nodes: 0 };
  for (const [index, program] of programs.entries()) {
    inLayer(program, found, options);
    options.onLayer?.(index + 1, programs.length);
  }
  const filters = programs.reduce((sum, { subLayers }) => sum + subLayers.reduce((count, { filters: own }) => count + own.length, 0), 0);
  // Of some layers only nothing can be said of a rule as a whole.
  const rules = options.layers === undefined ? shadowRules(programs, found.findings) : [];
  return { ...found, rules, filters, layers: programs.length };
}

function inLayer(program: LayerProgram, found: Findings, { maxNodes }: ShadowFindingsOptions): void {
  const { layer } = program;
  const budget = maxNodes === undefined ? {} : { maxNodes };
  const unreached = new Set<Filter>();
  const subLayerOf = new Map(
    program.subLayers.flatMap(({ filters, subLayerName }) => filters.map(({ filter }) => [filter, subLayerName] as const)),
  );
  for (const answer of shadowed(program, budget)) {
    const { kind, filter } = answer;
    if (kind === "reached") continue;
    unreached.add(filter);
    add(found, { kind, filter, layer, subLayerName: subLayerOf.get(filter) ?? "", by: kind === "shadowed" ? answer.by : [] });
  }
  try {
    const space = new PacketSpace([program], budget);
    const { changeable } = layerSets(space, program, { deciders: false });
    for (const index of program.subLayers.keys()) amongOthers(space, program, index, changeable[index] ?? FALSE, unreached, found);
    found.nodes = Math.max(found.nodes, space.bdd.peak);
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    found.incomplete.push(layer);
    found.nodes = Math.max(found.nodes, error.nodes);
  }
}

function add({ findings }: Findings, { by, ...finding }: Omit<ShadowFinding, "rule" | "isOwn">): void {
  const { filter } = finding;
  findings.push({ ...finding, by: by.slice(0, NAMED), rule: ruleOfFilter(filter), isOwn: isWindowsOwn(filter) });
}

function amongOthers(
  space: PacketSpace,
  program: LayerProgram,
  index: number,
  changeable: Node,
  unreached: ReadonlySet<Filter>,
  found: Findings,
): void {
  const { bdd } = space;
  const { layer } = program;
  const { filters, subLayerName } = program.subLayers[index] as ProgramSubLayer;
  let ended = FALSE;
  for (const [position, own] of filters.entries()) {
    const { filter } = own;
    const left = bdd.difference(space.match(own, layer), ended);
    const ends = alwaysEnds(own);
    const about = { filter, layer, subLayerName };
    if (!unreached.has(filter) && decides(own)) {
      const better = ends ? likeWithout(space, layer, filters, position, left) : null;
      if (bdd.and(left, changeable) === FALSE && !mayVeto(own)) {
        add(found, { ...about, kind: "overruled", by: finalBefore(space, program, index, left) });
      } else if (better !== null) add(found, { ...about, kind: "redundant", by: better });
      for (const other of filters.slice(position + 1)) {
        if (other.filter.effectiveWeight !== filter.effectiveWeight) break;
        if (!decides(other) || other.outcomes(0, 0) === own.outcomes(0, 0)) continue;
        if (bdd.and(left, space.match(other, layer)) !== FALSE) add(found, { ...about, kind: "tie", by: [other.filter] });
      }
    }
    if (ends) ended = bdd.or(ended, space.matchSurely(own, layer));
  }
}

function alwaysEnds(filter: ProgramFilter): boolean {
  return filter.flagsLookedAt === 0 && (filter.outcomes(0, 0) & CONTINUES) === 0;
}

function decides(filter: ProgramFilter): boolean {
  return (filter.outcomes(0, 0) & ~CONTINUES) !== 0;
}

/** A callout may still veto what is decided for good. */
function mayVeto({ filter }: ProgramFilter): boolean {
  return "calloutKey" in filter.action;
}

/** Filters of higher sublayers that decide some packets of a set for good, in the order in which they are asked. */
function finalBefore(space: PacketSpace, { layer, subLayers }: LayerProgram, index: number, packets: Node): readonly Filter[] {
  const { bdd } = space;
  const by: Filter[] = [];
  for (const { filters } of subLayers.slice(0, index)) {
    let left = packets;
    for (const own of filters) {
      if (left === FALSE || by.length === NAMED) break;
      const here = bdd.and(left, space.match(own, layer));
      if (here === FALSE) continue;
      if (decidesForGood(own)) by.push(own.filter);
      if (alwaysEnds(own)) left = bdd.difference(left, space.matchSurely(own, layer));
    }
  }
  return by;
}

function decidesForGood(filter: ProgramFilter): boolean {
  const outcomes = filter.outcomes(0, 0);
  return Array.from({ length: END_STATES }, (_, state) => state).some(
    (state) => state > 0 && (outcomes & (1 << state)) !== 0 && isFinalState(state),
  );
}

/**
 * The filters by which all that gets to a filter would end the same without it: others that are asked after it in its sublayer. null where
 * some of it would end otherwise, or go on to other sublayers.
 */
function likeWithout(
  space: PacketSpace,
  layer: Layer,
  filters: readonly ProgramFilter[],
  position: number,
  left: Node,
): readonly Filter[] | null {
  const { bdd } = space;
  const outcome = filters[position]?.outcomes(0, 0);
  const like: Filter[] = [];
  let rest = left;
  for (const other of filters.slice(position + 1)) {
    if (rest === FALSE) break;
    if (bdd.and(rest, space.match(other, layer)) === FALSE) continue;
    if (!alwaysEnds(other) || other.outcomes(0, 0) !== outcome) return null;
    like.push(other.filter);
    rest = bdd.difference(rest, space.matchSurely(other, layer));
  }
  return rest === FALSE ? like : null;
}
