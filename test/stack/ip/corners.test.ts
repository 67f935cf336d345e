import { describe, expect, it } from "vitest";
import { Bfe, type Callout } from "../../../src/engine/index.ts";
import { type Guid, LAYER_KEY, type LayerName, parseAddress, type SessionRecord } from "../../../src/model/index.ts";
import { desktopProcess, ethernet, type Host, type NetworkNode, Simulation, type Transit } from "../../../src/stack/index.ts";
import { parseIpv4Packet } from "../../../src/wire/index.ts";
import { arrive, icmp, ip, udp } from "../packets.ts";
import { layersOf, TwoHosts } from "../two-hosts.ts";

const process = desktopProcess("C:\\a.exe", 3);

/** A router between a link named network and one named inside, and what leaves it. */
function router() {
  const simulation = new Simulation();
  const host = simulation.addHost({
    name: "router",
    windows: "11",
    bfe: new Bfe({ windows: "11" }),
    interfaces: [
      ethernet({ index: 2, addresses: ["10.0.0.1/24", "2001:db8::1/64"], forwarding: true }),
      ethernet({ index: 3, addresses: ["10.1.0.1/24", "2001:db8:1::1/64"], forwarding: true, link: "inside" }),
    ],
  });
  const sent: Transit[] = [];
  simulation.network.tap((transit) => sent.push(transit));
  const during = (action: () => void): SessionRecord[] => {
    const start = simulation.records.length;
    action();
    simulation.run(0.001);
    return simulation.records.slice(start);
  };
  return { simulation, host, sent, during };
}

/** A filter at `layer` that blocks, or calls `callout`. */
function filter(host: Host, layer: LayerName, callout?: Callout): void {
  const session = host.bfe.openSession({ name: "test" });
  const key: Guid = "{ca110000-0000-4000-8000-000000000009}";
  if (callout !== undefined) {
    host.engine.registerCallout(key, callout);
    session.addCallout({ key, name: "test", applicableLayer: LAYER_KEY[layer] });
  }
  session.addFilter({
    name: "test",
    layer: LAYER_KEY[layer],
    conditions: [],
    action: callout === undefined ? { type: "FWP_ACTION_BLOCK" } : { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: key },
  });
}

/** Takes every packet away, to inject it again. */
const outOfBand: Callout = {
  classify({ stack }, out) {
    stack?.reinject?.();
    out.action = "block";
    out.absorb = true;
  },
};

const through = { from: "10.0.0.2", to: "10.1.0.2" };

describe("out-of-band inspection of what passes through (WFP-SHIMS 4.2)", () => {
  it("an injected packet is not shown again, and leaves with one hop less (RFC 1812 5.3.1)", () => {
    const { host, sent, during } = router();
    filter(host, "IPFORWARD_V4", outOfBand);
    const seen = during(() => arrive(host, udp(through, 4000, 53, new Uint8Array(10), { hopLimit: 9 })));
    expect(layersOf(seen, "router")).toEqual(["IPFORWARD!"]);
    expect(sent.map(({ link, to }) => [link, to])).toEqual([["inside", "10.1.0.2"]]);
    expect(parseIpv4Packet(sent[0]?.bytes ?? new Uint8Array(0)).timeToLive).toBe(8);
  });

  it.each([
    ["IPv4", through, "IPFORWARD_V4"],
    ["IPv6", { from: "2001:db8::2", to: "2001:db8:1::2" }, "IPFORWARD_V6"],
  ] as const)("%s: pieces stay pieces of one datagram", (_, ends, layer) => {
    const { simulation, host, sent, during } = router();
    filter(host, layer, outOfBand);
    const far = simulation.addHost({
      name: "far",
      windows: "11",
      bfe: new Bfe({ windows: "11" }),
      interfaces: [ethernet({ index: 2, addresses: ["10.1.0.2/24", "2001:db8:1::2/64"], link: "inside" })],
    });
    const socket = far.udpSocket({ family: ends.from.includes(":") ? 6 : 4, process });
    socket.bind(null, 53);
    const receiving = socket.receive();
    const header = ends.from.includes(":") ? 40 : 20;
    const whole = udp(ends, 4000, 53, new Uint8Array(100)).subarray(header);
    during(() => {
      arrive(host, ip(ends, 17, whole.subarray(0, 64), { more: true, identification: 77 }));
      arrive(host, ip(ends, 17, whole.subarray(64), { offset: 64, identification: 77 }));
    });
    simulation.run(1);
    expect(sent.map(({ packet }) => ("payload" in packet ? packet.fragment : null))).toEqual([
      { identification: 77, offset: 0, moreFragments: true },
      { identification: 77, offset: 64, moreFragments: false },
    ]);
    expect(receiving.result?.data).toHaveLength(100);
  });

  it("what leads nowhere by then is lost", () => {
    const { host, sent, during } = router();
    filter(host, "IPFORWARD_V4", outOfBand);
    during(() => {
      arrive(host, udp(through, 4000, 53, new Uint8Array(10)));
      for (const networkInterface of host.interfaces) networkInterface.up = false;
    });
    expect(sent).toEqual([]);
  });

  it("a packet that is this host's own is delivered as it was", () => {
    const { host, sent, during } = router();
    for (const networkInterface of host.interfaces) networkInterface.forwarding = false;
    const [, outside] = host.interfaces;
    if (outside !== undefined) outside.weakHostReceive = true;
    filter(host, "IPFORWARD_V4", outOfBand);
    const socket = host.udpSocket({ family: 4, process });
    socket.bind(null, 53);
    const receiving = socket.receive();
    during(() => arrive(host, udp({ from: "10.0.0.2", to: "10.1.0.1" }, 4000, 53, new Uint8Array(10), { hopLimit: 1 })));
    expect(receiving.result?.data).toHaveLength(10);
    expect(sent).toEqual([]);
  });
});

