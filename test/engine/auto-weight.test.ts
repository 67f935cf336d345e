import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { autoWeight, effectiveWeight } from "../../src/engine/index.ts";
import {
  type Condition,
  type LayerName,
  layerKeyOf,
  layersOfFamily,
  parseIpv4,
  range,
  type SchemaFamily,
  uint16,
  uint32,
  v4AddrMask,
  v6AddrMask,
} from "../../src/model/index.ts";
import { condition } from "./bfe-lab.ts";

function layer(name: LayerName, family: SchemaFamily = "C") {
  const found = layersOfFamily(family).find((candidate) => candidate.key === layerKeyOf(name));
  if (found === undefined) throw new RangeError(`no layer ${name}`);
  return found;
}

const weigh = (name: LayerName, conditions: readonly Condition[], family: SchemaFamily = "C") =>
  autoWeight(layer(name, family), conditions, family);
const accept = (...conditions: Condition[]) => weigh("ALE_AUTH_RECV_ACCEPT_V4", conditions).weight;

const ip = (text: string) => uint32(parseIpv4(text) ?? Number.NaN);
const cidr = (text: string, length: number) =>
  v4AddrMask(parseIpv4(text) ?? Number.NaN, length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0);
const protocol = condition("IP_PROTOCOL", { type: "FWP_UINT8", value: 6 });
const localPort = condition("IP_LOCAL_PORT", uint16(80));
const remote = (text: string) => condition("IP_REMOTE_ADDRESS", ip(text));

