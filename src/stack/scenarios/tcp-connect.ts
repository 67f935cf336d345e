import type { Scenario } from "./scenario.ts";

export const tcpConnect: Scenario = {
  name: "tcp-connect",
  title: "A TCP connection is opened",
  description: "Passive open at the server, active open at the client, the three segments of the handshake.",
  play(stage) {
    stage.establish();
  },
};
