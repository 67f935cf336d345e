import { LAYER_KEY } from "../../model/index.ts";
import { discardTwin } from "./discard-twin.ts";
import { inboundTransport } from "./inbound-transport.ts";

/** What the transport itself drops, e.g. a segment that no endpoint waits for: a block suppresses the answer (WFP-SHIMS 4.3.4). */
export const transportDiscard = discardTwin(inboundTransport, {
  4: LAYER_KEY.INBOUND_TRANSPORT_V4_DISCARD,
  6: LAYER_KEY.INBOUND_TRANSPORT_V6_DISCARD,
});
