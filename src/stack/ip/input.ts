import { CONDITION_FLAG, type EventName } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { receiveIcmp } from "../icmp/input.ts";
import { indicate } from "../indicate.ts";
import { IF_TYPE, type NetworkInterface } from "../interface.ts";
import { receiveFrame } from "../mac/mac-frame.ts";
import { type Packet, PROTOCOL } from "../packet.ts";
import { receiveRaw } from "../raw/input.ts";
import { receiveSegment } from "../tcp/input.ts";
import { receiveDatagram } from "../udp/input.ts";
import type { DiscardReason } from "./discard.ts";
import { forward } from "./forward.ts";
import { type IpDatagram, type ParsedTransport, parseDatagram, parseTransport } from "./packet-bytes.ts";
import { networkEventOf } from "./packet-event.ts";
import { unreachableProtocol } from "./protocol-unreachable.ts";

/** The way up for what arrives at an interface: whom it is for, INBOUND_IPPACKET, reassembly, its transport (WFP-SHIMS 4.2). */
export function receiveBytes(host: Host, arrival: NetworkInterface, bytes: Uint8Array): void {
  if (!arrival.up) return;
  const { datagram, problem } = parseDatagram(bytes);
  // Nothing is indicated of what has no readable header: there are no fields to show.
  if (datagram === undefined) {
    host.countDiscard(problem);
    return;
  }
  const parsed = parseTransport(datagram);
  const arrived: Packet = { ...parsed.packet, arrival };
  if (arrival.link !== "loopback" && !receiveFrame(host, arrival, arrived)) return;
  const destination = destinationOf(host, arrival, arrived);
  switch (destination.kind) {
    case "local":
      receiveLocal(host, arrival, datagram, { ...parsed, packet: arrived });
      return;
    case "weak":
      if (passesWeakHost(host, arrived, destination.owner)) receiveLocal(host, arrival, datagram, { ...parsed, packet: arrived });
      return;
    case "forward":
      forward(host, datagram, arrived);
      return;
    case "other":
      discardAtNetwork(host, arrived, { module: "network", reason: "IpDiscardNotLocallyDestined" });
  }
}

/** What the network layer drops for a reason of its own, told at INBOUND_IPPACKET_DISCARD; false if the stack may not react. */
export function discardAtNetwork(host: Host, packet: Packet, discardReason: DiscardReason): boolean {
  const situation = { direction: "inbound", packet, connection: null, discardReason } as const;
  return indicate(host, "ippacketDiscard", situation, networkEventOf(packet)).passes;
}

/** Whom a packet is for; "weak": an address of this host at another interface, `owner`. */
type Destination = { readonly kind: "local" | "forward" | "other" } | { readonly kind: "weak"; readonly owner: NetworkInterface };

const LOCAL: Destination = { kind: "local" };
const FORWARD: Destination = { kind: "forward" };
const OTHER: Destination = { kind: "other" };

/** Strong host since Vista: an address of another interface counts only with weak host receive (or routing) switched on. */
function destinationOf(host: Host, arrival: NetworkInterface, { destination }: Packet): Destination {
  if (host.listensOn(arrival, destination)) return LOCAL;
  const owner = host.interfaceOf(destination);
  // Between addresses of this host there is no other interface.
  if (owner !== undefined && arrival.type === IF_TYPE.loopback) return LOCAL;
  // Loopback addresses come in by no other interface (RFC 1122 3.2.1.3 g).
  if (owner?.type === IF_TYPE.loopback) return OTHER;
  if (owner !== undefined) return arrival.weakHostReceive || arrival.forwarding ? { kind: "weak", owner } : OTHER;
  return arrival.forwarding && !host.isForMany(destination) ? FORWARD : OTHER;
}

/** A packet that came in by another interface passes IPFORWARD first (WFP-SHIMS 4.2, weak host). */
function passesWeakHost(host: Host, packet: Packet, owner: NetworkInterface): boolean {
  const situation = {
    direction: "inbound",
    packet,
    connection: null,
    forwardedBy: owner,
    flags: CONDITION_FLAG.IS_INBOUND_PASS_THRU,
  } as const;
  return indicate(host, "ipforward", situation, "IP datagram").passes;
}

function passesInbound(host: Host, packet: Packet, flags: number, event: EventName): boolean {
  return indicate(host, "inboundIppacket", { direction: "inbound", packet, connection: null, flags }, event).passes;
}

/** A packet that a callout injects at INBOUND_IPPACKET. */
export function receiveDatagramBytes(host: Host, datagram: IpDatagram, packet: Packet): void {
  if (packet.arrival !== undefined) receiveLocal(host, packet.arrival, datagram, { packet });
}

/**
 * A piece is indicated as a packet, once more as a fragment, and the packet that the last one completes as reassembled, since Vista SP1
 * (WFP-SHIMS 4.2, K:wfp-layer-requirements).
 */
function receiveLocal(host: Host, arrival: NetworkInterface, datagram: IpDatagram, parsed: ParsedTransport): void {
  const { packet } = parsed;
  if (!passesInbound(host, packet, 0, networkEventOf(packet))) return;
  if (datagram.fragment === null) {
    deliver(host, parsed);
    return;
  }
  if (!passesInbound(host, packet, CONDITION_FLAG.IS_FRAGMENT, networkEventOf(packet))) return;
  const whole = host.reassembly.add({ ...datagram, fragment: datagram.fragment });
  if (whole === null) return;
  const reassembled = parseTransport(whole);
  const joined: Packet = { ...reassembled.packet, arrival };
  if (!passesInbound(host, joined, CONDITION_FLAG.IS_REASSEMBLED, networkEventOf(joined))) return;
  deliver(host, { ...reassembled, packet: joined });
}

/** To its transport. What its header or checksum makes unusable is dropped there. */
export function deliver(host: Host, { packet, problem }: ParsedTransport): void {
  if (problem !== undefined) {
    indicate(host, "transportDiscard", { direction: "inbound", packet, connection: null, discardReason: problem }, networkEventOf(packet));
    return;
  }
  if ("segment" in packet) receiveSegment(host.tcp, packet);
  else if ("datagram" in packet || "message" in packet) {
    const received = "datagram" in packet ? receiveDatagram(host, packet) : receiveIcmp(host, packet);
    if (received !== "transport") receiveRaw(host, packet, true);
  } else if (!receiveRaw(host, packet, false) && packet.protocol !== PROTOCOL.IGMP) unreachableProtocol(host, packet);
}
