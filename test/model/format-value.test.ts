import { describe, expect, it } from "vitest";
import {
  appIdBlob,
  byteArray16,
  byteBlob,
  type Condition,
  EMPTY,
  type FieldValue,
  type FwpValue,
  fieldKeyOf,
  formatCondition,
  formatLayer,
  formatValue,
  type Guid,
  LAYER_KEY,
  layersOfFamily,
  type MatchType,
  parseAddress,
  parseSddl,
  prefixLengthOf,
  range,
  securityDescriptor,
  sidValue,
  tokenAccessInformation,
  UNKNOWN,
  uint8,
  uint16,
  uint32,
  uint64,
  v4AddrMask,
  v6AddrMask,
} from "../../src/model/index.ts";

function v4(text: string): FwpValue {
  const address = parseAddress(text);
  return address.family === 4 ? uint32(address.value) : byteArray16(address.bytes);
}

const address = { name: "IP_REMOTE_ADDRESS", fieldType: "IP_ADDRESS" } as const;

describe("formatValue", () => {
  it.each<[string, FieldValue, { name: string; fieldType?: "IP_ADDRESS" | "FLAGS" }]>([
    ["*", UNKNOWN, { name: "FLAGS" }],
    ["empty", EMPTY, { name: "FLAGS" }],
    ["10.0.0.1", v4("10.0.0.1"), address],
    ["fe80::1", v4("fe80::1"), address],
    ["167772161", v4("10.0.0.1"), { name: "COMPARTMENT_ID" }],
    ["445", uint16(445), { name: "IP_LOCAL_PORT" }],
    ["6 (tcp)", uint8(6), { name: "IP_PROTOCOL" }],
    ["200", uint8(200), { name: "IP_PROTOCOL" }],
    ["private", uint32(2), { name: "ARRIVAL_INTERFACE_PROFILE_ID" }],
    ["multicast", uint8(3), { name: "IP_LOCAL_ADDRESS_TYPE" }],
    ["131 (tunnel)", uint32(131), { name: "ARRIVAL_INTERFACE_TYPE" }],
    ["14 (teredo)", uint32(14), { name: "TUNNEL_TYPE" }],
    ["inbound", uint32(1), { name: "DIRECTION" }],
    ["loopback+ipsec-secured", uint32(3), { name: "FLAGS", fieldType: "FLAGS" }],
    ["loopback+0x40000000", uint32(0x40000001), { name: "FLAGS", fieldType: "FLAGS" }],
    ["none", uint32(0), { name: "FLAGS", fieldType: "FLAGS" }],
    ["system-port-rpc", uint32(1), { name: "ALE_SIO_FIREWALL_SYSTEM_PORT", fieldType: "FLAGS" }],
    ["1689399632855040", uint64(1689399632855040n), { name: "IP_LOCAL_INTERFACE" }],
    ["\\device\\harddiskvolume3\\x.exe", byteBlob(appIdBlob("\\device\\harddiskvolume3\\x.exe")), { name: "ALE_APP_ID" }],
    ["0x0102", byteBlob(Uint8Array.of(1, 2)), { name: "ALE_APP_ID" }],
    ["S-1-5-18 (NT AUTHORITY\\SYSTEM)", sidValue("S-1-5-18"), { name: "ALE_PACKAGE_ID" }],
    ["S-1-5-21-1-2-3-4", sidValue("S-1-5-21-1-2-3-4"), { name: "ALE_PACKAGE_ID" }],
    ["O:SYD:(A;;CC;;;S-1-1-0)", securityDescriptor(parseSddl("O:SYD:(A;;CC;;;S-1-1-0)")), { name: "ALE_USER_ID" }],
    ["10.0.0.0/8", v4AddrMask(0x0a000000, 0xff000000), address],
    ["10.0.0.0/255.0.255.0", v4AddrMask(0x0a000000, 0xff00ff00), address],
    ["fe80::/10", v6AddrMask(v6("fe80::"), 10), address],
    ["10.0.0.1-10.0.0.9", range(v4("10.0.0.1"), v4("10.0.0.9")), address],
    ["10.0.0.0/24", range(v4("10.0.0.0"), v4("10.0.0.255")), address],
    ["0.0.0.0/0", range(v4("0.0.0.0"), v4("255.255.255.255")), address],
    ["10.0.0.1", range(v4("10.0.0.1"), v4("10.0.0.1")), address],
    ["fc00::/7", range(v4("fc00::"), v4("fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")), address],
    ["1024-65535", range(uint16(1024), uint16(65535)), { name: "IP_LOCAL_PORT" }],
    ["00-15-5d-01-02-03", { type: "FWP_BYTE_ARRAY6_TYPE", value: Uint8Array.of(0, 0x15, 0x5d, 1, 2, 3) }, { name: "MAC_LOCAL_ADDRESS" }],
  ])("says %s", (text, value, field) => {
    expect(formatValue(value, field)).toBe(text);
  });

  it("says who a token is", () => {
    const token = { user: "S-1-5-18", groups: UNKNOWN, packageSid: null, capabilities: UNKNOWN, attributes: UNKNOWN } as const;
    expect(formatValue(tokenAccessInformation(token), { name: "ALE_USER_ID" })).toBe("S-1-5-18 (NT AUTHORITY\\SYSTEM)");
    expect(formatValue(tokenAccessInformation({ ...token, user: UNKNOWN, packageSid: "S-1-15-2-9" }), { name: "ALE_USER_ID" })).toBe(
      "* in package S-1-15-2-9",
    );
  });
});

