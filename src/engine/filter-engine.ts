import {
  DEFAULT_INTERPRETATION,
  type Decision,
  type FieldValue,
  type Filter,
  type Guid,
  type Interpretation,
  type Layer,
  type Policy,
} from "../model/index.ts";
import type { Callout } from "./callout.ts";
import { bindCallout, type CalloutBinding } from "./callout-binding.ts";
import { EVERY_FILTER } from "./candidates.ts";
import { type ClassifyContext, NO_CONTEXT } from "./classify-context.ts";
import { type CompiledLayer, compileLayer, isActive } from "./compile-layer.ts";
import { decide, subLayerResult } from "./decide.ts";
import type { TestSource } from "./evaluate-filter.ts";
import { LayerIndex } from "./layer-index.ts";
import { type LayerProgram, layerProgram } from "./layer-program.ts";
import { sharedTests } from "./shared-tests.ts";
import { Walk } from "./sublayer-walk.ts";
import type { TraceSink } from "./trace-sink.ts";

export interface FilterEngineOptions {
  readonly interpretation?: Partial<Interpretation>;
  /** "boot": only boot-time filters classify (WFP-SEMANTICS 1.8); "running", the default: only the others. */
  readonly phase?: "boot" | "running";
  /** Code of callouts by key; they count as registered. */
  readonly callouts?: ReadonlyMap<Guid, Callout>;
  /** False evaluates every filter instead of those the index leaves over. The answers are the same. */
  readonly indexed?: boolean;
  /** Layers with fewer filters are walked without an index. The default is where the index began to pay in bench/classify.ts. */
  readonly minIndexedFilters?: number;
}

/** A layer ready to classify. */
interface ReadyLayer {
  readonly compiled: CompiledLayer;
  readonly index: LayerIndex | undefined;
}

const MIN_INDEXED_FILTERS = 16;

/**
 * The filter engine: what Windows does with a policy's filters when the stack indicates (WFP-SEMANTICS 2 and 3). Layers are compiled
 * when first classified. The engine holds one immutable policy at a time; `update` swaps it as a commit does.
 */
export class FilterEngine {
  readonly interpretation: Interpretation;
  #policy: Policy;
  #phase: "boot" | "running";
  readonly #indexed: boolean;
  readonly #minIndexedFilters: number;
  readonly #tests: TestSource;
  /** Models given by key; null: unregistered on purpose. */
  readonly #models: Map<Guid, Callout | null>;
  readonly #bindings = new Map<Guid, CalloutBinding>();
  readonly #compiled = new Map<Guid, ReadyLayer>();
  readonly #generations = new Map<Guid, number>();
  #layers: ReadonlyMap<Guid, Layer>;
  #filters: ReadonlyMap<Guid, readonly Filter[]> | undefined;
  /** A walk nobody uses at the moment; a callout that classifies in turn gets another one. */
  #spare: Walk | undefined;

  constructor(policy: Policy, options: FilterEngineOptions = {}) {
    this.interpretation = { ...DEFAULT_INTERPRETATION, ...options.interpretation };
    this.#policy = policy;
    this.#phase = options.phase ?? "running";
    this.#indexed = options.indexed ?? true;
    this.#minIndexedFilters = options.minIndexedFilters ?? MIN_INDEXED_FILTERS;
    this.#tests = sharedTests(this.interpretation);
    this.#models = new Map(options.callouts);
    this.#layers = new Map(policy.layers.map((layer) => [layer.key, layer]));
  }

  get policy(): Policy {
    return this.#policy;
  }

  get phase(): "boot" | "running" {
    return this.#phase;
  }

  /** The layer, if this policy's Windows has it. */
  layer(key: Guid): Layer | undefined {
    return this.#layers.get(key);
  }

  /**
   * Classifies one indication: `values` holds a value for each of the layer's fields, in their order; a missing one is unknown.
   * `sink`, if given, is told of every sublayer and, if it wants, of every filter.
   */
  classify(layer: Layer, values: readonly FieldValue[], context: ClassifyContext = NO_CONTEXT, sink?: TraceSink): Decision {
    const { compiled, index } = this.#ready(layer);
    const walk = this.#spare ?? new Walk(compiled, this.interpretation);
    this.#spare = undefined;
    const candidates = index === undefined || sink?.wantsFilters === true ? EVERY_FILTER : index.candidates(values, walk.survivors);
    walk.begin(compiled, this.interpretation, values, context, sink, candidates);
    try {
      return this.#walk(walk);
    } finally {
      walk.end();
      this.#spare = walk;
    }
  }

