import { describe, expect, it } from "vitest";
import { parseAddress, REAUTHORIZE_REASON } from "../../src/model/index.ts";
import { arrive, tcp, udp } from "./packets.ts";
import { layersOf, TwoHosts } from "./two-hosts.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe("TCP sockets: what Winsock answers", () => {
  it("listen, again, after it was refused, on a connected socket", () => {
    const hosts = new TwoHosts();
    const id = hosts.filter(hosts.server, "ALE_AUTH_LISTEN");
    const socket = hosts.server.socket({ family: 4, process: hosts.serverProcess });
    socket.bind(null, 80);
    expect(socket.listen()).toBe("WSAEACCES");
    hosts.session(hosts.server).deleteFilterById(id);
    expect(socket.listen()).toBe("ok");
    expect(socket.listen()).toBe("ok");
    expect(socket.connect(parseAddress("10.0.0.2"), 80).result).toBe("WSAEINVAL");
    const connecting = hosts.clientSocket();
    connecting.connect(hosts.serverAddress, 80);
    hosts.simulation.run(1);
    expect(connecting.listen()).toBe("WSAEISCONN");
    expect(connecting.peerName).toBe("10.0.0.1:80");
    expect(socket.peerName).toBe("*");
    expect(socket.state).toBe("CLOSED");
  });

  it("shutdown, no delay and keep-alive need a connection", () => {
    const hosts = new TwoHosts();
    const socket = hosts.clientSocket();
    expect(socket.shutdown()).toBe("WSAENOTCONN");
    expect(socket.setNoDelay(true)).toBe("WSAENOTCONN");
    expect(socket.setKeepAlive({})).toBe("WSAENOTCONN");
    socket.close();
    expect(socket.shutdown()).toBe("WSAENOTSOCK");
    expect(socket.setNoDelay(true)).toBe("WSAENOTSOCK");
    expect(socket.setKeepAlive(null)).toBe("WSAENOTSOCK");
    const { client, server } = hosts.connected();
    expect(client.setNoDelay(false)).toBe("ok");
    expect(client.setKeepAlive({ time: 10 })).toBe("ok");
    expect(client.setKeepAlive(null)).toBe("ok");
    server.abort();
    hosts.simulation.run(1);
    expect(client.shutdown()).toBe("WSAECONNRESET");
  });

  it("connect to nobody's address, to port 0, twice from one port, when no port is left to take", () => {
    const hosts = new TwoHosts();
    hosts.listen();
    const socket = hosts.clientSocket();
    expect(socket.connect(parseAddress("0.0.0.0"), 80).result).toBe("WSAEADDRNOTAVAIL");
    expect(socket.connect(hosts.serverAddress, 0).result).toBe("WSAEADDRNOTAVAIL");
    hosts.filter(hosts.client, "ALE_RESOURCE_ASSIGNMENT");
    expect(socket.connect(hosts.serverAddress, 80).result).toBe("WSAEACCES");
    // The implicit bind was refused, the socket is as it was.
    expect(socket.state).toBe("CLOSED");
  });

  it("abort without a connection, or on one that is over, is a close", () => {
    const hosts = new TwoHosts();
    const plain = hosts.clientSocket();
    expect(plain.abort()).toBe("ok");
    expect(plain.abort()).toBe("WSAENOTSOCK");
    const { client, server } = hosts.connected();
    const waiting = client.receive();
    const other = server.receive();
    expect(client.abort()).toBe("ok");
    hosts.simulation.run(1);
    expect(waiting.result?.result).toBe("WSAENOTSOCK");
    expect(other.result?.result).toBe("WSAECONNRESET");
    expect(server.abort()).toBe("ok");
  });

  it("closing a socket that connects, or accepts, ends the wait", () => {
    const hosts = new TwoHosts({ fate: () => [] });
    const socket = hosts.clientSocket();
    const connecting = socket.connect(hosts.serverAddress, 80);
    expect(socket.send(bytes("x"))).toBe("WSAENOTCONN");
    socket.close();
    expect(connecting.result).toBe("WSAECONNABORTED");
    const listener = hosts.listen();
    const accepting = listener.accept();
    listener.close();
    expect(accepting.result).toEqual({ result: "WSAENOTSOCK" });
  });

  it("an attempt that timed out may be made again", () => {
    let lossy = true;
    const hosts = new TwoHosts({ fate: () => (lossy ? [] : [0]) });
    hosts.listen();
    const socket = hosts.clientSocket();
    const first = socket.connect(hosts.serverAddress, 80);
    hosts.simulation.run(60);
    expect(first.result).toBe("WSAETIMEDOUT");
    lossy = false;
    const second = socket.connect(hosts.serverAddress, 80);
    hosts.simulation.run(1);
    expect(second.result).toBe("ok");
  });

  it("a bound address limits who is listened to", () => {
    const hosts = new TwoHosts();
    const socket = hosts.server.socket({ family: 4, process: hosts.serverProcess });
    socket.bind(parseAddress("127.0.0.1"), 80);
    socket.listen();
    const connecting = hosts.clientSocket().connect(hosts.serverAddress, 80);
    hosts.simulation.run(5);
    expect(connecting.result).toBe("WSAECONNREFUSED");
  });

  it("nobody's address is not resolved: the SYN leads nowhere", () => {
    const hosts = new TwoHosts();
    for (const networkInterface of hosts.client.interfaces.slice(1)) networkInterface.up = false;
    expect(hosts.clientSocket().connect(parseAddress("10.0.0.1"), 80).result).toBe("WSAENETUNREACH");
    const udpSocket = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    expect(udpSocket.sendTo(bytes("x"), parseAddress("10.0.0.1"), 53)).toBe("WSAENETUNREACH");
  });
});

