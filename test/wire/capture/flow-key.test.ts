import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFrame, emitIcmp, FLOW_KEY_WORDS, FlowKey, Frame, LINK_TYPE } from "../../../src/wire/index.ts";
import { concat } from "./captures.ts";
import { ipv4, ipv6, tcp } from "./frames.ts";

function frameOf(packet: Uint8Array): Frame {
  const frame = new Frame();
  decodeFrame(frame, new DataView(packet.buffer, packet.byteOffset, packet.length), 0, packet.length, packet.length, LINK_TYPE.raw);
  return frame;
}

function keyOf(packet: Uint8Array): FlowKey {
  const key = new FlowKey();
  expect(key.set(frameOf(packet))).toBe(true);
  return key;
}

interface Ends {
  readonly source: number;
  readonly destination: number;
  readonly ports: readonly [number, number];
}

/** A UDP packet between two hosts of a family. */
function packet(family: number, { source, destination, ports }: Ends, protocol = 17): Uint8Array {
  const payload = new Uint8Array(8);
  const view = new DataView(payload.buffer);
  view.setUint16(0, ports[0]);
  view.setUint16(2, ports[1]);
  view.setUint16(4, 8);
  if (family === 4) return ipv4(protocol, payload, { source, destination });
  const bytes = ipv6(protocol, payload);
  const six = new DataView(bytes.buffer);
  // Odd factors: different numbers stay different.
  for (const word of [8, 12, 16, 20]) six.setUint32(word, Math.imul(source, word + 1) >>> 0);
  for (const word of [24, 28, 32, 36]) six.setUint32(word, Math.imul(destination, word - 15) >>> 0);
  return bytes;
}

const turned = ({ source, destination, ports }: Ends): Ends => ({ source: destination, destination: source, ports: [ports[1], ports[0]] });

// Few values, so that equal addresses and ports occur.
const uint32 = fc.oneof(fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff), fc.integer({ min: 0, max: 0xffffffff }));
const port = fc.oneof(fc.constantFrom(0, 53, 0x8000, 0xffff), fc.nat(0xffff));
const ends = fc.record({ source: uint32, destination: uint32, ports: fc.tuple(port, port) });
const family = fc.constantFrom(4, 6);

describe("FlowKey", () => {
  it("is the same in both directions and knows which it was", () => {
    fc.assert(
      fc.property(family, ends, (version, flow) => {
        const there = keyOf(packet(version, flow));
        const back = keyOf(packet(version, turned(flow)));
        expect(back.words).toEqual(there.words);
        expect(back.hash).toBe(there.hash);
        expect(there.hash).toBe(there.hash >>> 0);
        const isSymmetric = flow.source === flow.destination && flow.ports[0] === flow.ports[1];
        if (!isSymmetric) expect(back.reversed).not.toBe(there.reversed);
      }),
    );
  });

  it("differs where the flow does, in a table too", () => {
    fc.assert(
      fc.property(family, ends, ends, (version, one, other) => {
        const table = new Uint32Array(FLOW_KEY_WORDS * 3);
        const key = keyOf(packet(version, one));
        key.copyTo(table, FLOW_KEY_WORDS);
        expect(key.equals(table, FLOW_KEY_WORDS)).toBe(true);
        const second = keyOf(packet(version, other));
        const isSame = [other, turned(other)].some((flow) => JSON.stringify(flow) === JSON.stringify(one));
        expect(second.equals(table, FLOW_KEY_WORDS)).toBe(isSame);
        expect(keyOf(packet(version, one, 136)).equals(table, FLOW_KEY_WORDS)).toBe(false);
      }),
    );
  });

  it("counts every byte of an address", () => {
    const table = new Uint32Array(FLOW_KEY_WORDS);
    const packets = [
      { bytes: packet(4, { source: 1, destination: 2, ports: [3, 4] }), from: 12, to: 20 },
      { bytes: packet(6, { source: 1, destination: 2, ports: [3, 4] }), from: 8, to: 40 },
    ];
    for (const { bytes, from, to } of packets) {
      const key = keyOf(bytes);
      key.copyTo(table, 0);
      for (let at = from; at < to; at++) {
        const other = keyOf(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)));
        expect([at, other.equals(table, 0), other.hash === key.hash]).toEqual([at, false, false]);
      }
    }
  });

  it("spreads the flows of one client over the table", () => {
    const buckets = new Set<number>();
    for (let index = 0; index < 4096; index++) {
      buckets.add(keyOf(packet(4, { source: 0x0a000005, destination: 0xcb007109, ports: [32_768 + index, 443] })).hash & 4095);
    }
    // Thrown at random, 4096 balls leave 63 % of 4096 bins filled.
    expect(buckets.size).toBeGreaterThan(4096 * 0.6);
  });

  it("tells echoes apart by their identifier, and has no ports for anything else", () => {
    const echo = (type: number, identifier: number) =>
      ipv4(1, emitIcmp({ type, code: 0, parameter: identifier * 65_536, body: new Uint8Array(0) }));
    expect(keyOf(echo(8, 7)).words).toEqual(keyOf(echo(0, 7)).words);
    expect(keyOf(echo(8, 7)).words).not.toEqual(keyOf(echo(8, 8)).words);
    expect(keyOf(echo(3, 7)).words[1]).toBe(0);
    expect(keyOf(ipv4(6, tcp().subarray(8), { fragmentOffset: 8 })).words[1]).toBe(0);
    const none = new FlowKey();
    expect(none.set(frameOf(concat(new Uint8Array(40))))).toBe(false);
  });
});
