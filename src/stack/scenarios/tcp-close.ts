import type { Scenario } from "./scenario.ts";

export const tcpClose: Scenario = {
  name: "tcp-close",
  title: "A TCP connection is terminated",
  description:
    "The client closes, then the server. Microsoft's page indicates nothing for it; Windows 7 and later show the end of endpoints.",
  play(stage) {
    const connected = stage.establish();
    if (connected !== null) stage.close(connected);
  },
};
