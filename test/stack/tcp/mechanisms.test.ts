import { describe, expect, it } from "vitest";
import type { IndicationRecord } from "../../../src/model/index.ts";
import { PEER, ScriptedPeer, words } from "./scripted-peer.ts";

const PLAIN = { maximumSegmentSize: 1000 };

describe("options (RFC 7323, RFC 2018)", () => {
  it("offers what Windows offers: segment size, scale 8, SACK, no timestamps", () => {
    const peer = new ScriptedPeer();
    const socket = peer.socket();
    socket.connect(PEER, 80);
    peer.simulation.run(0);
    const [syn] = peer.take();
    expect(syn?.options).toEqual({ maximumSegmentSize: 1460, windowScale: 8, sackPermitted: true });
    expect(syn?.window).toBe(64_240);
  });

  it("takes up only what the peer offers too", () => {
    const { peer, socket } = ScriptedPeer.opened({}, PLAIN);
    socket.send(new Uint8Array(10));
    peer.simulation.run(0);
    const [data] = peer.take();
    // Unscaled: the whole window stands in the header.
    expect(data?.window).toBe(64_240);
    peer.send({ flags: ["ack"], text: 100, sequence: peer.next + 500 });
    expect(peer.take()[0]?.options.sackBlocks).toBeUndefined();
  });

  it("answers a SYN with the options it had", () => {
    const peer = new ScriptedPeer({ timestamps: true });
    const listener = peer.socket();
    listener.bind(null, 80);
    listener.listen();
    peer.hostPort = 80;
    peer.send({ flags: ["syn"], options: { maximumSegmentSize: 1460, timestamps: { value: 7, echo: 0 } } });
    const [answer] = peer.take();
    expect(answer?.options).toEqual({ maximumSegmentSize: 1460, timestamps: { value: 0, echo: 7 } });
  });

  it("scales windows both ways", () => {
    const { peer, socket } = ScriptedPeer.opened({ receiveBuffer: 1_000_000, nagle: false }, { maximumSegmentSize: 1460, windowScale: 4 });
    // The peer's window counts sixteen times as much.
    peer.send({ flags: ["ack"], window: 10 });
    socket.send(new Uint8Array(500));
    peer.simulation.run(0);
    expect(peer.take().reduce((sum, { payload }) => sum + payload.length, 0)).toBe(160);
    expect(Math.ceil(999_000 / 256)).toBeGreaterThan(3900);
  });

  it("drops what has an old timestamp (PAWS)", () => {
    const { peer, socket } = ScriptedPeer.opened({ timestamps: true }, { maximumSegmentSize: 1460, timestamps: { value: 100, echo: 0 } });
    const receiving = socket.receive();
    peer.send({ flags: ["ack", "psh"], text: "old", options: { timestamps: { value: 50, echo: 0 } } });
    expect(receiving.done).toBe(false);
    expect(words(peer.take())).toEqual(["ACK"]);
    const discard = peer.simulation.records.find(
      (record): record is IndicationRecord => record.type === "indication" && record.layer.name.endsWith("TRANSPORT_V4_DISCARD"),
    );
    expect(discard?.metadata.discardReason?.reason).toBe("InetDiscardPawsFailed");
  });
});

