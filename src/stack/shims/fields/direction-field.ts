import { uint32 } from "../../../model/index.ts";
import type { FieldBuilder } from "./endpoint-fields.ts";

/** FWP_DIRECTION. */
const value = (direction: "inbound" | "outbound") => uint32(direction === "inbound" ? 1 : 0);

/** Of the connection: at STREAM and FLOW_ESTABLISHED (WFP-SEMANTICS 2.1). */
export const connectionDirection: FieldBuilder = (facts) => value(facts.flowDirection);

/** Of what is at hand: at DATAGRAM_DATA and STREAM_PACKET. */
export const packetDirection: FieldBuilder = (facts) => value(facts.direction);
