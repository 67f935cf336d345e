import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CaptureCopy, CaptureReader, PcapngWriter } from "../../../src/wire/index.ts";
import { block, collected, concat, fields, interfaceBlock, option, pcap, readCapture, sectionHeader } from "./captures.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const packet = fc.record({
  interfaceIndex: fc.nat(2),
  seconds: fc.integer({ min: 0, max: 2 ** 34 - 1 }),
  nanoseconds: fc.nat(999_999_999),
  data: fc.uint8Array({ maxLength: 100 }),
  extra: fc.nat(3000),
  comments: fc.array(
    fc.string({ unit: "grapheme", maxLength: 20 }).filter((comment) => !comment.includes("\0")),
    { maxLength: 2 },
  ),
  direction: fc.option(fc.constantFrom("inbound" as const, "outbound" as const), { nil: undefined }),
});

/** A capture of three interfaces, of which the second counts in microseconds. */
function written(packets: readonly (typeof packet extends fc.Arbitrary<infer T> ? T : never)[], littleEndian: boolean): Uint8Array {
  return collected((emit) => {
    const writer = new PcapngWriter(emit, { littleEndian, application: "test" });
    writer.addInterface({ linkType: 1, name: "first", snapLength: 65_535 });
    writer.addInterface({ linkType: 101, name: "second", description: "raw", resolution: 6 });
    writer.addInterface({ linkType: 276 });
    for (const { extra, direction, ...rest } of packets) {
      writer.packet({ ...rest, originalLength: rest.data.length + extra, ...(direction === undefined ? {} : { direction }) });
    }
    writer.flush();
  });
}

