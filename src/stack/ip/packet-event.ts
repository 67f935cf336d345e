import type { EventName } from "../../model/index.ts";
import { isIcmpError } from "../icmp/errors.ts";
import type { Packet } from "../packet.ts";
import { networkEvent, transportEvent } from "../tcp/segment-event.ts";

const UNREACHABLE = { 1: 3, 58: 1 } as const;

/** What Microsoft's packet-flow pages call a packet at a transport layer. */
export function transportEventOf(packet: Packet): EventName {
  if ("segment" in packet) return transportEvent(packet.segment);
  if ("datagram" in packet) return "UDP message";
  if ("message" in packet) return icmpEvent(packet.protocol, packet.message.type);
  return "IP datagram";
}

/** The same at a network layer. */
export function networkEventOf(packet: Packet): EventName {
  if ("segment" in packet) return networkEvent(packet.segment);
  if ("message" in packet) return icmpEvent(packet.protocol, packet.message.type);
  return "IP datagram";
}

function icmpEvent(protocol: number, type: number): EventName {
  const isUnreachable = type === UNREACHABLE[protocol === 1 ? 1 : 58];
  return isIcmpError(protocol, type) && isUnreachable ? "ICMP Dest Unreachable" : "ICMP message";
}
