import { fileURLToPath } from "node:url";
import { run } from "@stricli/core";
import { buildApp } from "./app.ts";
import type { CliContext } from "./context.ts";
import { EXIT, type ExitStatus } from "./exit-status.ts";
import type { CliIo, TextSink } from "./io.ts";

/**
 * Runs one command line and returns its exit status. Touches nothing but `io`, so a test can run it without a process.
 * @param args what follows the program's name
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<ExitStatus> {
  const app = buildApp(async () => versionOf(io), io.env.WFPLAB_DEBUG === "1");
  let chosen: ExitStatus | undefined;
  const process: CliContext["process"] = {
    stdout: writable(io.stdout),
    stderr: writable(io.stderr),
    env: io.env,
    exitCode: undefined as number | undefined,
  };
  const context: CliContext = {
    process,
    io,
    setStatus: (status) => {
      chosen = status;
    },
  };
  await run(app, args, context);
  const status = Number(process.exitCode ?? 0);
  if (status === 0) return chosen ?? EXIT.ok;
  return statusOfStricli(status);
}

/** stricli's own codes are negative: -4 and -5 are the user's mistakes, the others ours. */
function statusOfStricli(status: number): ExitStatus {
  if (status === -4 || status === -5) return EXIT.usage;
  const known = Object.values(EXIT).find((candidate) => candidate === status);
  return known ?? EXIT.internal;
}

function versionOf(io: CliIo): string {
  // Both src/cli and dist/cli lie two folders below package.json.
  const path = fileURLToPath(new URL("../../package.json", import.meta.url));
  const manifest: unknown = JSON.parse(new TextDecoder().decode(io.readFile(path)));
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "unknown";
}

function writable(sink: TextSink): { write: (text: string) => void } {
  return {
    write: (text) => {
      sink.write(text);
    },
  };
}
