import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embedded } from "../bytes.ts";
import { concat, type PcapPacket, pcap, readCapture } from "./captures.ts";

const packet = fc.record({
  seconds: fc.integer({ min: 0, max: 0xffffffff }),
  fraction: fc.integer({ min: 0, max: 999_999 }),
  data: fc.uint8Array({ maxLength: 200 }),
  extra: fc.integer({ min: 0, max: 2000 }),
});

const three = [1, 2, 3].map((number) => ({ seconds: 1_700_000_000 + number, fraction: number, data: new Uint8Array(60).fill(number) }));

describe("pcap", () => {
  it("reads what was written, in both byte orders and resolutions, however the bytes come", () => {
    fc.assert(
      fc.property(
        fc.array(packet, { maxLength: 12 }),
        fc.boolean(),
        fc.boolean(),
        fc.array(fc.nat(3000), { maxLength: 6 }),
        (packets, littleEndian, nanoseconds, splits) => {
          const made = packets.map(({ extra, ...rest }) => ({ ...rest, original: rest.data.length + extra }));
          const file = pcap(made, { littleEndian, nanoseconds, linkType: 101 });
          const sorted = splits.filter((split) => split < file.length).sort((left, right) => left - right);
          const found = readCapture(file, sorted);
          expect(found.problems).toEqual([]);
          expect(found.packets.map(({ seconds, nanoseconds: ns, data, original }) => ({ seconds, ns, data, original }))).toEqual(
            made.map(({ seconds, fraction, data, original }) => ({
              seconds,
              ns: nanoseconds ? fraction : fraction * 1000,
              data,
              original,
            })),
          );
          expect(found.interfaces).toMatchObject([{ index: 0, linkType: 101, snapLength: 262_144, resolution: nanoseconds ? 9 : 6 }]);
        },
      ),
    );
  });

  it("reads the same cut at every place in two, and byte by byte", () => {
    const file = pcap(three);
    const whole = readCapture(file);
    expect(whole.packets.map(({ number, fileOffset }) => [number, fileOffset])).toEqual([
      [1, 24],
      [2, 100],
      [3, 176],
    ]);
    for (let split = 0; split <= file.length; split++) expect(readCapture(file, [split])).toEqual(whole);
    expect(readCapture(file, [...file.keys()])).toEqual(whole);
    expect(readCapture(embedded(file))).toEqual(whole);
  });

  it("delivers what comes before a cut and says where the file ends", () => {
    const file = pcap(three);
    for (let length = 24; length < file.length; length++) {
      const { packets, problems } = readCapture(file.subarray(0, length));
      const whole = Math.floor((length - 24) / 76);
      expect(packets.length).toBe(whole);
      const left = (length - 24) % 76;
      const of = left < 16 ? 16 : 76;
      expect(problems.map(({ fileOffset, message }) => [fileOffset, message])).toEqual(
        left === 0 ? [] : [[24 + whole * 76, `the file is cut: it ends after ${left} of the ${of} bytes of a packet record`]],
      );
    }
    expect(readCapture(file.subarray(0, 10)).problems).toMatchObject([
      { fileOffset: 0, message: expect.stringContaining("10 of the 24 bytes") },
    ]);
  });

  it("goes on behind a damaged record", () => {
    const many = Array.from({ length: 20 }, (_, index) => ({
      seconds: 1_700_000_000 + index,
      fraction: 5,
      data: new Uint8Array(40).fill(0xff),
    }));
    const file = pcap(many);
    const at = 24 + 7 * 56;
    new DataView(file.buffer).setUint32(at + 8, 0x7fff_ffff, true);
    for (const splits of [[], [...file.keys()]]) {
      const { packets, problems } = readCapture(file, splits);
      expect(packets.map(({ seconds }) => seconds - 1_700_000_000)).toEqual([
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        ...Array.from({ length: 12 }, (_, index) => index + 8),
      ]);
      expect(problems).toEqual([
        {
          fileOffset: at,
          message: "a packet record of 2147483647 bytes, at most 262144 are possible; 56 bytes were skipped",
          packetNumber: 7,
          resumedAt: at + 56,
        },
      ]);
    }
  });

  it("is not taken in by one record that looks right, and finds those before a cut", () => {
    const record = (index: number): PcapPacket => ({ seconds: 1_700_000_000 + index, fraction: 5, data: new Uint8Array(40).fill(0xff) });
    const file = pcap(Array.from({ length: 9 }, (_, index) => record(index)));
    const at = 24 + 2 * 56;
    new DataView(file.buffer).setUint32(at + 8, 0x7fff_ffff, true);
    // In the frame of the damaged record: a record whose end is in the middle of nowhere.
    file.set(pcap([{ ...record(99), data: new Uint8Array(5) }]).subarray(24, 40), at + 20);
    const { packets, problems } = readCapture(file.subarray(0, file.length - 10), [at + 30]);
    expect(packets.map(({ seconds }) => seconds - 1_700_000_000)).toEqual([0, 1, 3, 4, 5, 6, 7]);
    expect(problems).toMatchObject([{ fileOffset: at, resumedAt: at + 56 }, { message: expect.stringContaining("the file is cut") }]);
  });

  it("ends where nothing sensible follows", () => {
    const file = concat(pcap(three), new Uint8Array(5000).fill(0xff));
    const { packets, problems } = readCapture(file, [1000, 2000]);
    expect(packets).toHaveLength(3);
    expect(problems).toMatchObject([{ fileOffset: 252, packetNumber: 3, resumedAt: undefined }]);
  });

  it.each([0, 96, 0xffff_ffff])("takes a snap length of %d for what it is", (snapLength) => {
    const large = { seconds: 1, fraction: 2, data: new Uint8Array(70_000), original: 80_000 };
    const { packets, problems, interfaces } = readCapture(pcap([large], { snapLength }), [30_000]);
    expect(problems).toEqual([]);
    expect(packets).toMatchObject([{ original: 80_000 }]);
    expect(interfaces[0]?.snapLength).toBe(snapLength);
  });

  it("carries over a fraction of more than a second", () => {
    expect(readCapture(pcap([{ seconds: 10, fraction: 2_500_000, data: new Uint8Array(1) }])).packets).toMatchObject([
      { seconds: 12, nanoseconds: 500_000_000 },
    ]);
  });

  it("says what a file is that is none", () => {
    const message = (bytes: Uint8Array): string | undefined => {
      const { packets, problems, format } = readCapture(bytes);
      expect([packets.length, problems.length, format]).toEqual([0, 1, undefined]);
      return problems[0]?.message;
    };
    expect(message(new Uint8Array(0))).toBe("is empty, expected a capture file (pcap or pcapng)");
    expect(message(new TextEncoder().encode("GMBU\u0003\u0002\u0001\u0000"))).toContain("Network Monitor capture; editcap");
    expect(message(new TextEncoder().encode("<?xml version"))).toBe("expected a capture file (pcap or pcapng), found XML");
    expect(message(new TextEncoder().encode("hi"))).toContain("begins with 68 69");
  });
});
