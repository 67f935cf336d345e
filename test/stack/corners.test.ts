import { describe, expect, it } from "vitest";
import { Bfe } from "../../src/engine/index.ts";
import { LAYER_KEY, parseAddress } from "../../src/model/index.ts";
import { desktopProcess, ethernet, Simulation } from "../../src/stack/index.ts";
import { arrive, icmp, ip, udp } from "./packets.ts";
import { layersOf, TwoHosts } from "./two-hosts.ts";

const one = Uint8Array.of(1);

describe("IPv6", () => {
  it("fragments on the way out, and joins on the way in", () => {
    const hosts = new TwoHosts({ family: 6 });
    const server = hosts.server.udpSocket({ family: 6, process: hosts.serverProcess });
    server.bind(null, 53);
    const receiving = server.receive();
    const sizes: number[] = [];
    hosts.simulation.network.tap(({ bytes }) => sizes.push(bytes.length));
    hosts.client.udpSocket({ family: 6, process: hosts.clientProcess }).sendTo(new Uint8Array(4000), hosts.serverAddress, 53);
    hosts.simulation.run(1);
    expect(sizes.length).toBe(3);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1500);
    expect(receiving.result?.data).toHaveLength(4000);
  });

  it("a path that cuts no packets: what is too long for it is refused with Packet Too Big", () => {
    const router = { 4: parseAddress("10.0.0.254"), 6: parseAddress("2001:db8::fe") };
    const hosts = new TwoHosts({ family: 6, network: { path: { mtu: 1280, router } } });
    const ping = hosts.client.ping(hosts.serverAddress, { data: new Uint8Array(1400) });
    hosts.simulation.run(5);
    expect(ping.result).toBe("IP_PACKET_TOO_BIG");
  });

  it("extension headers are measured", () => {
    const hosts = new TwoHosts({ family: 6 });
    // Destination options (60) of 8 bytes before the UDP header.
    const ends = { from: "2001:db8::2", to: "2001:db8::1" };
    const plain = udp(ends, 1, 2, one).subarray(40);
    const options = Uint8Array.of(17, 0, 1, 4, 0, 0, 0, 0, ...plain);
    const seen = hosts.watch();
    arrive(hosts.server, ip(ends, 60, options));
    expect(seen()[0]).toMatchObject({ metadata: { ipHeaderSize: 48 } });
  });

  it("a protocol nobody has: Parameter Problem, unless a filter suppresses it", () => {
    const hosts = new TwoHosts({ family: 6 });
    const ends = { from: "2001:db8::2", to: "2001:db8::1" };
    const sent: Uint8Array[] = [];
    hosts.simulation.network.tap(({ bytes }) => sent.push(bytes));
    arrive(hosts.server, ip(ends, 89, one));
    expect(sent).toHaveLength(1);
    hosts.filter(hosts.server, "INBOUND_IPPACKET_DISCARD");
    arrive(hosts.server, ip(ends, 89, one));
    expect(sent).toHaveLength(1);
  });
});

describe("dual-stack sockets", () => {
  it("listen for both IP versions, and receive from both", () => {
    const hosts = new TwoHosts();
    const listener = hosts.server.socket({ family: 6, dualStack: true, process: hosts.serverProcess });
    listener.bind(null, 80);
    listener.listen();
    const connecting = hosts.clientSocket().connect(hosts.serverAddress, 80);
    hosts.simulation.run(1);
    expect(connecting.result).toBe("ok");
    const udpSocket = hosts.server.udpSocket({ family: 6, dualStack: true, process: hosts.serverProcess });
    udpSocket.bind(parseAddress("::ffff:10.0.0.1"), 53);
    arrive(hosts.server, udp({ from: "10.0.0.2", to: "10.0.0.1" }, 1, 53, one));
    expect(udpSocket.receive().result?.data).toEqual(one);
    // A plain IPv6 socket does not.
    const only = hosts.server.udpSocket({ family: 6, process: hosts.serverProcess });
    only.bind(null, 54);
    arrive(hosts.server, udp({ from: "10.0.0.2", to: "10.0.0.1" }, 1, 54, one));
    expect(only.receive().done).toBe(false);
  });
});

