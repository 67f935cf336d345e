import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  emitIpv4Packet,
  emitIpv6Packet,
  type Ipv4Packet,
  Ipv4View,
  type Ipv6Packet,
  Ipv6View,
  parseIpv4Packet,
  parseIpv6Packet,
  upperLayer,
  WireError,
} from "../../src/wire/index.ts";
import { embedded, hex } from "./bytes.ts";

// The header used to explain the checksum in many texts: 192.168.0.1 to 192.168.0.199, UDP, 115 bytes, checksum b861.
const HEADER = "4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7";
const V4 = Uint8Array.from([...hex(HEADER), ...new Uint8Array(95)]);

const bits = (count: number) => fc.integer({ min: 0, max: 2 ** count - 1 });
const v4Packet: fc.Arbitrary<Ipv4Packet> = fc.record({
  dscp: bits(6),
  ecn: bits(2),
  identification: bits(16),
  dontFragment: fc.boolean(),
  moreFragments: fc.boolean(),
  fragmentOffset: bits(13).map((units) => units * 8),
  timeToLive: bits(8),
  protocol: bits(8),
  source: bits(32),
  destination: bits(32),
  options: fc.nat(10).chain((words) => fc.uint8Array({ minLength: words * 4, maxLength: words * 4 })),
  payload: fc.uint8Array({ maxLength: 80 }),
});
const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
const v6Packet: fc.Arbitrary<Ipv6Packet> = fc.record({
  trafficClass: bits(8),
  flowLabel: bits(20),
  nextHeader: bits(8),
  hopLimit: bits(8),
  source: address,
  destination: address,
  payload: fc.uint8Array({ maxLength: 80 }),
});

describe("IPv4", () => {
  it("reads a header where it lies", () => {
    const view = Ipv4View.checked(embedded(V4));
    expect([view.totalLength, view.headerLength, view.timeToLive, view.protocol]).toEqual([115, 20, 64, 17]);
    expect([view.source, view.destination]).toEqual([0xc0a80001, 0xc0a800c7]);
    expect([view.dontFragment, view.moreFragments, view.fragmentOffset]).toEqual([true, false, 0]);
    expect(view.isChecksumValid()).toBe(true);
  });

  it("writes the same header, checksum included", () => {
    expect(emitIpv4Packet(parseIpv4Packet(V4))).toEqual(V4);
  });

  it("leaves out what the link layer added", () => {
    expect(parseIpv4Packet(Uint8Array.from([...V4, 1, 2, 3])).payload.length).toBe(95);
  });

  it("sees a damaged header", () => {
    const damaged = Uint8Array.from(V4);
    damaged[8] = 63;
    expect(Ipv4View.checked(damaged).isChecksumValid()).toBe(false);
  });

  it.each([
    ["too short", V4.subarray(0, 19), 19],
    ["another version", hex(HEADER.replace("45", "65")), 0],
    ["a header shorter than a header", hex(HEADER.replace("45", "44")), 0],
    ["more than there is", hex(HEADER), 2],
    ["less than the header", hex(HEADER.replace("0073", "0013")), 2],
  ])("refuses %s", (_, bytes, offset) => {
    expect(() => Ipv4View.checked(bytes)).toThrow(expect.objectContaining({ name: "WireError", offset }));
  });

  it("refuses to write what does not fit", () => {
    const packet = parseIpv4Packet(V4);
    expect(() => emitIpv4Packet({ ...packet, options: new Uint8Array(41) })).toThrow(WireError);
    expect(() => emitIpv4Packet({ ...packet, fragmentOffset: 4 })).toThrow(WireError);
    expect(() => emitIpv4Packet({ ...packet, payload: new Uint8Array(0xffff) })).toThrow(WireError);
  });

  it("reads back whatever it wrote", () => {
    fc.assert(
      fc.property(v4Packet, (packet) => {
        const bytes = emitIpv4Packet(packet);
        expect(parseIpv4Packet(embedded(bytes))).toEqual(packet);
        expect(Ipv4View.checked(bytes).isChecksumValid()).toBe(true);
      }),
    );
  });
});

describe("IPv6", () => {
  const header = "6123 4567 0004 3b40 2001 0db8 0000 0000 0000 0000 0000 0001 2001 0db8 0000 0000 0000 0000 0000 0002";
  const bytes = hex(`${header} dead beef`);

  it("reads a header where it lies, and writes it again", () => {
    const view = Ipv6View.checked(embedded(bytes));
    expect([view.trafficClass, view.flowLabel, view.payloadLength, view.nextHeader, view.hopLimit]).toEqual([0x12, 0x34567, 4, 59, 64]);
    expect([view.source[15], view.destination[15]]).toEqual([1, 2]);
    expect(emitIpv6Packet(parseIpv6Packet(bytes))).toEqual(bytes);
  });

  it.each([
    ["too short", bytes.subarray(0, 39), 39],
    ["another version", Uint8Array.from([0x41, ...bytes.subarray(1)]), 0],
    ["more than there is", hex(header), 4],
  ])("refuses %s", (_, wrong, offset) => {
    expect(() => Ipv6View.checked(wrong)).toThrow(expect.objectContaining({ name: "WireError", offset }));
  });

  it("reads back whatever it wrote", () => {
    fc.assert(
      fc.property(v6Packet, (packet) => {
        expect(parseIpv6Packet(embedded(emitIpv6Packet(packet)))).toEqual(packet);
      }),
    );
  });
});

describe("IPv6 extension headers", () => {
  it("are passed on the way to the upper layer", () => {
    const hopByHop = "3c00 0104 0000 0000";
    const destination = "0600 0104 0000 0000";
    expect(upperLayer({ nextHeader: 0, payload: hex(`${hopByHop} ${destination} cafe`) })).toEqual({
      protocol: 6,
      payload: hex("cafe"),
      fragment: null,
      extensions: [0, 60],
    });
  });

  it("tell of a fragment, whose continuation is no header", () => {
    const first = upperLayer({ nextHeader: 44, payload: hex("1100 0001 0000002a beef") });
    expect(first).toMatchObject({ protocol: 17, fragment: { identification: 42, offset: 0, moreFragments: true } });
    const later = upperLayer({ nextHeader: 44, payload: hex("3c00 0010 0000002a ff") });
    expect(later).toMatchObject({ protocol: 60, payload: hex("ff"), fragment: { offset: 16, moreFragments: false }, extensions: [44] });
  });

  it("count AH in words of four bytes", () => {
    const ah = "1104 0000 00000001 00000001 000000000000000000000000";
    expect(upperLayer({ nextHeader: 51, payload: hex(`${ah} aa`) })).toMatchObject({ protocol: 17, payload: hex("aa") });
  });

  it("may not reach beyond the packet", () => {
    expect(() => upperLayer({ nextHeader: 0, payload: hex("0601 0000 0000 0000") })).toThrow(expect.objectContaining({ offset: 40 }));
  });
});
