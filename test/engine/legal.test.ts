import { describe, expect, it } from "vitest";
import { conditionFault } from "../../src/engine/index.ts";
import {
  byteArray16,
  byteBlob,
  EMPTY,
  FIELD_KEY,
  type FieldName,
  type FwpValue,
  type LayerName,
  type MatchType,
  range,
  securityDescriptor,
  sidValue,
  uint8,
  uint16,
  uint32,
  v4AddrMask,
  v6AddrMask,
} from "../../src/model/index.ts";
import { layerNamed } from "./policy-lab.ts";

function faultOf(
  field: FieldName,
  value: FwpValue,
  matchType: MatchType = "FWP_MATCH_EQUAL",
  layer: LayerName = "ALE_AUTH_CONNECT_V4",
): string {
  const found = layerNamed(layer).fields.find(({ key }) => key === FIELD_KEY[field]);
  if (found === undefined) throw new RangeError(`${layer} has no ${field}`);
  return conditionFault({ fieldKey: found.key, matchType, value }, found)?.code ?? "ok";
}

const V6 = "ALE_AUTH_CONNECT_V6";
const everything = securityDescriptor({ sddl: "" });

describe("conditionFault", () => {
  it("takes what real policies hold (WFP-SEMANTICS 2.6)", () => {
    expect(faultOf("ALE_APP_ID", byteBlob(new Uint8Array(2)))).toBe("ok");
    expect(faultOf("ALE_APP_ID", byteBlob(new Uint8Array(2)), "FWP_MATCH_NOT_EQUAL")).toBe("ok");
    expect(faultOf("ALE_USER_ID", everything)).toBe("ok");
    expect(faultOf("ALE_PACKAGE_ID", sidValue("S-1-0-0"), "FWP_MATCH_NOT_EQUAL")).toBe("ok");
    expect(faultOf("IP_REMOTE_PORT", range(uint16(1), uint16(2)), "FWP_MATCH_RANGE")).toBe("ok");
    expect(faultOf("IP_REMOTE_ADDRESS", uint32(1))).toBe("ok");
    expect(faultOf("IP_REMOTE_ADDRESS", v4AddrMask(1, 0xffffff00))).toBe("ok");
    expect(faultOf("IP_REMOTE_ADDRESS", v6AddrMask(new Uint8Array(16), 64), "FWP_MATCH_EQUAL", V6)).toBe("ok");
    expect(
      faultOf("IP_REMOTE_ADDRESS", range(byteArray16(new Uint8Array(16)), byteArray16(new Uint8Array(16))), "FWP_MATCH_RANGE", V6),
    ).toBe("ok");
    expect(faultOf("FLAGS", uint32(1), "FWP_MATCH_FLAGS_NONE_SET")).toBe("ok");
    expect(faultOf("IP_ARRIVAL_INTERFACE", EMPTY)).toBe("ok");
  });

  it("wants the field's own type (B6)", () => {
    expect(faultOf("IP_REMOTE_PORT", uint32(80))).toBe("FWP_E_TYPE_MISMATCH");
    expect(faultOf("IP_PROTOCOL", uint16(6))).toBe("FWP_E_TYPE_MISMATCH");
    expect(faultOf("IP_REMOTE_PORT", range(uint32(1), uint32(2)), "FWP_MATCH_RANGE")).toBe("FWP_E_TYPE_MISMATCH");
    expect(faultOf("ALE_USER_ID", sidValue("S-1-5-18"))).toBe("FWP_E_TYPE_MISMATCH");
    expect(faultOf("ALE_PACKAGE_ID", everything)).toBe("FWP_E_TYPE_MISMATCH");
    expect(faultOf("IP_REMOTE_ADDRESS", v6AddrMask(new Uint8Array(16), 64))).toBe("FWP_E_TYPE_MISMATCH");
  });

  it("keeps masks to addresses", () => {
    expect(faultOf("INTERFACE_TYPE", v4AddrMask(1, 0xffffff00))).toBe("FWP_E_TYPE_MISMATCH");
  });

  it("refuses ranges that hold nothing (B7) and masks with holes", () => {
    expect(faultOf("IP_REMOTE_PORT", range(uint16(90), uint16(80)), "FWP_MATCH_RANGE")).toBe("FWP_E_INVALID_RANGE");
    expect(faultOf("IP_REMOTE_PORT", range(uint16(1), uint32(2)), "FWP_MATCH_RANGE")).toBe("FWP_E_INVALID_RANGE");
    expect(faultOf("IP_REMOTE_ADDRESS", v4AddrMask(1, 0xff00ff00))).toBe("FWP_E_INVALID_NET_MASK");
    expect(faultOf("IP_REMOTE_ADDRESS", v6AddrMask(new Uint8Array(16), 129), "FWP_MATCH_EQUAL", V6)).toBe("FWP_E_INVALID_NET_MASK");
  });

  it("refuses match types that the type does not know (B27)", () => {
    expect(faultOf("ALE_PACKAGE_ID", sidValue("S-1-0-0"), "FWP_MATCH_GREATER")).toBe("FWP_E_MATCH_TYPE_MISMATCH");
    expect(faultOf("ALE_USER_ID", everything, "FWP_MATCH_NOT_EQUAL")).toBe("FWP_E_MATCH_TYPE_MISMATCH");
    expect(faultOf("IP_REMOTE_PORT", uint16(1), "FWP_MATCH_RANGE")).toBe("FWP_E_MATCH_TYPE_MISMATCH");
    expect(faultOf("IP_REMOTE_PORT", range(uint16(1), uint16(2)))).toBe("FWP_E_MATCH_TYPE_MISMATCH");
    expect(faultOf("IP_PROTOCOL", uint8(1), "FWP_MATCH_PREFIX")).toBe("FWP_E_MATCH_TYPE_MISMATCH");
    expect(faultOf("ALE_APP_ID", byteBlob(new Uint8Array(2)), "FWP_MATCH_EQUAL_CASE_INSENSITIVE")).toBe("FWP_E_MATCH_TYPE_MISMATCH");
    expect(faultOf("ALE_APP_ID", byteBlob(new Uint8Array(2)), "FWP_MATCH_FLAGS_ALL_SET")).toBe("FWP_E_MATCH_TYPE_MISMATCH");
    expect(faultOf("IP_REMOTE_ADDRESS", v4AddrMask(1, 0xffffff00), "FWP_MATCH_GREATER")).toBe("FWP_E_MATCH_TYPE_MISMATCH");
  });
});