describe("when a host says nothing", () => {
  it.each([
    [false, ["IPFORWARD_DISCARD"]],
    [true, ["IPFORWARD_DISCARD!"]],
  ] as const)("about what leads nowhere, for want of an address to say it with; a filter that forbids it: %s", (forbidden, layers) => {
    const { host, sent, during } = router();
    const [, outside, inside] = host.interfaces;
    if (outside === undefined || inside === undefined) throw new Error("no interfaces");
    outside.addresses = outside.addresses.slice(0, 1);
    inside.addresses = [];
    if (forbidden) filter(host, "IPFORWARD_V6_DISCARD");
    const seen = during(() => arrive(host, udp({ from: "2001:db8::2", to: "2001:db8:1::2" }, 1, 2, new Uint8Array(1))));
    expect(layersOf(seen, "router")).toEqual(layers);
    expect(sent).toEqual([]);
  });

  it("to who sends to a loopback address from outside (RFC 1122 3.2.1.3 g)", () => {
    const { host, sent, during } = router();
    const socket = host.udpSocket({ family: 4, process });
    socket.bind(null, 53);
    const receiving = socket.receive();
    const seen = during(() => arrive(host, udp({ from: "10.0.0.2", to: "127.0.0.9" }, 1, 53, new Uint8Array(1))));
    expect(layersOf(seen, "router")).toEqual(["INBOUND_IPPACKET_DISCARD"]);
    expect(receiving.done).toBe(false);
    expect(sent).toEqual([]);
  });

  it("about an ICMP error that it cannot hand on (RFC 1122 3.2.2); about an echo request it does", () => {
    const { host, during } = router();
    const error = during(() => arrive(host, icmp(through, 3, 1, new Uint8Array(28), 0, { hopLimit: 1 })));
    expect(layersOf(error, "router")).toEqual(["IPFORWARD_DISCARD"]);
    const request = during(() => arrive(host, icmp(through, 8, 0, new Uint8Array(8), 0, { hopLimit: 1 })));
    expect(layersOf(request, "router").slice(0, 2)).toEqual(["IPFORWARD_DISCARD", "OUTBOUND_ICMP_ERROR"]);
  });

  it("to a closed port at the address of an interface that is down: nothing could leave with it", () => {
    for (const up of [true, false]) {
      const { host, sent, during } = router();
      for (const networkInterface of host.interfaces) networkInterface.forwarding = false;
      const [, outside, inside] = host.interfaces;
      if (outside === undefined || inside === undefined) throw new Error("no interfaces");
      outside.weakHostReceive = true;
      inside.up = up;
      const seen = during(() => arrive(host, udp({ from: "10.0.0.2", to: "10.1.0.1" }, 4000, 9, new Uint8Array(1))));
      expect(layersOf(seen, "router").includes("INBOUND_IPPACKET_DISCARD")).toBe(true);
      expect(layersOf(seen, "router").includes("OUTBOUND_ICMP_ERROR")).toBe(up);
      expect(sent.length > 0).toBe(up);
    }
  });

  it("with a loopback address to anybody else (RFC 1122 3.2.1.3 g)", () => {
    const hosts = new TwoHosts();
    const sent: Transit[] = [];
    hosts.simulation.network.tap((transit) => sent.push(transit));
    const socket = hosts.client.udpSocket({ family: 4, process });
    expect(socket.bind(parseAddress("127.0.0.1"), 0)).toBe("ok");
    expect(socket.sendTo(Uint8Array.of(1), hosts.serverAddress, 53)).toBe("WSAENETUNREACH");
    expect(sent).toEqual([]);
  });
});

