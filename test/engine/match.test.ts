import { describe, expect, it } from "vitest";
import { conditionTest } from "../../src/engine/match/condition-test.ts";
import {
  appIdBlob,
  byteArray16,
  byteBlob,
  EMPTY,
  type FieldValue,
  type FwpValue,
  type MatchType,
  parseIpv4,
  parseIpv6,
  range,
  securityDescriptor,
  sidValue,
  tokenAccessInformation,
  UNKNOWN,
  uint8,
  uint16,
  uint32,
  uint64,
  unicodeString,
  v4AddrMask,
  v6AddrMask,
} from "../../src/model/index.ts";
import { guid } from "./policy-lab.ts";

const ip4 = (text: string): number => parseIpv4(text) ?? 0;
const ip6 = (text: string): Uint8Array => parseIpv6(text) ?? new Uint8Array(16);

function test(matchType: MatchType, condition: FwpValue, value: FieldValue, emptyMatchesNegation = false): number {
  return conditionTest({ fieldKey: guid(1), matchType, value: condition }, emptyMatchesNegation)(value);
}

const [NO, MAYBE, YES] = [0, 1, 2];

type Row = readonly [what: string, matchType: MatchType, condition: FwpValue, value: FieldValue, expected: number | undefined];

const lan = v4AddrMask(ip4("10.1.2.3"), ip4("255.255.0.0"));
const service = securityDescriptor({ dacl: [{ kind: "allow", flags: [], mask: 1, sid: "S-1-5-80-1" }], sddl: "D:(A;;CC;;;S-1-5-80-1)" });
const token = (...groups: `S-1-${string}`[]) =>
  tokenAccessInformation({ user: "S-1-5-18", groups, packageSid: null, capabilities: [], attributes: {} });

