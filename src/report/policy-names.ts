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

  /** `MPSSVC_WF (Microsoft Corporation)`: who made an object; "no provider" where nobody signed. */
  provider(key: Guid | null): string {
    const short = this.shortProvider(key);
    const display = key === null ? "" : readable(this.#providers.get(key)?.name ?? "");
    return display === "" || display.endsWith(short) ? short : `${short} (${display})`;
  }

  /** `MPSSVC_WF`, else the display name, else the key. */
  shortProvider(key: Guid | null): string {
    if (key === null || key === ZERO_GUID) return "no provider";
    const known = providerName(key);
    if (known.startsWith("FWPM_PROVIDER_")) return known.slice("FWPM_PROVIDER_".length);
    const display = readable(this.#providers.get(key)?.name ?? "");
    return display === "" ? readable(known) || key : display;
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

/** Nothing for `@bfe.dll,-1217`, which only that machine can resolve. Tables mark objects without a symbol with "(none)". */
function readable(name: string): string {
  return name.startsWith("@") ? "" : name.replace(/^\((none|no public symbol)\) /, "");
}

/** Name of a sublayer without FWPM_SUBLAYER_; `display` where it is no well-known one, the key where that is empty. */
export function shortSubLayerName(key: Guid, display: string): string {
  const full = subLayerName(key);
  if (full.startsWith("FWPM_SUBLAYER_")) return full.slice("FWPM_SUBLAYER_".length);
  return display === "" || display === key || full !== key ? readable(full) : display;
}
