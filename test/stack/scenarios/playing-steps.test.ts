import { describe, expect, it } from "vitest";
import type { Scenario } from "../../../src/model/index.ts";
import { playScenario } from "../../../src/stack/index.ts";
import { CONNECTED, HEAD, notes, play, scenarioOf } from "./playing.ts";

/** Values of a field at a layer of the host, in the order of its indications. */
function fieldsOf(records: Awaited<ReturnType<typeof play>>["records"], layer: string, name: string) {
  return records.flatMap((record) => {
    if (record.type !== "indication" || record.layer.name !== `FWPM_LAYER_${layer}`) return [];
    const index = record.layer.fields.find((field) => field.name === name)?.index ?? -1;
    return [record.values[index]];
  });
}

describe("steps (docs/scenarios.md, Steps)", () => {
  it("a call that waits in vain with orClose closes its socket; steps that use it are left out", async () => {
    const { outcomes, records } = await play(`
  - bind: listener
    port: $port
  - listen: listener
  - accept: listener
    as: s
    orClose: true
  - note: a second time
    host: server
    needs: listener
  - receive: s
`);
    expect(outcomes).toEqual(["server bind ok", "server listen ok", "server close ok", "server accept WSAENOTSOCK"]);
    expect(notes(records)).toEqual(["accept has not returned: the connection did not survive its handshake"]);
  });

  it("what fails is given up once: a ping has no socket to close, a call behind it none any more", async () => {
    const { outcomes } = await play(`
  - ping: client
    to: stranger
    orClose: true
    result: IP_REQ_TIMED_OUT
  - connect: c
    to: server:9
    orClose: true
  - connect: c
    to: server:9
    orClose: true
`);
    expect(outcomes).toEqual(["client ping IP_REQ_TIMED_OUT", "client connect WSAECONNREFUSED", "client close ok"]);
  });

  it("pings with so many bytes, in the background too", async () => {
    const { outcomes, packets, unmetTexts } = await play(`
  - ping: client
    to: server
    bytes: 5
    background: true
    id: pinging
    result: ok
  - await: pinging
`);
    expect([outcomes, unmetTexts]).toEqual([["client ping ok"], []]);
    expect(packets.map(({ text }) => text.replace(/.*(?= \()/, ""))).toEqual([" (5)", " (5)"]);
  });

  it("a receive in vain gets nothing, and says so", async () => {
    const { unmetTexts, records } = await play(`${CONNECTED}
  - receive: s
    text: hello
`);
    expect(unmetTexts).toEqual(['receive() of s gets "hello" | nothing']);
    expect(notes(records)).toContain("nothing has arrived");
  });

  it("a transfer that the network cuts short tells how much came", async () => {
    const lossy = HEAD.replace("addresses:", 'network: { lose: ["client > server P. 1461:2921(1460)"] }\naddresses:');
    const { records, unmetTexts } = await play(
      `${CONNECTED}
  - send: c
    bytes: 1000
    arrivesAt: s
    result: ok
  - addFilter: server
    filter: { name: no, layer: ALE_AUTH_RECV_ACCEPT, action: block }
  - send: c
    bytes: 1000
    arrivesAt: s
    result: ok
`,
      {},
      lossy,
    );
    // A failed reauthorization ends the connection for the server's program (WFP-SHIMS 4.6).
    expect(unmetTexts).toEqual([]);
    expect(records.flatMap((record) => (record.type === "outcome" && record.operation === "receive" ? [record.result] : []))).toEqual([
      "ok",
      expect.stringMatching(/^WSAE/),
    ]);
  });

  it("what waits in vain for the rest of a transfer says how much came", async () => {
    const lines = Array.from({ length: 8 }, () => '"client > server 1461:2921(1460)"').join(", ");
    const lossy = HEAD.replace("addresses:", `network: { lose: [${lines}] }\naddresses:`);
    const { records, unmetTexts } = await play(
      `${CONNECTED}
  - send: c
    bytes: 3000
    arrivesAt: s
    result: ok
`,
      {},
      lossy,
    );
    expect(notes(records)).toContain("only 1460 of the 3000 bytes has arrived");
    expect(unmetTexts).toEqual(["send() of c ok | send() of c has not ended"]);
  });

  it("to a socket that has no port yet there is no way", async () => {
    const { outcomes } = await play(`
  - connect: c
    to: listener
  - send: cu
    to: su
    text: x
`);
    expect(outcomes).toEqual(["client connect WSAEADDRNOTAVAIL", "client sendto WSAEADDRNOTAVAIL"]);
  });

  it("a socket that was never used is as closed as one can be", async () => {
    const { records } = await play(`
  - awaitClosed: c
    id: over
  - note: over
    host: client
    needs: over
`);
    expect(records).toMatchObject([{ type: "note", time: 0 }]);
  });

  it("nothing to send arrives at once", async () => {
    const { unmetTexts, outcomes } = await play(`${CONNECTED}
  - send: c
    bytes: 0
    arrivesAt: s
    result: ok
  - send: cu
    to: server:53
    bytes: 0
    result: ok
    expect: { packets: ["client > server:53 udp (0)"] }
`);
    expect(unmetTexts).toEqual([]);
    expect(outcomes).not.toContain("server receive ok");
  });

  it("shut down, wait until nothing happens, wait until connections are over", async () => {
    const { unmetTexts } = await play(`${CONNECTED}
  - shutdown: c
    result: ok
  - receive: s
    result: ok
  - close: s
  - close: c
  - awaitClosed: [c, s]
    id: over
  - note: closed
    host: client
    needs: over
  - wait: idle
    expect: { nothing: [server] }
`);
    expect(unmetTexts).toEqual([]);
  });

  it("UDP: connected sends go to the peer, and only its answers come; open is no call", async () => {
    const { unmetTexts, outcomes } = await play(`
  - open: cu
    result: ok
  - bind: su
    address: server
    port: 53
  - connect: cu
    to: server:53
    result: ok
  - send: cu
    text: query
    arrivesAt: su
    result: ok
  - send: su
    to: cu
    text: answer
    arrivesAt: cu
    result: ok
  - inject: 'stranger:53 > cu udp "forged"'
  - receive: cu
    background: true
  - wait: 1
`);
    expect(unmetTexts).toEqual([]);
    expect(outcomes).toContain("client connect ok");
    expect(outcomes.filter((text) => text === "client receive ok")).toHaveLength(1);
  });

  it("a group without a title is a group all the same", async () => {
    const { outcomes, records } = await play("\n  - do:\n      - bind: su\n      - bind: cu\n");
    expect(outcomes).toEqual(["server bind ok", "client bind ok"]);
    expect(records.some(({ type }) => type === "step")).toBe(false);
  });

  it("an address without the length of a prefix is a subnet of its own (docs/scenarios.md, Hosts)", async () => {
    const { unmetTexts, outcomes } = await play(`
  - interface: client.Ethernet
    addresses: [198.51.100.30, "2001:db8:1::30"]
  - bind: su
    port: 53
  - send: cu
    to: server:53
    text: hi
    arrivesAt: su
    expect: { includes: "client ALE_AUTH_CONNECT {IP_LOCAL_ADDRESS=198.51.100.30}" }
  - send: cu
    to: 198.51.100.255:53
    text: nobody
    expect: { includes: "client ALE_AUTH_CONNECT {IP_DESTINATION_ADDRESS_TYPE=unicast}" }
`);
    expect(unmetTexts).toEqual([]);
    expect(outcomes).toContain("server receive ok");
  });

  it("a packet for a host behind a router is handed to the router of its link", async () => {
    const head = `scenario: routed
title: A router
addresses:
  stranger: [203.0.113.9, "2001:db8:9::9"]
hosts:
  router:
    interfaces:
      outside: { addresses: [198.51.100.1/24], link: wan, forwarding: true }
      inside: { addresses: [192.0.2.1/24, "2001:db8::1/64"], link: lan, forwarding: true }
  server:
    interfaces:
      Ethernet: { addresses: [192.0.2.10/24, "2001:db8::10/64"], link: lan }
`;
    const { unmetTexts, packets } = await play(
      `
  - inject: "stranger > server icmp echo-request"
    link: wan
  - wait: 1
    expect:
      includes:
        - router IPFORWARD
        - server INBOUND_IPPACKET
`,
      {},
      head,
    );
    expect(unmetTexts).toEqual([]);
    expect(packets.map(({ from, to, link }) => `${from} > ${to} ${link}`).slice(0, 2)).toEqual([
      "stranger > router wan",
      "router > server lan",
    ]);
    // The router has no IPv6 address on that link: nobody there takes what is not its own.
    const six = await play('\n  - inject: "stranger > server icmp echo-request"\n    link: wan\n', { family: 6 }, head);
    expect(six.packets.map(({ to }) => to)).toEqual(["2001:db8::10"]);
    expect(notes(six.records)).toEqual(["nobody receives: ICMP message to 2001:db8::10"]);
  });
});

describe("hosts (docs/scenarios.md, Hosts)", () => {
  it("programs run as who the file says, in an AppContainer where it says so", async () => {
    const container = "S-1-15-2-1-2-3-4-5-6-7";
    const head = HEAD.replace(
      "  server:\n",
      `    processes:
      plain: 'C:\\plain.exe'
      service: { path: 'C:\\service.exe', id: 77, user: S-1-5-20 }
      app: { path: 'C:\\app.exe', package: ${container} }
  server:
`,
    )
      .replace("  c: { host: client }\n", "")
      .replace(
        "  cu: { host: client, protocol: udp }",
        `  plain: { host: client, process: plain, protocol: udp }
  service: { host: client, process: service, protocol: udp }
  app: { host: client, process: app, protocol: udp }`,
      );
    const steps = ["plain", "service", "app"].map((name) => `\n  - bind: ${name}`).join("");
    const { records } = await play(steps, {}, head);
    const users = fieldsOf(records, "ALE_RESOURCE_ASSIGNMENT_V4", "ALE_USER_ID");
    const packages = fieldsOf(records, "ALE_RESOURCE_ASSIGNMENT_V4", "ALE_PACKAGE_ID");
    const token = (value: (typeof users)[number]) => (typeof value === "object" && "value" in value ? value.value : value);
    expect(users.map(token)).toMatchObject([{}, { user: "S-1-5-20" }, {}]);
    expect(users.map(token)[2]).toMatchObject({ packageSid: container });
    expect(packages[2]).toEqual({ type: "FWP_SID", value: container });
    // A desktop program's is the null SID (WFP-SEMANTICS 2.6).
    expect(packages[0]).not.toEqual(packages[2]);
  });

  it("a port may be known by the play only, and the one nobody uses differs from it", async () => {
    const steps = `
  - title: at $port, not at $otherPort
    do:
      - bind: su
        port: $port
        expect: { includes: "server ALE_RESOURCE_ASSIGNMENT {IP_LOCAL_PORT=$port}" }
`;
    const nine = await play(steps, { port: 9 });
    const ten = await play(steps, { port: 10 });
    const titles = (run: typeof nine) => run.records.flatMap((record) => (record.type === "step" ? [record.title] : []));
    expect([nine.unmetTexts, ten.unmetTexts]).toEqual([[], []]);
    expect([titles(nine), titles(ten)]).toEqual([["at 9, not at 7"], ["at 10, not at 9"]]);
  });

  it("an interface's own address is told by its name: $router.inside", async () => {
    const head = HEAD.replace(
      "      Ethernet: { addresses: [192.0.2.10/24",
      "      second: { addresses: [192.0.2.77/24] }\n      Ethernet: { addresses: [192.0.2.10/24",
    );
    const { unmetTexts } = await play(
      `
  - bind: su
    address: server.Ethernet
    port: 53
    expect: { includes: "server ALE_RESOURCE_ASSIGNMENT {IP_LOCAL_ADDRESS=$server.Ethernet}" }
  - send: cu
    to: server.second:53
    text: x
    expect: { packets: ["client > server.second:53 udp"], includes: "client ALE_AUTH_CONNECT {IP_REMOTE_ADDRESS=$server.second}" }
`,
      {},
      head,
    );
    expect(unmetTexts).toEqual([]);
    await expect(play("\n  - ping: client\n    to: server.second\n", { family: 6 }, head)).rejects.toMatchObject({
      message: expect.stringContaining('"server" has none'),
      position: { file: "test.yaml" },
    });
    await expect(play("\n  - ping: client\n    to: 192.0.2.1\n", { family: 6 }, head)).resolves.toMatchObject({
      outcomes: [expect.stringMatching(/^client ping IP_/)],
    });
  });

  it("the usual IP version is the file's first", async () => {
    const v6 = HEAD.replace("scenario: test", "scenario: test\nfamilies: [v6, v4]");
    expect((await play("\n  - bind: su\n", {}, v6)).records[0]).toMatchObject({ layer: { name: "FWPM_LAYER_ALE_BIND_REDIRECT_V6" } });
  });
});

describe("the network (docs/scenarios.md, Network)", () => {
  it("carries so many bits a second: the log tells when a packet arrives", async () => {
    // 28 bytes of headers and 972 of text are 8000 bits: a second on this line; the second datagram waits for the first.
    const slow = HEAD.replace("addresses:", "network: { rate: 8000, delay: 0.5 }\naddresses:");
    const send = "\n  - send: cu\n    to: server:53\n    bytes: 972";
    const { packets } = await play(`${send}${send}\n  - wait: 10\n`, {}, slow);
    const sent = packets.filter(({ from }) => from === "client");
    expect(sent.map(({ time, arrives }) => [time, arrives])).toEqual([
      [0, 1.5],
      [0, 2.5],
    ]);
  });

  it("loses what does not fit into a sender's queue of 256 KiB", async () => {
    const slow = HEAD.replace("addresses:", "network: { rate: 8000000 }\naddresses:");
    const send = "\n  - send: cu\n    to: server:53\n    bytes: 60000";
    const { packets, records } = await play(`${send.repeat(5)}\n  - wait: 10\n`, {}, slow);
    const sent = packets.filter(({ from }) => from === "client");
    const lost = sent.filter(({ copies }) => copies === 0);
    const carried = sent.filter(({ copies }) => copies === 1).reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(carried).toBeLessThanOrEqual(256 * 1024);
    expect(carried).toBeGreaterThan(256 * 1024 - 1500);
    expect(lost.every(({ arrives }) => arrives === null)).toBe(true);
    expect(notes(records)).toHaveLength(lost.length);
  });

  it("has a router whose MTU is small: it says so, and what may be cut is cut", async () => {
    const narrow = HEAD.replace("addresses:", "network: { mtu: 1000 }\naddresses:");
    const { packets, records, unmetTexts } = await play(
      `${CONNECTED}
  - send: c
    bytes: 3000
    arrivesAt: s
    result: ok
`,
      {},
      narrow,
    );
    expect(unmetTexts).toEqual([]);
    expect(packets.some(({ text, from }) => from === "203.0.113.254" && text.startsWith("icmp 3/4"))).toBe(true);
    // What was outstanding goes again as acknowledgments come, without a timeout of 0.3 seconds between.
    expect(records.at(-1)?.time).toBeLessThan(0.35);
    expect(packets.filter(({ text }) => text.includes("(960)")).length).toBeGreaterThan(2);
  });
});

it("plain data, which JSON can hold, plays as the file does", async () => {
  const scenario = await scenarioOf("\n  - bind: su\n    port: 53\n");
  const copy = JSON.parse(JSON.stringify(scenario)) as Scenario;
  expect(playScenario(copy).records).toEqual(playScenario(scenario).records);
});
