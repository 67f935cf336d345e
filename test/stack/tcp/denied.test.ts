import { describe, expect, it } from "vitest";
import { LAYER_KEY } from "../../../src/model/index.ts";
import { denyOutbound } from "./denied.ts";
import { PEER, ScriptedPeer, words } from "./scripted-peer.ts";

const text = (data: Uint8Array | undefined) => new TextDecoder().decode(data);

/** Nothing more leaves, however long one waits, and the program's next call fails. */
function expectOver(peer: ScriptedPeer, socket: ReturnType<ScriptedPeer["socket"]>): void {
  expect(socket.state).toBe("CLOSED");
  peer.simulation.run(300);
  expect(words(peer.take())).toEqual([]);
  expect(socket.send(Uint8Array.of(1))).toBe("WSAECONNABORTED");
  expect([...peer.host.flows.flows]).toEqual([]);
}

// A failed reauthorization drops the segment, tells the peer nothing and ends the connection (WFP-SHIMS 4.6).
describe("a segment whose reauthorization fails on the way out ends the connection in the middle of what TCP was doing", () => {
  it("the acknowledgment that completes the handshake: connect fails", () => {
    const peer = new ScriptedPeer();
    const socket = peer.socket();
    socket.bind(null, 5000);
    peer.hostPort = 5000;
    const connecting = socket.connect(PEER, 80);
    peer.simulation.run(0);
    peer.take();
    denyOutbound(peer.host);
    peer.send({ flags: ["syn", "ack"] });
    expect(connecting.result).toBe("WSAECONNABORTED");
    peer.simulation.run(100);
    expect(words(peer.take())).toEqual([]);
  });

  it("a fast retransmission: the data in the same segment is not looked at", () => {
    const { peer, socket } = ScriptedPeer.opened({}, { maximumSegmentSize: 1000, sackPermitted: true });
    const first = peer.expected;
    socket.send(new Uint8Array(8000));
    peer.simulation.run(0);
    peer.take();
    const receiving = socket.receive();
    denyOutbound(peer.host);
    const sackBlocks = [{ left: first + 1000, right: first + 8000 }];
    peer.send({ flags: ["ack"], text: "data", acknowledgment: first, options: { sackBlocks } });
    expect(receiving.result).toMatchObject({ result: "WSAECONNABORTED" });
    expectOver(peer, socket);
  });

  it("new data that an acknowledgment lets out", () => {
    const { peer, socket } = ScriptedPeer.opened();
    peer.send({ flags: ["ack"], window: 0 });
    socket.send(new Uint8Array(3000));
    denyOutbound(peer.host);
    peer.send({ flags: ["ack"], window: 60_000 });
    expectOver(peer, socket);
  });

  it("the acknowledgment of a second segment: the data has not arrived", () => {
    const { peer, socket } = ScriptedPeer.opened();
    denyOutbound(peer.host);
    peer.send({ flags: ["ack"], text: "one" });
    expect(text(socket.receive().result?.data)).toBe("one");
    const receiving = socket.receive();
    peer.send({ flags: ["ack"], text: "two" });
    expect(receiving.result).toMatchObject({ result: "WSAECONNABORTED" });
    expectOver(peer, socket);
  });

  it("the acknowledgment of a FIN: the program sees an error, not the end of data", () => {
    const { peer, socket } = ScriptedPeer.opened();
    const receiving = socket.receive();
    denyOutbound(peer.host);
    peer.send({ flags: ["ack", "fin"] });
    expect(receiving.result).toMatchObject({ result: "WSAECONNABORTED" });
    expectOver(peer, socket);
  });

  it("a retransmission after a timeout", () => {
    const { peer, socket } = ScriptedPeer.opened();
    socket.send(new Uint8Array(10));
    peer.simulation.run(0);
    peer.take();
    denyOutbound(peer.host);
    peer.simulation.run(1);
    expectOver(peer, socket);
  });

  it("a keep-alive probe", () => {
    const { peer, socket } = ScriptedPeer.opened();
    socket.setKeepAlive({ time: 60, interval: 1 });
    denyOutbound(peer.host);
    peer.simulation.run(61);
    expectOver(peer, socket);
  });

  it("a window probe", () => {
    const { peer, socket } = ScriptedPeer.opened();
    peer.send({ flags: ["ack"], window: 0 });
    socket.send(new Uint8Array(10));
    denyOutbound(peer.host);
    peer.simulation.run(1);
    expectOver(peer, socket);
  });

  it("a FIN", () => {
    const { peer, socket } = ScriptedPeer.opened();
    const receiving = socket.receive();
    denyOutbound(peer.host);
    socket.shutdown();
    expect(receiving.result).toMatchObject({ result: "WSAECONNABORTED" });
    expectOver(peer, socket);
  });
});

describe("what comes in for a connection that a failed reauthorization has ended (WFP-SHIMS 4.6)", () => {
  /** The second acknowledgment is denied; the socket is still open. */
  function ended() {
    const { peer, socket } = ScriptedPeer.opened();
    denyOutbound(peer.host);
    peer.send({ flags: ["ack"], text: "one" });
    peer.send({ flags: ["ack"], text: "two" });
    expect(socket.state).toBe("CLOSED");
    peer.take();
    return peer;
  }

  it("is judged each time; once it passes TCP no longer knows the connection and resets it", () => {
    const peer = ended();
    const start = peer.simulation.records.length;
    peer.send({ flags: ["ack"], text: "three" });
    const judged = peer.simulation.records.slice(start).filter((record) => record.type === "indication" && record.reauthorize);
    // Nothing has changed since it was denied: the reason is the policy (WFP-SHIMS 4.6).
    expect(judged).toMatchObject([{ direction: "inbound", decision: { verdict: "permit" } }]);
    expect(words(peer.take())).toEqual(["RST"]);
    peer.send({ flags: ["ack"], text: "four" });
    expect(words(peer.take())).toEqual(["RST"]);
  });

  it("is dropped without a word as long as a filter denies it", () => {
    const peer = ended();
    const session = peer.host.bfe.openSession({ name: "test" });
    const id = session.addFilter({
      name: "nothing",
      layer: LAYER_KEY.ALE_AUTH_CONNECT_V4,
      conditions: [],
      action: { type: "FWP_ACTION_BLOCK" },
    });
    for (let copy = 0; copy < 3; copy++) peer.send({ flags: ["ack"], text: "three" });
    expect(words(peer.take())).toEqual([]);
    session.deleteFilterById(id);
    peer.send({ flags: ["ack"], text: "four" });
    expect(words(peer.take())).toEqual(["RST"]);
  });
});
