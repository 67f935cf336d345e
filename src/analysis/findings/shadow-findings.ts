import { CONTINUES, type FilterEngine, type LayerProgram, type ProgramFilter, type ProgramSubLayer } from "../../engine/index.ts";
import type { Layer, ShadowFinding, ShadowResult } from "../../model/index.ts";
import { FALSE } from "../bdd/bdd.ts";
import { BudgetExceeded } from "../bdd/budget-exceeded.ts";
import { shadowed } from "../boxes/shadowed.ts";
import { PacketSpace } from "../space/packet-space.ts";
import { layerSets } from "../symbolic/layer-sets.ts";

export interface ShadowFindingsOptions {
  readonly maxNodes?: number;
  /** Only these layers; all that have filters unless told. */
  readonly layers?: (layer: Layer) => boolean;
  readonly onLayer?: (done: number, of: number) => void;
}

/** Filters named for one finding. */
const NAMED = 5;

/** Filters that never decide, that decide what would be decided anyway, and ties whose order matters; layer by layer. */
export function shadowFindings(engine: FilterEngine, options: ShadowFindingsOptions = {}): ShadowResult {
  const programs = engine.policy.layers
    .filter((layer) => engine.isFiltered(layer.key) && options.layers?.(layer) !== false)
    .map((layer) => engine.program(layer));
  const findings: ShadowFinding[] = [];
  let nodes = 0;
  for (const [index, program] of programs.entries()) {
    nodes = Math.max(nodes, inLayer(program, findings, options));
    options.onLayer?.(index + 1, programs.length);
  }
  const filters = programs.reduce((sum, { subLayers }) => sum + subLayers.reduce((count, { filters: own }) => count + own.length, 0), 0);
  return { findings, filters, layers: programs.length, nodes };
}

function inLayer(program: LayerProgram, findings: ShadowFinding[], { maxNodes }: ShadowFindingsOptions): number {
  const { layer } = program;
  const names = new Map(program.subLayers.map(({ subLayerKey, subLayerName }) => [subLayerKey, subLayerName]));
  const budget = maxNodes === undefined ? {} : { maxNodes };
  const unreached = new Set<unknown>();
  const subLayerOf = new Map(
    program.subLayers.flatMap(({ filters, subLayerName }) => filters.map(({ filter }) => [filter, subLayerName] as const)),
  );
  for (const found of shadowed(program, budget)) {
    if (found.kind === "reached") continue;
    unreached.add(found.filter);
    const by = found.kind === "shadowed" ? found.by.slice(0, NAMED) : [];
    const subLayerName = subLayerOf.get(found.filter) ?? names.get(found.filter.subLayerKey) ?? "";
    findings.push({ kind: found.kind, filter: found.filter, layer, subLayerName, by });
  }
  try {
    const space = new PacketSpace([program], budget);
    const { changeable } = layerSets(space, program, { deciders: false });
    for (const [index, subLayer] of program.subLayers.entries()) {
      amongOthers(space, layer, subLayer, changeable[index] ?? FALSE, unreached, findings);
    }
    return space.bdd.peak;
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return error.nodes;
  }
}

function amongOthers(
  space: PacketSpace,
  layer: Layer,
  { filters, subLayerName }: ProgramSubLayer,
  changeable: number,
  unreached: ReadonlySet<unknown>,
  findings: ShadowFinding[],
): void {
  const { bdd } = space;
  let ended = FALSE;
  for (const [position, own] of filters.entries()) {
    const { filter } = own;
    const match = space.match(own, layer);
    const left = bdd.difference(match, ended);
    const ends = alwaysEnds(own);
    const about = { filter, layer, subLayerName };
    if (!unreached.has(filter) && decides(own)) {
      if (bdd.and(left, changeable) === FALSE && !mayVeto(own)) findings.push({ ...about, kind: "overruled", by: [] });
      else if (ends && isRedundant(space, layer, filters, position, left)) findings.push({ ...about, kind: "redundant", by: [] });
      for (const other of filters.slice(position + 1)) {
        if (other.filter.effectiveWeight !== filter.effectiveWeight) break;
        if (!decides(other) || other.outcomes(0, 0) === own.outcomes(0, 0)) continue;
        if (bdd.and(left, space.match(other, layer)) !== FALSE) findings.push({ ...about, kind: "tie", by: [other.filter] });
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

/** Whether all that gets to a filter would end the same without it, by filters that are asked after it in its sublayer. */
function isRedundant(space: PacketSpace, layer: Layer, filters: readonly ProgramFilter[], position: number, left: number): boolean {
  const { bdd } = space;
  const outcome = filters[position]?.outcomes(0, 0);
  let rest = left;
  for (const other of filters.slice(position + 1)) {
    if (rest === FALSE) return true;
    const both = bdd.and(rest, space.match(other, layer));
    if (both === FALSE) continue;
    if (!alwaysEnds(other) || other.outcomes(0, 0) !== outcome) return false;
    rest = bdd.difference(rest, space.matchSurely(other, layer));
  }
  return rest === FALSE;
}
