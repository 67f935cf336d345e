import type { BfeSession, Callout, FilterDefinition } from "../../engine/index.ts";
import {
  CALLOUT_KEY,
  type Condition,
  type FilterAction,
  type FilterWeight,
  type Guid,
  InputError,
  LAYER_KEY,
  type LayerName,
  parseSuiteCondition,
  type ScenarioCallout,
  type ScenarioFilter,
  subLayerKeyOf,
  WfpError,
} from "../../model/index.ts";
import type { Cast } from "./cast.ts";
import { PendCallout } from "./pend-callout.ts";
import type { ScenarioNames } from "./scenario-names.ts";

/** A layer as scenarios name it, in the IP version that is played: ALE_AUTH_CONNECT → ALE_AUTH_CONNECT_V4; undefined if there is none. */
export function layerKeyIn(layer: string, family: 4 | 6): Guid | undefined {
  const keys: Readonly<Record<string, Guid>> = LAYER_KEY;
  const discard = layer.endsWith("_DISCARD");
  const versioned = `${discard ? layer.slice(0, -"_DISCARD".length) : layer}_V${family}${discard ? "_DISCARD" : ""}`;
  return keys[layer as LayerName] ?? keys[versioned];
}

/** The filters that a scenario adds, by host and name, and what their callouts hold back. */
export class ScenarioFilters {
  readonly #cast: Cast;
  readonly #names: ScenarioNames;
  readonly #ids = new Map<string, bigint>();
  readonly #pending = new Map<string, PendCallout>();
  #keys = 0;

  constructor(cast: Cast, names: ScenarioNames) {
    this.#cast = cast;
    this.#names = names;
  }

