import { LAYER_KEY } from "../../model/index.ts";
import { discardTwin } from "./discard-twin.ts";
import { inboundIppacket } from "./inbound-ippacket.ts";

/** What the network layer itself drops, e.g. a datagram to a port that nobody has: a block suppresses the ICMP error (WFP-SHIMS 4.4). */
export const ippacketDiscard = discardTwin(inboundIppacket, {
  4: LAYER_KEY.INBOUND_IPPACKET_V4_DISCARD,
  6: LAYER_KEY.INBOUND_IPPACKET_V6_DISCARD,
});