describe("reauthorization of what has no connection (WFP-SHIMS 4.6)", () => {
  function flow() {
    const hosts = new TwoHosts();
    const server = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    server.bind(null, 53);
    const client = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    client.sendTo(bytes("one"), hosts.serverAddress, 53);
    hosts.simulation.run(1);
    return { hosts, server, client };
  }

  it("outbound: blocked, and a new flow for the next datagram", () => {
    const { hosts, client } = flow();
    const id = hosts.filter(hosts.client, "ALE_AUTH_CONNECT");
    const seen = hosts.watch();
    expect(client.sendTo(bytes("two"), hosts.serverAddress, 53)).toBe("ok");
    expect(layersOf(seen(), "client")).toEqual(["ALE_AUTH_CONNECT!", "ALE_AUTH_CONNECT_DISCARD"]);
    hosts.session(hosts.client).deleteFilterById(id);
    const again = hosts.watch();
    client.sendTo(bytes("three"), hosts.serverAddress, 53);
    expect(layersOf(again(), "client")).toContain("ALE_FLOW_ESTABLISHED");
  });

  it("outbound: its interface is gone", () => {
    const { hosts, client } = flow();
    const [, own] = hosts.client.interfaces;
    if (own !== undefined) own.up = false;
    expect(client.sendTo(bytes("two"), hosts.serverAddress, 53)).toBe("WSAENETUNREACH");
  });

  it("inbound: blocked, and what comes later is a new flow", () => {
    const { hosts, server, client } = flow();
    const id = hosts.filter(hosts.server, "ALE_AUTH_RECV_ACCEPT");
    server.receive();
    const waiting = server.receive();
    client.sendTo(bytes("two"), hosts.serverAddress, 53);
    hosts.simulation.run(1);
    expect(waiting.done).toBe(false);
    hosts.session(hosts.server).deleteFilterById(id);
    const again = hosts.watch();
    client.sendTo(bytes("three"), hosts.serverAddress, 53);
    hosts.simulation.run(1);
    expect(layersOf(again(), "server")).toContain("ALE_FLOW_ESTABLISHED");
  });

  it.each(["ALE_FLOW_ESTABLISHED", "DATAGRAM_DATA"])("a block at %s loses the datagram, in both directions", (layer) => {
    for (const side of ["client", "server"] as const) {
      const hosts = new TwoHosts();
      const server = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
      server.bind(null, 53);
      hosts.filter(hosts[side], layer);
      const waiting = server.receive();
      const client = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
      expect(client.sendTo(bytes("one"), hosts.serverAddress, 53)).toBe("ok");
      hosts.simulation.run(1);
      expect(waiting.done).toBe(false);
    }
  });

  it("a socket option that has changed is a reason; the category of the network another", () => {
    const { hosts, client } = flow();
    client.propertyChanged();
    const seen = hosts.watch();
    client.sendTo(bytes("two"), hosts.serverAddress, 53);
    expect(layersOf(seen(), "client")[0]).toBe("ALE_AUTH_CONNECT");
    const [, own] = hosts.client.interfaces;
    if (own !== undefined) own.profile = "private";
    const again = hosts.watch();
    client.sendTo(bytes("three"), hosts.serverAddress, 53);
    const [record] = again();
    if (record?.type !== "indication") throw new Error("nothing was asked");
    const reason = record.layer.fields.find(({ name }) => name === "REAUTHORIZE_REASON")?.index ?? -1;
    expect(record.values[reason]).toEqual({ type: "FWP_UINT32", value: REAUTHORIZE_REASON.PROFILE_CROSSING });
    const after = hosts.watch();
    client.sendTo(bytes("four"), hosts.serverAddress, 53);
    expect(layersOf(after(), "client")[0]).toBe("DATAGRAM_DATA");
  });

  it("options of a flow: answers from others with loose source mapping, none to a multicast with state deny", () => {
    const hosts = new TwoHosts();
    const client = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    client.sendTo(bytes("q"), hosts.serverAddress, 53);
    const { localPort } = client.endpoint;
    const [flowOf] = [...hosts.client.flows.flows];
    if (flowOf === undefined) throw new Error("no flow");
    const stranger = udp({ from: "10.0.0.77", to: "10.0.0.2" }, 99, localPort, bytes("a"));
    const strict = hosts.watch();
    arrive(hosts.client, stranger);
    expect(layersOf(strict(), "client")).toContain("ALE_AUTH_RECV_ACCEPT");
    flowOf.options.looseSourceMapping = true;
    const loose = hosts.watch();
    arrive(hosts.client, udp({ from: "10.0.0.78", to: "10.0.0.2" }, 99, localPort, bytes("a")));
    expect(layersOf(loose(), "client")).not.toContain("ALE_AUTH_RECV_ACCEPT");
    const many = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    many.sendTo(bytes("q"), parseAddress("239.1.1.1"), 1900);
    const toMany = [...hosts.client.flows.flows].find(({ endpoint }) => endpoint === many.endpoint);
    if (toMany === undefined) throw new Error("no flow");
    const allowed = hosts.watch();
    arrive(hosts.client, udp({ from: "10.0.0.79", to: "10.0.0.2" }, 1900, many.endpoint.localPort, bytes("a")));
    expect(layersOf(allowed(), "client")).not.toContain("ALE_AUTH_RECV_ACCEPT");
    toMany.options.multicastState = "deny";
    const denied = hosts.watch();
    arrive(hosts.client, udp({ from: "10.0.0.80", to: "10.0.0.2" }, 1900, many.endpoint.localPort, bytes("a")));
    expect(layersOf(denied(), "client")).toContain("ALE_AUTH_RECV_ACCEPT");
  });
});

