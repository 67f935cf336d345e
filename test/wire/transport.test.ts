import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  echoParameter,
  emitIcmp,
  emitIcmpv6,
  emitTcpOptions,
  emitTcpPacket,
  emitUdpPacket,
  IcmpView,
  Icmpv6View,
  type PseudoHeader,
  parseIcmp,
  parseIcmpv6,
  parseTcpOptions,
  parseTcpPacket,
  parseUdpPacket,
  type TcpOption,
  type TcpPacket,
  TcpView,
  UdpView,
  WireError,
} from "../../src/wire/index.ts";
import { embedded, hex } from "./bytes.ts";

const bits = (count: number) => fc.integer({ min: 0, max: 2 ** count - 1 });
const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
const pseudoHeader: fc.Arbitrary<PseudoHeader> = fc.oneof(
  fc.record({ family: fc.constant(4 as const), source: bits(32), destination: bits(32) }),
  fc.record({ family: fc.constant(6 as const), source: address, destination: address }),
);
const payload = fc.uint8Array({ maxLength: 60 });
const flag = fc.boolean();

/** 10.0.0.1 to 10.0.0.2. */
const V4: PseudoHeader = { family: 4, source: 0x0a000001, destination: 0x0a000002 };
const V6: PseudoHeader = { family: 6, source: hex(`${"00".repeat(15)}01`), destination: hex(`${"00".repeat(15)}01`) };

describe("UDP", () => {
  // 0a00 + 0001 + 0a00 + 0002 + 0011 + 000a (pseudo-header) + 04d2 + 0035 + 000a + 6869 = 8198, complement 7e67.
  const bytes = hex("04d2 0035 000a 7e67 6869");

  it("writes the checksum over the pseudo-header", () => {
    expect(emitUdpPacket({ sourcePort: 1234, destinationPort: 53, payload: hex("6869") }, V4)).toEqual(bytes);
    expect(UdpView.checked(embedded(bytes)).isChecksumValid(V4)).toBe(true);
    expect(UdpView.checked(bytes).isChecksumValid({ ...V4, source: 0x0a000003 })).toBe(false);
  });

  it("takes no checksum for valid over IPv4 only", () => {
    const none = UdpView.checked(hex("04d2 0035 0008 0000"));
    expect([none.isChecksumValid(V4), none.isChecksumValid(V6)]).toEqual([true, false]);
  });

  it("writes a checksum of zero as all ones", () => {
    const nothing: PseudoHeader = { family: 4, source: 0, destination: 0 };
    // 0011 + 0008 + 0008 of lengths and protocol leave ffde for the ports.
    const emitted = emitUdpPacket({ sourcePort: 0xffde, destinationPort: 0, payload: new Uint8Array() }, nothing);
    expect(UdpView.checked(emitted).checksum).toBe(0xffff);
  });

  it("refuses lengths that do not fit", () => {
    expect(() => UdpView.checked(hex("04d2 0035 0008 00"))).toThrow(expect.objectContaining({ offset: 7 }));
    expect(() => UdpView.checked(hex("04d2 0035 0007 0000"))).toThrow(expect.objectContaining({ offset: 4 }));
    expect(() => UdpView.checked(hex("04d2 0035 0009 0000"))).toThrow(expect.objectContaining({ offset: 4 }));
    expect(() => emitUdpPacket({ sourcePort: 1, destinationPort: 2, payload: new Uint8Array(0xfff8) }, V4)).toThrow(WireError);
  });

  it("reads back whatever it wrote", () => {
    fc.assert(
      fc.property(fc.record({ sourcePort: bits(16), destinationPort: bits(16), payload }), pseudoHeader, (packet, pseudo) => {
        const emitted = emitUdpPacket(packet, pseudo);
        expect(parseUdpPacket(embedded(emitted))).toEqual(packet);
        expect(UdpView.checked(emitted).isChecksumValid(pseudo)).toBe(true);
      }),
    );
  });
});

