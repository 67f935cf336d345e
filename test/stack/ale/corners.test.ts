import { describe, expect, it } from "vitest";
import { type IndicationRecord, parseAddress, type SessionRecord, UNKNOWN, type WindowsVersion } from "../../../src/model/index.ts";
import { desktopProcess, type Process, type Socket, type Transit } from "../../../src/stack/index.ts";
import { arrive, ip, udp } from "../packets.ts";
import { layersOf, TwoHosts } from "../two-hosts.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const CONTAINER = "S-1-15-2-1-2-3-4-5-6-7";

function indications(records: readonly SessionRecord[], layer: string): IndicationRecord[] {
  return records.filter(
    (record): record is IndicationRecord => record.type === "indication" && record.layer.name.startsWith(`FWPM_LAYER_${layer}_V`),
  );
}

describe("datagram flows (WFP-SHIMS 4.4, 4.5)", () => {
  it("a socket that closes takes its own flows along, not those of others", () => {
    const hosts = new TwoHosts();
    const [one, two] = [1, 2].map(() => hosts.client.udpSocket({ family: 4, process: hosts.clientProcess }));
    if (one === undefined || two === undefined) throw new Error("no sockets");
    one.sendTo(bytes("a"), hosts.serverAddress, 53);
    two.sendTo(bytes("b"), hosts.serverAddress, 53);
    one.close();
    const seen = hosts.watch();
    two.sendTo(bytes("c"), hosts.serverAddress, 53);
    expect(layersOf(seen(), "client")).toEqual(["DATAGRAM_DATA", "OUTBOUND_TRANSPORT", "OUTBOUND_IPPACKET"]);
    expect([...hosts.client.flows.flows].map(({ endpoint }) => endpoint)).toEqual([two.endpoint]);
  });

  it("only what this host has begun admits strangers, with loose source mapping", () => {
    for (const own of [true, false]) {
      const hosts = new TwoHosts();
      const socket = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
      socket.bind(null, 5000);
      const from = (last: number) => udp({ from: `10.0.0.${last}`, to: "10.0.0.2" }, 53, 5000, bytes("x"));
      if (own) socket.sendTo(bytes("q"), hosts.serverAddress, 53);
      else arrive(hosts.client, from(1));
      for (const flow of hosts.client.flows.flows) flow.options.looseSourceMapping = true;
      const seen = hosts.watch();
      arrive(hosts.client, from(77));
      expect(layersOf(seen(), "client").includes("ALE_AUTH_RECV_ACCEPT")).toBe(!own);
    }
  });

  it("a pended send is lost though it is permitted in the end; the flow is there for the next one (WFP-SHIMS 4.7)", () => {
    const sent: Transit[] = [];
    const hosts = new TwoHosts({ tap: (transit) => sent.push(transit) });
    let calls = 0;
    hosts.callout(hosts.client, "ALE_AUTH_CONNECT", {
      classify({ stack }, out) {
        out.action = "permit";
        if (++calls > 1) return;
        const complete = stack?.pend?.();
        if (complete !== undefined) hosts.simulation.clock.after(3, complete);
        out.action = "block";
        out.absorb = true;
      },
    });
    const socket = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    expect(socket.sendTo(bytes("one"), hosts.serverAddress, 53)).toBe("ok");
    hosts.simulation.run(5);
    expect(sent).toEqual([]);
    const seen = hosts.watch();
    expect(socket.sendTo(bytes("two"), hosts.serverAddress, 53)).toBe("ok");
    expect(layersOf(seen(), "client")).toEqual(["DATAGRAM_DATA", "OUTBOUND_TRANSPORT", "OUTBOUND_IPPACKET"]);
    expect(sent).toHaveLength(1);
  });

  it("a socket whose options change is asked about again, others are not (WFP-SHIMS 4.6)", () => {
    const hosts = new TwoHosts();
    const [one, two] = [1, 2].map(() => hosts.client.udpSocket({ family: 4, process: hosts.clientProcess }));
    if (one === undefined || two === undefined) throw new Error("no sockets");
    for (const socket of [one, two]) socket.sendTo(bytes("a"), hosts.serverAddress, 53);
    one.propertyChanged();
    const seen = hosts.watch();
    two.sendTo(bytes("b"), hosts.serverAddress, 53);
    expect(layersOf(seen(), "client")[0]).toBe("DATAGRAM_DATA");
    const again = hosts.watch();
    one.sendTo(bytes("b"), hosts.serverAddress, 53);
    expect(layersOf(again(), "client")[0]).toBe("ALE_AUTH_CONNECT");
  });

  it("a group of an IP version that only loopback has an address of is joined there, and no router hears of it", () => {
    const sent: Transit[] = [];
    const hosts = new TwoHosts({ tap: (transit) => sent.push(transit) });
    const [, own] = hosts.client.interfaces;
    if (own === undefined) throw new Error("no interface");
    own.addresses = own.addresses.filter(({ address }) => address.family === 4);
    const socket = hosts.client.udpSocket({ family: 6, process: hosts.clientProcess });
    socket.bind(null, 5000);
    const group = parseAddress("ff15::1");
    expect(socket.join(group)).toBe("ok");
    expect(sent).toEqual([]);
    expect(hosts.client.memberships.has(hosts.client.loopback, group)).toBe(true);
    expect(socket.join(parseAddress("10.0.0.1"))).toBe("WSAEINVAL");
    socket.close();
    expect(hosts.client.memberships.has(hosts.client.loopback, group)).toBe(false);
    expect(socket.join(group)).toBe("WSAENOTSOCK");
  });

  it("a raw socket is for its own IP version", () => {
    const hosts = new TwoHosts();
    const four = hosts.server.rawSocket({ family: 4, process: hosts.serverProcess, protocol: 89 });
    const six = hosts.server.rawSocket({ family: 6, process: hosts.serverProcess, protocol: 89 });
    arrive(hosts.server, ip({ from: "2001:db8::2", to: "2001:db8::1" }, 89, bytes("hello")));
    expect(six.receive().result?.result).toBe("ok");
    expect(four.receive().done).toBe(false);
  });
});

