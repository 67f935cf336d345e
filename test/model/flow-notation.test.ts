import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AddressType,
  appIdBlob,
  byteBlob,
  EMPTY,
  FIELD_KEY,
  type FlowSpec,
  type FwpValue,
  formatFlow,
  type Guid,
  InputError,
  type IpAddress,
  type Profile,
  parseAddress,
  parseFlow,
  type Sid,
  serviceSid,
  sidValue,
  tokenAccessInformation,
  UNKNOWN,
  uint8,
  uint16,
  uint32,
  uint64,
} from "../../src/model/index.ts";

function errorOf(text: string): InputError {
  try {
    parseFlow(text);
  } catch (error) {
    if (error instanceof InputError) return error;
  }
  throw new Error(`no InputError for ${text}`);
}

function override(pair: string): FwpValue | undefined {
  return parseFlow(`out tcp * > *:443 ${pair}`).overrides[0]?.value;
}

describe("parseFlow", () => {
  it("takes source and destination as this host sees them", () => {
    expect(parseFlow("in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System user=S-1-5-18 profile=public if=12")).toEqual({
      direction: "in",
      protocol: 6,
      family: 4,
      remoteAddress: parseAddress("203.0.113.9"),
      remotePort: 51000,
      localAddress: parseAddress("10.0.0.5"),
      localPort: 445,
      app: "System",
      user: "S-1-5-18",
      profile: "public",
      interface: { index: 12 },
      overrides: [],
    });
    expect(parseFlow("out udp [fe80::1]:5353 > [ff02::fb]:5353")).toMatchObject({
      family: 6,
      localAddress: parseAddress("fe80::1"),
      remoteAddress: parseAddress("ff02::fb"),
    });
  });

  it("leaves unknown what is not said", () => {
    expect(parseFlow("out tcp *>*:443")).toEqual({ direction: "out", protocol: 6, remotePort: 443, overrides: [] });
    expect(parseFlow("OUT TCP 10.0.0.1:* > * user=* FWPM_CONDITION_COMPARTMENT_ID=*")).toEqual({
      direction: "out",
      protocol: 6,
      family: 4,
      localAddress: parseAddress("10.0.0.1"),
      overrides: [],
    });
  });

  it("reads ICMP with type and code, and other protocols by name and number", () => {
    expect(parseFlow("out icmp 10.0.0.1 > 8.8.8.8 icmp=8/0")).toMatchObject({ protocol: 1, family: 4, icmp: { type: 8, code: 0 } });
    expect(parseFlow("in icmpv6 * > fe80::1 icmp=135/0")).toMatchObject({ protocol: 58, family: 6 });
    expect(parseFlow("in icmpv6 * > *")).toMatchObject({ family: 6 });
    for (const [name, number] of Object.entries({ igmp: 2, gre: 47, esp: 50, ah: 51, sctp: 132, 99: 99 })) {
      expect(parseFlow(`out ${name} * > *`).protocol).toBe(number);
    }
  });

  it("reads every key", () => {
    const flow = parseFlow(
      'out tcp * > *:443 app="C:\\Program Files\\A ""b"".exe" user="NT AUTHORITY\\SYSTEM" groups=BA,S-1-5-11 service=Dnscache package=none ' +
        "capabilities=internetClient,S-1-15-3-3 original-profile=domain if=luid:5 if=name:7 iftype=wifi tunnel=14 " +
        "flags=loopback+FWP_CONDITION_FLAG_IS_REAUTHORIZE+0x100 local-type=unicast family=6",
    );
    expect(flow).toEqual({
      direction: "out",
      protocol: 6,
      family: 6,
      remotePort: 443,
      app: 'C:\\Program Files\\A "b".exe',
      user: "S-1-5-18",
      groups: ["S-1-5-32-544", "S-1-5-11"],
      service: serviceSid("dnscache"),
      package: null,
      capabilities: ["S-1-15-3-1", "S-1-15-3-3"],
      originalProfile: "domain",
      interface: { luid: 5n, alias: "7" },
      interfaceType: 71,
      tunnelType: 14,
      flags: 0x105,
      localAddressType: "unicast",
      overrides: [],
    });
    expect(parseFlow('out tcp * > * if=1689399632855040 app="none" groups=none')).toMatchObject({
      interface: { luid: 1689399632855040n },
      app: "none",
      groups: [],
    });
    expect(parseFlow('out tcp * > * if="Ethernet 2"')).toMatchObject({ interface: { alias: "Ethernet 2" } });
    expect(parseFlow("out tcp * > * package=S-1-15-2-1-2-3")).toMatchObject({ package: "S-1-15-2-1-2-3" });
  });

  it("empties the field behind a key", () => {
    expect(parseFlow("out tcp * > * user=empty profile=empty").overrides).toEqual([
      { fieldKey: FIELD_KEY.ALE_USER_ID, value: EMPTY },
      { fieldKey: FIELD_KEY.CURRENT_PROFILE_ID, value: EMPTY },
    ]);
  });

  it("reads fields in their own data types", () => {
    expect(override("FWPM_CONDITION_COMPARTMENT_ID=1")).toEqual(uint32(1));
    expect(override("COMPARTMENT_ID=0x10")).toEqual(uint32(16));
    expect(override(`${FIELD_KEY.IP_PROTOCOL}=udp`)).toEqual(uint8(17));
    expect(override("FWPM_CONDITION_ICMP_TYPE=8")).toEqual(uint16(8));
    expect(override("fwpm_condition_embedded_remote_address=10.0.0.1")).toEqual(uint32(0x0a000001));
    expect(override("FWPM_CONDITION_EMBEDDED_REMOTE_ADDRESS=::1")).toMatchObject({ type: "FWP_BYTE_ARRAY16_TYPE" });
    expect(override("FWPM_CONDITION_REAUTHORIZE_REASON=policy-change+PROFILE_CROSSING")).toEqual(uint32(9));
    expect(override("FWPM_CONDITION_ALE_SIO_FIREWALL_SYSTEM_PORT=IS_SYSTEM_PORT_RPC")).toEqual(uint32(1));
    expect(override("FWPM_CONDITION_FLAGS=none")).toEqual(uint32(0));
    expect(override("FWPM_CONDITION_IP_LOCAL_INTERFACE=1689399632855040")).toEqual(uint64(1689399632855040n));
    expect(override("FWPM_CONDITION_ALE_PACKAGE_ID=S-1-0-0")).toEqual(sidValue("S-1-0-0"));
    expect(override('FWPM_CONDITION_ALE_ORIGINAL_APP_ID="C:\\A B.exe"')).toEqual(byteBlob(appIdBlob("\\device\\harddiskvolume3\\a b.exe")));
    expect(override("FWPM_CONDITION_DIRECTION=inbound")).toEqual(uint32(1));
    expect(override("FWPM_CONDITION_MAC_LOCAL_ADDRESS=00:15:5d:01:02:03")).toEqual({
      type: "FWP_BYTE_ARRAY6_TYPE",
      value: Uint8Array.of(0, 0x15, 0x5d, 1, 2, 3),
    });
    expect(override("FWPM_CONDITION_RPC_IF_UUID=12345678-9abc-def0-0102-030405060708")).toMatchObject({ type: "FWP_BYTE_ARRAY16_TYPE" });
    expect(override("FWPM_CONDITION_ALE_REMOTE_USER_ID=empty")).toEqual(EMPTY);
    expect(override("FWPM_CONDITION_ALE_REMOTE_USER_ID=SYSTEM+BA")).toEqual(
      tokenAccessInformation({
        user: "S-1-5-18",
        groups: ["S-1-5-32-544"],
        packageSid: UNKNOWN,
        capabilities: UNKNOWN,
        attributes: UNKNOWN,
      }),
    );
  });

  it.each([
    ["", 1, /"in" or "out"/],
    ["inn tcp", 1, /"in" or "out", found "inn"/],
    ["out tpc * > *", 5, /did you mean "tcp"/],
    ["out 256 * > *", 5, /0 to 255/],
    ["out tcp", 8, /the source address/],
    ["out tcp 1.2.3.4:1", 18, /destination/],
    ["out tcp 1.2.3.4:1 5.6.7.8:2", 19, /">"/],
    ["out tcp 1.2.3.4:99999 > *", 9, /address/],
    ["out tcp 1.2.3.400:1 > *", 9, /address/],
    ["out tcp fe80::1:445:x > *", 9, /address/],
    ["out icmp 1.2.3.4:8 > *", 10, /without a port.*icmp=TYPE\/CODE/],
    ["out tcp 1.2.3.4:1 > [::1]:1", 21, /IPv4 address/],
    ["out tcp 1.2.3.4:1 > * family=6", 23, /family=4/],
    ["out tcp * > * icmp=8/0", 15, /icmp or icmpv6 only/],
    ["out icmp ::1 > ::2", 5, /icmpv6/],
    ["out icmpv6 10.0.0.1 > *", 5, /expected icmp, .*IPv4/],
    ["out icmp * > * icmp=8", 21, /TYPE\/CODE/],
    ["out tcp * > * porfile=public", 15, /app, user, groups.*did you mean "profile"/],
    ["out tcp * > * FWPM_CONDITION_COMPARTMNT_ID=1", 15, /did you mean "FWPM_CONDITION_COMPARTMENT_ID"/],
    ["out tcp * > * {00000000-0000-0000-0000-000000000001}=1", 15, /field's name/],
    ["out tcp * > * profile=pubic", 23, /public, private.*did you mean "public"/],
    ["out tcp * > * user=SYTEM", 20, /did you mean "SYSTEM"/],
    ["out tcp * > * service=S-1-5-18", 23, /S-1-5-80/],
    ["out tcp * > * package=foo", 23, /package/],
    ["out tcp * > * capabilities=internetClint", 28, /did you mean "internetClient"/],
    ["out tcp * > * flags=loopback+lopback", 21, /did you mean/],
    ["out tcp * > * if=index:9999999999", 18, /32 bits/],
    ["out tcp * > * if=1 if=2", 23, /one index/],
    ["out tcp * > * app=a app=b", 21, /once/],
    ["out tcp * > * app=", 19, /path/],
    ["out tcp * > * public", 15, /key=value/],
    ['out tcp * > * app="x', 19, /quotation mark/],
    ['out tcp * > * app="x"y', 22, /space/],
    ["out tcp * > * [app=x", 21, /"\]"/],
    ["out tcp * > * FWPM_CONDITION_IP_LOCAL_PORT=70000", 44, /up to 65535/],
    ["out tcp * > * FWPM_CONDITION_IP_LOCAL_ADDRESS=x", 47, /IPv4 address, or an IPv6/],
    ["out tcp * > * FWPM_CONDITION_ALE_PACKAGE_ID=x", 45, /SID/],
  ])("refuses %j at column %d", (text, column, message) => {
    const error = errorOf(text);
    expect(error.message).toMatch(message);
    expect(error.position.column).toBe(column);
    expect(error.message).toContain(`column ${column}`);
  });

  it("says file and line where it has them", () => {
    expect(() => parseFlow("in", { file: "flows.txt", line: 3 })).toThrow(
      expect.objectContaining({ position: { file: "flows.txt", line: 3, column: 3 } }),
    );
  });
});

const v4 = fc.nat({ max: 0xffffffff }).map((value): IpAddress => ({ family: 4, value }));
const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes): IpAddress => ({ family: 6, bytes }));
const port = fc.nat({ max: 65535 });
const sid = fc.array(fc.nat({ max: 0xffffffff }), { minLength: 1, maxLength: 4 }).map((parts): Sid => `S-1-5-${parts.join("-")}`);
const profile = fc.constantFrom<Profile>("none", "public", "private", "domain");
const text = fc.string({ minLength: 1, unit: "grapheme" });
const overrides: fc.Arbitrary<FlowSpec["overrides"]> = fc.uniqueArray(
  fc.oneof<fc.Arbitrary<{ fieldKey: Guid; value: FwpValue }>[]>(
    fc.nat({ max: 0xffffffff }).map((value) => ({ fieldKey: FIELD_KEY.FLAGS, value: uint32(value) })),
    fc.nat({ max: 255 }).map((value) => ({ fieldKey: FIELD_KEY.IP_PROTOCOL, value: uint8(value) })),
    fc.bigInt(0n, 2n ** 64n - 1n).map((value) => ({ fieldKey: FIELD_KEY.IP_LOCAL_INTERFACE, value: uint64(value) })),
    fc.uint8Array({ maxLength: 9 }).map((value) => ({ fieldKey: FIELD_KEY.ALE_APP_ID, value: byteBlob(value) })),
    text.map((value) => ({ fieldKey: FIELD_KEY.ALE_APP_ID, value: byteBlob(appIdBlob(value)) })),
    text.map((value) => ({ fieldKey: FIELD_KEY.PEER_NAME, value: byteBlob(appIdBlob(value)) })),
    sid.map((value) => ({ fieldKey: FIELD_KEY.ALE_PACKAGE_ID, value: sidValue(value) })),
    fc.record({ user: sid, groups: fc.oneof(fc.constant(UNKNOWN), fc.array(sid, { maxLength: 2 })) }).map((token) => ({
      fieldKey: FIELD_KEY.ALE_REMOTE_USER_ID,
      value: tokenAccessInformation({ ...token, packageSid: UNKNOWN, capabilities: UNKNOWN, attributes: UNKNOWN }),
    })),
    fc.constant({ fieldKey: FIELD_KEY.COMPARTMENT_ID, value: EMPTY }),
  ),
  { selector: ({ fieldKey }) => fieldKey, maxLength: 4 },
);

