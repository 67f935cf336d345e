import { describe, expect, it } from "vitest";
import type { FilterDefinition } from "../../src/engine/index.ts";
import {
  CALLOUT_KEY,
  type Condition,
  FILTER_FLAG,
  type FwpValue,
  LAYER_KEY,
  range,
  SUBLAYER_KEY,
  sidValue,
  uint16,
  uint32,
  v4AddrMask,
  v6AddrMask,
  type WindowsVersion,
} from "../../src/model/index.ts";
import { AUTH_CONNECT, addFilter, code, condition, key, open } from "./bfe-lab.ts";

const add = (definition: Partial<FilterDefinition>) => code(() => addFilter(open().session, "f", definition));
const under = (...conditions: Condition[]) => add({ conditions });
/** Mistakes that TypeScript refuses but text and JSON can make. */
const wrong = <T>(value: unknown): T => value as T;

describe("FwpmFilterAdd", () => {
  it("wants known objects", () => {
    const calloutKey = key(99);
    expect(add({ layer: key(99) })).toBe("FWP_E_LAYER_NOT_FOUND");
    expect(add({ subLayer: key(99) })).toBe("FWP_E_SUBLAYER_NOT_FOUND");
    expect(add({ providerKey: key(99) })).toBe("FWP_E_PROVIDER_NOT_FOUND");
    expect(add({ action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey } })).toBe("FWP_E_CALLOUT_NOT_FOUND");
    expect(add({ action: wrong({ type: "FWP_ACTION_CALLOUT_UNKNOWN" }) })).toBe("FWP_E_CALLOUT_NOT_FOUND");
    const context = { flags: { hasProviderContext: true } };
    expect(add({ ...context, providerContextKey: key(99) })).toBe("FWP_E_PROVIDER_CONTEXT_NOT_FOUND");
    expect(add(context)).toBe("FWP_E_PROVIDER_CONTEXT_NOT_FOUND");
  });

  it("wants a display name before anything else", () => {
    expect(add({ name: null, layer: key(99), flags: { bits: 0x40000000 } })).toBe("FWP_E_NULL_DISPLAY_NAME");
  });

  it("wants flags that exist, go together and can be set", () => {
    expect(add({ flags: { bits: 0x40000000 } })).toBe("FWP_E_INVALID_FLAGS");
    expect(add({ flags: { persistent: true, bootTime: true } })).toBe("FWP_E_INVALID_FLAGS");
    expect(add({ flags: { bits: FILTER_FLAG.DISABLED } })).toBe("FWP_E_INVALID_FLAGS");
    expect(add({ flags: { permitIfCalloutUnregistered: true } })).toBe("FWP_E_INVALID_FLAGS");
    expect(add({ flags: { indexed: true, clearActionRight: true, bits: FILTER_FLAG.SILENT_MODE } })).toBe("ok");
  });

  it("wants a weight of one of three types (A26)", () => {
    const uint8 = (value: number) => add({ weight: { type: "FWP_UINT8", value } });
    expect([uint8(0), uint8(15), uint8(16), uint8(-1), uint8(1.5)]).toEqual([
      "ok",
      "ok",
      "FWP_E_INVALID_WEIGHT",
      "FWP_E_INVALID_WEIGHT",
      "FWP_E_INVALID_WEIGHT",
    ]);
    expect(add({ weight: { type: "FWP_UINT64", value: (1n << 64n) - 1n } })).toBe("ok");
    expect(add({ weight: { type: "FWP_UINT64", value: 1n << 64n } })).toBe("FWP_E_INVALID_WEIGHT");
    expect(add({ weight: wrong({ type: "FWP_UINT16", value: 1 }) })).toBe("FWP_E_INVALID_WEIGHT");
  });

  it("wants an action that a filter can have, at its layer and in its sublayer", () => {
    expect(add({ action: wrong({ type: "FWP_ACTION_CONTINUE" }) })).toBe("FWP_E_INVALID_ACTION_TYPE");
    expect(add({ action: wrong({ type: "FWP_ACTION_NONE" }) })).toBe("FWP_E_INVALID_ACTION_TYPE");
    expect(add({ layer: LAYER_KEY.INBOUND_TRANSPORT_FAST })).toBe("FWP_E_ACTION_INCOMPATIBLE_WITH_LAYER");
    expect(add({ subLayer: SUBLAYER_KEY.INSPECTION })).toBe("FWP_E_ACTION_INCOMPATIBLE_WITH_SUBLAYER");
    const { session } = open();
    session.addCallout({ key: key(1), name: "c", applicableLayer: AUTH_CONNECT });
    const calls = (type: "TERMINATING" | "INSPECTION") => ({ type: `FWP_ACTION_CALLOUT_${type}`, calloutKey: key(1) }) as const;
    const inspection = { subLayer: SUBLAYER_KEY.INSPECTION };
    expect(code(() => addFilter(session, "f", { ...inspection, action: calls("INSPECTION") }))).toBe("ok");
    expect(code(() => addFilter(session, "f", { ...inspection, action: calls("TERMINATING") }))).toBe(
      "FWP_E_ACTION_INCOMPATIBLE_WITH_SUBLAYER",
    );
    expect(code(() => addFilter(session, "f", { layer: LAYER_KEY.ALE_AUTH_LISTEN_V4, action: calls("TERMINATING") }))).toBe(
      "FWP_E_INCOMPATIBLE_LAYER",
    );
  });

  it("wants fields of the layer (B25)", () => {
    const port = [condition("IP_REMOTE_PORT", uint16(80))];
    expect(add({ layer: LAYER_KEY.OUTBOUND_IPPACKET_V4, conditions: port })).toBe("FWP_E_CONDITION_NOT_FOUND");
    expect(add({ conditions: port })).toBe("ok");
  });

  it("wants known match and data types", () => {
    expect(under(condition("IP_REMOTE_PORT", uint16(80), wrong("FWP_MATCH_TYPE_MAX")))).toBe("FWP_E_INVALID_ENUMERATOR");
    expect(under(condition("IP_REMOTE_PORT", wrong({ type: "FWP_UINT128", value: 1 })))).toBe("FWP_E_INVALID_ENUMERATOR");
    const nested = range(wrong<FwpValue>({ type: "FWP_UINT128", value: 1 }), uint16(1));
    expect(under(condition("IP_REMOTE_PORT", nested, "FWP_MATCH_RANGE"))).toBe("FWP_E_INVALID_ENUMERATOR");
  });

  it("wants values, not null pointers", () => {
    for (const type of ["FWP_BYTE_BLOB_TYPE", "FWP_SID", "FWP_SECURITY_DESCRIPTOR_TYPE", "FWP_UINT64", "FWP_BYTE_ARRAY16_TYPE"]) {
      expect(under(condition("ALE_APP_ID", wrong({ type, value: null })))).toBe("FWP_E_NULL_POINTER");
    }
    expect(under(condition("IP_REMOTE_PORT", wrong({ type: "FWP_RANGE_TYPE", low: null }), "FWP_MATCH_RANGE"))).toBe("FWP_E_NULL_POINTER");
    expect(under(condition("IP_REMOTE_ADDRESS", wrong({ type: "FWP_V4_ADDR_MASK" })))).toBe("FWP_E_NULL_POINTER");
  });

  it("wants numbers that their types can hold", () => {
    expect(under(condition("IP_REMOTE_PORT", uint16(65536)))).toBe("FWP_E_OUT_OF_BOUNDS");
    expect(under(condition("IP_REMOTE_PORT", uint16(Number.NaN)))).toBe("FWP_E_OUT_OF_BOUNDS");
    expect(under(condition("IP_REMOTE_ADDRESS", uint32(-1)))).toBe("FWP_E_OUT_OF_BOUNDS");
  });

  it("wants the field's type (B6), but for masks and security descriptors", () => {
    expect(under(condition("IP_REMOTE_PORT", uint32(80)))).toBe("FWP_E_TYPE_MISMATCH");
    expect(under(condition("IP_REMOTE_ADDRESS", v4AddrMask(0x0a000000, 0xff000000)))).toBe("ok");
    expect(under(condition("FLAGS", v4AddrMask(0x0a000000, 0xff000000)))).toBe("FWP_E_TYPE_MISMATCH");
    const sd = { type: "FWP_SECURITY_DESCRIPTOR_TYPE", value: { dacl: [], sddl: "D:" } } as const;
    expect(under(condition("ALE_USER_ID", sd))).toBe("ok");
    expect(under(condition("ALE_USER_ID", sidValue("S-1-1-0")))).toBe("FWP_E_TYPE_MISMATCH");
  });

  it("wants a valid security descriptor", () => {
    const sd = (sid: string) =>
      wrong<FwpValue>({ type: "FWP_SECURITY_DESCRIPTOR_TYPE", value: { dacl: [{ kind: "allow", flags: [], mask: 1, sid }], sddl: "" } });
    expect(under(condition("ALE_USER_ID", sd("S-1-1-0")))).toBe("ok");
    expect(under(condition("ALE_USER_ID", sd("Everyone")))).toBe("ERROR_INVALID_SECURITY_DESCR");
  });

  it("wants a match type that suits the type (B27)", () => {
    expect(under(condition("ALE_PACKAGE_ID", sidValue("S-1-0-0"), "FWP_MATCH_GREATER"))).toBe("FWP_E_MATCH_TYPE_MISMATCH");
    expect(under(condition("ALE_PACKAGE_ID", sidValue("S-1-0-0"), "FWP_MATCH_NOT_EQUAL"))).toBe("ok");
    expect(under(condition("IP_REMOTE_PORT", uint16(1), "FWP_MATCH_EQUAL_CASE_INSENSITIVE"))).toBe("FWP_E_MATCH_TYPE_MISMATCH");
  });

  it("wants ranges in order (B7) and net masks that are contiguous", () => {
    const ports = (low: FwpValue, high: FwpValue) => under(condition("IP_REMOTE_PORT", range(low, high), "FWP_MATCH_RANGE"));
    expect([ports(uint16(90), uint16(80)), ports(uint16(80), uint32(90)), ports(uint16(80), uint16(80))]).toEqual([
      "FWP_E_INVALID_RANGE",
      "FWP_E_INVALID_RANGE",
      "ok",
    ]);
    expect(under(condition("IP_REMOTE_ADDRESS", v4AddrMask(0, 0xff00ff00)))).toBe("FWP_E_INVALID_NET_MASK");
    const v6 = condition("IP_REMOTE_ADDRESS", v6AddrMask(new Uint8Array(16), 129));
    expect(add({ layer: LAYER_KEY.ALE_AUTH_CONNECT_V6, conditions: [v6] })).toBe("FWP_E_INVALID_NET_MASK");
  });

  it("takes several conditions on a field since Windows 7", () => {
    const conditions = [condition("IP_REMOTE_PORT", uint16(80)), condition("IP_REMOTE_PORT", uint16(443))];
    expect(add({ conditions })).toBe("ok");
    expect(code(() => addFilter(open({ windows: "vista" }).session, "f", { conditions }))).toBe("FWP_E_DUPLICATE_CONDITION");
  });

  it("wants match types and flags that its Windows has (WFP-SHIMS 4.13)", () => {
    const on = (windows: WindowsVersion, definition: Partial<FilterDefinition>) =>
      code(() => addFilter(open({ windows }).session, "f", definition));
    const conditions: Condition[] = [{ ...condition("IP_REMOTE_PORT", uint16(80)), matchType: "FWP_MATCH_NOT_EQUAL" }];
    expect([on("vista", { conditions }), on("7", { conditions })]).toEqual(["FWP_E_INVALID_ENUMERATOR", "ok"]);
    const flags = { indexed: true };
    expect([on("vista", { flags }), on("7", { flags }), on("8", { flags })]).toEqual(["FWP_E_INVALID_FLAGS", "FWP_E_INVALID_FLAGS", "ok"]);
  });

  it("wants provider contexts where they belong", () => {
    const { session } = open();
    const context = (number: number, type: string) =>
      session.addProviderContext({ key: key(number), name: type, type, body: { kind: "opaque", text: "" } });
    context(1, "FWPM_IPSEC_IKE_MM_CONTEXT");
    context(2, "FWPM_GENERAL_CONTEXT");
    context(3, "FWPM_CLASSIFY_OPTIONS_CONTEXT");
    const flags = { hasProviderContext: true };
    const withContext = (number: number, definition: Partial<FilterDefinition> = {}) =>
      code(() => addFilter(session, "f", { flags, providerContextKey: key(number), ...definition }));
    expect(withContext(1)).toBe("FWP_E_CONTEXT_INCOMPATIBLE_WITH_LAYER");
    expect(withContext(1, { layer: LAYER_KEY.IKEEXT_V4 })).toBe("ok");
    const calloutKey = CALLOUT_KEY.SET_OPTIONS_AUTH_CONNECT_LAYER_V4;
    const action = { type: "FWP_ACTION_CALLOUT_INSPECTION", calloutKey } as const;
    expect(withContext(2, { action })).toBe("FWP_E_CONTEXT_INCOMPATIBLE_WITH_CALLOUT");
    expect(withContext(3, { action })).toBe("ok");
  });
});
