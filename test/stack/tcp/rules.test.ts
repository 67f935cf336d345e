import { describe, expect, it } from "vitest";
import { Bfe } from "../../../src/engine/index.ts";
import { parseAddress } from "../../../src/model/index.ts";
import { ethernet, Simulation, type TcpSegment, type Transit } from "../../../src/stack/index.ts";
import { layersOf, TwoHosts } from "../two-hosts.ts";
import { PEER, ScriptedPeer, words } from "./scripted-peer.ts";

const text = (data: Uint8Array | undefined) => new TextDecoder().decode(data);
const sizes = (segments: readonly TcpSegment[]) => segments.map(({ payload }) => payload.length);

describe("both ends open at once (RFC 9293 3.5, figure 8)", () => {
  it("two hosts: SYNs cross, SYN-ACKs cross, both are acknowledged, one connection", () => {
    const sent: string[] = [];
    const tap = ({ from, packet }: Transit) => {
      if ("segment" in packet) sent.push(`${from} ${words([packet.segment]).join()}`);
    };
    const hosts = new TwoHosts({ tap });
    const client = hosts.clientSocket();
    client.bind(null, 5000);
    const server = hosts.server.socket({ family: 4, process: hosts.serverProcess });
    server.bind(null, 6000);
    const there = client.connect(parseAddress("10.0.0.1"), 6000);
    const back = server.connect(parseAddress("10.0.0.2"), 5000);
    hosts.simulation.run(5);
    expect([there.result, back.result]).toEqual(["ok", "ok"]);
    expect(sent.filter((line) => line.startsWith("client"))).toEqual(["client SYN", "client SYN ACK", "client ACK"]);
    expect(sent.filter((line) => line.startsWith("server"))).toEqual(["server SYN", "server SYN ACK", "server ACK"]);
    const receiving = server.receive();
    client.send(new TextEncoder().encode("hello"));
    hosts.simulation.run(1);
    expect(text(receiving.result?.data)).toBe("hello");
  });

  it("a SYN within the window of a half-open connection is in doubt: a challenge, not a new beginning (RFC 5961 4.2)", () => {
    const peer = new ScriptedPeer();
    const listener = peer.socket();
    listener.bind(null, 80);
    listener.listen();
    peer.hostPort = 80;
    peer.send({ flags: ["syn"] });
    peer.take();
    peer.send({ flags: ["syn"], sequence: peer.next + 5 });
    expect(words(peer.take())).toEqual(["ACK"]);
    // The same SYN again says that our SYN-ACK was lost.
    peer.send({ flags: ["syn"], sequence: peer.next - 1 });
    expect(words(peer.take())).toEqual(["SYN ACK"]);
  });
});

describe("segments that do not fit (RFC 9293 3.10.7.4)", () => {
  it("a reset at a closed window of ours is believed with the exact number only", () => {
    const closed = () => {
      const { peer, socket } = ScriptedPeer.opened({ receiveBuffer: 10 });
      peer.send({ flags: ["ack"], text: 10 });
      peer.take();
      return { peer, socket };
    };
    const near = closed();
    near.peer.send({ flags: ["rst"], sequence: near.peer.next + 1 });
    expect(near.socket.state).toBe("ESTABLISHED");
    const exact = closed();
    exact.peer.send({ flags: ["rst"], sequence: exact.peer.next });
    expect(exact.socket.state).toBe("CLOSED");
  });

  it("a reset that begins before the window is neither believed nor challenged (RFC 5961 3.2)", () => {
    const { peer, socket } = ScriptedPeer.opened();
    peer.send({ flags: ["rst"], text: "abcd", sequence: peer.next - 2 });
    expect(socket.state).toBe("ESTABLISHED");
    expect(words(peer.take())).toEqual([]);
  });

  it("a FIN behind data that is known already counts", () => {
    const { peer, socket } = ScriptedPeer.opened();
    const start = peer.next;
    peer.send({ flags: ["ack"], text: "abc" });
    expect(text(socket.receive().result?.data)).toBe("abc");
    const receiving = socket.receive();
    peer.send({ flags: ["ack", "fin"], text: "abc", sequence: start });
    expect(receiving.result).toMatchObject({ result: "ok", data: new Uint8Array(0) });
    expect(socket.state).toBe("CLOSE-WAIT");
    expect(peer.take().at(-1)?.acknowledgment).toBe(start + 4);
  });

  it("an old segment that acknowledges our FIN ends LAST-ACK, and gets no answer", () => {
    const { peer, socket } = ScriptedPeer.opened();
    const start = peer.next;
    peer.send({ flags: ["ack", "fin"], text: "x" });
    socket.receive();
    socket.close();
    peer.simulation.run(0);
    peer.take();
    expect(socket.state).toBe("LAST-ACK");
    peer.send({ flags: ["ack"], text: "x", sequence: start });
    expect(socket.state).toBe("CLOSED");
    expect(words(peer.take())).toEqual([]);
  });

  it("a stray segment that a filter drops at INBOUND_TRANSPORT gets no reset (WFP-SHIMS 4.3.4)", () => {
    for (const transportBeforeDiscard of [true, false]) {
      const hosts = new TwoHosts({ interpretation: { transportBeforeDiscard } });
      hosts.filter(hosts.server, "INBOUND_TRANSPORT");
      const watched = hosts.watch();
      const connecting = hosts.clientSocket().connect(hosts.serverAddress, 80);
      hosts.simulation.run(60);
      expect(connecting.result).toBe(transportBeforeDiscard ? "WSAETIMEDOUT" : "WSAECONNREFUSED");
      // What is dropped at INBOUND_TRANSPORT is told at its twin once; TCP has no reason of its own.
      const layers = layersOf(watched(), "server");
      expect(layers.slice(0, 3)).toEqual(
        transportBeforeDiscard
          ? ["INBOUND_IPPACKET", "INBOUND_TRANSPORT!", "INBOUND_TRANSPORT_DISCARD"]
          : ["INBOUND_IPPACKET", "INBOUND_TRANSPORT_DISCARD", "OUTBOUND_TRANSPORT"],
      );
    }
  });
});