describe("TCP", () => {
  const option: fc.Arbitrary<TcpOption> = fc.oneof(
    fc.constant<TcpOption>({ kind: "no-operation" }),
    fc.record({ kind: fc.constant("maximum-segment-size" as const), value: bits(16) }),
    fc.record({ kind: fc.constant("window-scale" as const), shift: bits(8) }),
    fc.constant<TcpOption>({ kind: "sack-permitted" }),
    fc.record({
      kind: fc.constant("sack" as const),
      blocks: fc.array(fc.record({ left: bits(32), right: bits(32) }), { minLength: 1, maxLength: 1 }),
    }),
    fc.record({ kind: fc.constant("timestamps" as const), value: bits(32), echoReply: bits(32) }),
    fc.record({ kind: fc.constant("other" as const), type: fc.constantFrom(28, 29, 34, 254), data: fc.uint8Array({ maxLength: 6 }) }),
  );
  const packet: fc.Arbitrary<TcpPacket> = fc.record({
    sourcePort: bits(16),
    destinationPort: bits(16),
    sequence: bits(32),
    acknowledgment: bits(32),
    flags: fc.record({ fin: flag, syn: flag, rst: flag, psh: flag, ack: flag, urg: flag, ece: flag, cwr: flag }),
    window: bits(16),
    urgentPointer: bits(16),
    options: fc.array(option, { maxLength: 3 }),
    payload,
  });

  // What Windows' SYN looks like: MSS 1460, NOP, window scale 8, NOP, NOP, SACK permitted.
  const options = hex("020405b4 01 030308 01 01 0402");
  const syn = hex("c738 01bd 12345678 00000000 8002 faf0 0000 0000 020405b4 01030308 01010402");

  it("reads a SYN and its options where they lie", () => {
    const read = parseTcpPacket(embedded(syn));
    expect(read).toMatchObject({ sourcePort: 51000, destinationPort: 445, sequence: 0x12345678, acknowledgment: 0, window: 64240 });
    expect(Object.entries(read.flags).filter(([, set]) => set)).toEqual([["syn", true]]);
    expect(read.options).toEqual([
      { kind: "maximum-segment-size", value: 1460 },
      { kind: "no-operation" },
      { kind: "window-scale", shift: 8 },
      { kind: "no-operation" },
      { kind: "no-operation" },
      { kind: "sack-permitted" },
    ]);
    expect(emitTcpOptions(read.options)).toEqual(options);
  });

  it("writes the checksum over the pseudo-header", () => {
    const emitted = emitTcpPacket(parseTcpPacket(syn), V4);
    expect(TcpView.checked(emitted).checksum).toBe(0x2e7b);
    expect(emitted.subarray(0, 16)).toEqual(syn.subarray(0, 16));
    expect(emitted.subarray(18)).toEqual(syn.subarray(18));
    expect(TcpView.checked(emitted).isChecksumValid({ ...V4, destination: 0x0a000003 })).toBe(false);
  });

  it("stops at the end of the option list", () => {
    expect(parseTcpOptions(hex("0402 00 08"))).toEqual([{ kind: "sack-permitted" }]);
  });

  it("keeps a known type of the wrong length as it is", () => {
    expect(parseTcpOptions(hex("0203 05"))).toEqual([{ kind: "other", type: 2, data: hex("05") }]);
  });

  it.each(["02", "0201 00 00", "0204 05"])("refuses an option that does not fit: %s", (text) => {
    expect(() => parseTcpOptions(hex(text))).toThrow(WireError);
  });

  it("refuses headers that do not fit", () => {
    expect(() => TcpView.checked(syn.subarray(0, 19))).toThrow(expect.objectContaining({ offset: 19 }));
    expect(() => TcpView.checked(syn.subarray(0, 24))).toThrow(expect.objectContaining({ offset: 12 }));
    const short = Uint8Array.from(syn);
    short[12] = 0x40;
    expect(() => TcpView.checked(short)).toThrow(expect.objectContaining({ offset: 12 }));
    expect(() => emitTcpOptions(new Array<TcpOption>(5).fill({ kind: "timestamps", value: 0, echoReply: 0 }))).toThrow(WireError);
  });

  it("reads back whatever it wrote", () => {
    fc.assert(
      fc.property(packet, pseudoHeader, (value, pseudo) => {
        const bytes = emitTcpPacket(value, pseudo);
        expect(parseTcpPacket(embedded(bytes))).toEqual(value);
        expect(TcpView.checked(bytes).isChecksumValid(pseudo)).toBe(true);
      }),
    );
  });
});

describe("ICMP", () => {
  // Echo request 1, 1 without data: 0800 + 0001 + 0001 = 0802, complement f7fd.
  const echo = hex("0800 f7fd 0001 0001");

  it("writes and reads an echo request", () => {
    expect(emitIcmp({ type: 8, code: 0, parameter: echoParameter(1, 1), body: new Uint8Array() })).toEqual(echo);
    const view = IcmpView.checked(embedded(echo));
    expect([view.identifier, view.sequence, view.isChecksumValid()]).toEqual([1, 1, true]);
  });

  it("counts the pseudo-header in ICMPv6 only", () => {
    // ::1 to ::1: 1 + 1 + 8 + 3a (pseudo) + 8000 + 1 + 1 = 8046, complement 7fb9.
    const bytes = emitIcmpv6({ type: 128, code: 0, parameter: echoParameter(1, 1), body: new Uint8Array() }, V6);
    expect(bytes).toEqual(hex("8000 7fb9 0001 0001"));
    expect(Icmpv6View.checked(bytes).isChecksumValid(V6)).toBe(true);
    expect(IcmpView.checked(bytes).isChecksumValid()).toBe(false);
  });

  it("refuses less than a header", () => {
    expect(() => IcmpView.checked(echo.subarray(0, 7))).toThrow(expect.objectContaining({ offset: 7 }));
    expect(() => Icmpv6View.checked(echo.subarray(0, 7))).toThrow(WireError);
  });

  it("reads back whatever it wrote", () => {
    const message = fc.record({ type: bits(8), code: bits(8), parameter: bits(32), body: payload });
    fc.assert(
      fc.property(message, pseudoHeader, (value, pseudo) => {
        expect(parseIcmp(embedded(emitIcmp(value)))).toEqual(value);
        expect(IcmpView.checked(emitIcmp(value)).isChecksumValid()).toBe(true);
        expect(parseIcmpv6(embedded(emitIcmpv6(value, pseudo)))).toEqual(value);
        expect(Icmpv6View.checked(emitIcmpv6(value, pseudo)).isChecksumValid(pseudo)).toBe(true);
      }),
    );
  });
});
