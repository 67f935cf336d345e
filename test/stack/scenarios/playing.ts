import type { Scenario, SessionRecord } from "../../../src/model/index.ts";
import { openScenario } from "../../../src/sources/index.ts";
import { type PlayOptions, playScenario } from "../../../src/stack/index.ts";

/** A client, a server on the same link, a stranger whom nobody is, and sockets of every kind. */
export const HEAD = `scenario: test
title: A test
addresses:
  stranger: [203.0.113.9, "2001:db8:9::9"]
hosts:
  client:
    interfaces:
      Ethernet: { addresses: [198.51.100.20/24, "2001:db8:1::20/64"] }
  server:
    interfaces:
      Ethernet: { addresses: [192.0.2.10/24, "2001:db8::10/64"] }
sockets:
  c: { host: client }
  listener: { host: server }
  cu: { host: client, protocol: udp }
  su: { host: server, protocol: udp }
  raw: { host: server, protocol: { raw: 89 } }
`;

/** A listener whose next connection is the socket s, and c connected to it. */
export const CONNECTED = `
  - bind: listener
    port: $port
  - listen: listener
  - accept: listener
    as: s
    background: true
  - connect: c
    to: server:$port
  - await: s
`;

/** The scenario of these steps. @throws InputError as the reader does */
export function scenarioOf(steps: string, head = HEAD): Promise<Scenario> {
  return openScenario(`${head}steps:${steps}`, "test.yaml");
}

/** Plays the steps; what was expected and what was found in one line each. */
export async function play(steps: string, options: PlayOptions = {}, head = HEAD) {
  const run = playScenario(await scenarioOf(steps, head), options);
  return {
    ...run,
    outcomes: run.records.flatMap((record) => (record.type === "outcome" ? [`${record.host} ${record.operation} ${record.result}`] : [])),
    unmetTexts: run.unmet.map(({ expected, found }) => `${expected} | ${found}`),
  };
}

export function notes(records: readonly SessionRecord[]): string[] {
  return records.flatMap((record) => (record.type === "note" ? [record.text] : []));
}
