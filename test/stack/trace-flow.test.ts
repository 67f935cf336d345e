import { describe, expect, it } from "vitest";
import { Bfe, type BfeSession } from "../../src/engine/index.ts";
import { type FlowTrace, LAYER_KEY, parseFlow, type WindowsVersion } from "../../src/model/index.ts";
import { runScenario, traceFlow } from "../../src/stack/index.ts";

const block = { type: "FWP_ACTION_BLOCK" } as const;

function trace(
  flow: string,
  prepare: (session: BfeSession) => void = () => undefined,
  options: { windows?: WindowsVersion; listener?: boolean } = {},
) {
  const windows = options.windows ?? "11";
  const bfe = new Bfe({ windows });
  prepare(bfe.openSession());
  return traceFlow(bfe.engine, parseFlow(flow), { ...options, windows });
}

const layers = (found: FlowTrace) => found.steps.map(({ layer }) => layer.name.replace("FWPM_LAYER_", "").replace(/_V4/, ""));
const IN = "in tcp 203.0.113.9:51000 > 10.0.0.5:445";
const OUT = "out tcp 10.0.0.5:49701 > 203.0.113.9:443";

describe("the way of a flow", () => {
  it.each([
    [
      IN,
      "INBOUND_IPPACKET INBOUND_TRANSPORT ALE_AUTH_RECV_ACCEPT OUTBOUND_TRANSPORT OUTBOUND_IPPACKET INBOUND_IPPACKET INBOUND_TRANSPORT ALE_FLOW_ESTABLISHED",
    ],
    [
      OUT,
      "ALE_BIND_REDIRECT ALE_RESOURCE_ASSIGNMENT ALE_CONNECT_REDIRECT ALE_AUTH_CONNECT OUTBOUND_TRANSPORT OUTBOUND_IPPACKET INBOUND_IPPACKET INBOUND_TRANSPORT ALE_FLOW_ESTABLISHED OUTBOUND_TRANSPORT OUTBOUND_IPPACKET",
    ],
    [
      "in udp 203.0.113.9:51000 > 10.0.0.5:53",
      "INBOUND_IPPACKET INBOUND_TRANSPORT ALE_AUTH_RECV_ACCEPT ALE_FLOW_ESTABLISHED DATAGRAM_DATA",
    ],
    [
      "out udp 10.0.0.5:49701 > 203.0.113.9:53",
      "ALE_BIND_REDIRECT ALE_RESOURCE_ASSIGNMENT ALE_CONNECT_REDIRECT ALE_AUTH_CONNECT ALE_FLOW_ESTABLISHED DATAGRAM_DATA OUTBOUND_TRANSPORT OUTBOUND_IPPACKET",
    ],
    [
      "out icmp 10.0.0.5 > 203.0.113.9 icmp=8/0",
      "ALE_AUTH_CONNECT ALE_FLOW_ESTABLISHED DATAGRAM_DATA OUTBOUND_TRANSPORT OUTBOUND_IPPACKET",
    ],
    ["out icmp 10.0.0.5 > 203.0.113.9 icmp=3/3", "OUTBOUND_ICMP_ERROR OUTBOUND_TRANSPORT OUTBOUND_IPPACKET"],
    ["in icmp 203.0.113.9 > 10.0.0.5 icmp=3/4", "INBOUND_IPPACKET INBOUND_TRANSPORT INBOUND_ICMP_ERROR"],
  ])("%s", (flow, expected) => expect(layers(trace(flow)).join(" ")).toBe(expected));

  it("without a listener passes the discard layers", () => {
    expect(layers(trace(IN, undefined, { listener: false }))).toEqual([
      "INBOUND_IPPACKET",
      "INBOUND_TRANSPORT_DISCARD",
      "OUTBOUND_TRANSPORT",
      "OUTBOUND_IPPACKET",
    ]);
    expect(layers(trace("in udp 203.0.113.9:51000 > 10.0.0.5:53", undefined, { listener: false }))[1]).toBe("INBOUND_IPPACKET_DISCARD");
  });

  it("has no redirect layers on Windows Vista", () => {
    expect(layers(trace(OUT, undefined, { windows: "vista" })).filter((name) => name.includes("REDIRECT"))).toEqual([]);
  });

  it("is the one that a running host takes, up to the established flow", () => {
    const { policy } = new Bfe({ windows: "11" });
    const records = runScenario("tcp-connect", { clientPolicy: policy, serverPolicy: policy, family: 4, windows: "11" });
    const visited = (host: string) =>
      records.flatMap((record) =>
        record.type === "indication" && record.host === host ? [record.layer.name.replace("FWPM_LAYER_", "").replace(/_V4/, "")] : [],
      );
    const client = layers(trace(OUT));
    expect(visited("client").slice(0, client.length)).toEqual(client);
    const server = visited("server");
    const from = server.indexOf("INBOUND_IPPACKET");
    expect(server.slice(from, from + layers(trace(IN)).length)).toEqual(layers(trace(IN)));
  });
});

