import type { IpAddress } from "../../model/index.ts";
import type { LinkFacts } from "../facts.ts";
import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import { type NetworkInterface, neighbourAddress } from "../interface.ts";
import type { Packet } from "../packet.ts";

const ETHER_TYPE = { 4: 0x0800, 6: 0x86dd } as const;

/** MAC layers of a frame that came in; NATIVE is nearest to the adapter. False if it is dropped (WFP-SHIMS 4.2, 4.10; Windows 8 and later). */
export function receiveFrame(host: Host, arrival: NetworkInterface, packet: Packet): boolean {
  const situation = { direction: "inbound", packet, connection: null, link: linkOf(arrival, packet.source, packet) } as const;
  return (
    indicate(host, "inboundMacFrameNative", situation, "frame").passes &&
    indicate(host, "inboundMacFrameEthernet", situation, "frame").passes
  );
}

/** MAC layers of a frame about to leave for `nexthop`. */
export function sendFrame(host: Host, leaving: NetworkInterface, packet: Packet, nexthop: IpAddress): boolean {
  const link = linkOf(leaving, nexthop, packet);
  const situation = { direction: "outbound", packet, connection: null, nexthop: leaving, link } as const;
  return (
    indicate(host, "outboundMacFrameEthernet", situation, "frame").passes &&
    indicate(host, "outboundMacFrameNative", situation, "frame").passes
  );
}

/** The other end of a frame is its IP neighbour; which router handed a packet on is not remembered. */
function linkOf(own: NetworkInterface, neighbour: IpAddress, { source }: Packet): LinkFacts {
  return { local: own.linkAddress, remote: neighbourAddress(neighbour), etherType: ETHER_TYPE[source.family] };
}
