import { describe, expect, it } from "vitest";
import { FIELD_KEY, parseAddress, uint8, uint16 } from "../../src/model/index.ts";
import { end, HOST, HOST6, PEER, PEER6, policyOf, replay, TestCapture, type TestFilter } from "./lab.ts";

const CLIENT = end(HOST, 49_701);
const WEB = end(PEER, 443);
const CALLER = end(PEER, 51_000);
const SERVICE = end(HOST, 8080);

const is = (field: "IP_REMOTE_PORT" | "IP_LOCAL_PORT", port: number) => ({
  fieldKey: FIELD_KEY[field],
  matchType: "FWP_MATCH_EQUAL" as const,
  value: uint16(port),
});
const through = (capture: TestCapture, ...filters: readonly TestFilter[]) => replay(capture.bytes(), policyOf(filters));

describe("a TCP connection", () => {
  it("passes where no filter is", () => {
    const capture = new TestCapture();
    capture.tcp(CLIENT, WEB).handshake().data(">").data("<", 700).close();
    const { flows, fates, summary } = through(capture);
    expect(fates).toBe("pppppppp");
    expect(flows).toMatchObject([
      {
        number: 1,
        flow: { direction: "out", protocol: 6, localPort: 49_701, remotePort: 443 },
        verdict: "permit",
        state: "closed",
        coverage: "whole",
        inbound: { packets: 3, bytes: 820, retransmissions: 0 },
        outbound: { packets: 5 },
      },
    ]);
    expect(summary).toMatchObject({ packets: 8, flows: 1, byVerdict: { permit: { flows: 1, packets: 8 } }, byFate: { permitted: 8 } });
  });

  it("that AUTH_CONNECT blocks ends at its SYN: nothing after it would have come about", () => {
    const capture = new TestCapture();
    capture.tcp(CLIENT, WEB).handshake().data(">").data("<").close();
    const { flows, fates, packets, summary } = through(capture, { layer: "ALE_AUTH_CONNECT_V4", conditions: [is("IP_REMOTE_PORT", 443)] });
    expect(fates).toBe("B-------");
    expect(flows[0]).toMatchObject({ verdict: "block", decider: { layer: "ALE_AUTH_CONNECT_V4", code: "FILTER_BLOCK" } });
    expect(packets[0]).toMatchObject({ event: "SYN", direction: "outbound", layers: ["ALE_CONNECT_REDIRECT_V4", "ALE_AUTH_CONNECT_V4"] });
    expect(packets[1]).toMatchObject({ event: "SYN-ACK", fate: "suppressed", layers: [] });
    expect([...summary.byLayer.keys()]).toEqual(["ALE_AUTH_CONNECT_V4"]);
    expect([...summary.byFilter.values()]).toMatchObject([{ flows: 1, packets: 8, verdict: "block", layer: "ALE_AUTH_CONNECT_V4" }]);
  });

  it("that AUTH_RECV_ACCEPT blocks drops every SYN, retransmitted ones too, and suppresses the rest", () => {
    const capture = new TestCapture();
    const call = capture.tcp(CALLER, SERVICE);
    call.segment(">", "S").segment(">", "S", 0, { repeat: true }).segment(">", "S", 0, { repeat: true });
    call.segment("<", "SA").segment(">", "A").data(">");
    const { flows, fates, packets } = through(capture, { layer: "ALE_AUTH_RECV_ACCEPT_V4", conditions: [is("IP_LOCAL_PORT", 8080)] });
    expect(fates).toBe("BBB---");
    expect(flows[0]).toMatchObject({ flow: { direction: "in" }, inbound: { retransmissions: 2 }, fates: { blocked: 3, suppressed: 3 } });
    expect(packets[1]?.layers).toEqual(["INBOUND_IPPACKET_V4", "INBOUND_TRANSPORT_V4", "ALE_AUTH_RECV_ACCEPT_V4"]);
  });

  it("whose answer a transport filter blocks: the SYN passes, the answer is dropped, the rest is suppressed", () => {
    const capture = new TestCapture();
    capture.tcp(CLIENT, WEB).handshake().data(">");
    const { fates } = through(capture, { layer: "INBOUND_TRANSPORT_V4" });
    expect(fates).toBe("pB--");
  });

  it("of IPv6 is not touched by filters of IPv4, and the other way round", () => {
    const capture = new TestCapture();
    capture.tcp(CLIENT, WEB).segment(">", "S");
    capture.tcp(end(HOST6, 49_702), end(PEER6, 443)).segment(">", "S");
    expect(through(capture, { layer: "ALE_AUTH_CONNECT_V4" }).fates).toBe("Bp");
    expect(through(capture, { layer: "ALE_AUTH_CONNECT_V6" }).fates).toBe("pB");
  });

  it("that was under way before the capture belongs to who has the higher port, and is judged as one", () => {
    const capture = new TestCapture();
    const call = capture.tcp(CALLER, SERVICE);
    call.data("<").segment(">", "A").data(">");
    const { flows, fates } = through(capture);
    expect(flows).toMatchObject([{ flow: { direction: "in" }, coverage: "mid-stream", state: "established", verdict: "permit" }]);
    expect(fates).toBe("ppp");
    // Nothing of it would be there, for it was never authorized.
    expect(through(capture, { layer: "ALE_AUTH_RECV_ACCEPT_V4" }).fates).toBe("---");
  });

  it("of which a SYN-ACK is the first to be seen was opened by its receiver", () => {
    const capture = new TestCapture();
    capture.tcp(end(PEER, 80), end(HOST, 60_000)).segment("<", "SA").segment(">", "A");
    expect(through(capture).flows).toMatchObject([{ flow: { direction: "in", localPort: 60_000 }, coverage: "mid-stream" }]);
  });

  it("of which only one direction was captured is one-way", () => {
    const capture = new TestCapture();
    capture.tcp(CLIENT, WEB).segment(">", "S").segment(">", "A").data(">");
    expect(through(capture).flows).toMatchObject([{ coverage: "one-way", inbound: { packets: 0 }, outbound: { packets: 3 } }]);
  });

  it("that nobody answers stays a SYN", () => {
    const capture = new TestCapture();
    capture.tcp(CLIENT, WEB).segment(">", "S").segment(">", "S", 0, { repeat: true });
    expect(through(capture).flows).toMatchObject([{ coverage: "whole", state: "syn", outbound: { retransmissions: 1 } }]);
  });

  it("counts segments that bring nothing new, across the end of the sequence space too", () => {
    const capture = new TestCapture();
    const call = capture.tcp(CLIENT, WEB).handshake().data(">", 1000);
    call.segment(">", "A", 1000, { repeat: true }).data(">", 10);
    expect(through(capture).flows).toMatchObject([{ outbound: { packets: 5, retransmissions: 1 }, inbound: { retransmissions: 0 } }]);
  });
});

