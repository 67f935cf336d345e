import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CaptureReader, decodeFrame, Frame, TCP_FLAG } from "../../../src/wire/index.ts";
import { TwoHosts } from "../../stack/two-hosts.ts";

const pairs = fileURLToPath(new URL("../../../../shared/data/pairs/", import.meta.url));

interface Blocked {
  readonly folder: string;
  readonly ports: string;
  /** Seconds after the first one. */
  readonly events: readonly number[];
  readonly syns: readonly number[];
}

/** Times of events 5157 by connection, whole seconds; and of the connection's SYNs in the capture beside them. */
function recordings(): Blocked[] {
  if (!existsSync(pairs)) return [];
  return readdirSync(pairs).flatMap((folder) => {
    const byPorts = new Map<string, number[]>();
    for (const line of readFileSync(join(pairs, folder, "wfp_events.jsonl"), "utf8")
      .trim()
      .split("\n")) {
      const event = JSON.parse(line) as Record<string, string | number>;
      if (Number(event.EventID) !== 5157 || String(event.Protocol) !== "6") continue;
      const key = `${event.SourcePort} ${event.DestPort}`;
      byPorts.set(key, [...(byPorts.get(key) ?? []), Date.parse(`${String(event.EventTime).replace(" ", "T")}Z`) / 1000]);
    }
    if (byPorts.size === 0) return [];
    const syns = synTimes(join(pairs, folder));
    return [...byPorts].map(([ports, times]) => ({ folder, ports, events: offsets(times), syns: offsets(syns.get(ports) ?? []) }));
  });
}

function synTimes(folder: string): Map<string, number[]> {
  const times = new Map<string, number[]>();
  const frame = new Frame();
  const reader = new CaptureReader({
    packets(batch) {
      for (let index = 0; index < batch.count; index++) {
        decodeFrame(
          frame,
          batch.view,
          batch.offset[index] ?? 0,
          batch.captured[index] ?? 0,
          batch.original[index] ?? 0,
          batch.linkType[index] ?? 0,
        );
        if (frame.protocol !== 6 || (frame.tcpFlags & (TCP_FLAG.syn | TCP_FLAG.ack)) !== TCP_FLAG.syn) continue;
        const key = `${frame.sourcePort} ${frame.destinationPort}`;
        times.set(key, [...(times.get(key) ?? []), (batch.seconds[index] ?? 0) + (batch.nanoseconds[index] ?? 0) / 1e9]);
      }
    },
    problem: () => undefined,
  });
  const [file] = readdirSync(folder).filter((name) => /\.(cap|pcap|pcapng)$/.test(name));
  if (file !== undefined) reader.push(readFileSync(join(folder, file)));
  reader.end();
  return times;
}

function offsets(times: readonly number[]): number[] {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted.map((time) => time - (sorted[0] ?? 0));
}

/** The model's host with the same block: what a client sends, and what the server classifies and logs. */
function model() {
  const sent: number[] = [];
  const hosts = new TwoHosts({
    windows: "10",
    tap: ({ packet, time }) => {
      if ("segment" in packet && packet.segment.flags.syn && !packet.segment.flags.ack) sent.push(time);
    },
  });
  hosts.filter(hosts.server, "ALE_AUTH_RECV_ACCEPT");
  hosts.listen();
  hosts.clientSocket().connect(hosts.serverAddress, 80);
  hosts.simulation.run(120);
  const { records } = hosts.simulation;
  const events = records.filter((record) => record.type === "audit" && record.eventId === 5157 && record.host === "server");
  const classified = records.filter(
    (record) => record.type === "indication" && record.host === "server" && record.layer.name.endsWith("ALE_AUTH_RECV_ACCEPT_V4"),
  );
  return { sent: offsets(sent), events: offsets(events.map(({ time }) => time)), classifications: classified.length };
}

describe.skipIf(!existsSync(pairs))("recordings of SYNs without answer (../shared/data/pairs)", () => {
  const blocked = recordings();

  it("are there", () => {
    expect(blocked.length).toBeGreaterThanOrEqual(4);
  });

  it.each(blocked)("$folder, ports $ports: as many SYNs, classifications and events 5157, at the same seconds", ({ events, syns }) => {
    const { sent, events: modelled, classifications } = model();
    expect(sent.length).toBe(syns.length);
    expect(modelled.length).toBe(events.length);
    expect(classifications).toBe(events.length);
    for (const [index, time] of sent.entries()) expect(Math.abs(time - (syns[index] ?? -9))).toBeLessThan(0.1);
    // Recorded in whole seconds.
    for (const [index, time] of modelled.entries()) expect(Math.abs(time - (events[index] ?? -9))).toBeLessThanOrEqual(1);
  });
});
