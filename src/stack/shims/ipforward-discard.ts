import { LAYER_KEY } from "../../model/index.ts";
import { discardTwin } from "./discard-twin.ts";
import { ipforward } from "./ipforward.ts";

/** What forwarding itself drops: no route, hop limit, too long (WFP-SHIMS 4.1). A block keeps the host from answering. */
export const ipforwardDiscard = discardTwin(ipforward, { 4: LAYER_KEY.IPFORWARD_V4_DISCARD, 6: LAYER_KEY.IPFORWARD_V6_DISCARD });
