import type { Scenario } from "./scenario.ts";

export const tcpData: Scenario = {
  name: "tcp-data",
  title: "Data over a TCP connection",
  description: "After the handshake the client sends data and the server answers.",
  play(stage) {
    const connected = stage.establish();
    if (connected !== null) stage.exchange(connected);
  },
};