describe("echo", () => {
  it("a request to many is not answered; a reply nobody waits for is authorized like anything", () => {
    const hosts = new TwoHosts();
    const sent: Uint8Array[] = [];
    hosts.simulation.network.tap(({ bytes }) => sent.push(bytes));
    arrive(hosts.server, icmp({ from: "10.0.0.2", to: "10.0.0.255" }, 8, 0, one));
    expect(sent).toEqual([]);
    const seen = hosts.watch();
    arrive(hosts.server, icmp({ from: "10.0.0.2", to: "10.0.0.1" }, 0, 0, one, 0x10001));
    expect(layersOf(seen(), "server")).toContain("ALE_AUTH_RECV_ACCEPT");
  });

  it("a request that RECV_ACCEPT blocks is not answered, a reply that DATAGRAM_DATA blocks not told", () => {
    const hosts = new TwoHosts();
    const id = hosts.filter(hosts.server, "ALE_AUTH_RECV_ACCEPT");
    const first = hosts.client.ping(hosts.serverAddress);
    hosts.simulation.run(5);
    expect(first.result).toBe("IP_REQ_TIMED_OUT");
    hosts.session(hosts.server).deleteFilterById(id);
    const second = hosts.client.ping(hosts.serverAddress);
    hosts.filter(hosts.client, "DATAGRAM_DATA");
    hosts.simulation.run(5);
    expect(second.result).toBe("IP_REQ_TIMED_OUT");
  });
});

describe("groups", () => {
  it("joined twice they are left twice", () => {
    const hosts = new TwoHosts();
    const group = parseAddress("239.1.2.3");
    const sockets = [5000, 5001].map((port) => {
      const socket = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
      socket.bind(null, port);
      socket.join(group);
      return socket;
    });
    sockets[0]?.close();
    arrive(hosts.server, udp({ from: "10.0.0.2", to: "239.1.2.3" }, 1, 5001, one));
    expect(sockets[1]?.receive().result?.data).toEqual(one);
  });

  it("on the loopback interface nobody is told", () => {
    const hosts = new TwoHosts();
    const socket = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    socket.bind(null, 5000);
    const sent: Uint8Array[] = [];
    hosts.simulation.network.tap(({ bytes }) => sent.push(bytes));
    expect(socket.join(parseAddress("239.1.2.3"), hosts.server.interfaces[0])).toBe("ok");
    expect(sent).toEqual([]);
  });

  it("an interface without an address of the family cannot report", () => {
    const simulation = new Simulation();
    const host = simulation.addHost({
      name: "host",
      windows: "11",
      bfe: new Bfe({ windows: "11" }),
      interfaces: [ethernet({ index: 2, addresses: ["10.0.0.1/24"] })],
    });
    const sent: Uint8Array[] = [];
    simulation.network.tap(({ bytes }) => sent.push(bytes));
    const socket = host.udpSocket({ family: 6, process: desktopProcess("C:\\a.exe", 1) });
    socket.bind(null, 5000);
    expect(socket.join(parseAddress("ff05::1"), host.interfaces[1])).toBe("ok");
    expect(sent).toEqual([]);
  });
});

describe("redirection", () => {
  it("a bind that BIND_REDIRECT blocks fails", () => {
    const hosts = new TwoHosts();
    hosts.filter(hosts.server, "ALE_BIND_REDIRECT");
    expect(hosts.server.udpSocket({ family: 4, process: hosts.serverProcess }).bind(null, 53)).toBe("WSAEACCES");
  });

  it("a dual-stack socket's IPv4 connection shows no address at the first of two authorizations", () => {
    const hosts = new TwoHosts();
    const key = "{ca110000-0000-4000-8000-0000000000aa}";
    hosts.client.engine.registerCallout(key, {
      classify({ stack }, out) {
        stack?.redirectConnect?.({ address: parseAddress("10.0.0.9"), port: 8080 });
        out.action = "permit";
      },
    });
    const session = hosts.session(hosts.client);
    session.addCallout({ key, name: "redirect", applicableLayer: LAYER_KEY.ALE_CONNECT_REDIRECT_V6 });
    session.addFilter({
      name: "redirect",
      layer: LAYER_KEY.ALE_CONNECT_REDIRECT_V6,
      conditions: [],
      action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: key },
    });
    const socket = hosts.client.socket({ family: 6, dualStack: true, process: hosts.clientProcess });
    const seen = hosts.watch();
    socket.connect(parseAddress("::ffff:10.0.0.1"), 80);
    const asked = seen().flatMap((record) =>
      record.type === "indication" && record.layer.name === "FWPM_LAYER_ALE_AUTH_CONNECT_V4" ? [record.flow.remote] : [],
    );
    expect(asked).toEqual(["0.0.0.0:80", "10.0.0.9:8080"]);
  });

  it("one that was redirected is reauthorized as redirected", () => {
    const hosts = new TwoHosts();
    hosts.listen(8080);
    hosts.callout(hosts.client, "ALE_CONNECT_REDIRECT", {
      classify({ stack }, out) {
        stack?.redirectConnect?.({ address: parseAddress("10.0.0.1"), port: 8080 });
        out.action = "permit";
      },
    });
    const socket = hosts.clientSocket();
    const connecting = socket.connect(parseAddress("10.0.0.7"), 80);
    hosts.simulation.run(1);
    expect(connecting.result).toBe("ok");
    hosts.filter(hosts.client, "ALE_AUTH_CONNECT", { action: { type: "FWP_ACTION_PERMIT" } });
    const seen = hosts.watch();
    socket.send(one);
    expect(seen()[0]).toMatchObject({ flags: expect.arrayContaining(["IS_REAUTHORIZE", "IS_CONNECTION_REDIRECTED"]) });
  });
});