describe("redirection (WFP-SHIMS 4.8)", () => {
  it("a bind redirected to no address is a bind to all", () => {
    const hosts = new TwoHosts();
    hosts.callout(hosts.server, "ALE_BIND_REDIRECT", {
      classify({ stack }, out) {
        stack?.redirectBind?.({ address: parseAddress("0.0.0.0"), port: 6000 });
        out.action = "permit";
      },
    });
    const socket = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    expect(socket.bind(parseAddress("10.0.0.1"), 5000)).toBe("ok");
    expect(socket.localName).toBe("*:6000");
    const receiving = socket.receive();
    hosts.client.udpSocket({ family: 4, process: hosts.clientProcess }).sendTo(bytes("x"), hosts.serverAddress, 6000);
    hosts.simulation.run(1);
    expect(receiving.result?.result).toBe("ok");
  });

  it("the authorization for the original destination may be pended too: completed, the connection goes where it was sent", () => {
    const hosts = new TwoHosts();
    hosts.listen(8080);
    hosts.callout(hosts.client, "ALE_CONNECT_REDIRECT", {
      classify({ stack }) {
        stack?.redirectConnect?.({ address: parseAddress("10.0.0.1"), port: 8080 });
      },
    });
    let calls = 0;
    hosts.callout(hosts.client, "ALE_AUTH_CONNECT", {
      classify({ stack }, out) {
        out.action = "permit";
        if (++calls > 1) return;
        const complete = stack?.pend?.();
        if (complete !== undefined) hosts.simulation.clock.after(3, complete);
        out.action = "block";
        out.absorb = true;
      },
    });
    const connecting = hosts.clientSocket().connect(parseAddress("10.0.0.99"), 80);
    hosts.simulation.run(2);
    expect(connecting.done).toBe(false);
    hosts.simulation.run(2);
    expect(connecting.result).toBe("ok");
    expect(indications(hosts.simulation.records, "ALE_AUTH_CONNECT").map(({ flow, reauthorize }) => [flow.remote, reauthorize])).toEqual([
      ["10.0.0.99:80", false],
      ["10.0.0.1:8080", true],
    ]);
  });

  it.each([
    ["11", true],
    ["8", true],
    ["7", false],
  ] as const)("a proxy with the records of the connection it serves is one on Windows %s: %s", (windows: WindowsVersion, isProxy) => {
    const hosts = new TwoHosts({ windows });
    hosts.listen();
    const proxy = hosts.clientSocket();
    proxy.endpoint.redirectRecords = { originalPath: "C:\\browser.exe" };
    proxy.connect(hosts.serverAddress, 80);
    const [record] = indications(hosts.simulation.records, "ALE_AUTH_CONNECT");
    expect(record?.flags.includes("IS_PROXY_CONNECTION")).toBe(isProxy);
  });
});