function v6(text: string): Uint8Array {
  const parsed = parseAddress(text);
  return parsed.family === 6 ? parsed.bytes : new Uint8Array();
}

function condition(field: string, matchType: MatchType, value: FwpValue): string {
  const key: Guid = fieldKeyOf(field) ?? "{00000000-0000-0000-0000-000000000009}";
  const made: Condition = { fieldKey: key, matchType, value };
  return formatCondition(made);
}

describe("formatCondition", () => {
  it.each<[string, string, MatchType, FwpValue]>([
    ["remote address in 10.0.0.0/8", "IP_REMOTE_ADDRESS", "FWP_MATCH_EQUAL", v4AddrMask(0x0a000000, 0xff000000)],
    ["remote address in 10.0.0.1-10.0.0.5", "IP_REMOTE_ADDRESS", "FWP_MATCH_RANGE", range(v4("10.0.0.1"), v4("10.0.0.5"))],
    ["flags none of loopback+ipsec-secured", "FLAGS", "FWP_MATCH_FLAGS_NONE_SET", uint32(3)],
    ["flags all of loopback", "FLAGS", "FWP_MATCH_FLAGS_ALL_SET", uint32(1)],
    ["application = \\device\\x.exe", "ALE_APP_ID", "FWP_MATCH_EQUAL", byteBlob(appIdBlob("\\device\\x.exe"))],
    ["local port = 8", "ICMP_TYPE", "FWP_MATCH_EQUAL", uint16(8)],
    ["remote port != 80", "IP_REMOTE_PORT", "FWP_MATCH_NOT_EQUAL", uint16(80)],
    ["remote port >= 1024", "IP_REMOTE_PORT", "FWP_MATCH_GREATER_OR_EQUAL", uint16(1024)],
    ["profile = public", "CURRENT_PROFILE_ID", "FWP_MATCH_EQUAL", uint32(1)],
    ["user granted by D:(A;;CC;;;WD)", "ALE_USER_ID", "FWP_MATCH_EQUAL", securityDescriptor(parseSddl("D:(A;;CC;;;WD)"))],
    ["package != S-1-0-0 (NULL SID)", "ALE_PACKAGE_ID", "FWP_MATCH_NOT_EQUAL", sidValue("S-1-0-0")],
    ["application ends with .exe", "ALE_APP_ID", "FWP_MATCH_PREFIX", byteBlob(appIdBlob(".exe"))],
  ])("says: %s", (text, field, matchType, value) => {
    expect(condition(field, matchType, value)).toBe(text);
  });

  it("takes the field's type from the layer where the key has several", () => {
    const layer = layersOfFamily("C").find((candidate) => candidate.fields.some((field) => field.name === "RESERVED4"));
    const field = layer?.fields.find((candidate) => candidate.name === "RESERVED4");
    expect(field?.fieldType).toBe("IP_ADDRESS");
    if (field === undefined) return;
    expect(formatCondition({ fieldKey: field.key, matchType: "FWP_MATCH_EQUAL", value: v4("10.0.0.1") }, layer)).toBe(
      "reserved4 = 10.0.0.1",
    );
  });

  it("keeps the GUID of a field without a name", () => {
    expect(condition("?", "FWP_MATCH_LESS", uint32(5))).toBe("{00000000-0000-0000-0000-000000000009} < 5");
  });
});

describe("small helpers", () => {
  it("name layers without prefix", () => {
    const layer = layersOfFamily("C").find(({ key }) => key === LAYER_KEY.ALE_AUTH_CONNECT_V4);
    expect(layer === undefined ? "" : formatLayer(layer)).toBe("ALE_AUTH_CONNECT_V4");
  });

  it("measure masks", () => {
    expect([0, 0x80000000, 0xffffff00, 0xffffffff, 0x7f000000, 1].map(prefixLengthOf)).toEqual([0, 1, 24, 32, undefined, undefined]);
  });
});