describe("sizes of segments (RFC 9293 3.7.1)", () => {
  it.each([
    [{}, 536],
    [{ maximumSegmentSize: 700 }, 700],
    [{ maximumSegmentSize: 9000 }, 1460],
  ] as const)("a peer with %o gets %i bytes", (options, size) => {
    const { peer, socket } = ScriptedPeer.opened({}, options);
    socket.send(new Uint8Array(5000));
    peer.simulation.run(0);
    expect(sizes(peer.take())[0]).toBe(size);
  });

  it.each([4, 6] as const)("IPv%i: an interface with a small MTU offers and sends what fits", (family) => {
    const sent: Transit[] = [];
    const simulation = new Simulation();
    const mtus = { client: 1300, server: 1500 };
    const [client, server] = (["client", "server"] as const).map((name, index) =>
      simulation.addHost({
        name,
        windows: "11",
        bfe: new Bfe({ windows: "11" }),
        interfaces: [ethernet({ index: 12, mtu: mtus[name], addresses: [`10.0.0.${index + 1}/24`, `2001:db8::${index + 1}/64`] })],
      }),
    );
    if (client === undefined || server === undefined) throw new Error("no hosts");
    simulation.network.tap((transit) => sent.push(transit));
    const process = { family, process: new TwoHosts().clientProcess };
    const listener = server.socket(process);
    listener.bind(null, 80);
    listener.listen();
    const accepting = listener.accept();
    const socket = client.socket(process);
    socket.connect(parseAddress(family === 4 ? "10.0.0.2" : "2001:db8::2"), 80);
    simulation.run(1);
    const other = accepting.result?.socket;
    socket.send(new Uint8Array(4000));
    other?.send(new Uint8Array(4000));
    simulation.run(1);
    const headers = family === 4 ? 40 : 60;
    const segments = sent.flatMap(({ packet, from, bytes }) => ("segment" in packet ? [{ from, bytes, segment: packet.segment }] : []));
    const offered = segments.flatMap(({ segment }) => (segment.flags.syn ? [segment.options.maximumSegmentSize] : []));
    expect(offered).toEqual([1300 - headers, 1500 - headers]);
    expect(Math.max(...segments.map(({ bytes }) => bytes.length))).toBe(1300);
    expect(socket.state).toBe("ESTABLISHED");
  });

  it("options beside data take their place from it: what may not be cut has to fit", () => {
    const sent: Transit[] = [];
    const { peer, socket } = ScriptedPeer.opened();
    peer.simulation.network.tap((transit) => sent.push(transit));
    // Two gaps in what came in: every segment of ours tells of them (RFC 2018 4).
    peer.send({ flags: ["ack"], text: 10, sequence: peer.next + 100 });
    peer.send({ flags: ["ack"], text: 10, sequence: peer.next + 200 });
    peer.take();
    socket.send(new Uint8Array(4000));
    peer.simulation.run(0);
    expect(sizes(peer.take())).toEqual([1440, 1440]);
    peer.simulation.run(0.5);
    expect(sizes(peer.take())).toEqual([1440]);
    expect(Math.max(...sent.map(({ bytes }) => bytes.length))).toBe(1500);
  });

  it("segments may not be cut: routers are asked for the path's MTU (RFC 1191 3)", () => {
    const sent: Transit[] = [];
    const { peer, socket } = ScriptedPeer.opened();
    peer.simulation.network.tap((transit) => sent.push(transit));
    socket.send(new Uint8Array(10));
    peer.simulation.run(0);
    peer.send({ flags: ["ack"], sequence: 1, acknowledgment: 1 }, 4444);
    expect(sent.map(({ packet }) => packet.dontFragment)).toEqual([true, true]);
  });

  it.each([
    [false, 960],
    [true, 948],
  ] as const)("a path of 1,000 bytes with timestamps %s: segments of %i bytes, none is lost for good", (timestamps, size) => {
    const sizesSent: number[] = [];
    const router = { 4: parseAddress("10.0.0.254") };
    const hosts = new TwoHosts({
      network: { path: { mtu: 1000, router } },
      tcp: { timestamps },
      tap: ({ from, packet }) => {
        if (from === "client" && "segment" in packet && packet.segment.payload.length > 0) sizesSent.push(packet.segment.payload.length);
      },
    });
    const { client, server } = hosts.connected();
    let received = 0;
    const next = (): void =>
      server.receive().onDone(({ data }) => {
        received += data.length;
        if (received < 20 * size) next();
      });
    next();
    client.send(new Uint8Array(20 * size));
    hosts.simulation.run(10);
    expect(received).toBe(20 * size);
    // Ten full segments leave before the router says anything; none longer than the path after that.
    expect(sizesSent.slice(0, 10).every((bytes) => bytes === (timestamps ? 1448 : 1460))).toBe(true);
    expect(Math.max(...sizesSent.slice(10))).toBe(size);
  });
});

