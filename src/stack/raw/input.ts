import { receiveOnFlow } from "../ale/receive-datagram.ts";
import type { Host } from "../host.ts";
import { payloadOf } from "../ip/packet-bytes.ts";
import type { Packet } from "../packet.ts";

/**
 * A packet for raw sockets: each has its own flow with the peer (WFP-SHIMS 4.4.2). INBOUND_TRANSPORT is indicated once, by whoever comes
 * first: `isIndicated` says that the stack's own transport was. True if a socket wants the packet.
 */
export function receiveRaw(host: Host, packet: Packet, isIndicated: boolean): boolean {
  const { protocol, destination } = packet;
  let indicated = isIndicated;
  let wanted = false;
  for (const socket of host.raw.sockets) {
    if (!socket.listensOn(protocol, destination)) continue;
    wanted = true;
    const peer = { address: packet.source, port: 0 };
    const received = receiveOnFlow(host, { packet, endpoint: socket.endpoint, peer }, !indicated);
    indicated = true;
    if (received === "transport") break;
    if (received === "delivered") socket.deliver(payloadOf(packet), peer);
  }
  return wanted;
}