describe("loss recovery", () => {
  /** Ten segments of 1,000 bytes are out, the first one is lost. */
  function withLoss(sack: boolean, congestion: "cubic" | "new-reno" = "new-reno") {
    const { peer, socket } = ScriptedPeer.opened({ congestion }, { maximumSegmentSize: 1000, ...(sack ? { sackPermitted: true } : {}) });
    const first = peer.expected;
    socket.send(new Uint8Array(20_000));
    peer.simulation.run(0);
    expect(peer.take()).toHaveLength(10);
    return { peer, first };
  }

  it("sends the first segment again at the third duplicate acknowledgment (RFC 5681 3.2)", () => {
    const { peer, first } = withLoss(false);
    for (let count = 0; count < 2; count++) peer.send({ flags: ["ack"], acknowledgment: first });
    // Limited transmit: the two duplicates let two new segments out (RFC 3042).
    expect(peer.take().map(({ sequence }) => sequence - first)).toEqual([10_000, 11_000]);
    peer.send({ flags: ["ack"], acknowledgment: first });
    expect(peer.take().map(({ sequence }) => sequence - first)).toEqual([0]);
  });

  it("does not count what changes the window or carries data", () => {
    const { peer, first } = withLoss(false);
    for (const window of [60_000, 59_000, 58_000, 57_000]) peer.send({ flags: ["ack"], acknowledgment: first, window });
    peer.send({ flags: ["ack"], acknowledgment: first, text: "data", window: 57_000 });
    expect(peer.take().filter(({ sequence }) => sequence === first)).toEqual([]);
  });

  it("fills the holes that SACK tells of, not what the peer holds (RFC 6675)", () => {
    const { peer, first } = withLoss(true);
    const block = (left: number, right: number) => ({ left: first + left, right: first + right });
    peer.send({ flags: ["ack"], acknowledgment: first, options: { sackBlocks: [block(1000, 2000)] } });
    peer.send({ flags: ["ack"], acknowledgment: first, options: { sackBlocks: [block(3000, 5000), block(1000, 2000)] } });
    peer.send({ flags: ["ack"], acknowledgment: first, options: { sackBlocks: [block(3000, 10_000), block(1000, 2000)] } });
    const again = peer.take().map(({ sequence }) => sequence - first);
    expect(again.filter((offset) => offset < 10_000)).toEqual([0, 2000]);
  });

  it("sends the next hole at a partial acknowledgment (RFC 6582)", () => {
    const { peer, first } = withLoss(false);
    for (let count = 0; count < 3; count++) peer.send({ flags: ["ack"], acknowledgment: first });
    peer.take();
    peer.send({ flags: ["ack"], acknowledgment: first + 4000 });
    expect(peer.take().map(({ sequence }) => sequence - first)).toContain(4000);
  });

  it("tells the peer what lies beyond a gap, the latest block first (RFC 2018 4)", () => {
    const { peer } = ScriptedPeer.opened();
    const start = peer.next;
    peer.send({ flags: ["ack"], text: 100, sequence: start + 200 });
    peer.send({ flags: ["ack"], text: 100, sequence: start + 600 });
    peer.send({ flags: ["ack"], text: 100, sequence: start + 300 });
    expect(peer.take().map(({ options }) => options.sackBlocks?.map(({ left, right }) => [left - start, right - start]))).toEqual([
      [[200, 300]],
      [
        [600, 700],
        [200, 300],
      ],
      [
        [200, 400],
        [600, 700],
      ],
    ]);
  });

  it("goes back to one segment when the timer expires, and doubles the timeout", () => {
    const { peer, first } = withLoss(false, "cubic");
    peer.simulation.run(0.35);
    expect(peer.take().map(({ sequence }) => sequence - first)).toEqual([0]);
    peer.simulation.run(0.5);
    expect(peer.take()).toHaveLength(0);
    peer.simulation.run(0.1);
    expect(peer.take()).toHaveLength(1);
    // One segment is outstanding as far as the window goes: its acknowledgment lets the next ones go again.
    peer.send({ flags: ["ack"], acknowledgment: first + 1000 });
    expect(peer.take().map(({ sequence }) => sequence - first)).toEqual([1000]);
  });
});

describe("small segments", () => {
  it("wait for the acknowledgment of what is outstanding (Nagle), unless the program says TCP_NODELAY", () => {
    const { peer, socket } = ScriptedPeer.opened();
    socket.send(new Uint8Array(10));
    socket.send(new Uint8Array(20));
    peer.simulation.run(0);
    expect(words(peer.take())).toEqual(["PSH ACK 10"]);
    peer.send({ flags: ["ack"] });
    expect(words(peer.take())).toEqual(["PSH ACK 20"]);
    socket.send(new Uint8Array(5));
    socket.setNoDelay(true);
    peer.simulation.run(0);
    expect(words(peer.take())).toEqual(["PSH ACK 5"]);
  });
});

describe("resets and SYNs in doubt (RFC 5961)", () => {
  it("believes a reset with the exact number only, and challenges one within the window", () => {
    const { peer, socket } = ScriptedPeer.opened();
    peer.send({ flags: ["rst"], sequence: peer.next + 10 });
    expect(words(peer.take())).toEqual(["ACK"]);
    peer.send({ flags: ["rst"], sequence: peer.next - 10 });
    expect(peer.take()).toEqual([]);
    expect(socket.state).toBe("ESTABLISHED");
    peer.send({ flags: ["rst"], sequence: peer.next });
    expect(socket.state).toBe("CLOSED");
  });

  it("challenges a SYN, at most a hundred times a second", () => {
    const { peer, socket } = ScriptedPeer.opened();
    for (let count = 0; count < 150; count++) peer.send({ flags: ["syn"], sequence: peer.next });
    expect(peer.take()).toHaveLength(100);
    peer.simulation.run(1);
    peer.send({ flags: ["syn"], sequence: peer.next });
    expect(words(peer.take())).toEqual(["ACK"]);
    expect(socket.state).toBe("ESTABLISHED");
  });
});

