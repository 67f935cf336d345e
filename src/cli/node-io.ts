import { readFileSync } from "node:fs";
import type { WriteStream } from "node:tty";
import { InputError } from "../model/errors.ts";
import type { CliIo, TextSink } from "./io.ts";

/** The process's own streams, files and environment. */
export function nodeIo(): CliIo {
  return { stdout: sink(process.stdout), stderr: sink(process.stderr), env: process.env, readFile, readStdin };
}

function sink(stream: WriteStream | NodeJS.WriteStream): TextSink {
  return {
    write: (text) => stream.write(text),
    drained: () => new Promise((resolve) => stream.once("drain", resolve)),
    isTerminal: stream.isTTY === true,
    columns: stream.isTTY === true ? stream.columns : undefined,
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "is a directory, expected a file",
  EACCES: "may not be read: permission denied",
  ENOTDIR: "no such file: a part of the path is not a directory",
  ERR_FS_FILE_TOO_LARGE: "is larger than 2 GiB",
};

export function readFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new InputError(reasons[code] ?? `cannot be read (${code})`, { file: path });
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
