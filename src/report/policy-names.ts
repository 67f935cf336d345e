import {
  type CalloutObject,
  calloutName,
  type Guid,
  type Policy,
  type Provider,
  providerName,
  type SubLayer,
  subLayerName,
  ZERO_GUID,
} from "../model/index.ts";

/** Names of a policy's objects by key, the well-known name first. One lookup serves a whole report. */
export class PolicyNames {
  readonly policy: Policy;
  readonly #providers: ReadonlyMap<Guid, Provider>;
  readonly #subLayers: ReadonlyMap<Guid, SubLayer>;
  readonly #callouts: ReadonlyMap<Guid, CalloutObject>;

  constructor(policy: Policy) {
    this.policy = policy;
    this.#providers = new Map(policy.providers.map((provider) => [provider.key, provider]));
    this.#subLayers = new Map(policy.subLayers.map((subLayer) => [subLayer.key, subLayer]));
    this.#callouts = new Map(policy.callouts.map((callout) => [callout.key, callout]));
  }

  /** `Microsoft Corporation (FWPM_PROVIDER_MPSSVC_WF)`: who made an object; "no provider" where nobody signed. */
  provider(key: Guid | null): string {
    if (key === null || key === ZERO_GUID) return "no provider";
    const known = providerName(key);
    const display = this.#providers.get(key)?.name ?? "";
    if (known === key) return display === "" ? key : display;
    return display === "" || display === known ? known : `${display} (${known})`;
  }

  /** Short: `MPSSVC_WF`, else the display name, else the key. */
  subLayer(key: Guid): string {
    return shortSubLayerName(key, this.#subLayers.get(key)?.name ?? "");
  }

  callout(key: Guid): string {
    const known = calloutName(key);
    if (known !== key) return known;
    const display = this.#callouts.get(key)?.name ?? "";
    return display === "" ? key : display;
  }

  calloutObject(key: Guid): CalloutObject | undefined {
    return this.#callouts.get(key);
  }

  subLayerObject(key: Guid): SubLayer | undefined {
    return this.#subLayers.get(key);
  }
}

/** Name of a sublayer without FWPM_SUBLAYER_; `display` where it is no well-known one, the key where that is empty. */
export function shortSubLayerName(key: Guid, display: string): string {
  const full = subLayerName(key);
  if (full.startsWith("FWPM_SUBLAYER_")) return full.slice("FWPM_SUBLAYER_".length);
  if (full.startsWith("(no public symbol) ")) return full.slice("(no public symbol) ".length);
  return display === "" || display === key ? full : display;
}
