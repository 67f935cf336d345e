import { describe, expect, it } from "vitest";
import { CONNECTED, HEAD, notes, play } from "./playing.ts";

/** One step that injects `packets` and waits, with what is expected of it. */
const injected = (packets: readonly string[], expected: string) => `
  - bind: su
    port: 53
  - open: raw
  - title: injected
    do:
      - inject: [${packets.map((text) => `'${text}'`).join(", ")}]
      - wait: 1
    expect: ${expected}
`;

describe("packets that a scenario describes (docs/scenarios.md, Packets)", () => {
  it("are made in every kind: UDP, ICMP, other protocols", async () => {
    const { unmetTexts, checked } = await play(`
  - bind: su
    port: 53
  - open: raw
  - receive: su
    text: query
    background: true
  - receive: raw
    text: abcd
    background: true
  - inject: ['stranger:4000 > server:53 udp "query"', "stranger > server icmp echo-request id 7 seq 3 (12)", "stranger > server ip 89 (4)"]
  - wait: 1
    expect:
      includes:
        - server UDP message in INBOUND_TRANSPORT {IP_REMOTE_PORT=4000, IP_REMOTE_ADDRESS=$stranger}
        - server ICMP message in INBOUND_TRANSPORT {ICMP_TYPE=8}
        - server IP datagram in INBOUND_TRANSPORT {IP_PROTOCOL=89 (ospf)}
      packets: ["server > stranger icmp echo-reply id 7 seq 3 (12)"]
`);
    expect(unmetTexts).toEqual([]);
    expect(checked).toBe(7);
  });

  it("are of the IP version that is played: ICMPv6 types, IPv6 addresses (RFC 4443 4.1)", async () => {
    const { unmetTexts, packets } = await play(
      `
  - inject: "stranger > server icmp echo-request"
  - wait: 1
    expect:
      packets: ["server > stranger icmp 129/0 id 0 seq 0 (0)"]
`,
      { family: 6 },
    );
    expect(unmetTexts).toEqual([]);
    expect(packets.map(({ text }) => text)).toEqual(["icmp echo-request id 0 seq 0 (0)", "icmp echo-reply id 0 seq 0 (0)"]);
  });

  it("a kind alone is the plainest packet of it", async () => {
    const { packets } = await play('\n  - inject: ["stranger > server icmp", "stranger > server"]\n');
    expect(packets.map(({ text }) => text)).toEqual(["icmp echo-reply id 0 seq 0 (0)", "ip 0 (0)"]);
  });

  it.each([
    ["ip 89 (3)", true],
    ["ip 89 (4)", false],
    ["ip 88 (3)", false],
    ["ip 89", true],
  ] as const)("what a raw socket sends is %s: %s", async (expected, isMet) => {
    const { unmetTexts } = await play(`
  - send: raw
    to: client
    text: abc
    expect: { packets: ["server > client ${expected}"] }
`);
    expect(unmetTexts.length === 0).toBe(isMet);
  });

  it("with options of TCP, all of them, as tcpdump writes them", async () => {
    const { packets } = await play(`
  - inject: "stranger:4000 > server:9 S 0:0(0) win 1000 <mss 1000,nop,wscale 3,sackOK,TS val 7 ecr 0>"
  - inject: "stranger:4001 > server:9 tcp"
  - wait: 1
`);
    expect(packets.map(({ from, text }) => `${from} ${text}`)).toEqual([
      "stranger S 0:0(0) win 1000 <mss 1000,wscale 3,sackOK,TS val 7 ecr 0>",
      // What is not told is what is usual: an ACK of nothing from 0x20000000 on, with a whole window.
      "stranger . 536870912:536870912(0) ack 0 win 65535",
      // RFC 9293 3.10.7.1: a SYN is acknowledged by the reset, a segment with ACK gives the reset its number.
      "server R. 0:0(0) ack 1 win 0",
      "server R 0:0(0) win 0",
    ]);
  });

  it("pieces are told by their place; two of one step are pieces of one datagram", async () => {
    // What they make is no UDP datagram: its transport drops it.
    const { unmetTexts } = await play(
      injected(
        ["stranger > server fragment 0+", "stranger > server fragment 8"],
        `
      never: server ALE_AUTH_RECV_ACCEPT
      includes:
        - server IP datagram in INBOUND_IPPACKET [IS_FRAGMENT]
        - server IP datagram in INBOUND_IPPACKET [IS_FRAGMENT]
        - server IP datagram in INBOUND_IPPACKET [IS_REASSEMBLED]
      packets: ["stranger > server fragment 0+", "stranger > server fragment 8"]`,
      ),
    );
    expect(unmetTexts).toEqual([]);
    const other = await play(injected(["stranger > server fragment 0+"], '{ packets: ["stranger > server fragment 8+"] }'));
    expect(other.unmetTexts).toEqual(["stranger > server fragment 8+ | stranger > server fragment 0+ (8)"]);
    const without = await play(injected(["stranger > server fragment"], "{ includes: ['server INBOUND_IPPACKET [IS_FRAGMENT]'] }"));
    expect(without.unmetTexts).toEqual(["server INBOUND_IPPACKET [IS_FRAGMENT] | server IP datagram in INBOUND_IPPACKET_V4 []"]);
  });

  it.each([
    ["client > server:53 udp (3)", "client > server udp (3)", true],
    ["client > server:53 udp (3)", "client > server udp (2)", false],
    ["client > server:53 udp (3)", 'client > server:53 udp "abc"', true],
    ["client > server:53 udp (3)", 'client > server:53 udp "abd"', false],
    ["client > server:53 udp (3)", "client > server:54 udp", false],
    ["client > server:53 udp (3)", "server > client:53 udp", false],
    ["client > server:53 udp (3)", "client > stranger:53 udp", false],
    ["client > server:53 udp (3)", "client > server icmp", false],
    ["client > server:53 udp (3)", "client > server fragment", false],
    ["client > server:53 udp (3)", "client > server S", false],
    ["client > server:53 udp (3)", "client > server ip 17", true],
    ["client > server:53 udp (3)", "client > server ip 6", false],
    ["client > server:53 udp (3)", "client > server ip 17 (3)", false],
    ["client > server:53 udp (3)", "client > server", true],
  ] as const)("%s is %s: %s", async (_sent, expected, isMet) => {
    const { unmetTexts } = await play(`
  - bind: su
    port: 53
  - send: cu
    to: server:53
    text: abc
    expect: { packets: ['${expected}'] }
`);
    expect(unmetTexts.length === 0).toBe(isMet);
  });

  it.each([
    ["stranger > server icmp echo-request id 7 seq 3 (4)", "server > stranger icmp 0/0 id 7 seq 3 (4)", true],
    ["stranger > server icmp echo-request id 7 seq 3 (4)", "server > stranger icmp", true],
    ["stranger > server icmp echo-request id 7 seq 3 (4)", "server > stranger icmp 8", false],
    ["stranger > server icmp echo-request id 7 seq 3 (4)", "server > stranger icmp 0/1", false],
    ["stranger > server icmp echo-request id 7 seq 3 (4)", "server > stranger icmp 0/0 id 8", false],
    ["stranger > server icmp echo-request id 7 seq 3 (4)", "server > stranger icmp 0/0 seq 4", false],
    ["stranger > server icmp echo-request id 7 seq 3 (4)", "server > stranger icmp 0/0 (5)", false],
    ["stranger > server icmp echo-request id 7 seq 3 (4)", "server > stranger udp", false],
    ["stranger:5 > server:9 S 0:0(0)", "server:9 > stranger R. 0:0(0) ack 1 win 0", true],
    ["stranger:5 > server:9 S 0:0(0)", "server:9 > stranger R", false],
    ["stranger:5 > server:9 S 0:0(0)", "server:9 > stranger R. 1:1(0)", false],
    ["stranger:5 > server:9 S 0:0(0)", "server:9 > stranger R. 0:0(0) ack 2", false],
    ["stranger:5 > server:9 S 0:0(0)", "server:9 > stranger R. 0:0(0) ack 1 win 1", false],
    ["stranger:5 > server:9 S 0:0(0)", 'server:9 > stranger R. 0:1(1) "a"', false],
    ["stranger:5 > server:9 S 0:0(0)", "server:9 > stranger R. 0:0(0) <mss 1460>", false],
    ["stranger:5 > server:9 . 1:1(0) ack 1", "server:9 > stranger . ack 1", false],
    ["stranger:5 > server:9 . 1:1(0) ack 1", "server:9 > stranger R ack 0", false],
  ] as const)("the answer to %s is %s: %s", async (sent, expected, isMet) => {
    const { unmetTexts } = await play(injected([sent], `{ packets: ['${expected}'] }`));
    expect(unmetTexts.length === 0).toBe(isMet);
  });

  it.each([
    ["<mss 1460>", true],
    ["<mss 1400>", false],
    ["<wscale 8>", true],
    ["<wscale 7>", false],
    ["<sackOK>", true],
    ["<TS val 1 ecr 0>", false],
    ["<mss 1460,wscale 8,sackOK>", true],
    ["<mss 1460,wscale 8,sackOK,TS val 1 ecr 2>", false],
  ] as const)("a SYN of Windows has the options %s: %s (WFP-SHIMS 4.3.3)", async (options, isMet) => {
    const { unmetTexts } = await play(`
  - connect: c
    to: server:9
    expect: { packets: ["client > server:9 S ${options}"] }
`);
    expect(unmetTexts.length === 0).toBe(isMet);
  });

  it.each([
    ["TS val 7 ecr 3", true],
    ["TS val 8 ecr 3", false],
    ["TS val 7 ecr 4", false],
  ] as const)("timestamps are compared by both numbers: %s, %s", async (options, isMet) => {
    const sent = "stranger:4000 > server:9 S 0:0(0) <TS val 7 ecr 3>";
    const { unmetTexts } = await play(injected([sent], `{ packets: ["stranger > server S <${options}>"] }`));
    expect(unmetTexts.length === 0).toBe(isMet);
  });

  it("text of a segment is compared, and counted from the SYNs that were seen", async () => {
    const steps = (packet: string) => `${CONNECTED}
  - send: c
    text: hello
    arrivesAt: s
    expect: { packets: ['${packet}'] }
`;
    expect((await play(steps('client > server:$port P. 1:6(5) ack 1 "hello"'))).unmetTexts).toEqual([]);
    expect((await play(steps('client > server:$port P. 1:6(5) ack 1 "hallo"'))).unmetTexts).toHaveLength(1);
    expect((await play(steps("c > s P. 1:6(5)"))).unmetTexts).toEqual([]);
    expect((await play(steps("c > s P. 2:7(5)"))).unmetTexts).toHaveLength(1);
  });

  it("list whose packets are looked at: of hosts, sockets, addresses; an empty list says none at all", async () => {
    const steps = (expected: string) =>
      injected(["stranger > server icmp echo-request", "192.0.2.99 > server icmp echo-request"], `{ packets: [${expected}] }`);
    expect((await play(steps(""))).unmetTexts).toEqual(["no more packets after this | stranger > server icmp echo-request id 0 seq 0 (0)"]);
    expect((await play(steps('"stranger > server icmp echo-request"'))).unmetTexts).toEqual([]);
    expect((await play(steps('"192.0.2.99 > server icmp echo-request"'))).unmetTexts).toEqual([]);
    expect((await play(steps('"server > stranger icmp echo-reply", "server > 192.0.2.99 icmp echo-reply"'))).unmetTexts).toEqual([]);
  });

  it("are lost where the network is told so: each line one", async () => {
    const lossy = HEAD.replace("addresses:", 'network: { lose: ["client > server icmp", "client > server icmp"] }\naddresses:');
    const { outcomes, records } = await play(
      `
  - ping: client
    to: server
  - ping: client
    to: server
  - ping: client
    to: server
`,
      {},
      lossy,
    );
    expect(outcomes).toEqual(["client ping IP_REQ_TIMED_OUT", "client ping IP_REQ_TIMED_OUT", "client ping ok"]);
    expect(notes(records)).toHaveLength(2);
  });

  it("need ports where their protocol has some, and addresses of the version that is played", async () => {
    const place = { position: { file: "test.yaml" } };
    await expect(play('\n  - inject: "stranger > server:53 udp (1)"\n')).rejects.toMatchObject({
      ...place,
      message: expect.stringContaining("expected ports at both ends"),
    });
    await expect(play('\n  - inject: "stranger:1 > server S"\n')).rejects.toMatchObject(place);
    // A socket that has done nothing yet has no port.
    await expect(play('\n  - inject: "cu > server:53 udp (1)"\n')).rejects.toMatchObject(place);
    const single = HEAD.replace(`[203.0.113.9, "2001:db8:9::9"]`, "203.0.113.9");
    await expect(play('\n  - inject: "stranger > server icmp"\n', { family: 6 }, single)).rejects.toMatchObject({
      ...place,
      message: expect.stringContaining("stranger has none of the version"),
    });
    await expect(play('\n  - inject: "server > stranger icmp"\n', { family: 6 }, single)).rejects.toMatchObject({
      ...place,
      message: expect.stringContaining("the receiver has none of the version"),
    });
  });
});
