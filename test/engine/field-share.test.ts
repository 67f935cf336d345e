import { describe, expect, it } from "vitest";
import { autoWeight } from "../../src/engine/index.ts";
import { type Condition, EMPTY, parseIpv4, range, type SchemaFamily, uint8, uint16, uint32, v4AddrMask } from "../../src/model/index.ts";
import { condition } from "./bfe-lab.ts";
import { layerNamed } from "./policy-lab.ts";

const ip = (text: string) => uint32(parseIpv4(text) ?? Number.NaN);
const addresses = (low: string, high: string) => condition("IP_REMOTE_ADDRESS", range(ip(low), ip(high)), "FWP_MATCH_RANGE");
const ports = (low: number, high: number) => condition("IP_LOCAL_PORT", range(uint16(low), uint16(high)), "FWP_MATCH_RANGE");

const isVerified = (conditions: readonly Condition[], family: SchemaFamily = "C") =>
  autoWeight(layerNamed("ALE_AUTH_CONNECT_V4"), conditions, family).verified;

describe("the share of several conditions on a field", () => {
  it("is settled where all readings of the recordings agree", () => {
    expect(isVerified([addresses("10.0.0.0", "10.255.255.255")])).toBe(true);
    expect(isVerified([addresses("192.168.1.0", "192.168.1.255"), addresses("224.0.0.0", "239.255.255.255")])).toBe(true);
    expect(isVerified([ports(1, 10), ports(20, 30), ports(40, 50)]), "three that fill the scale by their sum").toBe(true);
    expect(isVerified([ports(80, 80), ports(443, 443)])).toBe(true);
  });

  it("is settled for the three wide ranges that machines have: all but the local network, multicast and broadcast", () => {
    const recorded = [
      addresses("0.0.0.0", "192.168.1.0"),
      addresses("192.168.1.255", "224.0.0.0"),
      addresses("239.255.255.255", "255.255.255.255"),
    ];
    expect(isVerified(recorded)).toBe(true);
  });

  it("is open for three other conditions that do not fill the scale", () => {
    expect(isVerified([ports(0, 20000), ports(20001, 40000), ports(40001, 60000)])).toBe(false);
  });

  it("is open for a range of half the IPv4 addresses or more, but not for all of them", () => {
    expect(isVerified([addresses("0.0.0.0", "192.0.0.0")])).toBe(false);
    expect(isVerified([addresses("0.0.0.0", "192.0.0.0")], "D"), "family D shows one").toBe(true);
    expect(isVerified([addresses("0.0.0.0", "255.255.255.255")])).toBe(true);
    expect(isVerified([addresses("0.0.0.0", "127.255.255.254")])).toBe(true);
  });

  it("is open for comparisons and types that no recording has", () => {
    expect(isVerified([condition("IP_REMOTE_PORT", uint16(80))])).toBe(true);
    expect(isVerified([condition("IP_REMOTE_PORT", EMPTY)])).toBe(false);
    expect(isVerified([condition("IP_REMOTE_PORT", uint16(80), "FWP_MATCH_NOT_EQUAL")])).toBe(false);
    expect(isVerified([condition("IP_PROTOCOL", range(uint8(6), uint8(17)), "FWP_MATCH_RANGE")])).toBe(false);
    expect(isVerified([condition("IP_REMOTE_ADDRESS", v4AddrMask(0x0a000000, 0xff000000))])).toBe(false);
    expect(isVerified([condition("FLAGS", uint32(1), "FWP_MATCH_FLAGS_ANY_SET")])).toBe(false);
    expect(isVerified([condition("FLAGS", uint32(1), "FWP_MATCH_FLAGS_NONE_SET")])).toBe(true);
  });
});
