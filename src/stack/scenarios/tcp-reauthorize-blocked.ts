import { recvAcceptFilter } from "./reauthorization-filter.ts";
import type { Scenario } from "./scenario.ts";

export const tcpReauthorizeBlocked: Scenario = {
  name: "tcp-reauthorize-blocked",
  title: "Reauthorization that fails",
  description:
    "A filter that blocks is added where the server's flow was authorized. The next packet is dropped there and the flow is torn down.",
  play(stage) {
    const connected = stage.establish();
    if (connected === null) return;
    stage.addServerFilter(recvAcceptFilter(stage, "block-all"), "a filter that blocks everything is added at ALE_AUTH_RECV_ACCEPT");
    stage.exchange(connected);
  },
};
