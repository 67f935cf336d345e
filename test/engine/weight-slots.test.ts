import { describe, expect, it } from "vitest";
import { autoWeight } from "../../src/engine/index.ts";
import { type Condition, type LayerName, layerKeyOf, layersOfFamily, type SchemaFamily, uint32 } from "../../src/model/index.ts";

/** What EQUAL on each of the fields gives: highest and lowest bit of the slot they fill together. */
function bitsOfSlot(name: LayerName, fields: readonly string[], family: SchemaFamily): string {
  const layer = layersOfFamily(family).find((candidate) => candidate.key === layerKeyOf(name));
  if (layer === undefined) throw new RangeError(`no layer ${name}`);
  const conditions = fields.flatMap((field): Condition[] => {
    const key = layer.fields.find((candidate) => candidate.name === field)?.key;
    return key === undefined ? [] : [{ fieldKey: key, matchType: "FWP_MATCH_EQUAL", value: uint32(1) }];
  });
  const digits = autoWeight(layer, conditions, family).weight.toString(2);
  const low = digits.length - 1 - digits.lastIndexOf("1");
  expect(digits.slice(0, digits.length - low), `${name} ${fields.join(" ")} fills its slot`).toMatch(/^1+$/);
  return `${digits.length - 1}..${low}`;
}

const APP = ["ALE_APP_ID", "ALE_ORIGINAL_APP_ID", "ALE_PACKAGE_ID", "ALE_SECURITY_ATTRIBUTE_FQBN_VALUE", "ALE_PACKAGE_FAMILY_NAME"];
const ADDRESSES = ["IP_LOCAL_ADDRESS", "IP_REMOTE_ADDRESS"];
const INDEXES = [
  "INTERFACE_INDEX",
  "SUB_INTERFACE_INDEX",
  "ARRIVAL_INTERFACE_INDEX",
  "NEXTHOP_SUB_INTERFACE_INDEX",
  "NEXTHOP_INTERFACE_INDEX",
];

/** Rows of AUTOWEIGHT.md 5: layer, fields, and the bits by family. */
const ROWS: readonly (readonly [LayerName, readonly string[], Partial<Record<SchemaFamily, string>>])[] = [
  ["ALE_AUTH_RECV_ACCEPT_V4", ADDRESSES, { B: "59..53", C: "59..53" }],
  ["ALE_AUTH_RECV_ACCEPT_V4", ["ALE_NAP_CONTEXT"], { B: "33..30", C: "33..31" }],
  ["ALE_AUTH_RECV_ACCEPT_V4", INDEXES, { B: "27..10", C: "28..11" }],
  ["ALE_AUTH_RECV_ACCEPT_V4", ["COMPARTMENT_ID"], { B: "0..0", C: "1..1" }],
  ["ALE_AUTH_RECV_ACCEPT_V6", ADDRESSES, { B: "59..50", C: "59..51" }],
  ["ALE_AUTH_RECV_ACCEPT_V6", ["IP_REMOTE_PORT"], { B: "40..38", C: "40..39" }],
  ["ALE_AUTH_CONNECT_V4", ADDRESSES, { B: "58..52", C: "58..52", D: "57..51" }],
  ["ALE_AUTH_CONNECT_V4", APP, { B: "37..37", C: "38..38", D: "38..38" }],
  ["ALE_AUTH_CONNECT_V4", INDEXES, { B: "28..11", C: "29..11", D: "29..13" }],
  ["ALE_AUTH_CONNECT_V4", ["ORIGINAL_PROFILE_ID"], { B: "10..7", C: "10..8", D: "12..9" }],
  ["ALE_AUTH_CONNECT_V6", ["IP_PROTOCOL"], { B: "46..45", C: "46..45", D: "46..45" }],
  ["ALE_AUTH_CONNECT_V6", ["COMPARTMENT_ID"], { B: "0..0", C: "1..1", D: "3..3" }],
  ["ALE_AUTH_LISTEN_V4", ["IP_LOCAL_ADDRESS"], { B: "59..32", C: "59..32" }],
  ["ALE_AUTH_LISTEN_V6", ["IP_LOCAL_PORT"], { B: "25..8", C: "25..8" }],
  ["ALE_RESOURCE_ASSIGNMENT_V4", ["IP_LOCAL_PORT"], { B: "59..48", C: "59..48", D: "59..49" }],
  ["ALE_RESOURCE_ASSIGNMENT_V4", ["ALE_PROMISCUOUS_MODE"], { B: "34..21", C: "35..21", D: "35..22" }],
  ["ALE_RESOURCE_ASSIGNMENT_V6", ["IP_LOCAL_ADDRESS"], { B: "19..2", C: "20..3", D: "21..4" }],
  ["ALE_FLOW_ESTABLISHED_V4", ["DIRECTION"], { B: "13..5", C: "14..6" }],
  ["ALE_FLOW_ESTABLISHED_V6", ["IP_REMOTE_PORT"], { B: "23..17", C: "23..18" }],
  ["ALE_ENDPOINT_CLOSURE_V4", ADDRESSES, { B: "26..1", C: "26..1" }],
  ["ALE_CONNECT_REDIRECT_V6", ["IP_REMOTE_PORT"], { B: "13..5", C: "13..5" }],
  ["OUTBOUND_ICMP_ERROR_V4", ["IP_REMOTE_PORT"], { B: "31..25", C: "31..25", D: "31..25" }],
  ["INBOUND_ICMP_ERROR_V6", ["EMBEDDED_REMOTE_ADDRESS"], { B: "26..20", C: "26..20", D: "26..20" }],
  ["INBOUND_TRANSPORT_V4_DISCARD", ["CURRENT_PROFILE_ID"], { B: "8..2", C: "8..2" }],
  ["IPFORWARD_V6", ["IP_SOURCE_ADDRESS", "IP_DESTINATION_ADDRESS"], { B: "59..37", C: "59..37", D: "59..37" }],
];