  /** Changes whenever a filter is added or removed at the layer, so that flows know when to be reauthorized. */
  generation(layerKey: Guid): number {
    return this.#generations.get(layerKey) ?? 0;
  }

  /** Whether any filter is active at the layer. */
  isFiltered(layerKey: Guid): boolean {
    this.#filters ??= activeFilters(this.#policy, this.#phase);
    return this.#filters.has(layerKey);
  }

  /** Swaps the policy at once; filters have changed at `changedLayers` only. */
  update(policy: Policy, changedLayers: ReadonlySet<Guid>): void {
    this.#policy = policy;
    this.#filters = undefined;
    this.#layers = new Map(policy.layers.map((layer) => [layer.key, layer]));
    for (const key of changedLayers) this.#touch(key);
    for (const key of this.#bindings.keys()) this.#rebind(key);
  }

  /** Leaves or enters the boot phase: other filters are active then, at every layer that has any. */
  setPhase(phase: "boot" | "running"): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#filters = undefined;
    for (const key of new Set(this.#policy.filters.map((filter) => filter.layerKey))) this.#touch(key);
  }

  /** A driver registers its callout, or replaces it (FwpsCalloutRegister). */
  registerCallout(key: Guid, callout: Callout): void {
    this.#models.set(key, callout);
    this.#rebind(key);
  }

  /** The code registered for a callout; undefined where there is none. */
  callout(key: Guid): Callout | undefined {
    return this.#models.get(key) ?? undefined;
  }

  /** Filters that name the callout now act as WFP-SEMANTICS 1.5 says: block, permit if flagged, or nothing for an inspection. */
  unregisterCallout(key: Guid): void {
    this.#models.set(key, null);
    this.#rebind(key);
  }

  /** The layer's filters as they are evaluated, for those who ask about all packets at once. */
  program(layer: Layer): LayerProgram {
    return layerProgram(this.#ready(layer).compiled, this.interpretation);
  }

  #walk(walk: Walk): Decision {
    const { compiled, sink, candidates } = walk;
    if (sink === undefined) {
      let position = candidates.next(0);
      while (position < compiled.filters.length) {
        const span = compiled.spans[compiled.spanOf[position] ?? 0];
        if (span === undefined) break;
        position = walk.subLayer(span, position);
        if (position < span.end) position = candidates.next(span.end);
      }
      return decide(walk);
    }
    for (const span of compiled.spans) {
      const before = walk.current.mask;
      walk.subLayer(span, candidates.next(span.start));
      sink.subLayer(subLayerResult(walk, span, before));
    }
    const decision = decide(walk);
    sink.decision(compiled.layer, decision);
    return decision;
  }

  #ready(layer: Layer): ReadyLayer {
    const known = this.#compiled.get(layer.key);
    if (known !== undefined && known.compiled.layer === layer) return known;
    this.#filters ??= activeFilters(this.#policy, this.#phase);
    const compiled = compileLayer(layer, this.#filters.get(layer.key) ?? [], {
      policy: this.#policy,
      interpretation: this.interpretation,
      tests: this.#tests,
      bind: (key) => this.#binding(key),
    });
    const index = this.#indexed && compiled.filters.length >= this.#minIndexedFilters ? new LayerIndex(compiled) : undefined;
    const ready = { compiled, index };
    this.#compiled.set(layer.key, ready);
    return ready;
  }

  #touch(layerKey: Guid): void {
    this.#compiled.delete(layerKey);
    this.#generations.set(layerKey, this.generation(layerKey) + 1);
  }

  #binding(key: Guid): CalloutBinding {
    const known = this.#bindings.get(key);
    if (known !== undefined) return known;
    const binding = bindCallout(key, this.#policy, this.#models);
    this.#bindings.set(key, binding);
    return binding;
  }

  #rebind(key: Guid): void {
    const binding = this.#bindings.get(key);
    if (binding !== undefined) Object.assign(binding, bindCallout(key, this.#policy, this.#models));
  }
}

function activeFilters(policy: Policy, phase: "boot" | "running"): ReadonlyMap<Guid, readonly Filter[]> {
  const byLayer = new Map<Guid, Filter[]>();
  for (const filter of policy.filters) {
    if (!isActive(filter, phase)) continue;
    const list = byLayer.get(filter.layerKey);
    if (list === undefined) byLayer.set(filter.layerKey, [filter]);
    else list.push(filter);
  }
  return byLayer;
}