describe("pcapng", () => {
  it("reads what the writer wrote, in both byte orders, however the bytes come", () => {
    fc.assert(
      fc.property(
        fc.array(packet, { maxLength: 10 }),
        fc.boolean(),
        fc.array(fc.nat(3000), { maxLength: 6 }),
        (packets, littleEndian, splits) => {
          const file = written(packets, littleEndian);
          const sorted = splits.filter((split) => split < file.length).sort((left, right) => left - right);
          const found = readCapture(file, sorted);
          expect(found.problems).toEqual([]);
          expect(
            found.packets.map(({ seconds, nanoseconds, data, original, interfaceIndex, linkType, comments, direction }) => {
              return { seconds, nanoseconds, data, original, interfaceIndex, linkType, comments, direction };
            }),
          ).toEqual(
            packets.map(({ extra, nanoseconds, ...rest }) => ({
              ...rest,
              nanoseconds: rest.interfaceIndex === 1 ? Math.floor(nanoseconds / 1000) * 1000 : nanoseconds,
              original: rest.data.length + extra,
              linkType: [1, 101, 276][rest.interfaceIndex],
            })),
          );
        },
      ),
    );
  });

  it("reads the same cut at every place in two, and byte by byte", () => {
    const data = new Uint8Array(30).fill(7);
    const packets = [0, 1, 2].map((interfaceIndex) => {
      return { interfaceIndex, seconds: 5, nanoseconds: 6, data, extra: 1, comments: ["a"], direction: undefined };
    });
    const file = written(packets, true);
    const whole = readCapture(file);
    expect(whole.packets).toHaveLength(3);
    expect(whole.interfaces.map(({ name, description }) => [name, description])).toEqual([
      ["first", undefined],
      ["second", "raw"],
      [undefined, undefined],
    ]);
    for (let split = 0; split <= file.length; split++) expect(readCapture(file, [split])).toEqual(whole);
    expect(readCapture(file, [...file.keys()])).toEqual(whole);
  });

  it("reads old, simple and unknown blocks, several sections and both byte orders in one file", () => {
    const frame = Uint8Array.of(1, 2, 3, 4, 5);
    const old = (little: boolean) =>
      block(2, fields(little, { u16: 0 }, { u16: 9 }, { u32: 0 }, { u32: 3_000_000 }, { u32: 5 }, { u32: 50 }, frame), little);
    const simple = block(3, fields(false, { u32: 5 }, frame), false);
    const file = concat(
      sectionHeader(true),
      interfaceBlock(1, [[9, Uint8Array.of(6)]]),
      old(true),
      block(0x0bad, new Uint8Array(40)),
      sectionHeader(false),
      interfaceBlock(101, [], false),
      simple,
      old(false),
      block(0x7777, new Uint8Array(3), false),
    );
    const { packets, problems, interfaces } = readCapture(file);
    expect(problems).toEqual([]);
    expect(interfaces.map(({ section, linkType }) => [section, linkType])).toEqual([
      [0, 1],
      [1, 101],
    ]);
    expect(packets.map(({ interfaceIndex, seconds, data, original }) => [interfaceIndex, seconds, data, original])).toEqual([
      [0, 3, frame, 50],
      [1, 3, frame, 5],
      [1, 3, frame, 50],
    ]);
  });

  it("limits simple packets by the interface's snap length", () => {
    const simple = block(3, fields(true, { u32: 900 }, new Uint8Array(64).fill(1)));
    const { packets } = readCapture(concat(sectionHeader(), interfaceBlock(1, [], true, 62), simple));
    expect(packets).toMatchObject([{ original: 900, data: new Uint8Array(62).fill(1) }]);
  });

  it.each([
    [0, 0, 7, 7, 0],
    [3, 0, 1234, 1, 234_000_000],
    [9, 0x18000000, 0x12345678, 1_729_382_256, 910_000_000 + 305_419_896 - 305_419_896],
    [12, 0x100000, 0, 4503, 599_627_370],
    [0x80 | 10, 0, 1536, 1, 500_000_000],
    [0x80 | 32, 12, 0x8000_0000, 12, 500_000_000],
    [0x80 | 20, 0, 0xfffff, 0, 999_999_046],
  ])("knows times in units of resolution %d", (resolution, high, low, seconds, nanoseconds) => {
    const ticks = (BigInt(high) << 32n) | BigInt(low);
    const unit = resolution >= 0x80 ? 1n << BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
    const expected = [Number(ticks / unit), Number(((ticks % unit) * 1_000_000_000n) / unit)];
    if (resolution !== 9) expect(expected).toEqual([seconds, nanoseconds]);
    const body = fields(true, { u32: 0 }, { u32: high }, { u32: low }, { u32: 0 }, { u32: 0 });
    const { packets } = readCapture(concat(sectionHeader(), interfaceBlock(1, [[9, Uint8Array.of(resolution)]]), block(6, body)));
    expect([packets[0]?.seconds, packets[0]?.nanoseconds]).toEqual(expected);
  });

  it("divides any count of ticks exactly", () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    const resolutions = fc.constantFrom(0, 1, 3, 6, 7, 9, 10, 11, 12, 15, 19, 0x80, 0x81, 0x94, 0x97, 0x98, 0xa0, 0xa5, 0xa6, 0xbf);
    fc.assert(
      fc.property(word, word, resolutions, (high, low, resolution) => {
        const ticks = (BigInt(high) << 32n) | BigInt(low);
        const unit = resolution >= 0x80 ? 1n << BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
        const body = fields(true, { u32: 0 }, { u32: high }, { u32: low }, { u32: 0 }, { u32: 0 });
        const { packets } = readCapture(concat(sectionHeader(), interfaceBlock(1, [[9, Uint8Array.of(resolution)]]), block(6, body)));
        expect([packets[0]?.seconds, packets[0]?.nanoseconds]).toEqual([
          Number(ticks / unit),
          Number(((ticks % unit) * 1_000_000_000n) / unit),
        ]);
      }),
    );
  });

  it("adds the interface's offset to times", () => {
    const offset = fields(true, { u32: 100 }, { u32: 0 });
    const body = fields(true, { u32: 0 }, { u32: 0 }, { u32: 2_000_000 }, { u32: 0 }, { u32: 0 });
    const { packets } = readCapture(concat(sectionHeader(), interfaceBlock(1, [[14, offset]]), block(6, body)));
    expect(packets).toMatchObject([{ seconds: 102, nanoseconds: 0 }]);
  });

  it("hands names on", () => {
    const records = [
      { address: Uint8Array.of(10, 0, 0, 1), names: ["dc.example", "dc"] },
      { address: new Uint8Array(16).fill(9), names: ["six.example"] },
    ];
    for (const littleEndian of [true, false]) {
      const file = collected((emit) => {
        const writer = new PcapngWriter(emit, { littleEndian });
        writer.names(records);
        writer.flush();
      });
      expect(readCapture(file, [60]).names).toEqual(records);
    }
  });

  it("leaves out a packet that cannot be and says why", () => {
    const packetOf = (id: number, captured: number) =>
      block(6, fields(true, { u32: id }, { u32: 0 }, { u32: 0 }, { u32: captured }, { u32: 4 }, new Uint8Array(4)));
    const { packets, problems } = readCapture(
      concat(sectionHeader(), interfaceBlock(1), packetOf(0, 4), packetOf(3, 4), packetOf(0, 5), packetOf(0, 4)),
    );
    expect(packets).toHaveLength(2);
    expect(problems.map(({ fileOffset, message, packetNumber }) => [fileOffset, message, packetNumber])).toEqual([
      [84, "a packet of interface 3, of which there is no description; it is left out", 1],
      [120, "a packet of 5 bytes in a block of 36; it is left out", 1],
    ]);
  });

  it("keeps the numbers of interfaces behind one whose description cannot be used", () => {
    const packet = (id: number): Uint8Array =>
      block(6, fields(true, { u32: id }, { u32: 0 }, { u32: 7 }, { u32: 4 }, { u32: 4 }, new Uint8Array(4)));
    const { packets, problems } = readCapture(
      concat(sectionHeader(), block(1, new Uint8Array(4)), interfaceBlock(101), packet(0), packet(1)),
    );
    expect(packets).toMatchObject([{ linkType: 101 }]);
    expect(problems).toMatchObject([
      { message: expect.stringContaining("description of 16 bytes") },
      { message: "a packet of interface 0, of which there is no description; it is left out" },
    ]);
  });

  it("takes a limited number of interfaces, whatever a file claims", () => {
    const many = concat(sectionHeader(), ...Array.from({ length: (1 << 16) + 2 }, () => interfaceBlock(1)));
    const { interfaces, problems } = readCapture(many);
    expect(interfaces).toHaveLength(1 << 16);
    expect(problems.map(({ fileOffset }) => many.length - fileOffset)).toEqual([40, 20]);
  });

  it("goes on behind a damaged block, and says where a file is cut", () => {
    const data = new Uint8Array(50).fill(3);
    const packets = Array.from({ length: 9 }, (_, seconds) => ({
      interfaceIndex: 0,
      seconds,
      nanoseconds: 0,
      data,
      extra: 0,
      comments: [],
      direction: undefined,
    }));
    const file = written(packets, true);
    const offsets = readCapture(file).packets.map(({ fileOffset }) => fileOffset);
    const at = offsets[4] ?? 0;
    const damaged = file.slice();
    damaged[at + 4] = 0xff;
    for (const splits of [[], [...file.keys()]]) {
      const found = readCapture(damaged, splits);
      expect(found.packets.map(({ seconds }) => seconds)).toEqual([0, 1, 2, 3, 5, 6, 7, 8]);
      expect(found.problems).toMatchObject([{ fileOffset: at, resumedAt: offsets[5], packetNumber: 4 }]);
    }
    const cut = readCapture(file.subarray(0, file.length - 10));
    expect(cut.packets).toHaveLength(8);
    expect(cut.problems).toMatchObject([
      { fileOffset: offsets[8], message: "the file is cut: it ends after 74 of the 84 bytes of a block" },
    ]);
  });
});

