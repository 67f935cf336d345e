import type { PacketFate, ReplayPacket } from "../model/index.ts";
import { FRAME_KIND, type Frame, IP_PROTOCOL, type PacketBatch, TCP_FLAG } from "../wire/index.ts";
import { hasData, STAGE_ANSWER, STAGE_REST, STAGE_SYN } from "./flow/fate.ts";
import type { FlowState } from "./flow/flow-state.ts";
import { laterFate } from "./flow/flow-verdict.ts";

/** One packet for those who want to see each: what it is, where it is indicated, what becomes of it. */
export function packetRecord(
  batch: PacketBatch,
  index: number,
  frame: Frame,
  flow: FlowState | null,
  isOutbound: boolean,
  stage: number,
  fate: PacketFate,
): ReplayPacket {
  const decider = flow === null ? null : (laterFate(flow.judged, isOutbound, hasData(frame))?.decider ?? flow.judged.decider);
  const last = fate === "blocked" ? (decider?.layer ?? null) : null;
  return {
    number: batch.firstNumber + index,
    seconds: batch.seconds[index] ?? 0,
    nanoseconds: batch.nanoseconds[index] ?? 0,
    direction: flow === null ? null : isOutbound ? "outbound" : "inbound",
    flow: flow?.number ?? null,
    ends: flow?.flow ?? null,
    fate,
    event: eventOf(frame),
    layers: flow === null || fate === "suppressed" ? [] : layersOf(frame, flow, isOutbound, stage, last),
    decider: fate === "permitted" ? null : decider,
  };
}

/** The wording of Microsoft's packet-flow pages where they have one. */
function eventOf(frame: Frame): string {
  if (frame.kind === FRAME_KIND.arp) return "ARP";
  if (frame.family === 0) return "frame";
  if (frame.fragmentOffset > 0) return "fragment";
  switch (frame.protocol) {
    case IP_PROTOCOL.tcp: {
      const { tcpFlags, payloadLength } = frame;
      if ((tcpFlags & TCP_FLAG.syn) !== 0) return (tcpFlags & TCP_FLAG.ack) !== 0 ? "SYN-ACK" : "SYN";
      if ((tcpFlags & TCP_FLAG.rst) !== 0) return "RST";
      if (payloadLength > 0) return "TCP segment";
      return (tcpFlags & TCP_FLAG.fin) !== 0 ? "FIN" : "ACK";
    }
    case IP_PROTOCOL.udp:
      return "UDP message";
    case IP_PROTOCOL.icmp:
    case IP_PROTOCOL.icmpv6:
      return "ICMP message";
    default:
      return "IP datagram";
  }
}

/** Layers of a packet in Windows' order, up to the one that blocks it (WFP-SHIMS 4.3, 4.4). */
function layersOf(frame: Frame, flow: FlowState, isOutbound: boolean, stage: number, last: string | null): readonly string[] {
  const family = `V${flow.flow.family ?? 4}`;
  const names = isOutbound ? outboundLayers(frame, flow, stage) : inboundLayers(frame, flow, stage);
  const layers = names.map((name) => `${name}_${family}`);
  if (last === null) return layers;
  const at = layers.indexOf(last);
  if (at >= 0) return layers.slice(0, at + 1);
  // What is asked only where it blocks: authorization of every packet of a flow that never came to be, of one that is not authorized again
  // (WFP-SHIMS 4.6), errors, discards. The host's own packets meet it first, others once they have got through the stack.
  if (isOutbound) return [last];
  const way = last.startsWith("INBOUND_ICMP_ERROR") ? ["INBOUND_IPPACKET"] : ["INBOUND_IPPACKET", "INBOUND_TRANSPORT"];
  return [...way.map((name) => `${name}_${family}`), last];
}

function inboundLayers(frame: Frame, flow: FlowState, stage: number): readonly string[] {
  if (frame.fragmentOffset > 0) return ["INBOUND_IPPACKET"];
  const way = ["INBOUND_IPPACKET", "INBOUND_TRANSPORT"];
  const isFirst = flow.inbound.packets === 1 && flow.flow.direction === "in" && flow.coverage !== "mid-stream";
  if (frame.protocol !== IP_PROTOCOL.tcp) {
    return [...way, ...(isFirst && flow.outbound.packets === 0 ? ["ALE_AUTH_RECV_ACCEPT", "ALE_FLOW_ESTABLISHED"] : []), "DATAGRAM_DATA"];
  }
  if (stage === STAGE_SYN) return [...way, "ALE_AUTH_RECV_ACCEPT"];
  if (stage === STAGE_ANSWER && (frame.tcpFlags & TCP_FLAG.syn) !== 0) return [...way, "ALE_FLOW_ESTABLISHED"];
  const completes = flow.flow.direction === "in" && flow.inbound.packets === 2 && stage === STAGE_REST && flow.coverage !== "mid-stream";
  return [...way, ...(completes ? ["ALE_FLOW_ESTABLISHED"] : []), ...(hasData(frame) ? ["STREAM"] : [])];
}

function outboundLayers(frame: Frame, flow: FlowState, stage: number): readonly string[] {
  const way = ["OUTBOUND_TRANSPORT", "OUTBOUND_IPPACKET"];
  // Pieces are not indicated on the way out.
  if (frame.fragmentOffset > 0) return [];
  const opens = flow.flow.direction === "out" && flow.outbound.packets === 1 && flow.coverage !== "mid-stream";
  if (frame.protocol !== IP_PROTOCOL.tcp) {
    const first = opens && flow.inbound.packets === 0 ? ["ALE_CONNECT_REDIRECT", "ALE_AUTH_CONNECT", "ALE_FLOW_ESTABLISHED"] : [];
    return [...first, "DATAGRAM_DATA", ...way];
  }
  if (stage === STAGE_SYN) return [...(opens ? ["ALE_CONNECT_REDIRECT", "ALE_AUTH_CONNECT"] : []), ...way];
  return [...(hasData(frame) ? ["STREAM"] : []), ...way];
}