describe("options of the flow (FWPM_CLASSIFY_OPTIONS_CONTEXT)", () => {
  it("lifetimes and the state of multicast", () => {
    const hosts = new TwoHosts();
    const session = hosts.session(hosts.client);
    const providerContextKey = "{0c000000-0000-4000-8000-000000000001}";
    session.addProviderContext({
      key: providerContextKey,
      name: "options",
      type: "FWPM_CLASSIFY_OPTIONS_CONTEXT",
      body: {
        kind: "classify-options",
        options: [
          { type: "FWP_CLASSIFY_OPTION_MULTICAST_STATE", value: 9n },
          { type: "FWP_CLASSIFY_OPTION_MCAST_BCAST_LIFETIME", value: 11n },
          { type: "FWP_CLASSIFY_OPTION_UNICAST_LIFETIME", value: 12n },
          { type: "FWP_CLASSIFY_OPTION_SECURE_SOCKET_SECURITY_FLAGS", value: 1n },
        ],
      },
    });
    hosts.callout(hosts.client, "ALE_AUTH_CONNECT", {
      classify({ stack }, out) {
        stack?.applyOptions?.(providerContextKey);
        stack?.applyOptions?.("{0c000000-0000-4000-8000-0000000000ff}");
        out.action = "permit";
      },
    });
    const socket = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    socket.sendTo(one, parseAddress("239.1.1.1"), 1900);
    socket.sendTo(one, hosts.serverAddress, 53);
    const flows = [...hosts.client.flows.flows];
    expect(flows.map(({ lifetime }) => lifetime)).toEqual([11, 12]);
    // A value nobody documents is the default.
    expect(flows[0]?.options.multicastState).toBe("allow");
  });
});

describe("flow contexts", () => {
  it("are taken away by undefined", () => {
    const hosts = new TwoHosts();
    const contexts: unknown[] = [];
    hosts.callout(hosts.client, "ALE_FLOW_ESTABLISHED", {
      classify({ stack }, out) {
        stack?.flowContext?.set(5);
        contexts.push(stack?.flowContext?.get());
        stack?.flowContext?.set(undefined);
        contexts.push(stack?.flowContext?.get());
        out.action = "permit";
      },
    });
    hosts.client.udpSocket({ family: 4, process: hosts.clientProcess }).sendTo(one, hosts.serverAddress, 53);
    expect(contexts).toEqual([5, undefined]);
  });

  it("FwpsFlowAbort0 of a flow without connection forgets it", () => {
    const hosts = new TwoHosts();
    hosts.connected();
    hosts.callout(hosts.client, "DATAGRAM_DATA", {
      classify({ stack }, out) {
        stack?.abortFlow?.();
        out.action = "permit";
      },
    });
    const before = [...hosts.client.flows.flows].length;
    hosts.client.udpSocket({ family: 4, process: hosts.clientProcess }).sendTo(one, hosts.serverAddress, 53);
    expect([...hosts.client.flows.flows]).toHaveLength(before);
  });
});