const rows: readonly Row[] = [
  ["integers are equal", "FWP_MATCH_EQUAL", uint16(80), uint16(80), YES],
  ["types are strict", "FWP_MATCH_EQUAL", uint32(80), uint16(80), NO],
  ["a value of another type is not unequal either", "FWP_MATCH_NOT_EQUAL", uint32(80), uint16(81), NO],
  ["NOT_EQUAL", "FWP_MATCH_NOT_EQUAL", uint16(80), uint16(81), YES],
  ["64-bit numbers beyond 2^53", "FWP_MATCH_EQUAL", uint64(2n ** 63n + 1n), uint64(2n ** 63n), NO],
  ["GREATER is strict", "FWP_MATCH_GREATER", uint16(80), uint16(80), NO],
  ["GREATER_OR_EQUAL is not", "FWP_MATCH_GREATER_OR_EQUAL", uint16(80), uint16(80), YES],
  ["LESS over signed numbers", "FWP_MATCH_LESS", { type: "FWP_INT32", value: 0 }, { type: "FWP_INT32", value: -1 }, YES],
  ["LESS_OR_EQUAL", "FWP_MATCH_LESS_OR_EQUAL", uint64(5n), uint64(6n), NO],
  ["floats", "FWP_MATCH_EQUAL", { type: "FWP_DOUBLE", value: 0.5 }, { type: "FWP_DOUBLE", value: 0.5 }, YES],
  [
    "B3: a range holds its upper end",
    "FWP_MATCH_RANGE",
    range(uint32(ip4("10.0.0.1")), uint32(ip4("10.0.0.5"))),
    uint32(ip4("10.0.0.5")),
    YES,
  ],
  ["B3: and its lower end", "FWP_MATCH_RANGE", range(uint32(ip4("10.0.0.1")), uint32(ip4("10.0.0.5"))), uint32(ip4("10.0.0.1")), YES],
  ["but nothing outside", "FWP_MATCH_RANGE", range(uint32(ip4("10.0.0.1")), uint32(ip4("10.0.0.5"))), uint32(ip4("10.0.0.6")), NO],
  ["unsigned above 2^31", "FWP_MATCH_RANGE", range(uint32(ip4("127.0.0.0")), uint32(ip4("224.0.0.0"))), uint32(ip4("192.0.2.1")), YES],
  [
    "IPv6 ranges go by network order",
    "FWP_MATCH_RANGE",
    range(byteArray16(ip6("fe80::")), byteArray16(ip6("febf::"))),
    byteArray16(ip6("fe90::1")),
    YES,
  ],
  [
    "and end where they say",
    "FWP_MATCH_RANGE",
    range(byteArray16(ip6("fe80::")), byteArray16(ip6("febf::"))),
    byteArray16(ip6("fec0::")),
    NO,
  ],
  ["B4: the mask applies to both sides", "FWP_MATCH_EQUAL", lan, uint32(ip4("10.1.9.9")), YES],
  ["B4: outside the network", "FWP_MATCH_EQUAL", lan, uint32(ip4("10.2.9.9")), NO],
  ["a mask above 2^31", "FWP_MATCH_EQUAL", v4AddrMask(ip4("224.0.0.0"), ip4("240.0.0.0")), uint32(ip4("239.255.255.250")), YES],
  ["an empty mask takes every address", "FWP_MATCH_EQUAL", v4AddrMask(0, 0), uint32(ip4("198.51.100.1")), YES],
  ["not in a network", "FWP_MATCH_NOT_EQUAL", lan, uint32(ip4("10.2.9.9")), YES],
  ["B5: an IPv6 prefix", "FWP_MATCH_EQUAL", v6AddrMask(ip6("fe80::"), 10), byteArray16(ip6("fe80::1")), YES],
  ["B5: that ends inside a byte", "FWP_MATCH_EQUAL", v6AddrMask(ip6("fe80::"), 10), byteArray16(ip6("fec0::1")), NO],
  ["a whole IPv6 address", "FWP_MATCH_EQUAL", v6AddrMask(ip6("::1"), 128), byteArray16(ip6("::1")), YES],
  ["prefix length 0", "FWP_MATCH_EQUAL", v6AddrMask(ip6("::"), 0), byteArray16(ip6("2001:db8::1")), YES],
  ["B11: ALL_SET", "FWP_MATCH_FLAGS_ALL_SET", uint32(1), uint32(1 | 4), YES],
  ["ALL_SET wants all", "FWP_MATCH_FLAGS_ALL_SET", uint32(3), uint32(1), NO],
  ["B12: NONE_SET", "FWP_MATCH_FLAGS_NONE_SET", uint32(1), uint32(4), YES],
  ["NONE_SET fails by one", "FWP_MATCH_FLAGS_NONE_SET", uint32(3), uint32(2), NO],
  ["B13: ANY_SET", "FWP_MATCH_FLAGS_ANY_SET", uint32(3), uint32(2), YES],
  ["the highest bit", "FWP_MATCH_FLAGS_ALL_SET", uint32(0x80000000), uint32(0xffffffff), YES],
  ["flags of 64 bits", "FWP_MATCH_FLAGS_ANY_SET", uint64(1n << 40n), uint64(1n << 40n), YES],
  ["flags of another width", "FWP_MATCH_FLAGS_NONE_SET", uint32(1), uint8(0), NO],
  ["B14: the lower-case app id", "FWP_MATCH_EQUAL", byteBlob(appIdBlob("\\device\\a.exe")), byteBlob(appIdBlob("\\device\\a.exe")), YES],
  ["B15: blobs are case-sensitive", "FWP_MATCH_EQUAL", byteBlob(appIdBlob("\\device\\A.exe")), byteBlob(appIdBlob("\\device\\a.exe")), NO],
  ["blobs: content before length", "FWP_MATCH_GREATER", byteBlob(Uint8Array.of(1, 2, 3)), byteBlob(Uint8Array.of(2)), YES],
  ["blobs: the longer one is greater", "FWP_MATCH_GREATER", byteBlob(Uint8Array.of(1)), byteBlob(Uint8Array.of(1, 0)), YES],
  ["B16: the SID of no package", "FWP_MATCH_NOT_EQUAL", sidValue("S-1-0-0"), sidValue("S-1-0-0"), NO],
  ["B17: a package", "FWP_MATCH_NOT_EQUAL", sidValue("S-1-0-0"), sidValue("S-1-15-2-1"), YES],
  ["B26: PREFIX tests the end", "FWP_MATCH_PREFIX", byteBlob(appIdBlob(".exe")), byteBlob(appIdBlob("abc.exe")), YES],
  ["B26: and not the beginning", "FWP_MATCH_PREFIX", byteBlob(appIdBlob("abc")), byteBlob(appIdBlob("abc.exe")), NO],
  ["whether or not a NUL ends it", "FWP_MATCH_PREFIX", byteBlob(appIdBlob(".exe").slice(0, -2)), byteBlob(appIdBlob("abc.exe")), YES],
  ["PREFIX of a string", "FWP_MATCH_PREFIX", unicodeString(".exe"), unicodeString("abc.exe"), YES],
  ["NOT_PREFIX", "FWP_MATCH_NOT_PREFIX", unicodeString(".exe"), unicodeString("abc.com"), YES],
  ["strings are case-sensitive", "FWP_MATCH_EQUAL", unicodeString("a"), unicodeString("A"), NO],
  ["unless asked", "FWP_MATCH_EQUAL_CASE_INSENSITIVE", unicodeString("straßeä"), unicodeString("STRAßEÄ"), YES],
  ["no folding that changes the length", "FWP_MATCH_EQUAL_CASE_INSENSITIVE", unicodeString("ß"), unicodeString("SS"), NO],
  ["B18: granted", "FWP_MATCH_EQUAL", service, token("S-1-5-80-1"), YES],
  ["B18: not granted", "FWP_MATCH_EQUAL", service, token("S-1-5-80-2"), NO],
  [
    "not known whether granted",
    "FWP_MATCH_EQUAL",
    service,
    tokenAccessInformation({ user: "S-1-5-18", groups: UNKNOWN, packageSid: null, capabilities: [], attributes: {} }),
    MAYBE,
  ],
  [
    "an index names a bit of an array",
    "FWP_MATCH_EQUAL",
    { type: "FWP_BITMAP_ARRAY64_TYPE", value: 1n << 40n },
    { type: "FWP_BITMAP_INDEX_TYPE", value: 40 },
    YES,
  ],
  ["unknown", "FWP_MATCH_EQUAL", uint16(80), UNKNOWN, MAYBE],
  ["unknown, and everything allowed but empty", "FWP_MATCH_RANGE", range(uint16(0), uint16(65535)), UNKNOWN, MAYBE],
  ["B8: empty is not equal", "FWP_MATCH_EQUAL", uint32(ip4("10.0.0.2")), EMPTY, NO],
  ["B9: EQUAL EMPTY", "FWP_MATCH_EQUAL", EMPTY, EMPTY, YES],
  ["EQUAL EMPTY of a value", "FWP_MATCH_EQUAL", EMPTY, uint16(0), NO],
  ["B23: an empty ICMP type", "FWP_MATCH_EQUAL", uint16(8), EMPTY, NO],
  ["empty fails NOT_EQUAL", "FWP_MATCH_NOT_EQUAL", uint16(8), EMPTY, NO],
  ["empty fails NONE_SET", "FWP_MATCH_FLAGS_NONE_SET", uint32(1), EMPTY, NO],
  ["empty fails ranges", "FWP_MATCH_RANGE", range(uint16(0), uint16(65535)), EMPTY, NO],
];

describe("conditions", () => {
  it.each(rows)("%s", (_what, matchType, condition, value, expected) => {
    expect(test(matchType, condition, value)).toBe(expected);
  });

  it("let empty fields match negations if told so (Q4)", () => {
    expect(test("FWP_MATCH_NOT_EQUAL", uint16(8), EMPTY, true)).toBe(YES);
    expect(test("FWP_MATCH_FLAGS_NONE_SET", uint32(1), EMPTY, true)).toBe(YES);
    expect(test("FWP_MATCH_NOT_PREFIX", unicodeString("a"), EMPTY, true)).toBe(YES);
    expect(test("FWP_MATCH_EQUAL", uint16(8), EMPTY, true)).toBe(NO);
    expect(test("FWP_MATCH_FLAGS_ANY_SET", uint32(1), EMPTY, true)).toBe(NO);
  });
});