  /** Sublayers and filters that a host has from the start. */
  addAll(host: string): void {
    const { subLayers, filters } = this.#cast.spec(host);
    if (subLayers.length === 0 && filters.length === 0) return;
    const session = this.#cast.session(host);
    for (const { name, weight } of subLayers) session.addSubLayer({ key: this.#newKey(), name, weight });
    for (const filter of filters) this.add(host, filter);
  }

  /** @throws InputError where Windows would refuse the filter. */
  add(host: string, filter: ScenarioFilter): void {
    const position = this.#names.positionOf(filter.at);
    const layer = layerKeyIn(filter.layer, this.#names.family);
    if (layer === undefined) throw new InputError(`expected a layer of IPv${this.#names.family}, found "${filter.layer}"`, position);
    const session = this.#cast.session(host);
    try {
      this.#ids.set(`${host}\n${filter.name}`, session.addFilter(this.#definition(host, filter, layer, session)));
    } catch (error) {
      if (!(error instanceof WfpError)) throw error;
      throw new InputError(`filter "${filter.name}" cannot be added: ${error.message}`, position);
    }
  }

  /** False where the host has no such filter any more. */
  remove(host: string, name: string): boolean {
    const id = this.#ids.get(`${host}\n${name}`);
    if (id === undefined) return false;
    this.#cast.session(host).deleteFilterById(id);
    return this.#ids.delete(`${host}\n${name}`);
  }

  /** Completes what the callout of a filter has pended; false where it has pended nothing. */
  complete(host: string, name: string, decision: "permit" | "block"): boolean {
    return this.#pending.get(`${host}\n${name}`)?.complete(decision) ?? false;
  }

  #definition(host: string, filter: ScenarioFilter, layer: Guid, session: BfeSession): FilterDefinition {
    const position = this.#names.positionOf(filter.at);
    const conditions = filter.conditions.map(({ text, at }): Condition => {
      const expanded = this.#names.expand(text, at);
      return parseSuiteCondition(expanded, this.#names.positionOf(at));
    });
    const { action, providerContextKey } = this.#action(host, filter, layer, session);
    const subLayer = filter.subLayer === null ? undefined : this.#subLayerKey(host, filter.subLayer);
    if (filter.subLayer !== null && subLayer === undefined) {
      throw new InputError(`expected a sublayer of the host or of Windows, found "${filter.subLayer}"`, position);
    }
    return {
      name: filter.name,
      layer,
      conditions,
      action,
      ...(subLayer === undefined ? {} : { subLayer }),
      ...(filter.weight === null ? {} : { weight: weightOf(BigInt(filter.weight)) }),
      ...(filter.hard ? { flags: { clearActionRight: true } } : {}),
      ...(providerContextKey === undefined ? {} : { providerContextKey }),
    };
  }

  #action(
    host: string,
    filter: ScenarioFilter,
    layer: Guid,
    session: BfeSession,
  ): { readonly action: FilterAction; readonly providerContextKey?: Guid } {
    const { action } = filter;
    if (action === "permit") return { action: { type: "FWP_ACTION_PERMIT" } };
    if (action === "block") return { action: { type: "FWP_ACTION_BLOCK" } };
    if (action.does === "set-options") return this.#setOptions(filter, action, layer, session);
    const calloutKey = this.#newKey();
    this.#cast.requireHost(host).bfe.registerCallout(calloutKey, this.#calloutOf(host, filter, action));
    session.addCallout({ key: calloutKey, name: `callout of ${filter.name}`, applicableLayer: layer });
    return { action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey } };
  }

  #calloutOf(host: string, filter: ScenarioFilter, model: Exclude<ScenarioCallout, { does: "set-options" }>): Callout {
    switch (model.does) {
      case "pend": {
        const callout = new PendCallout(this.#cast.requireHost(host).clock, model.after, model.decision);
        this.#pending.set(`${host}\n${filter.name}`, callout);
        return callout;
      }
      case "redirect": {
        const { to, processId } = model;
        const family = this.#names.family;
        return {
          classify: ({ stack }, out) => {
            const target = { address: this.#names.addressOf(to.end, filter.at, family), port: this.#names.portOfEndpoint(to) ?? 0 };
            stack?.redirectConnect?.(processId === null ? target : { ...target, localRedirectTargetPid: processId });
            stack?.redirectBind?.(target);
            out.action = "permit";
          },
        };
      }
      default:
        return {
          classify(_request, out) {
            out.action = model.does;
            if (model.hard) out.writable = false;
            if (model.absorb) out.absorb = true;
          },
        };
    }
  }

  /** Windows' own callout for classify options (D:ale-flow-customization), with the options as its filter's provider context. */
  #setOptions(
    filter: ScenarioFilter,
    { options }: Extract<ScenarioCallout, { does: "set-options" }>,
    layer: Guid,
    session: BfeSession,
  ): { readonly action: FilterAction; readonly providerContextKey: Guid } {
    const position = this.#names.positionOf(filter.at);
    const layerName = (Object.keys(LAYER_KEY) as LayerName[]).find((name) => LAYER_KEY[name] === layer) ?? "";
    const keys: Readonly<Record<string, Guid>> = CALLOUT_KEY;
    const short = layerName.replace(/^ALE_/, "").replace(/_(V[46])$/, "_LAYER_$1");
    const calloutKey = keys[`SET_OPTIONS_${short}`];
    if (calloutKey === undefined) {
      throw new InputError(`options: expected layer ALE_AUTH_CONNECT or ALE_AUTH_RECV_ACCEPT, found ${filter.layer}`, position);
    }
    const providerContextKey = this.#newKey();
    session.addProviderContext({
      key: providerContextKey,
      name: `options of ${filter.name}`,
      type: "FWPM_CLASSIFY_OPTIONS_CONTEXT",
      body: {
        kind: "classify-options",
        options: Object.entries(options).map(([name, value]) => ({ type: `FWP_CLASSIFY_OPTION_${name}`, value: BigInt(value) })),
      },
    });
    try {
      session.addCallout({ key: calloutKey, name: "set options", applicableLayer: layer, usesProviderContext: true });
    } catch (error) {
      // Policies of real machines have it.
      if (!(error instanceof WfpError && error.code === "FWP_E_ALREADY_EXISTS")) throw error;
    }
    return { action: { type: "FWP_ACTION_CALLOUT_INSPECTION", calloutKey }, providerContextKey };
  }

  #subLayerKey(host: string, name: string): Guid | undefined {
    const { subLayers } = this.#cast.requireHost(host).bfe.policy;
    return subLayers.find((candidate) => candidate.name === name)?.key ?? subLayerKeyOf(name);
  }

  #newKey(): Guid {
    return `{5ce00000-0000-4000-8000-${(++this.#keys).toString(16).padStart(12, "0")}}`;
  }
}

/** 0 to 15 is a range; more is the weight itself (FwpmFilterAdd0). */
function weightOf(value: bigint): FilterWeight {
  return value < 16n ? { type: "FWP_UINT8", value: Number(value) } : { type: "FWP_UINT64", value };
}
