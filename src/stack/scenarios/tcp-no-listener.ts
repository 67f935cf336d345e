import type { Scenario } from "./scenario.ts";

export const tcpNoListener: Scenario = {
  name: "tcp-no-listener",
  title: "A SYN to a closed port",
  description: "The client connects to a port nobody listens on: the transport discard layer, and a reset unless a filter suppresses it.",
  play(stage) {
    stage.simulation.note("server", `nobody listens on port ${stage.serverPort}`);
    stage.connect();
  },
};
