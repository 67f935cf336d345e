import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addressTypeOf,
  formatAddress,
  formatEndpoint,
  InputError,
  isLoopback,
  isUnspecified,
  parseAddress,
  parseIpv4,
  parseIpv6,
  sameAddress,
} from "../../src/model/index.ts";

describe("addresses", () => {
  it("reads dotted quads in host order", () => {
    expect(parseIpv4("10.1.2.3")).toBe(0x0a010203);
    expect(parseIpv4("255.255.255.255")).toBe(0xffffffff);
    for (const bad of ["256.0.0.1", "1.2.3", "1.2.3.4.5", "1.2.3.x", ""]) expect(parseIpv4(bad)).toBeUndefined();
  });

  it.each(["fe80::1", "::", "::1", "2001:db8::ff00:42:8329", "::ffff:10.0.0.1", "1:2:3:4:5:6:7:8", "2001:db8:0:1:1:1:1:1", "1::"])(
    "prints %s as RFC 5952 does",
    (text) => expect(formatAddress(parseAddress(text))).toBe(text),
  );

  it("refuses what is no address", () => {
    for (const bad of ["1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "g::", "::1.2.3"])
      expect(parseIpv6(bad)).toBeUndefined();
    expect(() => parseAddress("host")).toThrow(InputError);
  });

  it("reads what it prints", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat({ max: 0xffffffff }), (bytes, value) => {
        const six = { family: 6, bytes } as const;
        expect(parseAddress(formatAddress(six))).toEqual(six);
        expect(parseAddress(formatAddress({ family: 4, value }))).toEqual({ family: 4, value });
        expect(sameAddress(six, parseAddress(formatAddress(six)))).toBe(true);
      }),
    );
  });

  it("classifies by the address's own bits", () => {
    const types = ["0.0.0.0", "10.0.0.255", "224.0.0.1", "255.255.255.255", "::", "fe80::1", "ff02::1"].map((text) =>
      addressTypeOf(parseAddress(text)),
    );
    expect(types).toEqual(["unspecified", "unicast", "multicast", "broadcast", "unspecified", "unicast", "multicast"]);
    expect(["127.0.0.1", "127.9.9.9", "::1"].every((text) => isLoopback(parseAddress(text)))).toBe(true);
    expect(isLoopback(parseAddress("128.0.0.1"))).toBe(false);
    expect(isUnspecified(parseAddress("::1"))).toBe(false);
  });

  it("prints ends with brackets around IPv6", () => {
    expect(formatEndpoint(parseAddress("10.0.0.5"), 445)).toBe("10.0.0.5:445");
    expect(formatEndpoint(parseAddress("fe80::1"), 445)).toBe("[fe80::1]:445");
    expect(sameAddress(parseAddress("1.1.1.1"), parseAddress("::1.1.1.1"))).toBe(false);
  });
});
