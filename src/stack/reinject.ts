import type { StackServices } from "../engine/index.ts";
import type { Guid } from "../model/index.ts";
import type { Host } from "./host.ts";
import { deliver, receiveDatagramBytes } from "./ip/input.ts";
import { sendIp, sendOnLink } from "./ip/output.ts";
import { datagramOf } from "./ip/packet-bytes.ts";
import type { Packet } from "./packet.ts";
import type { ShimName } from "./shims/shims.ts";
import type { Situation } from "./situation.ts";

/**
 * Out-of-band inspection: a callout absorbs a packet, looks at it elsewhere, and injects a clone. The clone enters the stack at the layer
 * where it was taken, is indicated there again, and tells the callout so (WFP-SHIMS 4.2); forward-injected packets are not shown again.
 */
export function injectionServices(host: Host, shim: ShimName, situation: Situation): StackServices {
  const { packet } = situation;
  if (packet === null) return {};
  return {
    forCallout: (calloutKey) => ({
      injectionState: stateOf(packet, calloutKey),
      reinject: () => {
        host.clock.after(0, () => reinject(host, shim, situation, { ...packet, injectedBy: calloutKey }));
      },
    }),
  };
}

function stateOf({ injectedBy }: Packet, calloutKey: Guid): NonNullable<StackServices["injectionState"]> {
  if (injectedBy === undefined) return "not-injected";
  return injectedBy === calloutKey ? "injected-by-self" : "injected-by-other";
}

function reinject(host: Host, shim: ShimName, situation: Situation, packet: Packet): void {
  const { connection, endpoint = null, flow = null, direction } = situation;
  if (shim === "ipforward") sendOnLink(host, onward(host, situation, packet));
  else if (direction === "outbound")
    sendIp(host, packet, { connection, endpoint, flow }, shim === "outboundIppacket" ? "network" : "transport");
  else if (shim === "inboundIppacket") receiveDatagramBytes(host, datagramOf(packet, host.nextIdentification()), packet);
  else deliver(host, { packet });
}

/** What a router hands on has one hop less (RFC 1812 5.3.1); a packet of or for this host (weak host) is not handed on. */
function onward(host: Host, { direction }: Situation, packet: Packet): Packet {
  return direction === "outbound" || host.owns(packet.destination) ? packet : { ...packet, hopLimit: packet.hopLimit - 1 };
}
