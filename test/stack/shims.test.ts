import { describe, expect, it } from "vitest";
import { Bfe } from "../../src/engine/index.ts";
import {
  CONDITION_FLAG,
  EMPTY,
  type FieldName,
  type FieldValue,
  NULL_SID,
  parseFlow,
  sidValue,
  UNKNOWN,
  uint32,
  type WindowsVersion,
} from "../../src/model/index.ts";
import { flowFacts, type IndicationFacts, SHIMS, type ShimName } from "../../src/stack/index.ts";

/** The fields one shim shows of a flow, by name. */
function shown(
  shim: ShimName,
  flow: string,
  more: Partial<IndicationFacts> = {},
  windows: WindowsVersion = "11",
): (field: FieldName) => FieldValue | undefined {
  const { policy } = new Bfe({ windows });
  const facts = { ...flowFacts(parseFlow(flow), { windows, policy }).facts, ...more };
  const layer = policy.layers.find(({ key }) => key === SHIMS[shim].layer[facts.family]);
  if (layer === undefined) throw new RangeError(`Windows ${windows} has no layer of ${shim}`);
  const values = SHIMS[shim].values(facts, layer);
  return (name) => values[layer.fields.findIndex((field) => field.name === name)];
}

const OUT = "out tcp 10.0.0.5:49701 > 203.0.113.9:443";
const LOOPBACK = "out tcp 127.0.0.1:49701 > 127.0.0.1:80";
const CONTAINER = "S-1-15-2-1-2-3-4-5-6-7";

describe("FLAGS", () => {
  it("tells loopback at every layer that has the bit", () => {
    for (const shim of ["inboundIppacket", "outboundTransport", "stream"] as const) {
      expect(shown(shim, LOOPBACK)("FLAGS")).toEqual(uint32(CONDITION_FLAG.IS_LOOPBACK));
      expect(shown(shim, OUT)("FLAGS")).toEqual(uint32(0));
    }
  });

  it("tells at the authorizations whether an AppContainer has an end of the loopback, since Windows 8", () => {
    const { IS_LOOPBACK, IS_APPCONTAINER_LOOPBACK, IS_NON_APPCONTAINER_LOOPBACK } = CONDITION_FLAG;
    for (const shim of ["authConnect", "authRecvAccept"] as const) {
      expect(shown(shim, `${LOOPBACK} package=none`)("FLAGS")).toEqual(uint32(IS_LOOPBACK | IS_NON_APPCONTAINER_LOOPBACK));
      expect(shown(shim, `${LOOPBACK} package=${CONTAINER}`)("FLAGS")).toEqual(uint32(IS_LOOPBACK | IS_APPCONTAINER_LOOPBACK));
      expect(shown(shim, `${LOOPBACK} package=none`, {}, "7")("FLAGS")).toEqual(uint32(IS_LOOPBACK));
      expect(shown(shim, LOOPBACK)("FLAGS")).toBe(UNKNOWN);
    }
  });

  it("tells at INBOUND_TRANSPORT that ALE is asked next", () => {
    const flow = "in tcp 203.0.113.9:51000 > 10.0.0.5:445";
    expect(shown("inboundTransport", flow, { aleClassifyRequired: true })("FLAGS")).toEqual(uint32(CONDITION_FLAG.REQUIRES_ALE_CLASSIFY));
    expect(shown("inboundTransport", flow)("FLAGS")).toEqual(uint32(0));
  });

  it("are the asker's where the asker fixed them", () => {
    expect(shown("authConnect", `${LOOPBACK} flags=IS_REAUTHORIZE`)("FLAGS")).toEqual(uint32(CONDITION_FLAG.IS_REAUTHORIZE));
  });
});

describe("empty and unknown", () => {
  it("AUTH_CONNECT has no arrival interface (WFP-SHIMS 4.12)", () => {
    const field = shown("authConnect", OUT);
    for (const name of ["IP_ARRIVAL_INTERFACE", "ARRIVAL_INTERFACE_TYPE", "ARRIVAL_TUNNEL_TYPE"] as const)
      expect(field(name)).toEqual(EMPTY);
    expect(field("ALE_REMOTE_USER_ID")).toEqual(EMPTY);
    expect(field("REAUTHORIZE_REASON")).toEqual(uint32(0));
  });

  it("ORIGINAL_ICMP_TYPE is empty but for ICMP, whose type and code stand in the ports", () => {
    expect(shown("authConnect", OUT)("ORIGINAL_ICMP_TYPE")).toEqual(EMPTY);
    const ping = shown("authConnect", "out icmp 10.0.0.5 > 203.0.113.9 icmp=8/0");
    expect(ping("ORIGINAL_ICMP_TYPE")).toEqual({ type: "FWP_UINT16", value: 8 });
    expect(ping("IP_LOCAL_PORT")).toEqual({ type: "FWP_UINT16", value: 8 });
    expect(ping("IP_REMOTE_PORT")).toEqual({ type: "FWP_UINT16", value: 0 });
  });

  it("what the flow leaves out is unknown, not empty", () => {
    const field = shown("authConnect", "out tcp 10.0.0.5 > *:443");
    for (const name of ["IP_REMOTE_ADDRESS", "IP_LOCAL_PORT", "ALE_APP_ID", "ALE_PACKAGE_ID", "CURRENT_PROFILE_ID"] as const) {
      expect(field(name), name).toBe(UNKNOWN);
    }
    expect(field("IP_REMOTE_PORT")).toEqual({ type: "FWP_UINT16", value: 443 });
  });

  it("a program outside AppContainers has the null SID as its package", () => {
    expect(shown("authConnect", `${OUT} package=none`)("ALE_PACKAGE_ID")).toEqual(sidValue(NULL_SID));
  });

  it("an override sets a field whatever the facts say", () => {
    expect(shown("authConnect", `${OUT} FWPM_CONDITION_COMPARTMENT_ID=7`)("COMPARTMENT_ID")).toEqual(uint32(7));
    expect(shown("authConnect", OUT)("COMPARTMENT_ID")).toEqual(uint32(1));
  });
});

describe("DIRECTION", () => {
  it("is the connection's at STREAM and FLOW_ESTABLISHED, the message's at DATAGRAM_DATA", () => {
    const reply = { direction: "inbound", flowDirection: "outbound" } as const;
    expect(shown("stream", OUT, reply)("DIRECTION")).toEqual(uint32(0));
    expect(shown("flowEstablished", OUT, reply)("DIRECTION")).toEqual(uint32(0));
    expect(shown("datagramData", "out udp 10.0.0.5:49701 > 203.0.113.9:53", reply)("DIRECTION")).toEqual(uint32(1));
  });
});