describe("how fast it goes", () => {
  it("New Reno: a window's worth of acknowledgments, in whatever pieces, is worth one segment (RFC 5681 3.1, RFC 3465)", () => {
    const { peer, socket } = ScriptedPeer.opened({ congestion: "new-reno", nagle: false }, { maximumSegmentSize: 1000, windowScale: 8 });
    socket.send(new Uint8Array(200_000));
    peer.simulation.run(0);
    const first = peer.take()[0]?.sequence ?? 0;
    const acknowledge = (bytes: number): number => {
      peer.send({ flags: ["ack"], acknowledgment: (first + bytes) >>> 0, window: 60_000 });
      return peer.take().length;
    };
    // The first of ten segments is lost: half of what was in flight when the third duplicate came, and no slow start any more. The first
    // copy only tells the window.
    for (let copy = 0; copy < 4; copy++) acknowledge(0);
    const left = Math.round(((peer.expected - first) >>> 0) / 1000);
    acknowledge(left * 1000);
    const sent: number[] = [];
    for (let segment = 1; segment <= 11; segment++) sent.push(acknowledge((left + segment) * 1000));
    // Every acknowledgment lets one segment out; one that completes a window lets two: five later, then six.
    expect(sent.map((count, index) => [index, count]).filter(([, count]) => count !== 1)).toEqual([
      [4, 2],
      [10, 2],
    ]);
  });

  it("what the receiver holds and has acknowledged counts once (RFC 6675 4, pipe)", () => {
    const { peer, socket } = ScriptedPeer.opened({ congestion: "new-reno" }, { maximumSegmentSize: 1000, sackPermitted: true });
    socket.send(new Uint8Array(40_000));
    peer.simulation.run(0);
    const first = peer.take()[0]?.sequence ?? 0;
    const block = (left: number, right: number) => ({ left: first + left, right: first + right });
    // The first segment is missing, the rest of ten is held: it goes again, and the window is five segments.
    peer.send({ flags: ["ack"], acknowledgment: first, options: { sackBlocks: [block(1000, 10_000)] } });
    peer.take();
    const before = peer.expected;
    // A receiver may acknowledge a part of what it said it holds; the rest of it is still held.
    peer.send({ flags: ["ack"], acknowledgment: first + 6000 });
    const more = peer.take().filter(({ sequence }) => sequence - first >= before - first);
    const outstanding = ((peer.expected - first) >>> 0) - 6000 - 4000;
    expect(more.length).toBeGreaterThan(0);
    expect(outstanding).toBeLessThanOrEqual(5000);
  });

  it("a window probe that the peer takes is the last one where nothing else waits (RFC 9293 3.8.6.1)", () => {
    const { peer, socket } = ScriptedPeer.opened();
    peer.send({ flags: ["ack"], window: 0 });
    socket.send(Uint8Array.of(1));
    peer.simulation.run(0.35);
    expect(words(peer.take())).toEqual(["ACK 1"]);
    peer.send({ flags: ["ack"], window: 0 });
    peer.simulation.run(300);
    expect(words(peer.take())).toEqual([]);
    expect(socket.state).toBe("ESTABLISHED");
  });

  it("no more than a hundred thousand ports: connecting twice from one port to one peer is refused", () => {
    const peer = new ScriptedPeer();
    const [one, two] = [peer.socket(), peer.socket()];
    one.bind(null, 5000);
    expect(two.bind(null, 5000)).toBe("WSAEADDRINUSE");
    expect(one.connect(PEER, 80).done).toBe(false);
    expect(one.connect(PEER, 80).result).toBe("WSAEALREADY");
  });
});
