import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { impaired } from "../../../src/stack/index.ts";
import { PcapngWriter } from "../../../src/wire/index.ts";
import type { TwoHostsOptions } from "../two-hosts.ts";
import { transfer } from "./transfer.ts";

const hasTshark = spawnSync("tshark", ["--version"]).status === 0;
/** LINKTYPE_RAW. */
const RAW_IP = 101;

/** Runs a transfer and has tshark look at every packet of it; lines of the fields asked for. */
function judged(bytes: number, options: TwoHostsOptions, filter: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "wfplab-"));
  try {
    const parts: Uint8Array[] = [];
    const writer = new PcapngWriter((part) => parts.push(part.slice()), { application: "wfplab" });
    const link = writer.addInterface({ linkType: RAW_IP, name: "wire" });
    const payload = Uint8Array.from({ length: bytes }, (_, index) => index % 251);
    const { atServer } = transfer([payload], [payload.slice(0, 1000)], {
      ...options,
      tap: ({ bytes: data, time }) => {
        const seconds = Math.floor(time);
        writer.packet({ interfaceIndex: link, seconds, nanoseconds: Math.round((time - seconds) * 1e9), data });
      },
    });
    expect(atServer.length).toBe(bytes);
    writer.flush();
    const file = join(folder, "wire.pcapng");
    writeFileSync(file, Buffer.concat(parts));
    const checks = ["ip", "tcp", "udp"].flatMap((protocol) => ["-o", `${protocol}.check_checksum:TRUE`]);
    const output = execFileSync("tshark", ["-r", file, ...checks, "-Y", filter], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return output.split("\n").filter((line) => line !== "");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const BROKEN = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || _ws.expert.severity == error";
const REPEATED = `${BROKEN} || tcp.analysis.retransmission || tcp.analysis.out_of_order || tcp.analysis.lost_segment`;

describe.skipIf(!hasTshark)("tshark on what crosses the wire", () => {
  it.each([
    ["a request and its reply", 300, {}],
    ["much data", 300_000, {}],
    ["much data over IPv6", 300_000, { family: 6 }],
    ["timestamps and Reno", 100_000, { tcp: { timestamps: true, congestion: "new-reno" } }],
    ["no options", 50_000, { tcp: { sack: false, windowScale: null } }],
    ["a slow line", 60_000, { network: { rate: 1_000_000, queue: 1_000_000 } }],
    ["Windows 7", 50_000, { windows: "7" }],
  ] as [string, number, TwoHostsOptions][])("%s: nothing malformed, repeated or out of order", (_, bytes, options) => {
    expect(judged(bytes, options, REPEATED)).toEqual([]);
  });

  it.each([1, 2, 3])("loss, duplicates and reordering (seed %i): nothing malformed, no wrong checksum", (seed) => {
    const fate = impaired({ seed, loss: 0.1, duplication: 0.1, reordering: 0.2, burst: 3 });
    expect(judged(100_000, { fate, tcp: { dataRetransmissions: 15 } }, BROKEN)).toEqual([]);
    expect(
      judged(100_000, { fate: impaired({ seed, loss: 0.1, burst: 3 }), tcp: { dataRetransmissions: 15 } }, "tcp.analysis.retransmission")
        .length,
    ).toBeGreaterThan(0);
  });
});
