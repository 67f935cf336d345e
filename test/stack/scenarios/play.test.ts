import { describe, expect, it } from "vitest";
import type { Scenario, SessionRecord } from "../../../src/model/index.ts";
import { openScenario } from "../../../src/sources/index.ts";
import { type PlayOptions, playScenario } from "../../../src/stack/index.ts";

const HEAD = `scenario: test
title: A test
addresses:
  stranger: [203.0.113.9, "2001:db8:9::9"]
hosts:
  client:
    interfaces:
      Ethernet: { addresses: [198.51.100.20/24, "2001:db8:1::20/64"] }
    classifyAllow: true
  server:
    interfaces:
      Ethernet: { addresses: [192.0.2.10/24, "2001:db8::10/64"] }
sockets:
  c: { host: client }
  second: { host: client }
  listener: { host: server }
  cu: { host: client, protocol: udp }
  su: { host: server, protocol: udp }
  raw: { host: client, protocol: { raw: 89 } }
`;

const LISTEN = `
  - bind: listener
    port: $port
    orClose: true
  - listen: listener
    orClose: true
  - accept: listener
    as: s
    background: true
`;

const CONNECTED = `${LISTEN}
  - connect: c
    to: server:$port
    orClose: true
  - await: s
    needs: [c, listener]
`;

const scenarioOf = (steps: string, head = HEAD): Promise<Scenario> => openScenario(`${head}steps:${steps}`, "test.yaml");

async function play(steps: string, options: PlayOptions = {}, head = HEAD) {
  const run = playScenario(await scenarioOf(steps, head), options);
  const outcomes = run.records.flatMap((record) =>
    record.type === "outcome" ? [`${record.host} ${record.operation} ${record.result}`] : [],
  );
  return { ...run, outcomes, unmetTexts: run.unmet.map(({ expected, found }) => `${expected} | ${found}`) };
}

const titles = (records: readonly SessionRecord[]) => records.flatMap((record) => (record.type === "step" ? [record.title] : []));
const notes = (records: readonly SessionRecord[]) => records.flatMap((record) => (record.type === "note" ? [record.text] : []));

