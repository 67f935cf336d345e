import { describe, expect, it } from "vitest";
import { parseRuleAddresses, parseRulePorts, type RuleAddress } from "../../src/firewall/index.ts";
import { formatAddress, InputError } from "../../src/model/index.ts";

const text = (address: RuleAddress) =>
  address.kind === "keyword" ? address.keyword : `${formatAddress(address.low)}-${formatAddress(address.high)}`;

describe("port lists", () => {
  it("hold ports, ranges and keywords in any case", () => {
    expect(parseRulePorts("80, 5000-5010,rpc,RPC-EPMap")).toEqual([
      { kind: "range", low: 80, high: 80 },
      { kind: "range", low: 5000, high: 5010 },
      { kind: "keyword", keyword: "RPC" },
      { kind: "keyword", keyword: "RPC-EPMap" },
    ]);
  });

  it("are absent for any port", () => {
    expect(parseRulePorts("Any")).toBeUndefined();
    expect(parseRulePorts("*")).toBeUndefined();
  });

  it.each(["65536", "80-", "90-80", "1-2-3", "http", "-1"])("refuse %s", (list) => {
    expect(() => parseRulePorts(list)).toThrow(InputError);
  });
});

describe("address lists", () => {
  it.each([
    ["LocalSubnet", "LocalSubnet"],
    ["dns", "DNS"],
    ["10.1.2.3", "10.1.2.3-10.1.2.3"],
    ["10.1.2.3/8", "10.0.0.0-10.255.255.255"],
    ["10.1.2.3/255.255.0.0", "10.1.0.0-10.1.255.255"],
    ["0.0.0.0/0", "0.0.0.0-255.255.255.255"],
    ["10.1.2.3/255.255.255.255", "10.1.2.3-10.1.2.3"],
    ["10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9"],
    ["fe80::1/10", "fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["2001:db8::1-2001:db8::2", "2001:db8::1-2001:db8::2"],
  ])("understand %s", (list, expected) => {
    expect(parseRuleAddresses(list)?.map(text)).toEqual([expected]);
  });

  it("are absent for any address", () => {
    expect(parseRuleAddresses("any")).toBeUndefined();
  });

  it.each(["10.0.0.0/33", "10.0.0.0/255.0.255.0", "10.0.0.9-10.0.0.1", "10.0.0.1-fe80::1", "extranet", "10.0.0"])("refuse %s", (list) => {
    expect(() => parseRuleAddresses(list)).toThrow(InputError);
  });
});
