import type { DiagnosticsOptions } from "../host.ts";
import type { Event } from "../recorder.ts";
import { auditsOf } from "./audit.ts";
import type { Classified } from "./classified.ts";
import { netEventOf } from "./net-event.ts";

/**
 * What Windows writes about one classification: one drop event per block that is not absorbed, audits as switched on. The discard layer
 * that follows a block adds nothing, and redirect, closure and release layers decide about no traffic (WFP-DIAGNOSTICS-FIREWALL 5.1).
 */
export function diagnose(classified: Classified, options: DiagnosticsOptions): readonly Event[] {
  const { layer, decision, outcome } = classified;
  if (decision.absorbed || /REDIRECT|ENDPOINT_CLOSURE|RESOURCE_RELEASE/.test(layer.name)) return [];
  // Where the stack itself drops, only a filter that forbids it to react is worth an event.
  if (layer.discardOf !== null && outcome === "permit") return [];
  const events: Event[] = [];
  if (options.netEvents && (outcome === "block" || (options.classifyAllow && layer.name.includes("ALE_AUTH")))) {
    events.push(netEventOf(classified));
  }
  events.push(...auditsOf(classified, options));
  return events;
}
