import type { Scenario } from "./scenario.ts";

export const tcpSession: Scenario = {
  name: "tcp-session",
  title: "A whole TCP session",
  description: "Passive and active open, the handshake, data both ways, termination: Microsoft's TCP Packet Flows from end to end.",
  play(stage) {
    const connected = stage.establish();
    if (connected === null) return;
    stage.exchange(connected);
    stage.close(connected);
  },
};
