import {
  FILTER_FLAG,
  type Filter,
  type Guid,
  type Interpretation,
  type Layer,
  type Policy,
  type SubLayer,
  subLayerName,
  ZERO_GUID,
} from "../model/index.ts";
import type { CalloutBinding } from "./callout-binding.ts";
import { type CompiledFilter, compileFilter, type TestSource } from "./evaluate-filter.ts";

/** The filters of one sublayer at one layer: positions `start` to `end` (exclusive) of {@link CompiledLayer.filters}. */
export interface SubLayerSpan {
  readonly subLayerKey: Guid;
  readonly subLayerName: string;
  readonly weight: number;
  readonly start: number;
  readonly end: number;
}

/** One layer's filters in the order of evaluation. */
export interface CompiledLayer {
  readonly layer: Layer;
  /** Sublayers by descending weight. */
  readonly spans: readonly SubLayerSpan[];
  /** By sublayer, then by descending effective weight, then by {@link Interpretation.equalWeights}. */
  readonly filters: readonly CompiledFilter[];
  /** Index into `spans`, by position. */
  readonly spanOf: Int32Array;
}

/** Boot-time filters classify until the engine has started, and alone; from then on the others do. Disabled ones never (1.6, 1.8). */
export function isActive(filter: Filter, phase: "boot" | "running"): boolean {
  if ((filter.flags & FILTER_FLAG.DISABLED) !== 0) return false;
  return ((filter.flags & FILTER_FLAG.BOOTTIME) !== 0) === (phase === "boot");
}

/** Order of two filters of one sublayer (WFP-SEMANTICS 3.3). */
export function compareFilters(a: Filter, b: Filter, equalWeights: Interpretation["equalWeights"]): number {
  if (a.effectiveWeight !== b.effectiveWeight) return a.effectiveWeight > b.effectiveWeight ? -1 : 1;
  if (a.filterId === b.filterId) return 0;
  return a.filterId > b.filterId === (equalWeights === "newest-first") ? -1 : 1;
}

export function subLayerOf(filter: Filter, layer: Layer): Guid {
  return filter.subLayerKey === ZERO_GUID ? layer.defaultSubLayer : filter.subLayerKey;
}

/** What compiling a layer needs beside its filters. */
export interface CompileOptions {
  readonly policy: Policy;
  readonly interpretation: Interpretation;
  readonly tests: TestSource;
  readonly bind: (key: Guid) => CalloutBinding;
}

/** Compiles the given filters of `layer`, which must be active ones. */
export function compileLayer(layer: Layer, filters: readonly Filter[], options: CompileOptions): CompiledLayer {
  const { policy, interpretation, tests, bind } = options;
  const groups = new Map<Guid, Filter[]>();
  for (const filter of filters) {
    const key = subLayerOf(filter, layer);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [filter]);
    else group.push(filter);
  }
  const order = new Map(policy.subLayers.map((subLayer, index) => [subLayer.key, { subLayer, index }]));
  // A sublayer that the policy does not describe can only come from a damaged source; it is put last, where Windows Firewall is.
  const described = (key: Guid): { subLayer: Pick<SubLayer, "name" | "weight">; index: number } =>
    order.get(key) ?? { subLayer: { name: subLayerName(key), weight: 0 }, index: Number.MAX_SAFE_INTEGER };
  const sorted = [...groups]
    .map(([key, members]) => ({ key, members, ...described(key) }))
    .sort((a, b) => b.subLayer.weight - a.subLayer.weight || a.index - b.index);
  const compiled: CompiledFilter[] = [];
  const spans: SubLayerSpan[] = [];
  for (const { key, members, subLayer } of sorted) {
    members.sort((a, b) => compareFilters(a, b, interpretation.equalWeights));
    const start = compiled.length;
    for (const filter of members) compiled.push(compileFilter(filter, layer, interpretation, tests, bind));
    spans.push({ subLayerKey: key, subLayerName: subLayer.name, weight: subLayer.weight, start, end: compiled.length });
  }
  const spanOf = new Int32Array(compiled.length);
  for (const [index, span] of spans.entries()) spanOf.fill(index, span.start, span.end);
  return { layer, spans, filters: compiled, spanOf };
}
