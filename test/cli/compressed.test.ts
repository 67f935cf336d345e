import { linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync, gzipSync, constants as zlib } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unpacked } from "../../src/cli/compressed.ts";
import { Inflate, InflateError } from "../../src/cli/inflate.ts";
import type { ByteReader } from "../../src/cli/io.ts";
import { createFile, openFile, readFile as readNodeFile } from "../../src/cli/node-io.ts";
import { InputError } from "../../src/model/index.ts";

/** Hands out at most `piece` bytes at a time. */
function reader(content: Uint8Array, piece: number): ByteReader {
  let position = 0;
  return {
    name: "made up",
    size: content.length,
    get position() {
      return position;
    },
    read(into) {
      const part = content.subarray(position, position + Math.min(into.length, piece));
      into.set(part);
      position += part.length;
      return part.length;
    },
    close() {},
  };
}

/** What a reader has, and the error that ended it. */
function drained(source: ByteReader, size = 1000): { readonly content: Uint8Array; readonly error: unknown } {
  const content: number[] = [];
  const buffer = new Uint8Array(size);
  try {
    for (let count = source.read(buffer); count > 0; count = source.read(buffer)) content.push(...buffer.subarray(0, count));
    return { content: Uint8Array.from(content), error: undefined };
  } catch (error) {
    return { content: Uint8Array.from(content), error };
  }
}

/** Repetitive and random at once, so that all kinds of blocks and matches occur. */
const content = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 1, max: 200 })), { maxLength: 30 })
  .map((parts) => Uint8Array.from(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => [...bytes]).flat())));

describe("gzip", () => {
  it("is unpacked to what node:zlib packed, whatever the strategy, level and sizes of pieces", () => {
    const strategy = fc.constantFrom(zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE);
    fc.assert(
      fc.property(
        content,
        fc.integer({ min: 0, max: 9 }),
        strategy,
        fc.integer({ min: 1, max: 999 }),
        fc.integer({ min: 1, max: 999 }),
        (bytes, level, kind, piece, size) => {
          const packed = gzipSync(bytes, { level, strategy: kind });
          expect(drained(unpacked(reader(packed, piece)), size)).toEqual({ content: bytes, error: undefined });
        },
      ),
    );
  });

  it("may have several members, all header fields, and zeros behind", () => {
    const text = new TextEncoder().encode("captured ".repeat(5000));
    const plain = gzipSync(text);
    const fields = Uint8Array.of(3, 0, 1, 2, 3, 0x66, 0, 0x63, 0, 9, 9);
    const full = Buffer.concat([plain.subarray(0, 3), Uint8Array.of(0x1e), plain.subarray(4, 10), fields, plain.subarray(10)]);
    const { content: found, error } = drained(unpacked(reader(Buffer.concat([plain, full, new Uint8Array(700)]), 100)));
    expect([error, found.length]).toEqual([undefined, text.length * 2]);
  });

  it("hands out everything before a cut and says where it is", () => {
    const bytes = Uint8Array.from({ length: 20_000 }, (_, index) => (index * index) >>> 7);
    const packed = gzipSync(bytes);
    for (const length of [5, 12, 100, packed.length - 9, packed.length - 4]) {
      const { content: found, error } = drained(unpacked(reader(packed.subarray(0, length), 64)));
      expect(found).toEqual(bytes.slice(0, found.length));
      if (length > packed.length - 10) expect(found.length).toBeGreaterThan(bytes.length - 3);
      expect(error).toBeInstanceOf(InputError);
      expect(error).toMatchObject({
        position: { file: "made up", offset: length },
        message: expect.stringContaining("the gzip data is damaged: the file ends"),
      });
    }
  });

  it("notices a wrong checksum, and what is no gzip behind it, after handing everything out", () => {
    const bytes = new Uint8Array(3000).fill(65);
    const packed = gzipSync(bytes);
    const damaged = Uint8Array.from(packed);
    damaged[packed.length - 6] = (damaged[packed.length - 6] ?? 0) ^ 1;
    expect(drained(unpacked(reader(damaged, 10)))).toMatchObject({
      content: bytes,
      error: { message: expect.stringContaining("checksum differs") },
    });
    const trailing = Buffer.concat([packed, new TextEncoder().encode("junk")]);
    expect(drained(unpacked(reader(trailing, 10)))).toMatchObject({
      content: bytes,
      error: { message: expect.stringContaining("something else follows") },
    });
  });

  it("damage never costs more than what comes behind it, and never hangs", () => {
    const packed = deflateRawSync(Uint8Array.from({ length: 4000 }, (_, index) => (index % 97) ^ (index >>> 5)));
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.nat(255), (at, value) => {
        const damaged = Uint8Array.from(packed);
        damaged[at] = value;
        const inflate = new Inflate({ bytes: damaged, at: 0, end: damaged.length, refill: () => false });
        try {
          while (inflate.next().length > 0);
        } catch (error) {
          expect(error).toBeInstanceOf(InflateError);
        }
      }),
    );
  });

  it("may not refer to what was before its beginning", () => {
    const dictionary = new TextEncoder().encode("something that was agreed on beforehand");
    const packed = deflateRawSync(dictionary, { dictionary });
    const inflate = new Inflate({ bytes: packed, at: 0, end: packed.length, refill: () => false });
    expect(() => {
      while (inflate.next().length > 0);
    }).toThrow("from before the beginning");
  });

  it("leaves anything else as it is", () => {
    for (const bytes of [new Uint8Array(0), Uint8Array.of(0x1f), Uint8Array.of(0x1f, 0x8c, 3), new Uint8Array(100_000).fill(7)]) {
      expect(drained(unpacked(reader(bytes, 999)))).toEqual({ content: bytes, error: undefined });
    }
  });
});

describe("files", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "wfplab-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("are read and written, and counted for progress", () => {
    const path = join(folder, "a.bin");
    const writer = createFile(path);
    writer.write(new Uint8Array(3).fill(1));
    writer.write(new Uint8Array(2).fill(2));
    writer.close();
    const file = openFile(path);
    expect([file.size, drained(file).content, file.position]).toEqual([5, Uint8Array.of(1, 1, 1, 2, 2), 5]);
    file.close();
  });

  it("are not overwritten by the command that reads them, under no name of theirs", () => {
    const path = join(folder, "b.bin");
    writeFileSync(path, "keep me");
    linkSync(path, join(folder, "link.bin"));
    const file = openFile(path);
    expect(() => createFile(path)).toThrow("is an input of this command");
    file.close();
    for (const name of [path, join(folder, ".", "b.bin"), join(folder, "link.bin")]) {
      expect(() => createFile(name)).toThrow("is an input of this command");
    }
    expect(readFileSync(path, "utf8")).toBe("keep me");
    const policy = join(folder, "policy.xml");
    writeFileSync(policy, "keep me too");
    expect(new TextDecoder().decode(readNodeFile(policy))).toBe("keep me too");
    expect(() => createFile(policy)).toThrow("is an input of this command");
    expect(readFileSync(policy, "utf8")).toBe("keep me too");
  });

  it("that cannot be read or written are named", () => {
    expect(() => openFile(join(folder, "missing"))).toThrow("no such file");
    expect(() => openFile(folder)).toThrow("is a directory");
    expect(() => createFile(join(folder, "none", "x"))).toThrow("no such folder");
    expect(() => createFile(folder)).toThrow(InputError);
  });
});
