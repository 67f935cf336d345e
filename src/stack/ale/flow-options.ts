import type { Guid } from "../../model/index.ts";
import type { Host } from "../host.ts";

/** What callouts of the SET_OPTIONS layers may set for a flow (FWPM_CLASSIFY_OPTIONS_CONTEXT, D:ale-flow-customization). */
export interface FlowOptions {
  /** Whether what this host sends to many lets answers in: from anybody, from nobody. */
  multicastState: "allow" | "deny" | "allow-global";
  /** Answers from other peers than the one addressed join the flow. */
  looseSourceMapping: boolean;
  /** Seconds an idle flow lives. */
  unicastLifetime: number;
  multicastLifetime: number;
}

/** Idle seconds of flows without options (WFP-SHIMS 4.5). */
export const DEFAULT_LIFETIME = { unicast: 60, multicast: 4 } as const;

export function defaultFlowOptions(): FlowOptions {
  return {
    multicastState: "allow",
    looseSourceMapping: false,
    unicastLifetime: DEFAULT_LIFETIME.unicast,
    multicastLifetime: DEFAULT_LIFETIME.multicast,
  };
}

const MULTICAST_STATES = ["allow", "deny", "allow-global"] as const;

/** Applies the options of a provider context of `host`; a context of another type sets nothing. Lifetimes are in seconds. */
export function applyOptions(host: Host, options: FlowOptions, providerContextKey: Guid): void {
  const context = host.bfe.policy.providerContexts.find(({ key }) => key === providerContextKey);
  if (context?.body.kind !== "classify-options") return;
  for (const { type, value } of context.body.options) {
    const number = Number(value);
    switch (type.replace("FWP_CLASSIFY_OPTION_", "")) {
      case "MULTICAST_STATE":
        options.multicastState = MULTICAST_STATES[number] ?? "allow";
        break;
      case "LOOSE_SOURCE_MAPPING":
        options.looseSourceMapping = number !== 0;
        break;
      case "UNICAST_LIFETIME":
        options.unicastLifetime = number;
        break;
      case "MCAST_BCAST_LIFETIME":
        options.multicastLifetime = number;
        break;
      default:
      // Options of secure sockets have no effect without IPsec, which is not modelled.
    }
  }
}
