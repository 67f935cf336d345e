import { describe, expect, it } from "vitest";
import type { FilterEnumTemplate } from "../../src/engine/index.ts";
import {
  ACTION_TYPE,
  type Condition,
  FILTER_ENUM_FLAG,
  type Guid,
  LAYER_KEY,
  range,
  SUBLAYER_KEY,
  sidValue,
  uint16,
  uint32,
  v4AddrMask,
} from "../../src/model/index.ts";
import { AUTH_CONNECT, addFilter, code, condition, key, open, PERMIT } from "./bfe-lab.ts";

/** Names of the filters that a template finds among filters with the given conditions, by name. */
function find(filters: Readonly<Record<string, readonly Condition[]>>, template: FilterEnumTemplate): string[] {
  const { session } = open();
  for (const [name, conditions] of Object.entries(filters)) addFilter(session, name, { conditions });
  return session.enumFilters({ layerKey: AUTH_CONNECT, ...template }).map(({ name }) => name);
}

const port = (value: number) => condition("IP_REMOTE_PORT", uint16(value));
const ports = (low: number, high: number) => condition("IP_REMOTE_PORT", range(uint16(low), uint16(high)), "FWP_MATCH_RANGE");
const PORTS = {
  "80": [port(80)],
  "80-90": [ports(80, 90)],
  "80 or 443": [port(80), port(443)],
  any: [],
  "not 80": [condition("IP_REMOTE_PORT", uint16(80), "FWP_MATCH_NOT_EQUAL")],
};

