import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../cli/run-cli.ts";

const captures = "../shared/data/captures";
const pairs = "../shared/data/pairs";
const policy = "../shared/data/wfp/win11-22h2-windivert-npcap.wfpstate.xml";
const hasTshark = spawnSync("tshark", ["--version"]).status === 0;

function files(): string[] {
  const folders = [captures, ...(existsSync(pairs) ? readdirSync(pairs).map((name) => join(pairs, name)) : [])];
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(cap|pcap|pcapng)$/.test(name))
      .map((name) => join(folder, name)),
  );
}

/** Flows per capture whose verdict is compared with what `trace` says. */
const SAMPLE = 6;
/** So that verdicts are definite as often as can be: every program is the same one. */
const HOSTS = `profile: private
endpoints:
${[6, 17, 1, 2, 58].map((protocol) => `  - { protocol: ${protocol}, app: 'C:\\svc.exe', user: SYSTEM, groups: none, package: none }`).join("\n")}
`;

interface FlowRecord {
  readonly type: string;
  readonly number: number;
  readonly flow: string;
  readonly verdict: string;
  readonly layer: string | null;
  readonly filterId: string | null;
  readonly listener: string;
  readonly coverage: string;
  readonly reauthorized: boolean;
  readonly inbound: { readonly packets: number; readonly bytes: number };
  readonly outbound: { readonly packets: number; readonly bytes: number };
  readonly fates: Readonly<Record<string, number>>;
}

function framesByTshark(path: string): { readonly frames: number; readonly bytes: number } {
  const { stdout } = spawnSync("tshark", ["-r", path, "-T", "fields", "-e", "frame.len", "-e", "frame.cap_len"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  // One recorder left rubbish in the lengths of packets that it did not cut: what no link can carry is not believed.
  const lengths = stdout
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [length = 0, captured = 0] = line.split("\t").map(Number);
      return length > 1 << 20 ? captured : length;
    });
  return { frames: lengths.length, bytes: lengths.reduce((sum, length) => sum + length, 0) };
}

describe.skipIf(!existsSync(captures) || !existsSync(policy))("recorded captures through a recorded policy", () => {
  for (const path of existsSync(captures) ? files() : []) {
    it(basename(path), async () => {
      const { records, status } = await runCli(
        ["replay", path, "--policy", policy, "--hosts", "hosts.yaml", "--local", await localOf(path), "--json", "--packets"],
        {
          files: { "hosts.yaml": HOSTS },
        },
      );
      expect(status).toBe(0);
      const all = records();
      const summary = all.at(-1) as { packets: number; bytes: number; flows: number; fates: Record<string, number> };
      const flows = all.filter(({ type }) => type === "flow") as unknown as FlowRecord[];
      const packets = all.filter(({ type }) => type === "packet") as unknown as {
        flow: number | null;
        fate: string;
        layer: string | null;
      }[];
      expect(packets).toHaveLength(summary.packets);
      expect(flows).toHaveLength(summary.flows);
      if (hasTshark) expect(framesByTshark(path)).toEqual({ frames: summary.packets, bytes: summary.bytes });
      // Packets and fates add up, and every packet has the fate that its flow's verdict allows.
      expect(Object.values(summary.fates).reduce((a, b) => a + b, 0)).toBe(summary.packets);
      const byFlow = new Map<number, Set<string>>();
      for (const { flow, fate } of packets) if (flow !== null) byFlow.set(flow, (byFlow.get(flow) ?? new Set()).add(fate));
      const allowed: Record<string, readonly string[]> = {
        permit: ["permitted", "blocked", "indeterminate"],
        block: ["permitted", "blocked", "suppressed", "indeterminate"],
        indeterminate: ["indeterminate", "permitted"],
      };
      for (const { number, verdict, inbound, outbound, fates } of flows) {
        expect(Object.values(fates).reduce((a, b) => a + b, 0)).toBe(inbound.packets + outbound.packets);
        for (const fate of byFlow.get(number) ?? []) expect(allowed[verdict]).toContain(fate);
      }
      await sameAsTrace(flows);
    });
  }

  async function localOf(path: string): Promise<string> {
    const { stdout } = await runCli(["replay", path]);
    return /taken to be ([^,]+(?:, [^,]+)*), guessed/.exec(stdout)?.[1]?.replaceAll(", ", ",") ?? "10.0.0.1";
  }

  /** A flow's notation asked of `trace` gives the verdict and the filter of the replay. */
  async function sameAsTrace(flows: readonly FlowRecord[]): Promise<void> {
    const step = Math.max(1, Math.floor(flows.length / SAMPLE));
    // Whether somebody listens, trace is not told; a flow that is met by a closed port is another question.
    const sample = flows
      .filter(({ listener, coverage }, index) => index % step === 0 && listener !== "no" && coverage === "whole")
      .slice(0, SAMPLE);
    if (sample.length === 0) return;
    const { records } = await runCli(["trace", "--flows", "-", "--policy", policy, "--json"], {
      stdin: `${sample.map(({ flow }) => flow).join("\n")}\n`,
    });
    const verdicts = records().filter(({ type }) => type === "verdict");
    expect(verdicts).toHaveLength(sample.length);
    for (const [index, { verdict, flow }] of sample.entries()) expect([flow, verdicts[index]?.verdict]).toEqual([flow, verdict]);
  }
});
