import { describe, expect, it } from "vitest";
import { REAUTHORIZE_REASON } from "../../../src/model/index.ts";
import { defaultTcpSettings, type TcpSettings } from "../../../src/stack/index.ts";
import { TwoHosts } from "../two-hosts.ts";
import { PEER, ScriptedPeer, words } from "./scripted-peer.ts";

const text = (data: Uint8Array | undefined) => new TextDecoder().decode(data);

describe("segments at the edges (RFC 9293 3.10.7)", () => {
  it("SYN-SENT: an acknowledgment of nothing sent is reset, one without SYN is left alone", () => {
    const peer = new ScriptedPeer();
    const socket = peer.socket();
    socket.bind(null, 5000);
    peer.hostPort = 5000;
    const connecting = socket.connect(PEER, 80);
    peer.simulation.run(0);
    const [syn] = peer.take();
    peer.send({ flags: ["syn", "ack"], acknowledgment: ((syn?.sequence ?? 0) + 99) >>> 0, sequence: 1 });
    expect(words(peer.take())).toEqual(["RST"]);
    // A reset that acknowledges nothing of ours is not believed.
    peer.send({ flags: ["rst"], sequence: 1 });
    expect(connecting.done).toBe(false);
    peer.send({ flags: ["ack"], acknowledgment: ((syn?.sequence ?? 0) + 1) >>> 0, sequence: 1 });
    expect(peer.take()).toEqual([]);
    expect(connecting.done).toBe(false);
    peer.send({ flags: ["rst", "ack"], acknowledgment: ((syn?.sequence ?? 0) + 1) >>> 0, sequence: 1 });
    expect(connecting.result).toBe("WSAECONNREFUSED");
  });

  it("SYN-RECEIVED: a reset forgets the attempt, an acknowledgment of something else is reset", () => {
    const peer = new ScriptedPeer();
    const listener = peer.socket();
    listener.bind(null, 80);
    listener.listen();
    peer.hostPort = 80;
    peer.send({ flags: ["syn"], options: { maximumSegmentSize: 1460 } });
    const [answer] = peer.take();
    peer.send({ flags: ["ack"], acknowledgment: ((answer?.sequence ?? 0) + 77) >>> 0 });
    expect(words(peer.take())).toEqual(["RST"]);
    peer.send({ flags: ["rst"] });
    peer.simulation.run(30);
    expect(words(peer.take())).toEqual([]);
  });

  it("without an acknowledgment a segment is ignored; one of what was never sent is answered", () => {
    const { peer, socket } = ScriptedPeer.opened();
    const receiving = socket.receive();
    peer.send({ flags: [], text: "x" });
    expect(receiving.done).toBe(false);
    peer.next = (peer.next - 1) >>> 0;
    peer.send({ flags: ["ack"], text: "y", acknowledgment: (peer.expected + 1000) >>> 0 });
    expect(receiving.done).toBe(false);
    expect(words(peer.take())).toEqual(["ACK"]);
  });

  it("bytes that overlap what is there are taken once, whatever the order", () => {
    const { peer, socket } = ScriptedPeer.opened();
    const start = peer.next;
    const at = (offset: number, piece: string) => peer.send({ flags: ["ack"], text: piece, sequence: (start + offset) >>> 0 });
    at(6, "ghij");
    at(3, "def");
    at(2, "cdefgh");
    expect(words(peer.take())).toEqual(["ACK", "ACK", "ACK"]);
    at(0, "abcd");
    expect(text(socket.receive().result?.data)).toBe("abcdefghij");
    at(0, "abcd");
    expect(words(peer.take()).at(-1)).toBe("ACK");
  });

  it("data after the peer's own end is acknowledged and dropped; after ours, nobody reads it", () => {
    const { peer, socket } = ScriptedPeer.opened();
    peer.send({ flags: ["ack", "fin"] });
    expect(words(peer.take())).toEqual(["ACK"]);
    expect(socket.state).toBe("CLOSE-WAIT");
    peer.send({ flags: ["ack"], text: "late" });
    expect(words(peer.take())).toEqual(["ACK"]);
    peer.send({ flags: ["ack", "fin"], sequence: (peer.next - 5) >>> 0 });
    expect(words(peer.take())).toEqual(["ACK"]);
    const other = ScriptedPeer.opened();
    other.socket.close();
    other.peer.simulation.run(0);
    other.peer.take();
    other.peer.send({ flags: ["ack"], text: "for nobody" });
    expect(words(other.peer.take()).at(-1)).toMatch(/RST/);
  });

  it("a FIN that comes before the data it follows waits for it", () => {
    const { peer, socket } = ScriptedPeer.opened();
    const start = peer.next;
    peer.send({ flags: ["ack", "fin"], text: "end", sequence: (start + 3) >>> 0 });
    expect(socket.state).toBe("ESTABLISHED");
    const first = socket.receive();
    peer.send({ flags: ["ack"], text: "mid", sequence: start });
    expect(text(first.result?.data)).toBe("midend");
    expect(socket.state).toBe("CLOSE-WAIT");
    expect(socket.receive().result?.data).toHaveLength(0);
  });

  it("a closed connection whose peer never ends is given up after two minutes", () => {
    const { peer, socket } = ScriptedPeer.opened();
    socket.close();
    peer.simulation.run(0);
    peer.take();
    peer.send({ flags: ["ack"] });
    expect(socket.state).toBe("FIN-WAIT-2");
    peer.simulation.run(121);
    expect(socket.state).toBe("CLOSED");
  });

  it("a window that closes and opens: data waits, and goes on", () => {
    const { peer, socket } = ScriptedPeer.opened();
    peer.send({ flags: ["ack"], window: 0 });
    socket.send(new Uint8Array(100));
    peer.simulation.run(0);
    expect(words(peer.take())).toEqual([]);
    peer.send({ flags: ["ack"], window: 1000 });
    expect(words(peer.take())).toEqual(["PSH ACK 100"]);
  });

  it("zero-length segments at a closed window of ours are answered", () => {
    const { peer } = ScriptedPeer.opened({ receiveBuffer: 10 });
    peer.send({ flags: ["ack"], text: 10 });
    peer.take();
    peer.send({ flags: ["ack"], text: 5, sequence: peer.next });
    expect(words(peer.take())).toEqual(["ACK"]);
  });
});