describe("bytes that are no packet", () => {
  /** Somebody on the link who sends what he likes. */
  const stranger: NetworkNode = { name: "stranger", ports: [] };

  it("nothing at all is a header that cannot be read", () => {
    const hosts = new TwoHosts();
    arrive(hosts.server, new Uint8Array(0));
    expect([...hosts.server.discards]).toEqual([["IpDiscardMalformedHeader", 1]]);
  });

  it("cross the network as they are, but no router that would have to cut them", () => {
    for (const path of [undefined, { mtu: 600 }]) {
      const sent: Transit[] = [];
      const hosts = new TwoHosts({ network: path === undefined ? {} : { path }, tap: (transit) => sent.push(transit) });
      hosts.simulation.network.send(stranger, "network", hosts.serverAddress, new Uint8Array(700));
      hosts.simulation.run(1);
      expect(sent.map(({ packet }) => packet)).toMatchObject([{ protocol: 0, payload: new Uint8Array(700) }]);
      expect(hosts.server.discards.get("IpDiscardMalformedHeader")).toBe(path === undefined ? 1 : undefined);
    }
  });
});

describe("ICMP", () => {
  it("an error that quotes nothing has empty embedded fields, and nobody hears of it (WFP-SHIMS 4.4.1)", () => {
    const hosts = new TwoHosts();
    const seen = hosts.watch();
    arrive(hosts.client, icmp({ from: "10.0.0.9", to: "10.0.0.2" }, 3, 3, new Uint8Array(0)));
    const records = seen();
    expect(layersOf(records, "client")).toEqual(["INBOUND_IPPACKET", "INBOUND_TRANSPORT", "INBOUND_ICMP_ERROR"]);
    const last = records.at(-1);
    if (last?.type !== "indication") throw new Error("nothing indicated");
    const index = last.layer.fields.find(({ name }) => name === "EMBEDDED_PROTOCOL")?.index ?? -1;
    expect(last.values[index]).toEqual({ type: "FWP_EMPTY" });
  });

  it("a callout may end the flow of a ping; the answer leaves all the same, as a packet of no flow", () => {
    const hosts = new TwoHosts();
    hosts.callout(hosts.server, "DATAGRAM_DATA", {
      classify({ stack }, out) {
        stack?.abortFlow?.();
        out.action = "permit";
      },
    });
    const ping = hosts.client.ping(hosts.serverAddress);
    hosts.simulation.run(1);
    expect(ping.result).toBe("ok");
    expect([...hosts.server.flows.flows]).toEqual([]);
    const reply = hosts.simulation.records.filter(
      (record) => record.type === "indication" && record.host === "server" && record.layer.name === "FWPM_LAYER_OUTBOUND_TRANSPORT_V4",
    );
    expect(reply).toMatchObject([{ metadata: {} }]);
    expect(reply[0]).not.toHaveProperty("metadata.flowHandle");
  });

  it("a ping that a callout holds back longer than one waits has timed out, whatever it says then", () => {
    const hosts = new TwoHosts();
    let isHeld = false;
    hosts.callout(hosts.client, "ALE_AUTH_CONNECT", {
      classify({ stack }, out) {
        out.action = "block";
        out.absorb = !isHeld;
        const complete = isHeld ? undefined : stack?.pend?.();
        if (complete !== undefined) hosts.simulation.clock.after(10, complete);
        isHeld = true;
      },
    });
    const ping = hosts.client.ping(hosts.serverAddress);
    hosts.simulation.run(5);
    expect(ping.result).toBe("IP_REQ_TIMED_OUT");
    const outcomes = () => hosts.simulation.records.filter(({ type }) => type === "outcome").length;
    const before = outcomes();
    const seen = hosts.watch();
    hosts.simulation.run(10);
    expect(layersOf(seen(), "client")).toEqual(["ALE_AUTH_CONNECT!", "ALE_AUTH_CONNECT_DISCARD"]);
    expect(ping.result).toBe("IP_REQ_TIMED_OUT");
    expect(outcomes()).toBe(before);
  });
});