describe("playScenario", () => {
  it("leaves out the steps that need what has not come about", async () => {
    const blocked = HEAD.replace(
      "  server:\n    interfaces:",
      "  server:\n    filters: [{ name: no SYN, layer: ALE_AUTH_RECV_ACCEPT, action: block }]\n    interfaces:",
    );
    const steps = `${CONNECTED}
  - title: request
    needs: [c, s]
    id: request
    do:
      - send: c
        text: hello
        arrivesAt: s
        result: ok
    expect:
      outcomes: client send() ok
  - title: reply
    needs: request
    do: [{ note: replied, host: server }]
  - title: always
    do: [{ close: listener }]
`;
    expect(titles((await play(steps)).records)).toEqual(["request", "reply", "always"]);
    const { records, outcomes, unmet, checked } = await play(steps, {}, blocked);
    expect(titles(records)).toEqual(["always"]);
    expect(outcomes).toContain("client connect WSAETIMEDOUT");
    expect([unmet, checked]).toEqual([[], 0]);
  });

  it("waits for all that TCP delivers, however many receives it takes", async () => {
    const { outcomes, unmet, records } = await play(`${CONNECTED}
  - send: c
    bytes: 20000
    arrivesAt: s
    id: sent
  - note: all there
    host: server
    needs: sent
`);
    expect(unmet).toEqual([]);
    expect(outcomes.filter((text) => text === "server receive ok").length).toBeGreaterThan(1);
    const received = records.flatMap((record) =>
      record.type === "outcome" && record.operation === "receive" ? [Number.parseInt(record.detail ?? "", 10)] : [],
    );
    expect(received.reduce((sum, bytes) => sum + bytes, 0)).toBe(20000);
    expect(notes(records)).toEqual(["all there"]);
  });

  it("says with its place what was expected and what was found", async () => {
    const { unmet, unmetTexts, checked } = await play(`
  - bind: su
    port: 53
    result: WSAEADDRINUSE
  - send: cu
    to: server:53
    text: query
    arrivesAt: su
    expect:
      indications:
        - client bind out ALE_BIND_REDIRECT
        - client bind out ALE_AUTH_CONNECT block
      includes: server UDP message in ALE_AUTH_RECV_ACCEPT [IS_LOOPBACK]
      never: server UDP message in ALE_FLOW_ESTABLISHED
      outcomes: client sendto() WSAEACCES
      packets: ["client > server:54 udp (5)"]
      events: [{ event: client netevent CLASSIFY_ALLOW, data: { remotePort: 54 } }, client audit 5157]
      nothing: server
`);
    expect(unmetTexts).toEqual([
      "bind() of su WSAEADDRINUSE | bind() of su ok",
      "client bind out ALE_AUTH_CONNECT block | client bind out ALE_RESOURCE_ASSIGNMENT_V4 permit",
      "server UDP message in ALE_AUTH_RECV_ACCEPT [IS_LOOPBACK] | server UDP message in ALE_AUTH_RECV_ACCEPT_V4 []",
      "never server UDP message in ALE_FLOW_ESTABLISHED | server UDP message in ALE_FLOW_ESTABLISHED_V4",
      "client sendto() WSAEACCES | client sendto() ok",
      "client > server:54 udp (5) | client > server udp (5)",
      "client netevent CLASSIFY_ALLOW remotePort=54 | remotePort=53",
      "client audit 5157 | no such event of client",
      "nothing indicated on server | server IP datagram in INBOUND_IPPACKET_V4",
    ]);
    expect(checked).toBe(10);
    expect(unmet[0]?.position).toEqual({ file: "test.yaml", line: 21, column: 5 });
    expect(unmet[1]?.position).toEqual({ file: "test.yaml", line: 31, column: 11 });
    expect((await play(`\n  - bind: su\n    result: WSAEADDRINUSE\n`, { check: false })).unmet).toEqual([]);
  });

  it("tells what is more than expected, and what is missing at the end", async () => {
    const { unmetTexts } = await play(`
  - bind: su
    port: 53
    expect: { indications: ["server bind out ALE_BIND_REDIRECT"] }
  - bind: cu
    expect:
      indications: ["client bind ALE_BIND_REDIRECT", "client bind ALE_RESOURCE_ASSIGNMENT", "client listen ALE_AUTH_LISTEN"]
`);
    expect(unmetTexts).toEqual([
      "no more indications after this | server bind out ALE_RESOURCE_ASSIGNMENT_V4",
      "client listen ALE_AUTH_LISTEN | nothing more",
    ]);
  });

  it("compares fields, flags, deciders and reauthorization", async () => {
    const { unmetTexts } = await play(`${CONNECTED}
  - addFilter: server
    filter: { name: other, layer: ALE_AUTH_RECV_ACCEPT, action: block, conditions: ["IP_LOCAL_PORT = $otherPort", "IP_REMOTE_ADDRESS = $client"] }
  - send: c
    text: x
    arrivesAt: s
    expect:
      includes:
        - "server ALE_AUTH_RECV_ACCEPT permit reauthorize [IS_REAUTHORIZE] {IP_LOCAL_PORT=$port, IP_REMOTE_ADDRESS=$client}"
  - addFilter: server
    filter: { name: all, layer: ALE_AUTH_RECV_ACCEPT_V4, action: block }
  - send: c
    text: y
  - wait: 1
    expect:
      includes: ['server ALE_AUTH_RECV_ACCEPT block by "all"', server ALE_AUTH_RECV_ACCEPT_V4_DISCARD]
      events: [server netevent CLASSIFY_DROP, { event: server audit 5152, data: { DestPort: "8080" } }]
  - removeFilter: server
    name: all
`);
    expect(unmetTexts).toEqual([]);
  });

  it("notes what waits in vain, and counts a receive of another text", async () => {
    const { records, unmetTexts } = await play(`${CONNECTED}
  - send: c
    text: abc
  - receive: s
    text: abd
  - receive: s
    background: true
    result: ok
  - send: cu
    to: server:9
    text: nobody
    arrivesAt: su
    needs: c
  - accept: listener
    as: never
`);
    expect(unmetTexts).toEqual(['receive() of s gets "abd" | "abc"', "receive() of s ok | receive() of s has not ended"]);
    expect(notes(records)).toContain("accept has not returned: the connection did not survive its handshake");
  });

  it("loses what it is told to, doubles and delays by its seed", async () => {
    const lossy = HEAD.replace("addresses:", "network: { delay: 0.05, lose: [client > server S] }\naddresses:");
    const { packets, records, outcomes } = await play(CONNECTED, {}, lossy);
    expect(packets.map(({ text, copies }) => `${text.slice(0, 6)} ${copies}`).slice(0, 2)).toEqual(["S 0:0( 0", "S 0:0( 1"]);
    expect(packets[1]?.arrives).toBeCloseTo((packets[1]?.time ?? 0) + 0.05);
    expect(outcomes).toContain("client connect ok");
    expect(notes(records)).toContain("the network loses a packet: SYN to 192.0.2.10");
    const noisy = HEAD.replace("addresses:", "network: { loss: 0.3, duplication: 0.3, reordering: 0.3, seed: 7 }\naddresses:");
    const steps = `${CONNECTED}\n  - send: c\n    bytes: 30000\n    arrivesAt: s\n    result: ok\n`;
    const one = await play(steps, {}, noisy);
    expect(one.unmet).toEqual([]);
    expect(one.packets.some(({ copies }) => copies === 0) && one.packets.some(({ copies }) => copies === 2)).toBe(true);
    const plain = (run: typeof one) => run.packets.map(({ time, text, copies }) => `${time} ${text} ${copies}`);
    expect(plain(await play(steps, {}, noisy))).toEqual(plain(one));
  });

  it("injects packets, those of a connection counted from its SYNs", async () => {
    const { unmetTexts } = await play(`${CONNECTED}
  - inject: "stranger:4000 > server:$port S 0:0(0) win 1000 <mss 1000>"
  - wait: 0.5
    expect:
      packets: ["server:$port > stranger:4000 S. 0:0(0) ack 1"]
  - inject: 'c > server:$port P. 1:4(3) ack 1 "abc"'
  - receive: s
    text: abc
`);
    expect(unmetTexts).toEqual([]);
  });

  it("changes interfaces, and does things at their time", async () => {
    const { outcomes, records, unmet } = await play(`
  - bind: su
    port: 53
  - interface: client.Ethernet
    up: false
  - send: cu
    to: server:53
    text: no way
  - interface: client.Ethernet
    up: true
    profile: private
    addresses: [198.51.100.30/24]
  - send: cu
    at: 10
    to: server:53
    text: here
    arrivesAt: su
    result: ok
    expect:
      includes: client ALE_AUTH_CONNECT {IP_LOCAL_ADDRESS=198.51.100.30}
      packets: ['client > server udp "here"']
`);
    expect(unmet).toEqual([]);
    expect(outcomes.filter((text) => text.startsWith("client sendto"))).toEqual(["client sendto WSAENETUNREACH", "client sendto ok"]);
    const last = records.filter(({ type }) => type === "outcome").at(-1);
    expect(last?.time).toBeCloseTo(10.01);
  });

  it("joins groups, opens raw sockets, pings, and completes what it pends", async () => {
    const pending = HEAD.replace(
      "    classifyAllow: true\n",
      "    filters: [{ name: later, layer: ALE_AUTH_CONNECT, action: callout, callout: { pend: { after: 5, with: block } } }]\n",
    );
    const { unmet, records } = await play(
      `
  - open: raw
    result: ok
    expect: { indications: ["client bind out ALE_RESOURCE_ASSIGNMENT [IS_RAW_ENDPOINT]"] }
  - ioctl: SIO_RCVALL
    socket: raw
    result: ok
  - send: raw
    to: server
    bytes: 20
  - bind: su
    port: 5000
  - join: su
    group: 239.1.2.3
    result: ok
  - join: su
    group: server
    result: WSAEINVAL
  - connect: c
    to: server:$port
    result: WSAEACCES
`,
      {},
      pending,
    );
    expect(unmet).toEqual([]);
    const connect = records.find((record) => record.type === "outcome" && record.operation === "connect");
    expect(connect?.time).toBe(5);
  });

  it("lets flows end, and things happen at the very end of a wait, whatever sums of seconds leave over", async () => {
    const { unmet, records } = await play(`
  - bind: su
    port: 53
  - send: cu
    at: 60.02
    to: server:53
    text: first
  - wait: 61
  - send: cu
    to: server:53
    text: second
    expect: { includes: client ALE_AUTH_CONNECT first }
`);
    expect(unmet).toEqual([]);
    expect(records.at(-1)?.time).toBe(121.02);
    // 0.7 + 0.1 is a little less than 0.8, when the datagram arrives.
    const late = HEAD.replace("addresses:", "network: { delay: 0.1 }\naddresses:");
    const exact = `
  - bind: su
    port: 53
  - send: cu
    at: 0.7
    to: server:53
    text: hi
  - wait: 0.1
    expect: { includes: server DATAGRAM_DATA }
`;
    expect((await play(exact, {}, late)).unmet).toEqual([]);
  });

  it("refuses what cannot be played, with its place", async () => {
    const v4 = HEAD.replace("scenario: test", "scenario: test\nfamilies: [v4]");
    await expect(play(LISTEN, { family: 6 }, v4)).rejects.toThrow("test is not played with IPv6, expected IPv4");
    const place = { position: { file: "test.yaml", line: 21, column: 5 } };
    await expect(play("\n  - connect: c\n    to: 192.0.2.10:80\n", { family: 6 })).resolves.toMatchObject({
      outcomes: ["client connect WSAEAFNOSUPPORT"],
    });
    const single = HEAD.replace(`[203.0.113.9, "2001:db8:9::9"]`, "203.0.113.9");
    await expect(play("\n  - connect: c\n    to: stranger:80\n", { family: 6 }, single)).rejects.toMatchObject(place);
    await expect(
      play("\n  - addFilter: client\n    filter: { name: x, layer: ALE_AUTH_CONNECT, action: block, conditions: [ICMP_TYPE = 200000] }\n"),
    ).rejects.toMatchObject({ position: { file: "test.yaml" } });
  });
});
