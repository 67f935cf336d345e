import type { FlowContext, StackServices } from "../../engine/index.ts";
import type { Guid } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { has } from "../versions/features.ts";
import type { AleFlow } from "./flow.ts";
import { applyOptions } from "./flow-options.ts";

/**
 * What callouts may do with a flow at the layers that show its handle, as far as this Windows has it: keep a context with it
 * (FwpsFlowAssociateContext0), set its options, abort it (FwpsFlowAbort0).
 */
export function flowServices(host: Host, flow: AleFlow): StackServices {
  return {
    flowContextOf: (calloutKey) => contextOf(flow, calloutKey),
    ...(has("classifyOptions", host.windows)
      ? { applyOptions: (providerContextKey: Guid) => applyOptions(host, flow.options, providerContextKey) }
      : {}),
    ...(has("flowAbort", host.windows) ? { abortFlow: () => host.abortFlow(flow) } : {}),
  };
}

function contextOf({ contexts }: AleFlow, calloutKey: Guid): FlowContext {
  return {
    get: () => contexts.get(calloutKey),
    set: (value) => {
      if (value === undefined) contexts.delete(calloutKey);
      else contexts.set(calloutKey, value);
    },
  };
}