describe("congestion avoidance", () => {
  const settings: Partial<TcpSettings> = { congestion: "new-reno", nagle: false };

  it("New Reno: doubles in slow start, then one segment a round trip", () => {
    const { peer, socket } = ScriptedPeer.opened(settings, { maximumSegmentSize: 1000, windowScale: 8 });
    socket.send(new Uint8Array(2_000_000));
    peer.simulation.run(0);
    const rounds: number[] = [];
    for (let round = 0; round < 5; round++) {
      const sent = peer.take();
      rounds.push(sent.length);
      // Every second segment is acknowledged.
      for (let index = 1; index < sent.length; index += 2) {
        const segment = sent[index];
        if (segment !== undefined)
          peer.send({ flags: ["ack"], acknowledgment: (segment.sequence + segment.payload.length) >>> 0, window: 60_000 });
      }
    }
    expect(rounds.slice(0, 3)).toEqual([10, 20, 40]);
    // A loss: half of it, then slowly.
    const sent = peer.take();
    const [lost] = sent;
    for (let copy = 0; copy < 4; copy++) peer.send({ flags: ["ack"], acknowledgment: lost?.sequence ?? 0, window: 60_000 });
    peer.take();
    peer.send({ flags: ["ack"], acknowledgment: peer.expected, window: 60_000 });
    const half = peer.take().length;
    expect(half).toBeGreaterThan(sent.length / 4);
    expect(half).toBeLessThan(sent.length);
    let before = half;
    for (let round = 0; round < 3; round++) {
      peer.send({ flags: ["ack"], acknowledgment: peer.expected, window: 60_000 });
      const now = peer.take().length;
      expect(now - before).toBeLessThanOrEqual(2);
      before = now;
    }
  });
});

