import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fate, Socket } from "../../../src/stack/index.ts";
import { TwoHosts, type TwoHostsOptions } from "../two-hosts.ts";

/** A small generator of the tests' own: the same seed, the same misfortunes. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Loses, doubles and delays packets, but never more than three in a row, so that no connection is given up. */
function misfortune(seed: number, loss: number): Fate {
  const next = random(seed);
  let lost = 0;
  return () => {
    if (lost < 3 && next() < loss) {
      lost++;
      return [];
    }
    lost = 0;
    const extra = next() < 0.3 ? next() * 0.1 : 0;
    return next() < 0.1 ? [extra, extra + next() * 0.1] : [extra];
  };
}

/** Reads until the peer's end of data. */
function readAll(socket: Socket, into: number[], done: (result: string) => void): void {
  socket.receive().onDone(({ result, data }) => {
    if (result !== "ok" || data.length === 0) {
      done(result);
      return;
    }
    into.push(...data);
    readAll(socket, into, done);
  });
}

function transfer(upstream: readonly Uint8Array[], downstream: readonly Uint8Array[], options: TwoHostsOptions) {
  const hosts = new TwoHosts(options);
  const listener = hosts.listen();
  const accepting = listener.accept();
  const client = hosts.clientSocket();
  const ends: string[] = [];
  const atServer: number[] = [];
  const atClient: number[] = [];
  accepting.onDone(({ socket }) => {
    if (socket === undefined) return;
    readAll(socket, atServer, (result) => {
      ends.push(`server ${result}`);
      socket.close();
    });
    for (const chunk of downstream) socket.send(chunk);
    socket.shutdown();
  });
  client.connect(hosts.serverAddress, 80).onDone((result) => {
    expect(result).toBe("ok");
    readAll(client, atClient, (end) => {
      ends.push(`client ${end}`);
      client.close();
    });
    for (const chunk of upstream) client.send(chunk);
    client.shutdown();
  });
  hosts.simulation.run();
  return { hosts, ends, atServer, atClient, client };
}

const chunks = fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 5 });
const seed = fc.integer({ min: 0, max: 0xffffffff });
const firstSequence = fc.constantFrom(0, 0x7fff_ff00, 0xffff_f000);

describe("TCP delivers exactly what was sent", () => {
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