describe("a closed port", () => {
  const refused = (): TestCapture => {
    const capture = new TestCapture();
    capture.tcp(CALLER, SERVICE).segment(">", "S").segment("<", "RA");
    return capture;
  };

  it("is recognised by its reset", () => {
    const { flows, fates } = through(refused());
    expect(flows).toMatchObject([{ listener: "no", state: "refused", verdict: "permit" }]);
    expect(fates).toBe("pp");
  });

  it("says nothing where a discard layer blocks: the SYN passes, its reset would not have come about", () => {
    const { flows, fates } = through(refused(), { layer: "INBOUND_TRANSPORT_V4_DISCARD" });
    expect(flows).toMatchObject([{ listener: "no", verdict: "block", decider: { layer: "INBOUND_TRANSPORT_V4_DISCARD" } }]);
    expect(fates).toBe("p-");
  });

  it("is not asked about by ALE: nobody is there to authorize", () => {
    const { flows } = through(refused(), { layer: "ALE_AUTH_RECV_ACCEPT_V4" });
    expect(flows).toMatchObject([{ verdict: "permit" }]);
  });

  it("of the peer says nothing of this host's policy", () => {
    const capture = new TestCapture();
    capture.tcp(CLIENT, WEB).segment(">", "S").segment("<", "RA");
    const { flows, fates } = through(capture, { layer: "INBOUND_TRANSPORT_V4_DISCARD" });
    expect(flows).toMatchObject([{ listener: "unknown", state: "refused", verdict: "permit" }]);
    expect(fates).toBe("pp");
  });
});