describe("blocks in the middle of a connection", () => {
  it.each(["INBOUND_TRANSPORT", "STREAM_PACKET"])("a segment blocked at %s is as good as lost", (layer) => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const id = hosts.filter(hosts.server, layer);
    const receiving = server.receive();
    client.send(Uint8Array.of(1));
    hosts.simulation.run(0.5);
    expect(receiving.done).toBe(false);
    hosts.session(hosts.server).deleteFilterById(id);
    hosts.simulation.run(5);
    expect(receiving.result?.result).toBe("ok");
  });

  it("an outbound segment whose reauthorization fails ends the connection at once", () => {
    const hosts = new TwoHosts();
    const { client } = hosts.connected();
    hosts.simulation.run(1);
    hosts.filter(hosts.client, "ALE_AUTH_CONNECT");
    client.shutdown();
    hosts.simulation.run(1);
    expect(client.send(Uint8Array.of(1))).toMatch(/WSAECONNABORTED|WSAESHUTDOWN/);
    expect([...hosts.client.flows.flows]).toEqual([]);
  });

  it("a closed connection's keep-alive probes stop", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    client.setKeepAlive({ time: 1, interval: 1, probes: 2 });
    server.abort();
    hosts.simulation.run(10);
    expect(client.state).toBe("CLOSED");
  });

  it("a drop by a stream callout at the end of data ends the connection on the way down", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    hosts.callout(hosts.client, "STREAM", {
      classify({ stack }, out) {
        if (stack?.stream?.noMoreData === true) stack.stream.act({ type: "drop-connection" });
        else if (stack?.stream !== undefined) stack.stream.act({ type: "need-more-data", bytesRequired: 100 });
        out.action = "permit";
      },
    });
    const waiting = server.receive();
    client.send(Uint8Array.of(1, 2, 3));
    client.shutdown();
    hosts.simulation.run(1);
    expect(waiting.result?.result).toBe("WSAECONNRESET");
  });
});

describe("reasons to ask again", () => {
  it("the packet comes in by another interface (since Vista SP1), or would leave by another (since 7)", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    hosts.simulation.run(1);
    const [flow] = [...hosts.server.flows.flows];
    if (flow === undefined) throw new Error("no flow");
    const [loopback] = hosts.server.interfaces;
    const [own] = [...hosts.client.flows.flows];
    if (own === undefined || loopback === undefined) throw new Error("no flow");
    own.nexthop = loopback;
    flow.arrival = loopback;
    const seen = hosts.watch();
    client.send(Uint8Array.of(1));
    server.receive();
    hosts.simulation.run(1);
    const reasons = seen().flatMap((record) => {
      if (record.type !== "indication" || !record.reauthorize) return [];
      const index = record.layer.fields.find(({ name }) => name === "REAUTHORIZE_REASON")?.index ?? -1;
      const value = record.values[index];
      return [[record.host, typeof value === "object" && value.type === "FWP_UINT32" ? value.value : null]];
    });
    expect(reasons).toEqual([
      ["client", REAUTHORIZE_REASON.NEW_NEXTHOP_INTERFACE],
      ["server", REAUTHORIZE_REASON.NEW_ARRIVAL_INTERFACE],
    ]);
  });
});

describe("settings by version", () => {
  it("before Windows 8 the timeout is 3 seconds and SYNs go out again twice", () => {
    expect(defaultTcpSettings("7")).toMatchObject({ initialRto: 3, synRetransmissions: 2 });
    expect(defaultTcpSettings("11")).toMatchObject({ initialRto: 1, synRetransmissions: 4 });
  });
});