describe("loopback and AppContainers (WFP-SHIMS 4.2, 4.11)", () => {
  const program = desktopProcess("C:\\plain.exe", 5);
  const contained = desktopProcess("C:\\app.exe", 6, { packageSid: CONTAINER });
  const untold = desktopProcess("C:\\untold.exe", 7, { packageSid: UNKNOWN });

  /** Flags of AUTH_CONNECT to 127.0.0.1:80, of which `listener` has opened what it has. */
  function flagsOf(listener: (hosts: TwoHosts) => Socket, connector: Process = program): readonly string[] {
    const hosts = new TwoHosts({ interpretation: { appContainerLoopback: "both-ends" } });
    listener(hosts);
    hosts.client.socket({ family: 4, process: connector }).connect(parseAddress("127.0.0.1"), 80);
    const [record] = indications(hosts.simulation.records, "ALE_AUTH_CONNECT");
    return (record?.flags ?? ["nothing"]).filter((flag) => flag.includes("LOOPBACK"));
  }

  const bound =
    (process: Process, address: string | null, options: { family: 4 | 6; dualStack?: boolean } = { family: 4 }) =>
    (hosts: TwoHosts) => {
      const socket = hosts.client.socket({ ...options, process });
      expect(socket.bind(address === null ? null : parseAddress(address), 80)).toBe("ok");
      socket.listen();
      return socket;
    };
  const BOTH = ["IS_LOOPBACK", "IS_APPCONTAINER_LOOPBACK"];
  const ONE = ["IS_LOOPBACK"];
  const NONE = ["IS_LOOPBACK", "IS_NON_APPCONTAINER_LOOPBACK"];

  it("the other end is whoever has the address and port", () => {
    expect(flagsOf(bound(contained, null), contained)).toEqual(BOTH);
    expect(flagsOf(bound(contained, "127.0.0.1"), contained)).toEqual(BOTH);
    expect(flagsOf(bound(program, null), contained)).toEqual(ONE);
    expect(flagsOf(bound(contained, null))).toEqual(ONE);
    expect(flagsOf(bound(program, null))).toEqual(NONE);
  });

  it("nobody has it who is bound to another address, or to the other IP version only", () => {
    expect(flagsOf(bound(contained, "127.0.0.2"))).toEqual(NONE);
    expect(flagsOf(bound(contained, null, { family: 6 }))).toEqual(NONE);
    expect(flagsOf(bound(contained, null, { family: 6, dualStack: true }))).toEqual(ONE);
  });

  it("an end of which nobody knows leaves the flags unknown: no flags at all are shown", () => {
    expect(flagsOf(bound(untold, null))).toEqual([]);
    expect(flagsOf(bound(untold, null), contained)).toEqual([]);
    expect(flagsOf(bound(contained, null), untold)).toEqual([]);
  });
});