describe("datagrams", () => {
  it("of a blocked sender are dropped each; replies would not have come", () => {
    const capture = new TestCapture().udp(CLIENT, end(PEER, 53)).udp(end(PEER, 53), CLIENT).udp(CLIENT, end(PEER, 53));
    const { flows, fates } = through(capture, { layer: "ALE_AUTH_CONNECT_V4" });
    expect(fates).toBe("B-B");
    expect(flows).toMatchObject([{ state: null, listener: "unknown", flow: { protocol: 17, direction: "out" } }]);
  });

  it("that come in meet AUTH_RECV_ACCEPT", () => {
    const capture = new TestCapture().udp(CALLER, SERVICE).udp(SERVICE, CALLER);
    expect(through(capture, { layer: "ALE_AUTH_RECV_ACCEPT_V4" }).fates).toBe("B-");
    expect(through(capture, { layer: "ALE_AUTH_CONNECT_V4" }).fates).toBe("pp");
  });

  it("to everybody are for this host too; those between others are nobody's", () => {
    const capture = new TestCapture()
      .udp(end("10.0.0.7", 5353), end("224.0.0.251", 5353))
      .udp(end("10.0.0.7", 137), end("10.0.0.255", 137))
      .udp(end("10.0.0.7", 500), end("10.0.0.8", 500));
    const { fates, flows, summary } = through(capture, { layer: "ALE_AUTH_RECV_ACCEPT_V4", conditions: [is("IP_LOCAL_PORT", 5353)] });
    expect(fates).toBe("Bp.");
    expect(flows).toHaveLength(2);
    expect([...summary.notIp]).toEqual([["of other hosts", 1]]);
  });

  it("in pieces belong to the flow of their first piece", () => {
    const capture = new TestCapture().fragments(CLIENT, end(PEER, 2049), 3000, 1480);
    const { flows, fates, packets } = through(capture, { layer: "ALE_AUTH_CONNECT_V4" });
    expect(flows).toMatchObject([{ outbound: { packets: 3 } }]);
    expect(fates).toBe("BBB");
    expect(packets.map(({ event }) => event)).toEqual(["UDP message", "fragment", "fragment"]);
  });

  it("whose first piece is missing belong to no flow", () => {
    const whole = new TestCapture().fragments(end(PEER, 2049), CLIENT, 2000, 1480).bytes();
    const { summary, fates } = replay(whole, policyOf([]), { local: ["192.0.2.1"] });
    expect(fates).toBe("..");
    expect([...summary.notIp]).toEqual([["of other hosts", 2]]);
  });
});

describe("ICMP", () => {
  it("an echo request and its answer are one flow", () => {
    const capture = new TestCapture().icmp(PEER, HOST, 8).icmp(HOST, PEER, 0);
    const { flows, fates } = through(capture, {
      layer: "ALE_AUTH_RECV_ACCEPT_V4",
      conditions: [{ fieldKey: FIELD_KEY.IP_PROTOCOL, matchType: "FWP_MATCH_EQUAL", value: uint8(1) }],
    });
    expect(flows).toMatchObject([{ flow: { icmp: { type: 8, code: 0 } }, inbound: { packets: 1 }, outbound: { packets: 1 } }]);
    expect(fates).toBe("B-");
  });

  it("an error meets the layers of errors", () => {
    const capture = new TestCapture().icmp(PEER, HOST, 3, 3, 0);
    expect(through(capture, { layer: "INBOUND_ICMP_ERROR_V4" }).fates).toBe("B");
    expect(through(capture, { layer: "ALE_AUTH_RECV_ACCEPT_V4" }).fates).toBe("p");
  });
});