describe("forwarding shown to the network layers too (Q20)", () => {
  it.each(["INBOUND_IPPACKET_V4", "OUTBOUND_IPPACKET_V4", "OUTBOUND_MAC_FRAME_NATIVE"] as const)("a block at %s drops it", (layer) => {
    const simulation = new Simulation();
    const host = simulation.addHost({
      name: "router",
      windows: "11",
      bfe: new Bfe({ windows: "11", interpretation: { forwardedTraffic: "with-ippacket" } }),
      interfaces: [
        ethernet({ index: 2, addresses: ["10.0.0.1/24"], forwarding: true }),
        ethernet({ index: 3, addresses: ["10.1.0.1/24"], forwarding: true, link: "inside" }),
      ],
    });
    const sent: Uint8Array[] = [];
    simulation.network.tap(({ bytes }) => sent.push(bytes));
    arrive(host, udp({ from: "10.0.0.2", to: "10.1.0.2" }, 1, 2, one));
    expect(sent).toHaveLength(1);
    const key = host.bfe.policy.layers.find(({ name }) => name === `FWPM_LAYER_${layer}`)?.key;
    if (key === undefined) throw new Error(`no layer ${layer}`);
    host.bfe.openSession().addFilter({ name: "block", layer: key, conditions: [], action: { type: "FWP_ACTION_BLOCK" } });
    arrive(host, udp({ from: "10.0.0.2", to: "10.1.0.2" }, 1, 2, one));
    expect(sent).toHaveLength(1);
  });
});

describe("closed ports", () => {
  it("UDP with Interpretation.transportBeforeDiscard: TRANSPORT comes first, and may block", () => {
    const hosts = new TwoHosts({ interpretation: { transportBeforeDiscard: true } });
    const bytes = udp({ from: "10.0.0.2", to: "10.0.0.1" }, 1, 9, one);
    const seen = hosts.watch();
    arrive(hosts.server, bytes);
    expect(layersOf(seen(), "server").slice(0, 3)).toEqual(["INBOUND_IPPACKET", "INBOUND_TRANSPORT", "INBOUND_IPPACKET_DISCARD"]);
    hosts.filter(hosts.server, "INBOUND_TRANSPORT");
    const blocked = hosts.watch();
    arrive(hosts.server, bytes);
    expect(layersOf(blocked(), "server")).not.toContain("INBOUND_IPPACKET_DISCARD");
  });

  it("a port at one address leaves it free at another", () => {
    const hosts = new TwoHosts();
    const at = (address: string) => hosts.server.udpSocket({ family: 4, process: hosts.serverProcess }).bind(parseAddress(address), 53);
    expect([at("127.0.0.1"), at("10.0.0.1"), at("10.0.0.1")]).toEqual(["ok", "ok", "WSAEADDRINUSE"]);
    expect(hosts.server.udpSocket({ family: 4, process: hosts.serverProcess }).bind(null, 53)).toBe("WSAEADDRINUSE");
  });

  it("dynamic ports go round", () => {
    const simulation = new Simulation();
    const host = simulation.addHost({
      name: "host",
      windows: "11",
      bfe: new Bfe({ windows: "11" }),
      interfaces: [ethernet({ index: 2, addresses: ["10.0.0.1/24"] })],
      firstDynamicPort: 65_535,
    });
    const process = desktopProcess("C:\\a.exe", 1);
    const next = () => {
      const socket = host.udpSocket({ family: 4, process });
      socket.bind(null, 0);
      return socket.endpoint.localPort;
    };
    host.udpSocket({ family: 4, process }).bind(null, 49_152);
    expect([next(), next()]).toEqual([65_535, 49_153]);
  });
});

describe("addresses of an interface", () => {
  it("without a prefix length they are alone on their subnet; odd lengths count bit by bit", () => {
    const own = ethernet({ index: 2, addresses: ["10.0.0.1", "2001:db8::1", "192.168.16.1/20"] });
    expect(own.addresses.map(({ prefixLength }) => prefixLength)).toEqual([32, 128, 20]);
    const simulation = new Simulation();
    const host = simulation.addHost({
      name: "host",
      windows: "11",
      bfe: new Bfe({ windows: "11" }),
      interfaces: [own, ethernet({ index: 3, addresses: ["172.16.0.1/16"], link: "other", gateways: ["172.16.0.254"] })],
    });
    const links: string[] = [];
    simulation.network.tap(({ link }) => links.push(link));
    const socket = host.udpSocket({ family: 4, process: desktopProcess("C:\\a.exe", 1) });
    socket.sendTo(one, parseAddress("192.168.31.7"), 1);
    socket.sendTo(one, parseAddress("192.168.32.7"), 1);
    expect(links).toEqual(["network", "other"]);
    expect(ethernet({ index: 9, addresses: [] }).linkAddress).toEqual(Uint8Array.of(0x02, 0x57, 0, 0, 0, 0));
  });
});
