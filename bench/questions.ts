import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Benchmark, Measurement } from "./measure.ts";

/** The recorded policy of 1,254 filters, where recordings are at hand; else the one that ships. */
const RECORDED = "../shared/data/wfp/win11-22h2-windivert-npcap.wfpstate.xml";
const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const TELLS_MEMORY = "data:text/javascript,process.on('exit',()=>process.stderr.write('maxrss '+process.resourceUsage().maxRSS))";

/** Every question that the commands answer about all packets, by what stands in the table of docs/analysis.md. */
const questions = (policy: string): readonly (readonly string[])[] => [
  ["show", policy],
  ["search", "in tcp from internet to :3389", "--verdict", "permit", "--policy", policy],
  ["search", "in any internet > any", "--verdict", "permit", "--policy", policy],
  ["search", "out any any > any if=any", "--verdict", "block", "--policy", policy],
  ["reach", "--port", "445", "--policy", policy],
  ["reach", "--app", "C:\\Windows\\System32\\svchost.exe", "--policy", policy],
  ["reach", "--policy", policy, "--to-policy", "@server", "--to", "10.0.0.1", "--port", "443"],
  ["shadow", policy],
  ["diff", policy, "@desktop"],
  ["lint", policy],
  ["trace", "in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public", "--policy", policy],
  ["trace", "in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public", "--policy", policy, "--holds-for", "--flip"],
];

/** Whole processes, start-up and the reading of the policy included: `show` tells how much of a time that is. */
export const answers: Benchmark = {
  title: "questions (whole commands)",
  *run(): Generator<Measurement> {
    const policy = existsSync(RECORDED) ? RECORDED : "@desktop";
    for (const args of questions(policy)) {
      const start = process.hrtime.bigint();
      const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", TELLS_MEMORY, MAIN, ...args, "--json"], {
        encoding: "utf8",
        maxBuffer: 1 << 28,
      });
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      const nodes = /"nodes":(\d+)(?!.*"nodes":)/s.exec(stdout)?.[1];
      const memory = Number(/maxrss (\d+)/.exec(stderr)?.[1] ?? Number.NaN) / 1024;
      const result = [
        `${seconds.toFixed(1)} s`,
        ...(nodes === undefined ? [] : [`${Number(nodes).toLocaleString("en")} nodes`]),
        `${memory.toFixed(0)} MB`,
        `status ${status}`,
      ].join(", ");
      yield { name: args.map((word) => (word === policy ? "P" : /\s/.test(word) ? `"${word}"` : word)).join(" "), result };
    }
  },
};
