import type { Host } from "../host.ts";
import { sendError } from "../icmp/output.ts";
import type { Packet } from "../packet.ts";
import { discardAtNetwork } from "./input.ts";

/** A packet of a protocol that nobody here speaks: the network layer's discard layer, then Protocol Unreachable unless suppressed. */
export function unreachableProtocol(host: Host, packet: Packet): void {
  if (discardAtNetwork(host, packet, { module: "network", reason: "IpDiscardProtocolUnreachable" })) {
    sendError(host, "protocolUnreachable", packet);
  }
}