describe("filter enumeration", () => {
  it("lists in the order of addition, without boot-time and disabled filters unless asked", () => {
    const { bfe, session } = open({ autoStartServices: new Set() });
    const providerKey = session.addProvider({ name: "p", persistent: true, serviceName: "manual" });
    addFilter(session, "boot", { flags: { bootTime: true } });
    addFilter(session, "disabled", { flags: { persistent: true }, providerKey });
    addFilter(session, "plain", { flags: { persistent: true } });
    bfe.restart();
    const again = bfe.openSession();
    const list = (flags: number) => again.enumFilters({ flags }).map(({ name }) => name);
    expect(list(0)).toEqual(["plain"]);
    expect(list(FILTER_ENUM_FLAG.INCLUDE_BOOTTIME)).toEqual(["boot", "plain"]);
    expect(list(FILTER_ENUM_FLAG.INCLUDE_DISABLED)).toEqual(["disabled", "plain"]);
    expect(list(FILTER_ENUM_FLAG.BOOTTIME_ONLY | FILTER_ENUM_FLAG.INCLUDE_DISABLED)).toEqual(["boot"]);
  });

  it("selects by provider, layer, callout and action", () => {
    const { session } = open();
    const providerKey = session.addProvider({ name: "p" });
    session.addCallout({ key: key(1), name: "c", applicableLayer: AUTH_CONNECT });
    addFilter(session, "provider", { providerKey });
    addFilter(session, "layer", { layer: LAYER_KEY.ALE_AUTH_LISTEN_V4, action: PERMIT });
    addFilter(session, "callout", { action: { type: "FWP_ACTION_CALLOUT_INSPECTION", calloutKey: key(1) } });
    const list = (template: FilterEnumTemplate) => session.enumFilters(template).map(({ name }) => name);
    expect(list({ providerKey })).toEqual(["provider"]);
    expect(list({ layerKey: LAYER_KEY.ALE_AUTH_LISTEN_V4 })).toEqual(["layer"]);
    expect(list({ calloutKey: key(1) })).toEqual(["callout"]);
    expect(list({ actionMask: 0xffffffff })).toHaveLength(3);
    // One common bit is enough, and the terminating actions have one.
    expect(list({ actionMask: 0x1000 })).toEqual(["provider", "layer"]);
    expect(list({ actionMask: ACTION_TYPE.BLOCK & 0xff })).toEqual(["provider"]);
    expect(list({ actionMask: 0x4000 })).toEqual(["callout"]);
  });

  it("finds filters fully contained in the template, or overlapping it", () => {
    expect(find(PORTS, { conditions: [ports(80, 90)] })).toEqual(["80", "80-90"]);
    expect(find(PORTS, { conditions: [ports(80, 90)], enumType: "OVERLAPPING" })).toEqual(["80", "80-90", "80 or 443", "any", "not 80"]);
    expect(find(PORTS, { conditions: [port(80)], enumType: "OVERLAPPING" })).toEqual(["80", "80-90", "80 or 443", "any"]);
    expect(find(PORTS, { conditions: [ports(0, 65535)] })).toEqual(["80", "80-90", "80 or 443", "any", "not 80"]);
    expect(find(PORTS, { conditions: [condition("IP_REMOTE_PORT", uint16(100), "FWP_MATCH_GREATER")], enumType: "OVERLAPPING" })).toEqual([
      "80 or 443",
      "any",
      "not 80",
    ]);
  });

  it("compares masks with ranges, SIDs with their negation, flags with themselves", () => {
    const net = condition("IP_REMOTE_ADDRESS", v4AddrMask(0x0a010000, 0xffff0000));
    const host = condition("IP_REMOTE_ADDRESS", uint32(0x0a010203));
    expect(
      find({ net: [net], host: [host] }, { conditions: [condition("IP_REMOTE_ADDRESS", v4AddrMask(0x0a000000, 0xff000000))] }),
    ).toEqual(["net", "host"]);
    const sid = (value: "S-1-0-0" | "S-1-15-2-1", not = false) =>
      condition("ALE_PACKAGE_ID", sidValue(value), not ? "FWP_MATCH_NOT_EQUAL" : "FWP_MATCH_EQUAL");
    const packages = { none: [sid("S-1-0-0")], some: [sid("S-1-0-0", true)], one: [sid("S-1-15-2-1")] };
    expect(find(packages, { conditions: [sid("S-1-15-2-1")], enumType: "OVERLAPPING" })).toEqual(["some", "one"]);
    expect(find(packages, { conditions: [sid("S-1-0-0", true)] })).toEqual(["some", "one"]);
    const flags = (value: number) => condition("FLAGS", uint32(value), "FWP_MATCH_FLAGS_ALL_SET");
    expect(find({ one: [flags(1)], two: [flags(2)] }, { conditions: [flags(1)] })).toEqual(["one"]);
  });

  it("refuses templates that name a field twice, none, or can never match", () => {
    const { session } = open();
    const enumerate = (conditions: readonly Condition[], layerKey: Guid = AUTH_CONNECT) =>
      code(() => session.enumFilters({ layerKey, conditions }));
    expect(enumerate([port(80), port(81)])).toBe("FWP_E_DUPLICATE_CONDITION");
    expect(enumerate([port(80)], LAYER_KEY.INBOUND_IPPACKET_V4)).toBe("FWP_E_CONDITION_NOT_FOUND");
    expect(enumerate([condition("IP_REMOTE_PORT", uint16(65535), "FWP_MATCH_GREATER")])).toBe("FWP_E_NEVER_MATCH");
    expect(enumerate([ports(90, 80)])).toBe("FWP_E_NEVER_MATCH");
    expect(code(() => session.enumFilters({ layerKey: key(1) }))).toBe("FWP_E_LAYER_NOT_FOUND");
    expect(code(() => session.enumFilters({ conditions: [condition("IP_REMOTE_PORT", uint16(0), "FWP_MATCH_LESS")] }))).toBe(
      "FWP_E_NEVER_MATCH",
    );
  });

  it("sorts as netsh lists: sublayer weight, effective weight, newest first", () => {
    const { session } = open();
    const high = session.addSubLayer({ name: "high", weight: 0xf000 });
    const tier = (value: number) => ({ type: "FWP_UINT8", value }) as const;
    addFilter(session, "low 1", { subLayer: SUBLAYER_KEY.MPSSVC_WF, weight: tier(15) });
    addFilter(session, "older", { subLayer: high, weight: tier(2) });
    addFilter(session, "newer", { subLayer: high, weight: tier(2) });
    addFilter(session, "heavier", { subLayer: high, weight: tier(3) });
    addFilter(session, "other layer", { subLayer: high, weight: tier(9), layer: LAYER_KEY.ALE_AUTH_LISTEN_V4 });
    const sorted = session.enumFilters({ flags: FILTER_ENUM_FLAG.SORTED }).map(({ name }) => name);
    expect(sorted).toEqual(["other layer", "heavier", "newer", "older", "low 1"]);
  });

  it("finds the best terminating match", () => {
    const { session } = open();
    session.addCallout({ key: key(1), name: "c", applicableLayer: AUTH_CONNECT });
    addFilter(session, "light", { weight: { type: "FWP_UINT8", value: 1 } });
    addFilter(session, "heavy", { weight: { type: "FWP_UINT8", value: 2 } });
    addFilter(session, "callout", {
      weight: { type: "FWP_UINT8", value: 3 },
      action: { type: "FWP_ACTION_CALLOUT_INSPECTION", calloutKey: key(1) },
    });
    const flags = FILTER_ENUM_FLAG.BEST_TERMINATING_MATCH;
    expect(session.enumFilters({ layerKey: AUTH_CONNECT, flags }).map(({ name }) => name)).toEqual(["heavy"]);
    expect(session.enumFilters({ layerKey: LAYER_KEY.ALE_AUTH_LISTEN_V4, flags })).toEqual([]);
  });

  it("sees the session's own uncommitted filters, and nobody else's", () => {
    const { bfe, session } = open();
    session.begin();
    const id = addFilter(session, "pending");
    expect(session.enumFilters().map(({ name }) => name)).toEqual(["pending"]);
    expect(code(() => bfe.openSession().getFilterById(id))).toBe("FWP_E_TIMEOUT");
  });
});
