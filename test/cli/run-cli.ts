import { resolve } from "node:path";
import type { CliIo, TextSink } from "../../src/cli/io.ts";
import { readFile } from "../../src/cli/node-io.ts";
import { runCli as run } from "../../src/cli/run-cli.ts";

export interface CliSetting {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** Files that exist for the command, by path, before those on disk. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Whether stdout and stderr are a terminal. */
  readonly terminal?: boolean;
}

export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
  /** Lines of stdout read as JSON. */
  records(): Record<string, unknown>[];
}

const bytes = (text: string | Uint8Array): Uint8Array => (typeof text === "string" ? new TextEncoder().encode(text) : text);

/** Runs a command line without a process. */
export async function runCli(args: readonly string[], setting: CliSetting = {}): Promise<CliResult> {
  const written = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr"): TextSink => ({
    write(text) {
      written[name] += text;
      return true;
    },
    drained: async () => {},
    isTerminal: setting.terminal === true,
    columns: undefined,
  });
  const io: CliIo = {
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    env: setting.env ?? {},
    readFile(path) {
      const content = setting.files?.[path];
      return content === undefined ? readFile(resolve(path)) : bytes(content);
    },
    readStdin: async () => bytes(setting.stdin ?? ""),
  };
  const status = await run(args, io);
  return {
    ...written,
    status,
    records: () =>
      written.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
