import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { CaptureReader, decodeFrame, Frame, IP_PROTOCOL } from "../../src/wire/index.ts";

const captures = "../shared/data/captures";
const pairs = "../shared/data/pairs";
const hasTshark = spawnSync("tshark", ["--version"]).status === 0;

const isCapture = (path: string): boolean => /\.(cap|pcap|pcapng)$/.test(path);

function files(): string[] {
  const folders = [captures, ...(existsSync(pairs) ? readdirSync(pairs).map((name) => join(pairs, name)) : [])];
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter(isCapture)
      .map((name) => join(folder, name)),
  );
}

/** Frames and bytes of a TCP conversation, from its first sender and back. */
interface Conversation {
  frames: [number, number];
  bytes: [number, number];
}

interface Count {
  packets: number;
  captured: number;
  original: number;
  readonly conversations: Map<string, Conversation>;
}

function address(view: DataView, at: number, family: number): string {
  const length = family === 4 ? 4 : 16;
  return Buffer.from(view.buffer, view.byteOffset + at, length).toString("hex");
}

/** What our reader and decoder make of a file. */
function counted(path: string): Count {
  const count: Count = { packets: 0, captured: 0, original: 0, conversations: new Map() };
  const frame = new Frame();
  const reader = new CaptureReader({
    packets: (batch) => {
      for (let index = 0; index < batch.count; index++) {
        const [captured = 0, original = 0, offset = 0] = [batch.captured[index], batch.original[index], batch.offset[index]];
        count.packets++;
        count.captured += captured;
        count.original += original;
        decodeFrame(frame, batch.view, offset, captured, original, batch.linkType[index] ?? 0);
        if (frame.protocol !== IP_PROTOCOL.tcp || frame.transport < 0) continue;
        const from = `${address(frame.view, frame.source, frame.family)}:${frame.sourcePort}`;
        const to = `${address(frame.view, frame.destination, frame.family)}:${frame.destinationPort}`;
        add(count.conversations, from, to, original);
      }
    },
    problem: ({ message }) => expect(message).toMatch(/^the file is cut: it ends after 1 of the 16 bytes of a packet record$/),
  });
  reader.push(readFileSync(path));
  reader.end();
  return count;
}

/** Either direction of a conversation is under one name. */
function add(conversations: Map<string, Conversation>, from: string, to: string, bytes: number): void {
  const isReversed = from > to;
  const name = isReversed ? `${to} ${from}` : `${from} ${to}`;
  const found = conversations.get(name) ?? { frames: [0, 0], bytes: [0, 0] };
  conversations.set(name, found);
  found.frames[isReversed ? 1 : 0]++;
  found.bytes[isReversed ? 1 : 0] += bytes;
}

function tshark(...args: readonly string[]): string {
  return spawnSync("tshark", ["-n", ...args], { encoding: "utf8", maxBuffer: 1 << 28 }).stdout;
}

const hexOf = (text: string): string => {
  if (!text.includes(":")) return Buffer.from(text.split(".").map(Number)).toString("hex");
  const [left = "", right] = text.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":").map((group) => group.padStart(4, "0")));
  const [head, tail] = [groups(left), groups(right ?? "")];
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => "0000"), ...tail].join("");
};

/** tshark's own table; a port pair used twice is two of its conversations, which are one here. */
function tsharkConversations(path: string): Map<string, { frames: [number, number]; bytes: [string, string][] }> {
  const found = new Map<string, { frames: [number, number]; bytes: [string, string][] }>();
  for (const line of tshark("-q", "-z", "conv,tcp", "-r", path).split("\n")) {
    const row = /^(\S+):(\d+)\s+<-> (\S+):(\d+)\s+(\d+) (\d+ \S+)\s+(\d+) (\d+ \S+)\s/.exec(line);
    if (row === null) continue;
    const [, a = "", aPort, b = "", bPort, backFrames, backBytes = "", thereFrames, thereBytes = ""] = row;
    const [from, to] = [`${hexOf(a)}:${aPort}`, `${hexOf(b)}:${bPort}`];
    const isReversed = from > to;
    const name = isReversed ? `${to} ${from}` : `${from} ${to}`;
    const conversation = found.get(name) ?? { frames: [0, 0], bytes: [] };
    found.set(name, conversation);
    conversation.frames[isReversed ? 1 : 0] += Number(thereFrames);
    conversation.frames[isReversed ? 0 : 1] += Number(backFrames);
    conversation.bytes.push(isReversed ? [backBytes, thereBytes] : [thereBytes, backBytes]);
  }
  return found;
}

/** tshark prints "812 bytes", and from 10,000 on "12 kB", rounded down. */
function range(texts: readonly string[]): readonly [number, number] {
  const units: Record<string, number> = { bytes: 1, kB: 1e3, MB: 1e6, GB: 1e9 };
  return texts.reduce<[number, number]>(
    ([least, most], text) => {
      const [number = "", unit = ""] = text.split(" ");
      const size = units[unit] ?? Number.NaN;
      return [least + Number(number) * size, most + (Number(number) + 1) * size - 1];
    },
    [0, 0],
  );
}

describe.skipIf(!existsSync(captures))("captures of real machines (../shared/data/captures, ../shared/data/pairs)", () => {
  const counts = new Map<string, Count>();
  beforeAll(() => {
    for (const path of files()) counts.set(path, counted(path));
  });

  it("all are read to the end", () => {
    expect(counts.size).toBeGreaterThan(20);
    for (const { packets } of counts.values()) expect(packets).toBeGreaterThan(0);
  });

  describe.skipIf(!hasTshark)("tshark counts the same", () => {
    it.each(existsSync(captures) ? files().map((path) => [basename(path), path]) : [])("%s", (_, path) => {
      const count = counts.get(path);
      if (count === undefined) throw new Error(`${path} was not read`);
      const row = spawnSync("capinfos", ["-T", "-r", "-m", "-c", "-d", path], { encoding: "utf8" }).stdout;
      const [, packets, original] = /,(\d+),(\d+)\s*$/.exec(row) ?? [];
      expect([count.packets, count.original]).toEqual([Number(packets), Number(original)]);
      const lengths = tshark("-r", path, "-Y", "tcp && !icmp && !icmpv6", "-T", "fields", "-e", "frame.len")
        .trim()
        .split("\n")
        .filter((line) => line !== "");
      const bytes = [...count.conversations.values()].reduce((sum, conversation) => sum + conversation.bytes[0] + conversation.bytes[1], 0);
      expect(bytes).toBe(lengths.reduce((sum, length) => sum + Number(length), 0));
      const theirs = tsharkConversations(path);
      expect([...count.conversations.keys()].sort()).toEqual([...theirs.keys()].sort());
      for (const [name, { frames, bytes }] of count.conversations) {
        const their = theirs.get(name);
        expect([name, frames]).toEqual([name, their?.frames]);
        for (const direction of [0, 1] as const) {
          const [least, most] = range(their?.bytes.map((both) => both[direction]) ?? []);
          expect(bytes[direction]).toBeGreaterThanOrEqual(least);
          expect(bytes[direction]).toBeLessThanOrEqual(most);
        }
      }
    });
  });
});
