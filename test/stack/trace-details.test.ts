import { describe, expect, it } from "vitest";
import { Bfe, type BfeSession } from "../../src/engine/index.ts";
import { type Interpretation, LAYER_KEY, parseFlow } from "../../src/model/index.ts";
import { judgeFlow, judgePacket, judgeReauthorization, traceFlow } from "../../src/stack/index.ts";

const block = { type: "FWP_ACTION_BLOCK" } as const;

function world(prepare: (session: BfeSession) => void = () => undefined, interpretation: Partial<Interpretation> = {}) {
  const bfe = new Bfe({ windows: "11", interpretation });
  prepare(bfe.openSession());
  return bfe.engine;
}

const add = (layer: keyof typeof LAYER_KEY) => (session: BfeSession) =>
  session.addFilter({ name: "block", layer: LAYER_KEY[layer], conditions: [], action: block });

const trace = (flow: string, engine = world(), listener = true) => traceFlow(engine, parseFlow(flow), { windows: "11", listener });
const names = (flow: string, engine = world(), listener = true) =>
  trace(flow, engine, listener).steps.map(({ layer }) => layer.name.replace("FWPM_LAYER_", ""));

describe("what a flow's words leave open", () => {
  it("the IP version follows from addresses, or from the protocol, or is said to be assumed", () => {
    expect(names("in icmpv6 * > * icmp=128/0")[0]).toBe("INBOUND_IPPACKET_V6");
    expect(names("in icmp * > * icmp=8/0")[0]).toBe("INBOUND_IPPACKET_V4");
    const assumed = trace("in tcp * > *:80").assumptions;
    expect(assumed).toContain("the flow is IPv4: no address tells");
    expect(trace("in icmp * > * icmp=8/0").assumptions).not.toContain("the flow is IPv4: no address tells");
  });

  it("loopback is known from either address, or not at all", () => {
    expect(trace("out tcp 127.0.0.1 > 127.0.0.1:80").steps.at(-1)?.layer.name).toBeDefined();
    const flags = (flow: string) => {
      const step = trace(flow).steps.find(({ layer }) => layer.name === "FWPM_LAYER_ALE_AUTH_CONNECT_V4");
      const index = step?.layer.fields.find(({ name }) => name === "FLAGS")?.index ?? -1;
      return step?.values[index];
    };
    expect(flags("out tcp 10.0.0.1 > 10.0.0.1:80 package=none")).toMatchObject({ type: "FWP_UINT32" });
    expect(typeof flags("out tcp 10.0.0.1 > *:80")).toBe("symbol");
  });

  it("protocols without ports have none, ICMP has type and code", () => {
    const step = trace("out 47 10.0.0.5 > 203.0.113.9").steps.find(({ layer }) => layer.name === "FWPM_LAYER_ALE_AUTH_CONNECT_V4");
    const port = step?.layer.fields.find(({ name }) => name === "IP_REMOTE_PORT")?.index ?? -1;
    expect(step?.values[port]).toEqual({ type: "FWP_EMPTY" });
  });

  it("a closed port of IPv6, and of UDP", () => {
    expect(names("in udp [2001:db8::9]:4000 > [2001:db8::1]:53", world(), false)).toEqual([
      "INBOUND_IPPACKET_V6",
      "INBOUND_IPPACKET_V6_DISCARD",
      "OUTBOUND_ICMP_ERROR_V6",
      "OUTBOUND_TRANSPORT_V6",
      "OUTBOUND_IPPACKET_V6",
    ]);
    const asked = world(undefined, { transportBeforeDiscard: true });
    expect(names("in tcp 203.0.113.9:4000 > 10.0.0.5:80", asked, false).slice(0, 3)).toEqual([
      "INBOUND_IPPACKET_V4",
      "INBOUND_TRANSPORT_V4",
      "INBOUND_TRANSPORT_V4_DISCARD",
    ]);
  });
});