const members = {
  localPort: port,
  remotePort: port,
  app: text,
  user: sid,
  groups: fc.array(sid, { maxLength: 3 }),
  service: text.map(serviceSid),
  package: fc.oneof(
    fc.constant(null),
    fc.nat().map((value): Sid => `S-1-15-2-${value}-1`),
  ),
  capabilities: fc.array(sid, { maxLength: 3 }),
  profile,
  originalProfile: profile,
  interface: fc
    .record({ index: fc.nat({ max: 0xffffffff }), luid: fc.bigInt(0n, 2n ** 64n - 1n), alias: text }, { requiredKeys: [] })
    .filter((value) => Object.keys(value).length > 0),
  interfaceType: fc.nat({ max: 300 }),
  tunnelType: fc.nat({ max: 20 }),
  flags: fc.nat({ max: 0xffffffff }),
  localAddressType: fc.constantFrom<AddressType>("unspecified", "unicast", "anycast", "multicast", "broadcast"),
  icmp: fc.record({ type: fc.nat({ max: 255 }), code: fc.nat({ max: 255 }) }),
};
const required = { direction: fc.constantFrom("in" as const, "out" as const), protocol: fc.nat({ max: 255 }), overrides };
const arbitraryFlow: fc.Arbitrary<FlowSpec> = fc
  .tuple(
    fc.record({ ...required, ...members }, { requiredKeys: ["direction", "protocol", "overrides"] }),
    fc.constantFrom(4 as const, 6 as const, undefined),
    fc.boolean(),
    fc.boolean(),
    v4,
    v6,
  )
  .map(([flow, anyFamily, hasLocal, hasRemote, four, six]) => {
    const { icmp, localPort, remotePort, ...rest } = flow;
    // ICMP and ICMPv6 go with one family each.
    const family = anyFamily === undefined ? undefined : rest.protocol === 1 ? 4 : rest.protocol === 58 ? 6 : anyFamily;
    const isIcmp = rest.protocol === 1 || rest.protocol === 58;
    const hasPorts = ![1, 2, 4, 41, 47, 50, 51, 58, 89, 103, 112].includes(rest.protocol);
    const implied = rest.protocol === 58 ? 6 : rest.protocol === 1 || rest.protocol === 2 ? 4 : undefined;
    const known = family ?? implied;
    const address = family === 4 ? four : six;
    return {
      ...rest,
      ...(known === undefined ? {} : { family: known }),
      ...(hasPorts && localPort !== undefined ? { localPort } : {}),
      ...(hasPorts && remotePort !== undefined ? { remotePort } : {}),
      ...(isIcmp && icmp !== undefined ? { icmp } : {}),
      ...(family !== undefined && hasLocal ? { localAddress: address } : {}),
      ...(family !== undefined && hasRemote ? { remoteAddress: address } : {}),
    };
  });