describe("layers that see later packets", () => {
  const talk = (): TestCapture => {
    const capture = new TestCapture();
    capture.tcp(CLIENT, WEB).handshake().data(">").data("<");
    return capture;
  };

  it("STREAM drops data, not what has none", () => {
    expect(through(talk(), { layer: "STREAM_V4" }).fates).toBe("pppBB");
  });

  it("DATAGRAM_DATA drops messages", () => {
    const capture = new TestCapture().udp(CALLER, SERVICE).udp(SERVICE, CALLER);
    const direction = {
      fieldKey: FIELD_KEY.DIRECTION,
      matchType: "FWP_MATCH_EQUAL" as const,
      value: { type: "FWP_UINT32" as const, value: 0 },
    };
    expect(through(capture, { layer: "DATAGRAM_DATA_V4", conditions: [direction] }).fates).toBe("pB");
  });

  it("OUTBOUND_IPPACKET drops what this host sends", () => {
    const capture = new TestCapture();
    capture.tcp(CALLER, SERVICE).handshake().data("<");
    expect(through(capture, { layer: "OUTBOUND_IPPACKET_V4" }).fates).toBe("pB--");
    const udp = new TestCapture().udp(CALLER, SERVICE).udp(SERVICE, CALLER);
    expect(through(udp, { layer: "OUTBOUND_IPPACKET_V4" }).fates).toBe("pB");
  });

  it("INBOUND_TRANSPORT leaves nothing of a connection that was under way: it would never have begun", () => {
    const capture = new TestCapture();
    capture.tcp(CLIENT, WEB).data(">").data("<").data(">");
    expect(through(capture, { layer: "INBOUND_TRANSPORT_V4" }).fates).toBe("---");
  });
});

describe("what a dump tells of an endpoint", () => {
  const listener = (localAddress: string) => ({
    protocol: 6,
    localAddress: parseAddress(localAddress),
    localPort: 8080,
    remoteAddress: parseAddress("0.0.0.0"),
    remotePort: 0,
    app: `C:\\at ${localAddress}.exe`,
  });
  const called = (...endpoints: readonly ReturnType<typeof listener>[]) => {
    const capture = new TestCapture();
    capture.tcp(CALLER, SERVICE).segment(">", "S");
    return replay(capture.bytes(), policyOf([]), { endpoints }).flows[0];
  };

  it("is who owns it: the ends stay the flow's own", () => {
    expect(called(listener("0.0.0.0"))).toMatchObject({
      listener: "yes",
      flow: {
        app: "C:\\at 0.0.0.0.exe",
        localAddress: parseAddress(HOST),
        localPort: 8080,
        remoteAddress: parseAddress(PEER),
        remotePort: 51_000,
      },
    });
  });

  it("counts more the more particular it is, and not for other addresses", () => {
    expect(called(listener("0.0.0.0"), listener(HOST), listener("10.0.0.6"))?.flow.app).toBe(`C:\\at ${HOST}.exe`);
    expect(called(listener("10.0.0.6"))?.flow.app).toBeUndefined();
  });
});

describe("the layers of a packet that is blocked", () => {
  it("end with the one that authorizes it, of later datagrams too: there is no flow that they could belong to", () => {
    const out = through(new TestCapture().udp(CLIENT, WEB).udp(CLIENT, WEB), { layer: "ALE_AUTH_CONNECT_V4" });
    expect(out.packets.map(({ layers }) => layers.at(-1))).toEqual(["ALE_AUTH_CONNECT_V4", "ALE_AUTH_CONNECT_V4"]);
    expect(out.packets[1]?.layers).not.toContain("OUTBOUND_TRANSPORT_V4");
    const come = through(new TestCapture().udp(CALLER, SERVICE).udp(CALLER, SERVICE), { layer: "ALE_AUTH_RECV_ACCEPT_V4" });
    expect(come.packets[1]?.layers).toEqual(["INBOUND_IPPACKET_V4", "INBOUND_TRANSPORT_V4", "ALE_AUTH_RECV_ACCEPT_V4"]);
  });
});
