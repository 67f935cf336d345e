import { type Interpretation, NET_EVENT_KEYWORD, type Policy } from "../../model/index.ts";
import type { Event } from "../recorder.ts";
import { has } from "../versions/features.ts";
import { auditsOf } from "./audit.ts";
import { capabilityUse } from "./capability.ts";
import type { Classified } from "./classified.ts";
import { keywordOfDrop } from "./keywords.ts";
import { capabilityEvent, classifyEvent } from "./net-event.ts";
import type { DiagnosticsOptions } from "./options.ts";

/** What diagnosing needs of the host. */
export interface DiagnosticsContext {
  readonly options: DiagnosticsOptions;
  readonly interpretation: Pick<Interpretation, "netEventDirection" | "connectionSource" | "permittedFilter">;
  readonly policy: Policy;
}

/**
 * What Windows writes about one classification: drop events of a block that is not absorbed, allow events and audits as switched on.
 * Redirect, closure and release layers decide about no traffic (WFP-DIAGNOSTICS-FIREWALL 5.1).
 */
export function diagnose(classified: Classified, context: DiagnosticsContext): readonly Event[] {
  const { layer, decision, outcome } = classified;
  if (decision.absorbed || /REDIRECT|ENDPOINT_CLOSURE|RESOURCE_RELEASE/.test(layer.name)) return [];
  // Where the stack itself drops, only a filter that forbids it to react is worth an event.
  if (layer.discardOf !== null && outcome === "permit") return [];
  return [...netEventsOf(classified, context), ...auditsOf(classified, context)];
}

function netEventsOf(classified: Classified, { options, interpretation }: DiagnosticsContext): readonly Event[] {
  const { outcome, windows, layer, link } = classified;
  if (!options.netEvents) return [];
  const on = (keyword: number) => (options.keywords & keyword) !== 0;
  const drop = outcome === "block";
  const events: Event[] = [];
  const keyword = keywordOfDrop(classified);
  const due = drop
    ? (keyword === 0 || on(keyword)) && (link === null || has("macDropEvents", windows))
    : layer.name.includes("ALE_AUTH") && on(NET_EVENT_KEYWORD.CLASSIFY_ALLOW) && has("classifyAllowEvents", windows);
  if (due) events.push(classifyEvent(classified, interpretation));
  if (on(drop ? NET_EVENT_KEYWORD.CAPABILITY_DROP : NET_EVENT_KEYWORD.CAPABILITY_ALLOW) && has("capabilityEvents", windows)) {
    const use = capabilityUse(classified);
    if (use !== null) events.push(capabilityEvent(classified, use));
  }
  return events;
}