describe("keep-alive (RFC 9293 3.8.4)", () => {
  it("probes an idle peer and gives it up after ten probes", () => {
    const { peer, socket } = ScriptedPeer.opened();
    const receiving = socket.receive();
    socket.setKeepAlive({ time: 60, interval: 1 });
    peer.simulation.run(59);
    expect(peer.take()).toEqual([]);
    peer.simulation.run(1.5);
    const [probe] = peer.take();
    expect(probe?.sequence).toBe(peer.expected - 1);
    peer.simulation.run(20);
    expect(peer.take()).toHaveLength(9);
    expect(receiving.result?.result).toBe("WSAENETRESET");
  });

  it("goes on as long as the peer answers, and stops when it is turned off", () => {
    const { peer, socket } = ScriptedPeer.opened();
    socket.setKeepAlive({ time: 60, interval: 1 });
    for (let round = 0; round < 12; round++) {
      peer.simulation.run(60.5);
      if (peer.take().length > 0) peer.send({ flags: ["ack"] });
    }
    expect(socket.state).toBe("ESTABLISHED");
    socket.setKeepAlive(null);
    peer.simulation.run(500);
    expect(peer.take()).toEqual([]);
  });

  it("answers a probe", () => {
    const { peer } = ScriptedPeer.opened();
    peer.send({ flags: ["ack"], sequence: peer.next - 1 });
    expect(words(peer.take())).toEqual(["ACK"]);
  });
});

describe("opening", () => {
  it("both ends at once (RFC 9293 3.5)", () => {
    const peer = new ScriptedPeer();
    const socket = peer.socket();
    socket.bind(null, 5000);
    peer.hostPort = 5000;
    const connecting = socket.connect(PEER, 80);
    peer.simulation.run(0);
    expect(words(peer.take())).toEqual(["SYN"]);
    peer.send({ flags: ["syn"], options: PLAIN });
    expect(words(peer.take())).toEqual(["SYN ACK"]);
    peer.send({ flags: ["ack"] });
    expect(connecting.result).toBe("ok");
    expect(socket.state).toBe("ESTABLISHED");
  });

  it("drops the crossing SYN where simultaneous opens are off", () => {
    const peer = new ScriptedPeer({ simultaneousOpen: false });
    const socket = peer.socket();
    socket.bind(null, 5000);
    peer.hostPort = 5000;
    socket.connect(PEER, 80);
    peer.simulation.run(0);
    peer.take();
    peer.send({ flags: ["syn"], options: PLAIN });
    expect(peer.take()).toEqual([]);
    expect(socket.state).toBe("SYN-SENT");
  });

  it("a full backlog resets further SYNs", () => {
    const peer = new ScriptedPeer();
    const listener = peer.socket();
    listener.bind(null, 80);
    listener.listen(1);
    peer.hostPort = 80;
    peer.send({ flags: ["syn"], options: PLAIN });
    expect(words(peer.take())).toEqual(["SYN ACK"]);
    peer.send({ flags: ["ack"] });
    const second = new ScriptedPeer();
    expect(second.take()).toEqual([]);
    // Another connection of the same peer, from another port.
    Object.assign(peer, { port: 81, next: 5000 });
    peer.send({ flags: ["syn"], options: PLAIN });
    expect(words(peer.take())).toEqual(["RST ACK"]);
    expect(listener.accept().result?.result).toBe("ok");
    Object.assign(peer, { port: 82, next: 6000 });
    peer.send({ flags: ["syn"], options: PLAIN });
    expect(words(peer.take())).toEqual(["SYN ACK"]);
  });

  it("a refused SYN goes out again where that is switched on (KB175523)", () => {
    const peer = new ScriptedPeer({ refusedRetransmissions: 2 });
    const socket = peer.socket();
    socket.bind(null, 5000);
    peer.hostPort = 5000;
    const connecting = socket.connect(PEER, 80);
    const times: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      peer.simulation.run(attempt === 0 ? 0 : 0.5);
      expect(words(peer.take())).toEqual(["SYN"]);
      times.push(peer.simulation.clock.seconds);
      peer.send({ flags: ["rst", "ack"] });
    }
    expect(times).toEqual([0, 0.5, 1]);
    expect(connecting.result).toBe("WSAECONNREFUSED");
  });

  it("a SYN without answer goes out after 1, 2, 4 and 8 seconds more", () => {
    const peer = new ScriptedPeer();
    const socket = peer.socket();
    const connecting = socket.connect(PEER, 80);
    const times: number[] = [];
    for (let tick = 0; tick < 250; tick++) {
      if (peer.take().length > 0) times.push(Math.round(peer.simulation.clock.seconds));
      peer.simulation.run(0.1);
    }
    expect(times).toEqual([0, 1, 3, 7, 15]);
    expect(connecting.result).toBe("WSAETIMEDOUT");
  });
});

