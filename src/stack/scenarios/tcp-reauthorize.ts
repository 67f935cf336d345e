import { recvAcceptFilter } from "./reauthorization-filter.ts";
import type { Scenario } from "./scenario.ts";

export const tcpReauthorize: Scenario = {
  name: "tcp-reauthorize",
  title: "Reauthorization that succeeds",
  description:
    "A filter that does not match is added where the server's flow was authorized. The next packet is classified there again and passes.",
  play(stage) {
    const connected = stage.establish();
    if (connected === null) return;
    stage.addServerFilter(recvAcceptFilter(stage, "block-other-port"), "a filter for another port is added at ALE_AUTH_RECV_ACCEPT");
    stage.exchange(connected);
  },
};
