import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../src/model/index.ts";
import { type Fate, impaired } from "../../../src/stack/index.ts";
import { TwoHosts } from "../two-hosts.ts";
import { readAll, transfer } from "./transfer.ts";

/** Never more than three packets lost in a row, so that no connection is given up. */
const misfortune = (seed: number, loss: number): Fate => impaired({ seed, loss, duplication: 0.1, reordering: 0.3, burst: 3 });

const chunks = fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 5 });
const seed = fc.integer({ min: 0, max: 0xffffffff });
const firstSequence = fc.constantFrom(0, 0x7fff_ff00, 0xffff_f000);

/** Bytes that tell by their value where they stand. */
const pattern = (length: number, period: number) => Uint8Array.from({ length }, (_, index) => index % period);
const isPattern = (bytes: readonly number[], length: number, period: number) =>
  bytes.length === length && bytes.every((byte, index) => byte === index % period);

/** Bits per second, bytes of a router's MTU, options and algorithms that a connection may have. */
const line = fc.record({
  rate: fc.constantFrom(undefined, 200_000, 5_000_000),
  mtu: fc.constantFrom(undefined, 1280, 600),
  sack: fc.boolean(),
  timestamps: fc.boolean(),
  windowScale: fc.constantFrom(null, 0, 8),
  congestion: fc.constantFrom("cubic" as const, "new-reno" as const),
  nagle: fc.boolean(),
  receiveBuffer: fc.constantFrom(1500, 65_535, 400_000),
});

describe("TCP delivers exactly what was sent", () => {
  it("over lines of any rate and MTU, with any options and congestion control", () => {
    fc.assert(
      fc.property(
        chunks,
        chunks,
        seed,
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        line,
        (up, down, seeded, loss, { rate, mtu, ...tcp }) => {
          const router = { 4: parseAddress("10.0.0.254") };
          const result = transfer(up, down, {
            fate: misfortune(seeded, loss),
            network: { ...(rate === undefined ? {} : { rate }), ...(mtu === undefined ? {} : { path: { mtu, router } }) },
            tcp: { ...tcp, synRetransmissions: 9, connectTimeout: 999, dataRetransmissions: 15 },
          });
          expect(result.atServer).toEqual(up.flatMap((chunk) => [...chunk]));
          expect(result.atClient).toEqual(down.flatMap((chunk) => [...chunk]));
          expect([...result.ends].sort()).toEqual(["client ok", "server ok"]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("over a network that loses, doubles and reorders", () => {
    fc.assert(
      fc.property(chunks, chunks, seed, fc.double({ min: 0, max: 0.4, noNaN: true }), firstSequence, (up, down, seeded, loss, first) => {
        const result = transfer(up, down, {
          fate: misfortune(seeded, loss),
          tcp: { firstSequence: first, synRetransmissions: 9, connectTimeout: 999, dataRetransmissions: 12 },
        });
        expect(result.atServer).toEqual(up.flatMap((chunk) => [...chunk]));
        expect(result.atClient).toEqual(down.flatMap((chunk) => [...chunk]));
        expect([...result.ends].sort()).toEqual(["client ok", "server ok"]);
        expect([...result.hosts.client.flows.flows, ...result.hosts.server.flows.flows]).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  // Many segments under way at once: only then are there holes behind the oldest one, to be told by SACK and filled one by one.
  it("a lot at once in both directions, over a network that does the same", () => {
    const size = fc.integer({ min: 20_000, max: 150_000 });
    fc.assert(
      fc.property(size, size, seed, fc.double({ min: 0.01, max: 0.2, noNaN: true }), fc.boolean(), (up, down, seeded, loss, sack) => {
        const result = transfer([pattern(up, 251)], [pattern(down, 241)], {
          fate: misfortune(seeded, loss),
          tcp: { sack, synRetransmissions: 9, connectTimeout: 999, dataRetransmissions: 15 },
        });
        expect(isPattern(result.atServer, up, 251)).toBe(true);
        expect(isPattern(result.atClient, down, 241)).toBe(true);
        expect([...result.ends].sort()).toEqual(["client ok", "server ok"]);
      }),
      { numRuns: 25 },
    );
  });

  // The bound on losses in a row above keeps connections from being given up; here they never are, and so any loss will do.
  it("over a network that loses nearly everything, to ends with patience", () => {
    fc.assert(
      fc.property(chunks, chunks, seed, fc.double({ min: 0.4, max: 0.85, noNaN: true }), (up, down, seeded, loss) => {
        const result = transfer(up, down, {
          fate: impaired({ seed: seeded, loss, duplication: 0.3, reordering: 0.5 }),
          tcp: { synRetransmissions: 10_000, connectTimeout: 1e9, dataRetransmissions: 10_000 },
        });
        expect(result.atServer).toEqual(up.flatMap((chunk) => [...chunk]));
        expect(result.atClient).toEqual(down.flatMap((chunk) => [...chunk]));
        expect([...result.ends].sort()).toEqual(["client ok", "server ok"]);
      }),
      { numRuns: 30 },
    );
  });

  it("more than a window at once, to a reader with a small buffer", () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
    const result = transfer([bytes], [], { tcp: { receiveBuffer: 4000 } });
    expect(result.atServer.length).toBe(bytes.length);
    expect(result.atServer.every((byte, index) => byte === index % 251)).toBe(true);
  });

  it("in the same way every time", () => {
    const run = () =>
      transfer([new Uint8Array(20_000).fill(7)], [new Uint8Array(3)], { fate: misfortune(42, 0.2) }).hosts.simulation.records;
    const summary = () => run().map((record) => JSON.stringify(record, (_, value) => (typeof value === "bigint" ? String(value) : value)));
    expect(summary()).toEqual(summary());
  });
});

describe("flow control", () => {
  it("holds the sender back while nobody reads, and lets it go on afterwards", () => {
    const hosts = new TwoHosts({ tcp: { receiveBuffer: 3000 } });
    const { client, server } = hosts.connected();
    const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => index % 256);
    client.send(bytes);
    hosts.simulation.run(60);
    const received: number[] = [];
    readAll(server, received, () => undefined);
    hosts.simulation.run(300);
    expect(received).toEqual([...bytes]);
  });
});
