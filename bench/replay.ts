import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CAPTURE_HOST, type GeneratedCapture, generateCapture } from "./generate-capture.ts";
import type { Benchmark, Measurement } from "./measure.ts";

/** Bytes of the large capture, of what slow tools get, and of one for memory. */
const LARGE = 1_000_000_000;
const SMALL = 100_000_000;
/** A policy of a real machine, 1,254 filters, where it is at hand. */
const RECORDED = "../shared/data/wfp/win11-22h2-windivert-npcap.wfpstate.xml";
const REPEATS = 3;

/** Programs behind the ports of the generated host, so that verdicts are definite. */
const HOSTS = `addresses: [${CAPTURE_HOST[4]}, "${CAPTURE_HOST[6]}"]
profile: private
endpoints:
  - { protocol: tcp, app: 'C:\\Program Files\\Browser\\browser.exe', user: S-1-5-21-1-2-3-1001, groups: none, package: none }
  - { protocol: udp, app: 'C:\\Program Files\\Browser\\browser.exe', user: S-1-5-21-1-2-3-1001, groups: none, package: none }
  - { protocol: tcp, local: "*:445", app: System, user: SYSTEM, groups: none, package: none }
`;

/** Prints its peak memory in KiB as the last line of stderr when the process ends. */
const REPORT_MEMORY = `data:text/javascript,process.on("exit",()=>process.stderr.write("\\n"+process.resourceUsage().maxRSS))`;

interface Run {
  readonly seconds: number;
  readonly memory: number | null;
}

/** The best of a few runs of a whole process; null where it is not installed or fails. */
function bestRun(command: string, args: readonly string[], repeats = REPEATS): Run | null {
  let best: Run | null = null;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const start = process.hrtime.bigint();
    const { status, stderr } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28 });
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    if (status !== 0) return null;
    const told = command === process.execPath ? Number(stderr.trimEnd().split("\n").at(-1)) * 1024 : null;
    if (best === null || seconds < best.seconds) best = { seconds, memory: told };
  }
  return best;
}

function rates({ seconds, memory }: Run, { packets, bytes }: GeneratedCapture): string {
  const rate = `${(packets / seconds / 1e6).toFixed(2)} M packets/s, ${(bytes / seconds / 1e6).toFixed(0)} MB/s (${seconds.toFixed(2)} s)`;
  return memory === null ? rate : `${rate}, peak ${(memory / (1 << 20)).toFixed(0)} MB`;
}

function* measure(folder: string): Iterable<Measurement> {
  const large = join(folder, "large.pcapng");
  const small = join(folder, "small.pcapng");
  const hosts = join(folder, "hosts.yaml");
  writeFileSync(hosts, HOSTS);
  const all = generateCapture(large, LARGE);
  const some = generateCapture(small, SMALL);
  yield { name: "capture", result: `${(all.bytes / 1e6).toFixed(0)} MB, ${all.packets} packets, ${all.conversations} conversations` };
  const policy = existsSync(RECORDED) ? RECORDED : "@desktop";
  const replay = (capture: string, ...more: readonly string[]): Run => {
    const run = bestRun(process.execPath, ["--import", REPORT_MEMORY, "dist/cli/main.js", "replay", capture, "--policy", policy, ...more]);
    if (run === null) throw new Error("wfplab replay failed");
    return run;
  };
  const own = replay(large, "--hosts", hosts);
  yield { name: `wfplab replay, ${policy === "@desktop" ? policy : "1,254 filters"}`, result: rates(own, all) };
  const ofSmall = replay(small, "--hosts", hosts);
  const marginal = (all.bytes - some.bytes) / (own.seconds - ofSmall.seconds);
  yield { name: "  without start and policy", result: `${(marginal / 1e6).toFixed(0)} MB/s, by the difference to ${SMALL / 1e6} MB` };
  const local = [CAPTURE_HOST[4], CAPTURE_HOST[6]].flatMap((address) => ["--local", address]);
  yield { name: "  programs unknown", result: rates(replay(large, ...local), all) };
  yield* peers(large, small, { own, ofSmall, all, some, folder });
}

interface Compared {
  readonly own: Run;
  readonly ofSmall: Run;
  readonly all: GeneratedCapture;
  readonly some: GeneratedCapture;
  readonly folder: string;
}

function* peers(large: string, small: string, { own, ofSmall, all, some, folder }: Compared): Iterable<Measurement> {
  const tcpdump = bestRun("tcpdump", ["-r", large, "-w", "/dev/null"]);
  yield {
    name: "tcpdump -w /dev/null",
    result:
      tcpdump === null ? "not installed" : `${rates(tcpdump, all)}; replay has ${(tcpdump.seconds / own.seconds).toFixed(2)} of its rate`,
  };
  const tshark = bestRun("tshark", ["-r", small, "-q", "-z", "conv,tcp"], 1);
  yield {
    name: `tshark -q -z conv,tcp, ${SMALL / 1e6} MB`,
    result:
      tshark === null
        ? "not installed"
        : `${rates(tshark, some)}; replay is ${(tshark.seconds / ofSmall.seconds).toFixed(1)} times as fast on the same file, ${perByte(tshark, some, own, all)} times by bytes a second`,
  };
  const suricata = bestRun("suricata", ["-r", large, "-k", "none", "-l", folder, "--runmode", "single"], 1);
  yield {
    name: "suricata -r, one thread",
    result:
      suricata === null
        ? "not installed"
        : `${rates(suricata, all)}; replay is ${(suricata.seconds / own.seconds).toFixed(1)} times as fast`,
  };
}

function perByte(slow: Run, slowSize: GeneratedCapture, fast: Run, fastSize: GeneratedCapture): string {
  return (fastSize.bytes / fast.seconds / (slowSize.bytes / slow.seconds)).toFixed(1);
}

/** The whole command, from start to the summary, beside what else reads captures; the files are deleted at the end. */
export const replay: Benchmark = {
  title: "replay: a generated capture through a policy, whole processes",
  *run() {
    if (!existsSync("dist/cli/main.js")) {
      yield { name: "wfplab replay", result: "needs npm run build first" };
      return;
    }
    const folder = mkdtempSync(join(tmpdir(), "wfplab-bench-"));
    try {
      yield* measure(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
