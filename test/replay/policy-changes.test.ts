import { describe, expect, it } from "vitest";
import { FIELD_KEY, type LayerName, type Policy, uint16 } from "../../src/model/index.ts";
import { end, HOST, HOST6, PEER, PEER6, PERMIT, policyOf, replay, TestCapture } from "./lab.ts";

const CLIENT = end(HOST, 49_701);
const WEB = end(PEER, 443);

const OPEN = policyOf([]);
const blocking = (...layers: readonly LayerName[]): Policy => policyOf(layers.map((layer) => ({ layer })));

/** A connection of eight packets: four before the change, four after it. */
function connection(): TestCapture {
  const capture = new TestCapture();
  const talk = capture.tcp(CLIENT, WEB).handshake().data(">");
  capture.wait(10);
  talk.data("<").data(">").data("<").data(">");
  return capture;
}

const changed = (before: Policy, after: Policy, capture = connection()) =>
  replay(capture.bytes(), before, { later: [{ after: 5, policy: after }] });

describe("a policy that changes during the capture", () => {
  it("is met by the next packet of a flow: a connection that is not authorized again is torn down there", () => {
    const { flows, fates, packets } = changed(OPEN, blocking("ALE_AUTH_CONNECT_V4"));
    expect(fates).toBe("ppppB---");
    expect(flows).toMatchObject([{ verdict: "block", reauthorized: true, decider: { layer: "ALE_AUTH_CONNECT_V4" } }]);
    expect(packets[4]).toMatchObject({ fate: "blocked", direction: "inbound", decider: { layer: "ALE_AUTH_CONNECT_V4" } });
  });

  it("leaves a flow alone whose layer it does not touch", () => {
    const { flows, fates } = changed(OPEN, blocking("ALE_AUTH_RECV_ACCEPT_V4", "ALE_AUTH_CONNECT_V6"));
    expect(fates).toBe("pppppppp");
    expect(flows).toMatchObject([{ verdict: "permit", reauthorized: false }]);
  });

  it("touches IPv6 by its own layers only", () => {
    const capture = new TestCapture();
    const talk = capture.tcp(end(HOST6, 49_702), end(PEER6, 443)).handshake();
    capture.wait(10);
    talk.data(">").data("<");
    expect(changed(OPEN, blocking("ALE_AUTH_CONNECT_V4"), capture).fates).toBe("ppppp");
    const again = new TestCapture();
    const other = again.tcp(end(HOST6, 49_702), end(PEER6, 443)).handshake();
    again.wait(10);
    other.data(">").data("<");
    expect(changed(OPEN, blocking("ALE_AUTH_CONNECT_V6"), again).fates).toBe("pppB-");
  });

  it("authorizes a flow again where the change leaves it permitted", () => {
    const after = policyOf([{ layer: "ALE_AUTH_CONNECT_V4", action: PERMIT }]);
    expect(changed(OPEN, after).flows).toMatchObject([{ verdict: "permit", reauthorized: true, decider: { code: "FILTER_PERMIT" } }]);
  });

  it("counts at once at the layers that see every packet", () => {
    expect(changed(OPEN, blocking("STREAM_V4")).fates).toBe("ppppBBBB");
    expect(changed(blocking("STREAM_V4"), OPEN).fates).toBe("pppBpppp");
    expect(changed(OPEN, blocking("INBOUND_TRANSPORT_V4")).fates).toBe("ppppBpBp");
  });

  it("does not bring back what was blocked, but for another SYN", () => {
    expect(changed(blocking("ALE_AUTH_CONNECT_V4"), OPEN).fates).toBe("B-------");
    const capture = new TestCapture();
    const talk = capture.tcp(CLIENT, WEB).segment(">", "S").segment(">", "S", 0, { repeat: true });
    capture.wait(10);
    talk.segment(">", "S", 0, { repeat: true }).segment("<", "SA").segment(">", "A").data(">");
    const { fates, flows } = changed(blocking("ALE_AUTH_CONNECT_V4"), OPEN, capture);
    expect(fates).toBe("BBpppp");
    expect(flows).toMatchObject([{ verdict: "permit", fates: { blocked: 2, permitted: 4 } }]);
  });

  it("asks about datagrams anew", () => {
    const capture = new TestCapture().udp(CLIENT, end(PEER, 53)).udp(end(PEER, 53), CLIENT).wait(10);
    capture.udp(end(PEER, 53), CLIENT).udp(CLIENT, end(PEER, 53)).wait(10).udp(CLIENT, end(PEER, 53));
    const { fates } = replay(capture.bytes(), OPEN, {
      later: [
        { after: 5, policy: blocking("ALE_AUTH_CONNECT_V4") },
        { after: 15, policy: OPEN },
      ],
    });
    expect(fates).toBe("ppBBp");
  });

  it("judges new flows from its time on", () => {
    const capture = new TestCapture();
    capture.tcp(CLIENT, WEB).segment(">", "S");
    capture.wait(10).tcp(end(HOST, 49_702), WEB).segment(">", "S");
    expect(changed(OPEN, blocking("ALE_AUTH_CONNECT_V4"), capture).fates).toBe("pB");
  });

  it("passes over policies that no packet meets", () => {
    const { fates } = replay(connection().bytes(), OPEN, {
      later: [
        { after: 1, policy: blocking("ALE_AUTH_CONNECT_V4") },
        { after: 2, policy: OPEN },
      ],
    });
    expect(fates).toBe("pppppppp");
  });

  it("tells filters that changed but kept their key", () => {
    const to = (port: number) =>
      policyOf([
        {
          layer: "ALE_AUTH_CONNECT_V4",
          conditions: [{ fieldKey: FIELD_KEY.IP_REMOTE_PORT, matchType: "FWP_MATCH_EQUAL", value: uint16(port) }],
        },
      ]);
    expect(changed(to(80), to(443)).fates).toBe("ppppB---");
    expect(changed(to(80), to(80)).flows).toMatchObject([{ reauthorized: false }]);
  });
});