describe("MAC and STREAM_PACKET layers", () => {
  it("are indicated where a filter is, and block", () => {
    for (const [side, key] of [
      ["client", "OUTBOUND_MAC_FRAME_ETHERNET"],
      ["client", "OUTBOUND_MAC_FRAME_NATIVE"],
      ["server", "INBOUND_MAC_FRAME_ETHERNET"],
      ["server", "INBOUND_MAC_FRAME_NATIVE"],
    ] as const) {
      const hosts = new TwoHosts();
      hosts.listen();
      const host = hosts[side];
      const layer = host.bfe.policy.layers.find(({ name }) => name === `FWPM_LAYER_${key}`);
      if (layer === undefined) throw new Error(`no layer ${key}`);
      hosts.session(host).addFilter({ name: "block", layer: layer.key, conditions: [], action: { type: "FWP_ACTION_BLOCK" } });
      const connecting = hosts.clientSocket().connect(hosts.serverAddress, 80);
      const seen = hosts.watch();
      hosts.simulation.run(30);
      expect(connecting.result).toBe("WSAETIMEDOUT");
      expect(layersOf(seen(), side).some((line) => line.startsWith(key) || side === "client")).toBe(true);
    }
  });

  it("a block at STREAM_PACKET keeps a SYN from going in, or out", () => {
    for (const side of ["client", "server"] as const) {
      const hosts = new TwoHosts();
      hosts.listen();
      hosts.filter(hosts[side], "STREAM_PACKET");
      const connecting = hosts.clientSocket().connect(hosts.serverAddress, 80);
      hosts.simulation.run(60);
      expect(connecting.result).toBe("WSAETIMEDOUT");
    }
  });

  it("frames to a group and to everybody have the group's and everybody's address", () => {
    const hosts = new TwoHosts();
    const layer = hosts.client.bfe.policy.layers.find(({ name }) => name === "FWPM_LAYER_OUTBOUND_MAC_FRAME_ETHERNET");
    if (layer === undefined) throw new Error("no layer");
    hosts.session(hosts.client).addFilter({ name: "see", layer: layer.key, conditions: [], action: { type: "FWP_ACTION_PERMIT" } });
    const socket = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    const seen = hosts.watch();
    socket.sendTo(bytes("x"), parseAddress("239.1.2.3"), 5);
    socket.sendTo(bytes("x"), parseAddress("10.0.0.255"), 5);
    socket.sendTo(bytes("x"), parseAddress("10.0.0.1"), 5);
    const frames = seen().flatMap((record) => {
      if (record.type !== "indication" || record.layer.key !== layer.key) return [];
      const at = (name: string) => record.values[record.layer.fields.find((field) => field.name === name)?.index ?? -1];
      return [[at("MAC_REMOTE_ADDRESS"), at("MAC_REMOTE_ADDRESS_TYPE")]];
    });
    const address = (...value: number[]) => ({ type: "FWP_BYTE_ARRAY6_TYPE", value: Uint8Array.from(value) });
    expect(frames).toEqual([
      [address(0x01, 0x00, 0x5e, 1, 2, 3), { type: "FWP_UINT8", value: 1 }],
      [address(255, 255, 255, 255, 255, 255), { type: "FWP_UINT8", value: 2 }],
      [address(0x02, 0x57, 10, 0, 0, 1), { type: "FWP_UINT8", value: 0 }],
    ]);
  });
});