describe("the verdict", () => {
  const blockAt =
    (layer: (typeof LAYER_KEY)[keyof typeof LAYER_KEY], conditions: Parameters<BfeSession["addFilter"]>[0]["conditions"] = []) =>
    (session: BfeSession) =>
      void session.addFilter({ name: "block", layer, action: block, conditions });

  it("ends the way at a definite block, after the discard layer", () => {
    const found = trace(IN, blockAt(LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4));
    expect(found.verdict).toBe("block");
    expect(found.code).toBe("FILTER_BLOCK");
    expect(found.steps.map(({ reached }) => reached)).toEqual([true, true, true, true, false, false, false, false, false]);
    expect(layers(found)[3]).toBe("ALE_AUTH_RECV_ACCEPT_DISCARD");
  });

  it("is indeterminate on a field that was left out, and says on which", () => {
    const port = {
      fieldKey: "{0c1ba1af-5765-453f-af22-a8f791ac775b}",
      matchType: "FWP_MATCH_EQUAL",
      value: { type: "FWP_UINT16", value: 445 },
    } as const;
    const found = trace("in tcp 203.0.113.9:51000 > 10.0.0.5", blockAt(LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4, [port]));
    expect(found.verdict).toBe("indeterminate");
    expect(found.dependsOn).toEqual([{ kind: "field", fieldKey: port.fieldKey, field: "IP_LOCAL_PORT" }]);
    expect(found.observed.peer).toContain("if blocked: a connect timeout");
    expect(trace("in tcp 203.0.113.9:51000 > 10.0.0.5:80", blockAt(LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4, [port])).verdict).toBe("permit");
  });

  it("is the authorization's where nothing blocks", () => {
    const found = trace(OUT);
    expect(found).toMatchObject({ verdict: "permit", code: "NO_MATCH_PERMIT" });
    expect(found.decisive?.layer.name).toBe("FWPM_LAYER_ALE_AUTH_CONNECT_V4");
  });

  it("names the one condition that a near miss failed on", () => {
    const found = trace(IN, (session) => {
      session.addFilter({ name: "all", layer: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4, action: block, weight: { type: "FWP_UINT8", value: 1 } });
      session.addFilter({
        name: "http",
        layer: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4,
        action: { type: "FWP_ACTION_PERMIT" },
        weight: { type: "FWP_UINT8", value: 2 },
        conditions: [
          { fieldKey: "{0c1ba1af-5765-453f-af22-a8f791ac775b}", matchType: "FWP_MATCH_EQUAL", value: { type: "FWP_UINT16", value: 80 } },
        ],
      });
    });
    const [miss, ...more] = found.decisive?.nearMisses ?? [];
    expect(more).toEqual([]);
    expect(miss?.filter.name).toBe("http");
    expect(miss?.actual).toEqual({ type: "FWP_UINT16", value: 445 });
  });

  it.each([
    [OUT, LAYER_KEY.ALE_AUTH_CONNECT_V4, /WSAEACCES/, /no SYN/],
    [OUT, LAYER_KEY.OUTBOUND_TRANSPORT_V4, /WSAETIMEDOUT/, /no SYN leaves/],
    [OUT, LAYER_KEY.INBOUND_TRANSPORT_V4, /WSAETIMEDOUT/, /sees the SYN/],
    [IN, LAYER_KEY.INBOUND_IPPACKET_V4, /nothing/, /timeout/],
    [IN, LAYER_KEY.OUTBOUND_TRANSPORT_V4, /nothing/, /SYN-ACK never leaves/],
    [IN, LAYER_KEY.ALE_FLOW_ESTABLISHED_V4, /closed/, /reset/],
    ["out udp 10.0.0.5:49701 > 203.0.113.9:53", LAYER_KEY.ALE_AUTH_CONNECT_V4, /send succeeds/, /nothing/],
    ["out icmp 10.0.0.5 > 203.0.113.9 icmp=8/0", LAYER_KEY.ALE_AUTH_CONNECT_V4, /General failure/, /nothing/],
    ["in udp 203.0.113.9:51000 > 10.0.0.5:53", LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4, /nothing/, /no ICMP/],
  ] as const)("tells what both ends see: %s blocked at %s", (flow, layer, application, peer) => {
    const { observed } = trace(flow, blockAt(layer));
    expect(observed.application).toMatch(application);
    expect(observed.peer).toMatch(peer);
  });

  it("tells refused from filtered where nobody listens", () => {
    expect(trace(IN, undefined, { listener: false }).observed.peer).toMatch(/refused/);
    const stealth = trace(IN, blockAt(LAYER_KEY.INBOUND_TRANSPORT_V4_DISCARD), { listener: false });
    expect(stealth.verdict).toBe("block");
    expect(stealth.observed.peer).toMatch(/filtered/);
  });
});

describe("assumptions", () => {
  it("are listed only where a filter on the way looks at them", () => {
    expect(trace(IN).assumptions).toEqual(["a program listens on port 445"]);
    const found = trace(
      IN,
      (session) =>
        void session.addFilter({
          name: "tunnels",
          layer: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4,
          action: block,
          conditions: [
            { fieldKey: "{511166dc-7a8c-4aa7-b533-95ab59fb0340}", matchType: "FWP_MATCH_EQUAL", value: { type: "FWP_UINT32", value: 14 } },
          ],
        }),
    );
    expect(found.verdict).toBe("permit");
    expect(found.assumptions).toContain("the interface is no tunnel (tunnel=… for one)");
  });
});