describe("formatFlow", () => {
  it.each([
    "in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System user=S-1-5-18 profile=public if=12",
    "out icmp 10.0.0.1 > 8.8.8.8 icmp=8/0",
    "out udp * > [ff02::fb]:5353 flags=loopback+requires-ale-classify local-type=multicast",
    'out tcp * > *:443 family=6 app="C:\\Program Files\\a.exe" iftype=wifi tunnel=teredo FWPM_CONDITION_COMPARTMENT_ID=1',
  ])("prints %s as it was read", (line) => {
    expect(formatFlow(parseFlow(line))).toBe(line);
  });

  it("marks defaults, which parse as if given", () => {
    const flow = parseFlow("out tcp * > *:443 profile=public if=3");
    const line = formatFlow(flow, { defaults: new Set(["profile"]) });
    expect(line).toBe("out tcp * > *:443 [profile=public] if=3");
    expect(parseFlow(line)).toEqual(flow);
  });

  it("is undone by parseFlow", () => {
    fc.assert(
      fc.property(arbitraryFlow, fc.subarray(["app", "if", "groups", "FWPM_CONDITION_ALE_APP_ID"]), (flow, defaults) => {
        const line = formatFlow(flow, { defaults: new Set(defaults) });
        expect(parseFlow(line)).toEqual(flow);
        expect(formatFlow(parseFlow(line), { defaults: new Set(defaults) })).toBe(line);
      }),
      { numRuns: 500 },
    );
  });
});