describe("slots of the automatic weight", () => {
  it.each(ROWS)("%s: %j at %j", (layer, fields, bits) => {
    const families = Object.keys(bits) as SchemaFamily[];
    expect(Object.fromEntries(families.map((family) => [family, bitsOfSlot(layer, fields, family)]))).toEqual(bits);
  });

  it.each(["A", "B", "C"] as const)("never overlap at any layer of family %s: all fields together fill 60 bits at most", (family) => {
    for (const layer of layersOfFamily(family)) {
      if (layer.fields.length === 0) continue;
      const weigh = (names: readonly string[]) => {
        const fields = layer.fields.filter(({ name }) => names.includes(name));
        const conditions = fields.map(({ key }): Condition => ({ fieldKey: key, matchType: "FWP_MATCH_EQUAL", value: uint32(1) }));
        return autoWeight(layer, conditions, family).weight;
      };
      const all = weigh(layer.fields.map(({ name }) => name));
      expect(all, layer.name).toBeLessThan(1n << 60n);
      for (const { name } of layer.fields) expect(weigh([name]) <= all, `${layer.name} ${name}`).toBe(true);
    }
  });
});

describe("pinned places", () => {
  const isVerified = (name: LayerName, field: string, family: SchemaFamily) => {
    const layer = layersOfFamily(family).find((candidate) => candidate.key === layerKeyOf(name));
    const key = layer?.fields.find((candidate) => candidate.name === field)?.key;
    if (layer === undefined || key === undefined) throw new RangeError(`no ${field} at ${name}`);
    return autoWeight(layer, [{ fieldKey: key, matchType: "FWP_MATCH_EQUAL", value: uint32(1) }], family).verified;
  };

  it("of the ICMP type at INBOUND_ICMP_ERROR are IPv6's alone: two orders fit its recording, and they differ in IPv4", () => {
    expect(isVerified("INBOUND_ICMP_ERROR_V6", "IP_LOCAL_PORT", "C")).toBe(true);
    expect(isVerified("INBOUND_ICMP_ERROR_V4", "IP_LOCAL_PORT", "C")).toBe(false);
    expect(isVerified("INBOUND_ICMP_ERROR_V4", "IP_ARRIVAL_INTERFACE", "C")).toBe(true);
  });

  it("in family D are those that its recording has", () => {
    expect(isVerified("INBOUND_ICMP_ERROR_V6", "ARRIVAL_INTERFACE_PROFILE_ID", "D")).toBe(true);
    expect(isVerified("INBOUND_ICMP_ERROR_V6", "IP_LOCAL_PORT", "D")).toBe(false);
    expect(isVerified("INBOUND_ICMP_ERROR_V6", "IP_ARRIVAL_INTERFACE", "D")).toBe(false);
    expect(isVerified("ALE_AUTH_RECV_ACCEPT_V4", "IP_PROTOCOL", "D")).toBe(false);
    expect(isVerified("ALE_AUTH_CONNECT_V4", "IP_PROTOCOL", "D")).toBe(true);
  });
});
