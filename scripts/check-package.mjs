/**
 * Packs the package, installs it in an empty folder and uses it as a stranger would: the command, the library with its types, and the
 * browser-safe rooms bundled and run where no Node API exists.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "wfplab-package-"));
const run = (command, args, cwd) => execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

try {
  run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], root);
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  writeFileSync(join(folder, "package.json"), '{ "name": "stranger", "private": true, "type": "module" }\n');
  run("npm", ["install", "--no-audit", "--no-fund", `./${archive}`], folder);

  const session = run("npx", ["wfplab", "session", "tcp-session", "--json"], folder);
  assert.match(session.trimEnd().split("\n").at(-1) ?? "", /"type":"summary"/);

  writeFileSync(
    join(folder, "use.mts"),
    `import { defaultPolicy, FilterEngine, parseFlow, traceFlow, type FlowTrace } from "wfplab";
import { lintPolicy, shadowFindings } from "wfplab/analysis";
import { SUBLAYER_KEY } from "wfplab/model";
import { verifyEvents } from "wfplab/replay";
const engine = new FilterEngine(defaultPolicy("desktop"));
const trace: FlowTrace = traceFlow(engine, parseFlow("in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public"), { windows: "11" });
const found: number = shadowFindings(engine).findings.length + lintPolicy(engine).length;
const { summary } = verifyEvents([], { source: "none" });
console.log(trace.verdict, SUBLAYER_KEY.UNIVERSAL, found, summary.contradiction);
`,
  );
  run(
    process.execPath,
    [
      join(root, "node_modules/typescript/bin/tsc"),
      "--module",
      "nodenext",
      "--target",
      "es2023",
      "--lib",
      "es2023,dom",
      "--strict",
      "use.mts",
    ],
    folder,
  );
  assert.match(run(process.execPath, ["use.mjs"], folder), /^block /);

  const bundle = await build({
    stdin: {
      contents: `import { defaultPolicy, FilterEngine, parseFlow, traceFlow } from "wfplab";
import { lintPolicy } from "wfplab/analysis";
import { LocalAddresses } from "wfplab/replay";
lintPolicy(new FilterEngine(defaultPolicy("server")));
new LocalAddresses([]);
const trace = traceFlow(new FilterEngine(defaultPolicy("desktop")), parseFlow("in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public"), { windows: "11" });
result = trace.verdict;`,
      resolveDir: folder,
    },
    bundle: true,
    platform: "browser",
    format: "iife",
    write: false,
  });
  const page = { result: undefined, TextDecoder, TextEncoder };
  runInNewContext(bundle.outputFiles[0].text, page);
  assert.equal(page.result, "block");
  process.stdout.write(
    `package ${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version}: command, library, types and browser bundle work\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