/** Copies a capture with a comment on some packets. */
function copied(file: Uint8Array, commentOf: (number: number) => readonly string[], piece = 100): Uint8Array {
  return collected((emit) => {
    const copy = new CaptureCopy(emit, "test");
    const reader = new CaptureReader({
      packets: (batch) => {
        for (let index = 0; index < batch.count; index++) copy.packet(batch, index, commentOf(batch.firstNumber + index));
      },
      problem: ({ message }) => expect(message).toBe(""),
      interface: (added) => copy.interface(added),
      block: (found) => copy.block(found),
    });
    for (let at = 0; at < file.length; at += piece) reader.push(file.slice(at, at + piece));
    reader.end();
    copy.flush();
  });
}

describe("CaptureCopy", () => {
  it("keeps everything of a pcapng file and adds comments behind those there are", () => {
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 8 }), fc.boolean(), (packets, littleEndian) => {
        const file = written(packets, littleEndian);
        const before = readCapture(file);
        const unchanged = readCapture(copied(file, () => []));
        expect(unchanged).toEqual(before);
        const after = readCapture(copied(file, (number) => (number % 2 === 0 ? [`#${number}`, "ü"] : [])));
        expect(after.problems).toEqual([]);
        expect(after.interfaces).toEqual(before.interfaces);
        expect(after.packets.map(({ fileOffset, ...rest }) => rest)).toEqual(
          before.packets.map(({ fileOffset, ...rest }) => ({
            ...rest,
            comments: rest.number % 2 === 0 ? [...rest.comments, `#${rest.number}`, "ü"] : rest.comments,
          })),
        );
      }),
    );
  });

  it("keeps options, unknown blocks and statistics to the byte", () => {
    const file = concat(
      sectionHeader(),
      interfaceBlock(1, [
        [2, text("eth0")],
        [9, Uint8Array.of(12)],
        [11, text("tcp port 80")],
      ]),
      block(0x0bad, text("custom")),
      block(
        6,
        concat(
          fields(true, { u32: 0 }, { u32: 5 }, { u32: 7 }, { u32: 2 }, { u32: 9 }, Uint8Array.of(1, 2, 0, 0)),
          option(2, Uint8Array.of(1, 0, 0, 0)),
        ),
      ),
      block(5, new Uint8Array(12)),
    );
    expect(copied(file, () => [])).toEqual(file);
    const { packets } = readCapture(copied(file, () => ["seen"]));
    expect(packets).toMatchObject([{ comments: ["seen"], direction: "inbound", original: 9 }]);
  });

  it("makes pcapng of pcap with the same times", () => {
    for (const nanoseconds of [false, true]) {
      const packets = [{ seconds: 0xfffffff0, fraction: 999_999, data: new Uint8Array(61), original: 1500 }];
      const {
        format,
        packets: found,
        interfaces,
      } = readCapture(copied(pcap(packets, { nanoseconds, linkType: 113, littleEndian: false, snapLength: 61 }), () => ["x"]));
      expect(format).toBe("pcapng");
      expect(interfaces).toMatchObject([{ linkType: 113, snapLength: 61, resolution: nanoseconds ? 9 : 6 }]);
      expect(found).toMatchObject([
        {
          seconds: 0xfffffff0,
          nanoseconds: nanoseconds ? 999_999 : 999_999_000,
          original: 1500,
          comments: ["x"],
          data: new Uint8Array(61),
        },
      ]);
    }
    expect(readCapture(copied(pcap([]), () => [])).interfaces).toHaveLength(1);
  });

  it("gives a simple packet room for its comment", () => {
    const file = concat(sectionHeader(), interfaceBlock(1), block(3, fields(true, { u32: 900 }, Uint8Array.of(1, 2, 3, 4))));
    expect(readCapture(copied(file, () => ["here"])).packets).toMatchObject([
      { original: 900, comments: ["here"], data: Uint8Array.of(1, 2, 3, 4) },
    ]);
  });

  it("cuts a comment that is longer than an option can be, at a whole character", () => {
    const { packets, problems } = readCapture(
      copied(pcap([{ seconds: 1, fraction: 1, data: new Uint8Array(4) }]), () => ["ü".repeat(40_000)]),
    );
    expect(problems).toEqual([]);
    expect(packets[0]?.comments).toEqual(["ü".repeat(32_767)]);
  });
});