describe("calls of a program at odd moments", () => {
  it("a socket closed while its connect is pended: no connection comes of it", () => {
    const sent: Transit[] = [];
    const hosts = new TwoHosts({ tap: (transit) => sent.push(transit) });
    hosts.listen();
    let calls = 0;
    hosts.callout(hosts.client, "ALE_AUTH_CONNECT", {
      classify({ stack }, out) {
        out.action = "permit";
        if (++calls > 1) return;
        const complete = stack?.pend?.();
        if (complete !== undefined) hosts.simulation.clock.after(3, complete);
        out.action = "block";
        out.absorb = true;
      },
    });
    const socket = hosts.clientSocket();
    const connecting = socket.connect(hosts.serverAddress, 80);
    expect(connecting.done).toBe(false);
    socket.close();
    hosts.simulation.run(5);
    expect(connecting.result).toBe("WSAENOTSOCK");
    expect(sent).toEqual([]);
    expect([...hosts.client.flows.flows]).toEqual([]);
  });

  it("a connect between the two ends of a connection that is still there is refused", () => {
    const hosts = new TwoHosts();
    const listener = hosts.listen();
    const accepting = listener.accept();
    const client = hosts.clientSocket();
    client.bind(null, 5000);
    client.connect(hosts.serverAddress, 80);
    hosts.simulation.runUntil(() => accepting.done);
    // The listener's port is free again, its connection goes on.
    listener.close();
    const again = hosts.server.socket({ family: 4, process: hosts.serverProcess });
    expect(again.bind(null, 80)).toBe("ok");
    const flows = [...hosts.server.flows.flows].length;
    expect(again.connect(parseAddress("10.0.0.2"), 5000).result).toBe("WSAEADDRINUSE");
    expect([...hosts.server.flows.flows]).toHaveLength(flows);
    const receiving = client.receive();
    accepting.result?.socket?.send(bytes("still here"));
    hosts.simulation.run(1);
    expect(receiving.result?.data).toHaveLength(10);
  });

  it("a cable that is pulled: what is judged again meanwhile crosses no interface, and the connection goes on when it is back", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    hosts.simulation.run(1);
    const [, own] = hosts.client.interfaces;
    if (own === undefined) throw new Error("no interface");
    own.up = false;
    hosts.filter(hosts.client, "ALE_AUTH_CONNECT", { action: { type: "FWP_ACTION_PERMIT" } });
    const seen = hosts.watch();
    const receiving = server.receive();
    expect(client.send(bytes("hello"))).toBe("ok");
    const [record] = indications(seen(), "ALE_AUTH_CONNECT");
    expect(record?.reauthorize).toBe(true);
    const index = record?.layer.fields.find(({ name }) => name === "IP_NEXTHOP_INTERFACE")?.index ?? -1;
    if (index >= 0) expect(record?.values[index]).toEqual({ type: "FWP_EMPTY" });
    hosts.simulation.run(0.1);
    expect(receiving.done).toBe(false);
    own.up = true;
    hosts.simulation.run(5);
    expect(receiving.result?.data).toHaveLength(5);
  });

  it("an address that is taken away: nothing leaves with it, and the connection is given up", () => {
    const sent: Transit[] = [];
    const hosts = new TwoHosts({ tap: ({ from, ...transit }) => from === "client" && sent.push({ from, ...transit }) });
    const { client } = hosts.connected();
    hosts.simulation.run(1);
    sent.length = 0;
    const [, own] = hosts.client.interfaces;
    if (own === undefined) throw new Error("no interface");
    own.addresses = own.addresses.map(({ address, ...rest }) => ({
      ...rest,
      address: address.family === 4 ? parseAddress("10.0.0.3") : address,
    }));
    const receiving = client.receive();
    client.send(bytes("hello"));
    hosts.simulation.run(300);
    expect(sent).toEqual([]);
    expect(receiving.result?.result).toBe("WSAECONNABORTED");
  });
});
