/**
 * The command as a few files instead of the 700 modules that `tsc` writes: Node takes longer to find and link those than most questions
 * take to answer. The library stays as modules, so that whoever imports a room gets that room.
 */
import { chmodSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const file = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

// `tsc` has checked and written these as well; nothing but the command uses them.
rmSync(file("dist/cli"), { recursive: true });
await build({
  entryPoints: [file("src/cli/main.ts")],
  outdir: file("dist/cli"),
  bundle: true,
  // A command loads the chunks that it needs.
  splitting: true,
  chunkNames: "[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  legalComments: "none",
  logLevel: "warning",
});
// npm sets the bit on install, but `npx wfplab` inside the checkout needs it now.
chmodSync(file("dist/cli/main.js"), 0o755);
