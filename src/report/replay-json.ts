import { type FlowDecider, formatFlow, type ReplayFlow, type ReplayPacket, type ReplaySummary, type ReplayTally } from "../model/index.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";

/** A conversation of a capture as a record. */
export function replayFlowJson(flow: ReplayFlow): JsonRecord {
  return jsonRecord("flow", {
    number: flow.number,
    flow: formatFlow(flow.flow),
    verdict: flow.verdict,
    ...deciderJson(flow.decider),
    listener: flow.listener,
    coverage: flow.coverage,
    state: flow.state,
    firstTime: flow.firstTime,
    lastTime: flow.lastTime,
    inbound: flow.inbound,
    outbound: flow.outbound,
    fates: flow.fates,
    reauthorized: flow.reauthorized,
  });
}

export function replayPacketJson(packet: ReplayPacket): JsonRecord {
  const { seconds, nanoseconds, ends: _ends, decider, ...rest } = packet;
  return jsonRecord("packet", { ...rest, time: `${seconds}.${String(nanoseconds).padStart(9, "0")}`, ...deciderJson(decider) });
}

export function replaySummaryJson(summary: ReplaySummary, more: Readonly<Record<string, unknown>>): JsonRecord {
  return jsonRecord("summary", {
    packets: summary.packets,
    bytes: summary.bytes,
    flows: summary.flows,
    firstTime: summary.firstTime,
    lastTime: summary.lastTime,
    verdicts: summary.byVerdict,
    fates: summary.byFate,
    layers: Object.fromEntries(summary.byLayer),
    filters: [...summary.byFilter].map(([filterId, { filter, layer, verdict, ...tally }]) => ({
      filterId: String(filterId),
      filterKey: filter.key,
      filterName: filter.name,
      layer,
      verdict,
      ...(tally satisfies ReplayTally),
    })),
    dependsOn: Object.fromEntries(summary.byDependency),
    notIp: Object.fromEntries(summary.notIp),
    ...more,
  });
}

function deciderJson(decider: FlowDecider | null): JsonRecord {
  if (decider === null) return { layer: null, code: null, filterId: null, filterName: null, dependsOn: [] };
  const { layer, code, filter, dependsOn } = decider;
  return {
    layer: `FWPM_LAYER_${layer}`,
    code,
    filterId: filter === null ? null : String(filter.filterId),
    filterName: filter?.name ?? null,
    dependsOn,
  };
}