describe("closing", () => {
  it("both ends at once", () => {
    const { peer, socket } = ScriptedPeer.opened();
    socket.close();
    peer.simulation.run(0);
    expect(words(peer.take())).toEqual(["FIN ACK"]);
    // The peer's FIN crosses ours.
    peer.send({ flags: ["fin", "ack"], acknowledgment: peer.expected - 1 });
    expect(socket.state).toBe("CLOSING");
    peer.send({ flags: ["ack"] });
    expect(socket.state).toBe("TIME-WAIT");
    peer.simulation.run(121);
    expect(socket.state).toBe("CLOSED");
  });

  it("half: the peer may go on sending", () => {
    const { peer, socket } = ScriptedPeer.opened();
    socket.shutdown();
    peer.simulation.run(0);
    peer.take();
    peer.send({ flags: ["ack"] });
    expect(socket.state).toBe("FIN-WAIT-2");
    const receiving = socket.receive();
    peer.send({ flags: ["ack", "psh"], text: "more" });
    expect(new TextDecoder().decode(receiving.result?.data)).toBe("more");
  });

  it("with SO_LINGER and zero seconds a reset is all the peer sees", () => {
    const { peer, socket } = ScriptedPeer.opened();
    socket.send(new Uint8Array(10));
    peer.simulation.run(0);
    peer.take();
    socket.abort();
    expect(words(peer.take())).toEqual([]);
    peer.simulation.run(0);
    expect(words(peer.take())).toEqual(["RST ACK"]);
    expect(socket.state).toBe("CLOSED");
  });

  it("a new SYN may reuse a pair in TIME-WAIT", () => {
    const peer = new ScriptedPeer();
    const listener = peer.socket();
    listener.bind(null, 80);
    listener.listen();
    const accepting = listener.accept();
    peer.hostPort = 80;
    peer.send({ flags: ["syn"], options: PLAIN });
    peer.take();
    peer.send({ flags: ["ack"] });
    const server = accepting.result?.socket;
    server?.close();
    peer.simulation.run(0);
    peer.take();
    peer.send({ flags: ["fin", "ack"] });
    expect(server?.state).toBe("TIME-WAIT");
    peer.take();
    peer.next += 100_000;
    peer.send({ flags: ["syn"], options: PLAIN });
    expect(words(peer.take())).toEqual(["SYN ACK"]);
  });
});

describe("zero windows", () => {
  it("are probed with a byte, less and less often, until they open", () => {
    const { peer, socket } = ScriptedPeer.opened();
    peer.send({ flags: ["ack"], window: 0 });
    socket.send(new TextEncoder().encode("wait"));
    peer.simulation.run(0);
    expect(peer.take()).toEqual([]);
    // The round trip was next to nothing, so that the first timeout is the shortest there is.
    peer.simulation.run(0.35);
    expect(words(peer.seen.slice())).toEqual(["ACK 1"]);
    const start = peer.seen[0]?.sequence ?? 0;
    peer.seen.length = 0;
    peer.simulation.run(0.5);
    expect(peer.seen).toHaveLength(0);
    peer.simulation.run(0.1);
    expect(peer.seen).toHaveLength(1);
    peer.seen.length = 0;
    peer.send({ flags: ["ack"], acknowledgment: start + 1, window: 100 });
    expect(peer.seen.map(({ payload }) => new TextDecoder().decode(payload))).toEqual(["ait"]);
  });
});
