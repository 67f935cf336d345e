import type { BfeSession } from "../../engine/index.ts";
import {
  type Condition,
  type FilterAction,
  type FilterWeight,
  type Guid,
  hasFeature,
  InternalError,
  type Layer,
  PROVIDER_KEY,
  type WindowsVersion,
} from "../../model/index.ts";
import { OriginContexts } from "./origin-contexts.ts";
import { stableKey } from "./stable-key.ts";

/** How long a filter lives: until the engine stops, for ever, or for ever but in force only while the machine starts. */
export type FilterLifetime = "static" | "persistent" | "boot";

/** A filter before it is known whether this version of Windows has what it needs. */
export interface FilterDraft {
  readonly name: string;
  readonly description?: string;
  readonly layer: Guid;
  readonly subLayer: Guid;
  readonly weight: FilterWeight;
  readonly action: FilterAction;
  readonly conditions?: readonly Condition[];
  /** Conditions that only narrow: where the layer lacks their field, they are left out and the filter stays. */
  readonly scope?: readonly Condition[];
  readonly lifetime?: FilterLifetime;
  /** The firewall's own provider where absent. */
  readonly provider?: Guid;
  /** What made the filter: a default of {@link ORIGIN} or a rule's id. */
  readonly origin?: string;
  /** False for filters whose origin Windows does not record: those of rules that permit. */
  readonly originInContext?: boolean;
}

export const PERMIT: FilterAction = { type: "FWP_ACTION_PERMIT" };
export const BLOCK: FilterAction = { type: "FWP_ACTION_BLOCK" };

export const permitOrBlock = (permit: boolean): FilterAction => (permit ? PERMIT : BLOCK);

/** What of the engine's content the writer depends on. */
export interface WriterEnvironment {
  readonly windows: WindowsVersion;
  readonly layers: readonly Layer[];
  readonly subLayers: ReadonlySet<Guid>;
}

/**
 * Adds the compiler's drafts through a session of the filter engine, which validates and weighs them. A draft that needs a layer,
 * sublayer or field that this version of Windows lacks is left out.
 */
export class FilterWriter {
  readonly #session: BfeSession;
  readonly #windows: WindowsVersion;
  readonly #layers: ReadonlyMap<Guid, Layer>;
  readonly #fields: ReadonlyMap<Guid, ReadonlySet<Guid>>;
  readonly #subLayers: ReadonlySet<Guid>;
  readonly #origins: OriginContexts | undefined;
  readonly #seen = new Map<string, number>();
  readonly #byOrigin = new Map<string, bigint[]>();
  readonly #ids: bigint[] = [];

  constructor(session: BfeSession, environment: WriterEnvironment) {
    this.#session = session;
    this.#windows = environment.windows;
    this.#layers = new Map(environment.layers.map((layer) => [layer.key, layer]));
    this.#fields = new Map(environment.layers.map((layer) => [layer.key, new Set(layer.fields.map((field) => field.key))]));
    this.#subLayers = environment.subLayers;
    // Origins are kept in provider contexts since Windows 11 (WFP-DIAGNOSTICS-FIREWALL 5.3).
    this.#origins = hasFeature("filterOrigin", environment.windows) ? new OriginContexts(session) : undefined;
  }

  /** Ids of all filters written, in order. */
  get ids(): readonly bigint[] {
    return this.#ids;
  }

  /** Ids of the filters written, by origin. */
  get byOrigin(): ReadonlyMap<string, readonly bigint[]> {
    return this.#byOrigin;
  }

  /** @throws InternalError for a layer that this version lacks; ask {@link has} first. */
  layer(key: Guid): Layer {
    const layer = this.#layers.get(key);
    if (layer === undefined) throw new InternalError(`no layer ${key} in this version of Windows`);
    return layer;
  }

  /** Whether this version of Windows has the layer and, where given, the field in it. */
  has(layer: Guid, ...fields: readonly Guid[]): boolean {
    const known = this.#fields.get(layer);
    return known !== undefined && fields.every((field) => known.has(field));
  }

  hasSubLayer(key: Guid): boolean {
    return this.#subLayers.has(key);
  }

  /** False where this version of Windows lacks what the filter needs. */
  write(draft: FilterDraft): boolean {
    // Windows Vista takes one condition on a field, so that a list becomes a filter for each of its entries (WFP-SEMANTICS 2.2).
    const drafts = hasFeature("sameFieldOr", this.#windows) ? [draft] : spread(draft);
    return drafts.map((one) => this.#writeOne(one)).includes(true);
  }

  #writeOne(draft: FilterDraft): boolean {
    const { conditions = [], scope = [], lifetime = "static", provider = PROVIDER_KEY.MPSSVC_WF, origin } = draft;
    const known = this.#fields.get(draft.layer);
    if (known === undefined || !this.#subLayers.has(draft.subLayer)) return false;
    if (!conditions.every((condition) => known.has(condition.fieldKey))) return false;
    const kept = scope.filter((condition) => known.has(condition.fieldKey));
    const context =
      origin === undefined || draft.originInContext === false
        ? undefined
        : this.#origins?.contextOf(origin, provider, lifetime !== "static");
    const id = this.#session.addFilter({
      key: this.#keyOf(draft, lifetime),
      name: draft.name,
      ...(draft.description === undefined ? {} : { description: draft.description }),
      layer: draft.layer,
      subLayer: draft.subLayer,
      weight: draft.weight,
      conditions: kept.length === 0 ? conditions : [...conditions, ...kept],
      action: draft.action,
      flags: {
        ...(lifetime === "persistent" ? { persistent: true } : {}),
        ...(lifetime === "boot" ? { bootTime: true } : {}),
        ...(context === undefined ? {} : { hasProviderContext: true }),
      },
      providerKey: provider,
      ...(context === undefined ? {} : { providerContextKey: context }),
      ...(origin === undefined ? {} : { origin }),
    });
    this.#ids.push(id);
    if (origin !== undefined) {
      const list = this.#byOrigin.get(origin);
      if (list === undefined) this.#byOrigin.set(origin, [id]);
      else list.push(id);
    }
    return true;
  }

  #keyOf(draft: FilterDraft, lifetime: FilterLifetime): Guid {
    const identity = [draft.layer, draft.subLayer, draft.origin ?? "", draft.name, lifetime].join("|");
    const ordinal = this.#seen.get(identity) ?? 0;
    this.#seen.set(identity, ordinal + 1);
    return stableKey(`${identity}|${ordinal}`);
  }
}

/** The draft once for each combination of its conditions in which no field occurs twice. */
function spread(draft: FilterDraft): FilterDraft[] {
  const byField = new Map<Guid, Condition[]>();
  for (const condition of draft.conditions ?? []) byField.set(condition.fieldKey, [...(byField.get(condition.fieldKey) ?? []), condition]);
  let combinations: Condition[][] = [[]];
  for (const list of byField.values()) combinations = combinations.flatMap((head) => list.map((condition) => [...head, condition]));
  return combinations.map((conditions) => ({ ...draft, conditions }));
}