/** Of a record that seems to go on for 4 MiB, and then to be followed by nothing that can be. */
const LONG = (3 << 20) + 4;

/** A damaged beginning and 6 MiB of the same words again and again. */
function candidates(words: readonly number[]): Uint8Array {
  const filled = new Uint32Array(6 << 18).map((_, index) => words[index % words.length] ?? 0);
  return concat(Uint8Array.of(0, 0, 0, 0, 3, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0), new Uint8Array(filled.buffer));
}

describe("fuzz", () => {
  it("damage is a problem, never an exception or an endless loop, and does not depend on how the bytes come", () => {
    const change = fc.record({ at: fc.nat(5000), value: fc.nat(255) });
    const files = [
      pcap(Array.from({ length: 20 }, (_, index) => ({ seconds: 1000 + index, fraction: 3, data: new Uint8Array(index * 5).fill(index) }))),
      concat(sectionHeader(false), interfaceBlock(1, [], false), block(3, fields(false, { u32: 6 }, new Uint8Array(6)), false)),
      written(
        Array.from({ length: 12 }, (_, seconds) => ({
          interfaceIndex: seconds % 3,
          seconds,
          nanoseconds: 5,
          data: new Uint8Array(seconds * 4),
          extra: 0,
          comments: ["c"],
          direction: undefined,
        })),
        true,
      ),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.nat(5000),
        fc.nat(5000),
        (file, changes, cut, split) => {
          const damaged = file.slice(0, Math.max(1, file.length - (cut % 40)));
          for (const { at, value } of changes) damaged[at % damaged.length] = value;
          const whole = readCapture(damaged);
          expect(readCapture(damaged, [split % damaged.length])).toEqual(whole);
          for (const { fileOffset } of whole.problems) expect(fileOffset).toBeLessThanOrEqual(damaged.length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  // Moving what is left for every place that is looked at takes minutes for a file like these: the time limit of the test is the point.
  it.each([
    [
      "pcap",
      concat(pcap([{ seconds: 1000, fraction: 1, data: new Uint8Array(4) }], { snapLength: 16 << 20 }), candidates([1000, 1, LONG, LONG])),
    ],
    ["pcapng", concat(sectionHeader(), candidates([6, LONG]))],
  ])(
    "damage full of places that look right at first is passed over at once: %s",
    (_format, file) => {
      const { packets, problems } = readCapture(
        file,
        Array.from({ length: file.length >> 18 }, (_, index) => (index + 1) << 18),
      );
      expect(packets.length).toBeLessThan(3);
      expect(problems).toHaveLength(1);
    },
    10_000,
  );
});