describe("what both ends notice", () => {
  const seen = (flow: string, layer: keyof typeof LAYER_KEY, listener = true) => trace(flow, world(add(layer)), listener).observed;

  it.each([
    ["out tcp 10.0.0.5 > 203.0.113.9:443", "ALE_RESOURCE_ASSIGNMENT_V4", true, /bind fails at once/],
    ["out tcp 10.0.0.5 > 203.0.113.9:443", "ALE_AUTH_CONNECT_V4", true, /connect fails at once/],
    ["out tcp 10.0.0.5 > 203.0.113.9:443", "OUTBOUND_TRANSPORT_V4", true, /WSAETIMEDOUT.*after the SYN/],
    ["out tcp 10.0.0.5 > 203.0.113.9:443", "INBOUND_TRANSPORT_V4", true, /SYN-ACK is dropped/],
    ["out udp 10.0.0.5 > 203.0.113.9:53", "ALE_RESOURCE_ASSIGNMENT_V4", true, /bind, or the first send/],
    ["out udp 10.0.0.5 > 203.0.113.9:53", "ALE_AUTH_CONNECT_V4", true, /the datagram is dropped/],
    ["out icmp 10.0.0.5 > 203.0.113.9 icmp=8/0", "ALE_AUTH_CONNECT_V4", true, /General failure/],
    ["in icmp 203.0.113.9 > 10.0.0.5 icmp=3/3", "INBOUND_ICMP_ERROR_V4", true, /does not arrive/],
    ["in udp 203.0.113.9 > 10.0.0.5:53", "INBOUND_TRANSPORT_V4", true, /does not arrive/],
    ["in tcp 203.0.113.9 > 10.0.0.5:80", "OUTBOUND_TRANSPORT_V4", true, /handshake does not complete/],
    ["in tcp 203.0.113.9 > 10.0.0.5:80", "ALE_FLOW_ESTABLISHED_V4", true, /right after its handshake/],
  ] as const)("%s blocked at %s", (flow, layer, listener, application) => {
    expect(seen(flow, layer, listener).application).toMatch(application);
  });

  it.each([
    ["in tcp 203.0.113.9 > 10.0.0.5:80", "INBOUND_TRANSPORT_V4_DISCARD", /RST is suppressed/],
    ["in tcp 203.0.113.9 > 10.0.0.5:80", "INBOUND_IPPACKET_V4", /before the stack looks for a listener/],
    ["in udp 203.0.113.9 > 10.0.0.5:53", "OUTBOUND_ICMP_ERROR_V4", /ICMP error is suppressed/],
  ] as const)("nobody listens, %s blocked at %s", (flow, layer, peer) => {
    expect(seen(flow, layer, false).peer).toMatch(peer);
  });
});

describe("judging later packets", () => {
  const flow = parseFlow("in tcp 203.0.113.9:4000 > 10.0.0.5:80");
  const out = parseFlow("out udp 10.0.0.5:4000 > 203.0.113.9:53");
  const options = { windows: "11" } as const;

  it("goes through the layers of its direction until one blocks", () => {
    const steps = (direction: "inbound" | "outbound", hasData: boolean, engine = world()) =>
      judgePacket(engine, flow, { direction, hasData }, options).steps.map(({ layer }) => layer.name.replace("FWPM_LAYER_", ""));
    expect(steps("inbound", true)).toEqual(["INBOUND_IPPACKET_V4", "INBOUND_TRANSPORT_V4", "STREAM_V4"]);
    expect(steps("outbound", false)).toEqual(["OUTBOUND_TRANSPORT_V4", "OUTBOUND_IPPACKET_V4"]);
    expect(steps("outbound", true, world(add("STREAM_V4")))).toEqual(["STREAM_V4"]);
    const message = judgePacket(world(), out, { direction: "inbound", hasData: true }, options);
    expect(message.verdict).toBe("permit");
    expect(message.steps.at(-1)?.event).toBe("UDP message");
  });

  it("asks the layer that authorized it again", () => {
    const inbound = judgeReauthorization(world(add("ALE_AUTH_RECV_ACCEPT_V4")), flow, options);
    expect(inbound).toMatchObject({ verdict: "block", steps: [{ direction: "inbound", event: "TCP segment" }] });
    const outbound = judgeReauthorization(world(add("ALE_AUTH_RECV_ACCEPT_V4")), out, options);
    expect(outbound).toMatchObject({ verdict: "permit", steps: [{ direction: "outbound", event: "UDP message" }] });
  });

  it("equals the trace", () => {
    const engine = world(add("ALE_AUTH_RECV_ACCEPT_V4"));
    const judged = judgeFlow(engine, flow, options);
    const traced = traceFlow(engine, flow, { windows: "11", listener: true });
    expect(judged.verdict).toBe(traced.verdict);
    expect(judged.decisive?.layer.key).toBe(traced.decisive?.layer.key);
  });

  it("is indeterminate where a callout's code is not known", () => {
    const engine = world((session) => {
      session.addCallout({
        key: "{ca110000-0000-4000-8000-000000000001}",
        name: "unknown",
        applicableLayer: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4,
      });
      session.addFilter({
        name: "asks",
        layer: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4,
        conditions: [
          { fieldKey: "{0c1ba1af-5765-453f-af22-a8f791ac775b}", matchType: "FWP_MATCH_EQUAL", value: { type: "FWP_UINT16", value: 80 } },
        ],
        action: { type: "FWP_ACTION_BLOCK" },
      });
    });
    const open = judgeFlow(engine, parseFlow("in tcp 203.0.113.9:4000 > 10.0.0.5"), options);
    expect(open.verdict).toBe("indeterminate");
    expect(traceFlow(engine, parseFlow("in tcp 203.0.113.9:4000 > 10.0.0.5"), { windows: "11" }).observed.peer).toMatch(
      /^if permitted: .*; if blocked: /,
    );
  });
});
