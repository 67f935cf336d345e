import { resolve } from "node:path";
import { unpacked } from "../../src/cli/compressed.ts";
import type { ByteReader, CliIo, TextSink } from "../../src/cli/io.ts";
import { kindOf, namesIn, openFile, readFile } from "../../src/cli/node-io.ts";
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
  /** What the command wrote, by path; `-` is standard output. */
  readonly created: Readonly<Record<string, Uint8Array>>;
  /** Lines of stdout read as JSON. */
  records(): Record<string, unknown>[];
}

const bytes = (text: string | Uint8Array): Uint8Array => (typeof text === "string" ? new TextEncoder().encode(text) : text);

/** Bytes at hand as a command reads a file, a few at a time so that nothing depends on where a piece ends. */
function memoryReader(name: string, content: Uint8Array): ByteReader {
  let position = 0;
  return {
    name,
    size: content.length,
    get position() {
      return position;
    },
    read(into) {
      const piece = content.subarray(position, position + Math.min(into.length, 4093));
      into.set(piece);
      position += piece.length;
      return piece.length;
    },
    close() {},
  };
}

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
  const created: Record<string, Uint8Array> = {};
  const io: CliIo = {
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    env: setting.env ?? {},
    readFile(path) {
      const content = setting.files?.[path];
      return content === undefined ? readFile(resolve(path)) : bytes(content);
    },
    kindOf(path) {
      const made = Object.keys(setting.files ?? {});
      if (made.includes(path)) return "file";
      return made.some((file) => file.startsWith(`${path}/`)) ? "folder" : kindOf(resolve(path));
    },
    namesIn(folder) {
      const below = Object.keys(setting.files ?? {}).filter((file) => file.startsWith(`${folder}/`));
      const names = new Set(below.map((file) => file.slice(folder.length + 1).split("/")[0] ?? ""));
      return names.size > 0 ? [...names].sort() : namesIn(resolve(folder));
    },
    readStdin: async () => bytes(setting.stdin ?? ""),
    openFile(path) {
      const content = path === "-" ? (setting.stdin ?? "") : setting.files?.[path];
      return content === undefined ? openFile(resolve(path)) : unpacked(memoryReader(path === "-" ? "stdin" : path, bytes(content)));
    },
    createFile(path) {
      const pieces: number[] = [];
      created[path] = new Uint8Array(0);
      return {
        write(piece) {
          for (const byte of piece) pieces.push(byte);
        },
        close() {
          created[path] = Uint8Array.from(pieces);
        },
      };
    },
  };
  const status = await run(args, io);
  return {
    ...written,
    status,
    created,
    records: () =>
      written.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