describe("a path with a smaller MTU", () => {
  it.each([
    [4, 1000],
    [6, 1280],
  ] as const)("IPv%i: TCP learns it from the router", (family, mtu) => {
    const router = { 4: parseAddress("10.0.0.254"), 6: parseAddress("2001:db8::fe") };
    const hosts = new TwoHosts({ family, network: { path: { mtu, router } } });
    const { client, server } = hosts.connected();
    client.send(new Uint8Array(20_000));
    let got = 0;
    for (let tries = 0; tries < 200 && got < 20_000; tries++) {
      const receiving = server.receive();
      hosts.simulation.run(1);
      got += receiving.result?.data.length ?? 0;
    }
    expect(got).toBe(20_000);
  });

  it("a router that says nothing is a black hole for what may not be cut; what may be is cut", () => {
    const hosts = new TwoHosts({ network: { path: { mtu: 600 } } });
    const server = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    server.bind(null, 53);
    const receiving = server.receive();
    const client = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    client.sendTo(new Uint8Array(1000), hosts.serverAddress, 53);
    hosts.simulation.run(1);
    expect(receiving.result?.data).toHaveLength(1000);
    const ping = hosts.client.ping(hosts.serverAddress, { data: new Uint8Array(1000), dontFragment: true });
    hosts.simulation.run(5);
    expect(ping.result).toBe("IP_REQ_TIMED_OUT");
  });

  it("a line with a rate queues, and loses what does not fit", () => {
    const hosts = new TwoHosts({ network: { rate: 80_000, queue: 3000 } });
    const server = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    server.bind(null, 53);
    const client = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    for (let index = 0; index < 5; index++) client.sendTo(new Uint8Array(972), hosts.serverAddress, 53);
    const arrivals: number[] = [];
    const next = (): void => {
      server.receive().onDone(() => {
        arrivals.push(Math.round(hosts.simulation.clock.seconds * 100));
        next();
      });
    };
    next();
    hosts.simulation.run(5);
    // A thousand bytes take a tenth of a second, and the way a hundredth; three thousand bytes may wait.
    expect(arrivals).toEqual([11, 21, 31]);
    expect(hosts.simulation.records.filter(({ type }) => type === "note")).toHaveLength(2);
  });
});

describe("segments for nobody", () => {
  it("a segment to a closed port is reset unless it is one itself", () => {
    const hosts = new TwoHosts();
    const sent: Uint8Array[] = [];
    hosts.simulation.network.tap(({ bytes: packet }) => sent.push(packet));
    const ends = { from: "10.0.0.2", to: "10.0.0.1" };
    arrive(hosts.server, tcp(ends, 4000, 9, { rst: true }));
    expect(sent).toHaveLength(0);
    arrive(hosts.server, tcp(ends, 4000, 9, { ack: true }));
    expect(sent).toHaveLength(1);
  });
});
