import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FIREWALL_PROFILES, type FirewallRule, formatRuleNotation, parseRuleNotation, type RuleAddress } from "../../src/firewall/index.ts";
import { type IpAddress, parseAddress } from "../../src/model/index.ts";

const v4 = fc.nat({ max: 0xffffffff }).map((value): IpAddress => ({ family: 4, value }));
const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes): IpAddress => ({ family: 6, bytes }));
const number = (address: IpAddress) =>
  address.family === 4 ? BigInt(address.value) : BigInt(`0x${Buffer.from(address.bytes).toString("hex")}`);
const address: fc.Arbitrary<RuleAddress> = fc.oneof(
  fc
    .constantFrom("LocalSubnet", "DNS", "DHCP", "WINS", "DefaultGateway")
    .map((keyword) => ({ kind: "keyword" as const, keyword: keyword as "DNS" })),
  ...[v4, v6].map((one) =>
    fc.tuple(one, one).map(([a, b]): RuleAddress => {
      const [low, high] = number(a) <= number(b) ? [a, b] : [b, a];
      return { kind: "range", low, high };
    }),
  ),
);
const port = fc.oneof(
  fc.constantFrom("RPC", "RPC-EPMap", "Teredo", "IPHTTPS").map((keyword) => ({ kind: "keyword" as const, keyword: keyword as "RPC" })),
  fc.tuple(fc.nat(65535), fc.nat(65535)).map(([a, b]) => ({ kind: "range" as const, low: Math.min(a, b), high: Math.max(a, b) })),
);
const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 3 });
const text = fc
  .string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'aZ9 .\\%_-"=>,é') })
  .filter((value) => value.trim() === value && value !== "");
const profiles = fc.subarray([...FIREWALL_PROFILES], { minLength: 1 });

const rule: fc.Arbitrary<FirewallRule> = fc
  .record(
    {
      id: text,
      name: text,
      action: fc.constantFrom("allow" as const, "block" as const, "bypass" as const),
      direction: fc.constantFrom("in" as const, "out" as const),
      enabled: fc.boolean(),
      profiles,
      protocol: fc.constantFrom<number | "any">(6, 17, "any", 47, 1, 58, 200),
      localPorts: some(port),
      remotePorts: some(port),
      icmpTypes: some(fc.oneof(fc.record({ type: fc.nat(255) }), fc.record({ type: fc.nat(255), code: fc.nat(255) }))),
      localAddresses: some(address),
      remoteAddresses: some(address),
      program: text,
      service: text,
      package: fc.constant("S-1-15-2-1-2-3" as const),
      packageFamilyName: text,
      localUsers: text,
      interfaceKinds: fc.subarray(["lan" as const, "wireless" as const, "remote-access" as const], { minLength: 1 }),
      edgeTraversal: fc.constantFrom("block" as const, "allow" as const, "defer-app" as const, "defer-user" as const),
      group: text,
      description: text,
    },
    { requiredKeys: ["id", "name", "action", "direction", "enabled", "profiles", "protocol"] },
  )
  .map(({ localPorts, remotePorts, icmpTypes, ...rest }) => {
    const ports = rest.protocol === 6 || rest.protocol === 17;
    const icmp = rest.protocol === 1 || rest.protocol === 58;
    return {
      ...rest,
      ...(ports && localPorts !== undefined ? { localPorts } : {}),
      ...(ports && remotePorts !== undefined ? { remotePorts } : {}),
      ...(icmp && icmpTypes !== undefined ? { icmpTypes } : {}),
    };
  });

describe("the rule notation", () => {
  it("prints what it reads back as the same rule", () => {
    fc.assert(
      fc.property(rule, (given) => {
        expect(parseRuleNotation(formatRuleNotation(given))).toEqual(given);
      }),
    );
  });

  it("reads a rule as an administrator says it", () => {
    const line = "allow in tcp 3389 from 10.0.0.0/8 profile=domain";
    expect(parseRuleNotation(line)).toEqual({
      id: line,
      name: line,
      action: "allow",
      direction: "in",
      enabled: true,
      profiles: ["domain"],
      protocol: 6,
      localPorts: [{ kind: "range", low: 3389, high: 3389 }],
      remoteAddresses: [{ kind: "range", low: parseAddress("10.0.0.0"), high: parseAddress("10.255.255.255") }],
    });
    expect(formatRuleNotation(parseRuleNotation(line))).toBe(line);
  });

  it("takes ports and addresses as the packet has them: from is the source, the ports are the destination's", () => {
    const out = parseRuleNotation("block out udp 53 from LocalSubnet to 192.0.2.0/24 source-port=1024-65535");
    expect(out.remotePorts).toEqual([{ kind: "range", low: 53, high: 53 }]);
    expect(out.localPorts).toEqual([{ kind: "range", low: 1024, high: 65535 }]);
    expect(out.localAddresses).toEqual([{ kind: "keyword", keyword: "LocalSubnet" }]);
    expect(out.remoteAddresses).toHaveLength(1);
  });

  it.each([
    ["", "rule, column 1: expected allow, block, bypass, as in: allow in tcp 3389 from 10.0.0.0/8 profile=domain"],
    ["alow in tcp", 'rule, column 1: expected allow, block, bypass, found "alow" - did you mean "allow"?'],
    ["allow in tcpp", "rule, column 10: expected a protocol (any, "],
    ["allow in tcp 99999", 'rule, column 14: "99999" in the port list "99999" is not a port'],
    ["allow in gre 80", 'rule, column 14: expected "from", "to" or key=value, found "80": only tcp and udp rules have ports'],
    ["allow in tcp 80 81", 'rule, column 17: expected "from", "to" or key=value, found "81"'],
    ["allow in tcp 80 from", 'rule, column 21: expected addresses after "from"'],
    [
      "allow in tcp 80 profile=publik",
      'rule, column 17: profile: expected domain, private, public, found "publik" - did you mean "public"?',
    ],
    ["allow in tcp 80 ap=x", "rule, column 17: expected source-port="],
    ["allow in tcp app=a app=b", "rule, column 20: expected app= once"],
    ['allow in tcp app="a b', "rule, column 14: expected a word or key=value"],
  ])("refuses %j with the column", (line, message) => {
    expect(() => parseRuleNotation(line)).toThrow(message);
  });
});