describe("the automatic weight", () => {
  it("is what WFP-SEMANTICS 3.2 lists for accept", () => {
    expect(accept(protocol)).toBe(3n << 49n);
    expect(weigh("ALE_AUTH_CONNECT_V4", [condition("IP_REMOTE_PORT", uint16(80))]).weight).toBe(7n << 39n);
    expect(accept(condition("IP_REMOTE_PORT", uint16(80)))).toBe(7n << 40n);
    expect(accept(condition("ALE_APP_ID", { type: "FWP_BYTE_BLOB_TYPE", value: new Uint8Array(4) }))).toBe(1n << 39n);
    expect(accept(condition("FLAGS", uint32(1), "FWP_MATCH_FLAGS_ALL_SET"))).toBe(1n << 35n);
    expect(accept(remote("10.0.0.1"))).toBe(1n << 59n);
    expect(accept(condition("IP_REMOTE_ADDRESS", cidr("224.0.0.0", 4)))).toBe(1n << 56n);
  });

  it("shares a slot among the fields of its layer, used or not", () => {
    // The local port shares its slot with the original ICMP type, of which LISTEN has none.
    expect(accept(localPort)).toBe(32n << 43n);
    expect(accept(localPort, condition("ORIGINAL_ICMP_TYPE", uint16(8)))).toBe(63n << 43n);
    expect(weigh("ALE_AUTH_LISTEN_V4", [localPort]).weight).toBe(0x3fffffn << 8n);
  });

  it("adds up conditions of one field, to the full scale of the field at most", () => {
    const both = [range(ip("192.168.1.0"), ip("192.168.1.255")), range(ip("224.0.0.0"), ip("239.255.255.255"))];
    expect(accept(...both.map((value) => condition("IP_REMOTE_ADDRESS", value)))).toBe(0x700000000000000n);
    expect(accept(localPort, localPort)).toBe(accept(localPort));
  });

  it("is at full scale from three conditions on a field", () => {
    const wide = [range(ip("0.0.0.0"), ip("100.0.0.0")), range(ip("110.0.0.0"), ip("120.0.0.0")), range(ip("130.0.0.0"), ip("250.0.0.0"))];
    expect(accept(...wide.map((value) => condition("IP_REMOTE_ADDRESS", value)))).toBe(accept(remote("10.0.0.1")));
  });

  it("ignores a condition that takes every value, and gives the narrowest share to nearly all", () => {
    const ports = (low: number, high: number) => condition("IP_LOCAL_PORT", range(uint16(low), uint16(high)), "FWP_MATCH_RANGE");
    expect(accept(ports(0, 65535))).toBe(0n);
    expect(accept(ports(0, 65534))).toBe(1n << 43n);
    expect(weigh("ALE_AUTH_LISTEN_V4", [ports(8554, 8558)]).weight).toBe(0x36b658n << 8n);
    expect(accept(condition("IP_REMOTE_ADDRESS", cidr("0.0.0.0", 0)))).toBe(0n);
  });

  it("differs between IPv4 and IPv6 and between schema families", () => {
    const v6 = condition("IP_REMOTE_ADDRESS", v6AddrMask(new Uint8Array(16), 64));
    expect(weigh("ALE_AUTH_RECV_ACCEPT_V6", [v6]).weight).toBe(128n << 51n);
    expect(weigh("ALE_AUTH_CONNECT_V4", [localPort], "B").weight).toBe(32n << 41n);
    expect(weigh("ALE_AUTH_CONNECT_V4", [localPort], "C").weight).toBe(16n << 42n);
    expect(weigh("ALE_AUTH_CONNECT_V4", [protocol], "D").weight).toBe(3n << 47n);
    for (const family of ["A", "B", "C"] as const) expect(weigh("ALE_AUTH_LISTEN_V4", [localPort], family).weight).toBe(0x3fffffn << 8n);
  });

  it("is 0 without conditions, and half the maximum at layers without fields", () => {
    expect(weigh("ALE_AUTH_CONNECT_V4", [])).toEqual({ weight: 0n, verified: true });
    expect(weigh("INBOUND_TRANSPORT_FAST", [])).toEqual({ weight: (1n << 59n) - 1n, verified: true });
  });

  it("counts as verified only where recordings pin the place of the field", () => {
    expect(weigh("ALE_AUTH_CONNECT_V4", [protocol, localPort]).verified).toBe(true);
    expect(weigh("ALE_AUTH_CONNECT_V4", [protocol, condition("IP_LOCAL_ADDRESS_TYPE", { type: "FWP_UINT8", value: 1 })]).verified).toBe(
      false,
    );
    expect(weigh("DATAGRAM_DATA_V4", [protocol]).verified).toBe(false);
    expect(weigh("ALE_AUTH_CONNECT_V4", [condition("IP_REMOTE_PORT", uint16(80), "FWP_MATCH_GREATER")]).verified).toBe(false);
    expect(weigh("ALE_AUTH_LISTEN_V4", [localPort], "D").verified).toBe(false);
    expect(weigh("ALE_RESOURCE_ASSIGNMENT_V4", [localPort], "D").verified).toBe(true);
  });

  it("reads half-open comparisons as the ranges they are", () => {
    const compare = (matchType: Condition["matchType"], value: number) => accept(condition("IP_LOCAL_PORT", uint16(value), matchType));
    const between = (low: number, high: number) => accept(condition("IP_LOCAL_PORT", range(uint16(low), uint16(high)), "FWP_MATCH_RANGE"));
    expect(compare("FWP_MATCH_GREATER", 1023)).toBe(between(1024, 65535));
    expect(compare("FWP_MATCH_GREATER_OR_EQUAL", 1024)).toBe(between(1024, 65535));
    expect(compare("FWP_MATCH_LESS", 1024)).toBe(between(0, 1023));
    expect(compare("FWP_MATCH_LESS_OR_EQUAL", 1023)).toBe(between(0, 1023));
  });

  it("stays within 60 bits at every layer, whatever the conditions and their order", () => {
    const layers = layersOfFamily("C").filter(({ fields }) => fields.length > 0);
    fc.assert(
      fc.property(fc.constantFrom(...layers), fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), (at, picks) => {
        const conditions = picks.map((pick): Condition => {
          const field = at.fields[pick % at.fields.length];
          return { fieldKey: field?.key ?? "{00000000-0000-0000-0000-000000000000}", matchType: "FWP_MATCH_EQUAL", value: uint32(pick) };
        });
        const { weight } = autoWeight(at, conditions, "C");
        expect(weight).toBeGreaterThan(0n);
        expect(weight).toBeLessThan(1n << 60n);
        expect(autoWeight(at, conditions.toReversed(), "C").weight).toBe(weight);
      }),
    );
  });
});

describe("the effective weight", () => {
  it("is exact, ranged or automatic", () => {
    expect(effectiveWeight({ type: "FWP_UINT64", value: 5n }, 7n)).toBe(5n);
    expect(effectiveWeight({ type: "FWP_UINT8", value: 15 }, 7n)).toBe(0xf000000000000007n);
    expect(effectiveWeight({ type: "FWP_EMPTY" }, 7n)).toBe(7n);
  });
});
