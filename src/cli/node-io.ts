import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import type { WriteStream } from "node:tty";
import { InputError, type InputPosition } from "../model/errors.ts";
import { unpacked } from "./compressed.ts";
import { EXIT } from "./exit-status.ts";
import type { ByteReader, ByteWriter, CliIo, TextSink } from "./io.ts";

/** The process's own streams, files and environment. */
export function nodeIo(): CliIo {
  return {
    stdout: sink(process.stdout),
    stderr: sink(process.stderr),
    env: process.env,
    readFile,
    kindOf,
    namesIn,
    readStdin,
    openFile,
    createFile,
  };
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
  ENOSPC: "cannot be written: the disk is full",
  EROFS: "cannot be written: the disk is read-only",
};

export function readFile(path: string): Uint8Array {
  const descriptor = openDescriptor(path, "r", "read");
  try {
    inputs.add(path);
    return readFileSync(descriptor);
  } catch (error) {
    throw inputError(error, "read", { file: path });
  } finally {
    closeSync(descriptor);
  }
}

export function kindOf(path: string): "file" | "folder" | undefined {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch {
    return undefined;
  }
}

export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    throw inputError(error, "read", { file: folder });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function inputError(error: unknown, what: "read" | "written", position: InputPosition): InputError {
  const code = codeOf(error);
  if (what === "written" && code === "EACCES") return new InputError("may not be written: permission denied", position);
  if (what === "written" && code === "ENOENT") return new InputError("cannot be written: no such folder", position);
  return new InputError(reasons[code] ?? `cannot be ${what} (${code})`, position);
}

const STDIN = 0;
const STDOUT = 1;

/** Paths of files that this command reads or has read: a slip must not overwrite a policy, a suite or a capture. */
const inputs = new Set<string>();

/** Whether a file is one of the inputs, by whatever name. */
function isInput(descriptor: number): boolean {
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  return [...inputs].some((path) => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat?.dev === dev && stat.ino === ino;
  });
}

export function openFile(path: string): ByteReader {
  return unpacked(path === "-" ? descriptorReader(STDIN, "stdin") : descriptorReader(openDescriptor(path, "r", "read"), path));
}

function openDescriptor(path: string, flags: string | number, what: "read" | "written"): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw inputError(error, what, { file: path });
  }
}

function descriptorReader(descriptor: number, name: string): ByteReader {
  const stat = fstatSync(descriptor);
  if (stat.isDirectory()) throw new InputError(reasons.EISDIR ?? "", { file: name });
  if (descriptor !== STDIN) inputs.add(name);
  let position = 0;
  return {
    name,
    size: stat.isFile() ? stat.size : undefined,
    get position() {
      return position;
    },
    read(into) {
      const count = readSome(descriptor, into, { file: name, offset: position });
      position += count;
      return count;
    },
    close() {
      if (descriptor !== STDIN) closeSync(descriptor);
    },
  };
}

function readSome(descriptor: number, into: Uint8Array, position: InputPosition): number {
  for (;;) {
    try {
      return readSync(descriptor, into);
    } catch (error) {
      const code = codeOf(error);
      // A pipe on Windows says so at its end.
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw inputError(error, "read", position);
      pause();
    }
  }
}

/** Somebody made the pipe or terminal non-blocking and there is nothing to do yet: waits without burning a core. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

export function createFile(path: string): ByteWriter {
  if (path === "-") return descriptorWriter(STDOUT, "stdout");
  // Opened without emptying it first: it might be an input.
  const descriptor = openDescriptor(path, constants.O_WRONLY | constants.O_CREAT, "written");
  if (isInput(descriptor)) {
    closeSync(descriptor);
    throw new InputError("is an input of this command, so it is not written; choose another name", { file: path });
  }
  if (fstatSync(descriptor).isFile()) ftruncateSync(descriptor);
  return descriptorWriter(descriptor, path);
}

function descriptorWriter(descriptor: number, name: string): ByteWriter {
  return {
    write(bytes) {
      for (let at = 0; at < bytes.length; ) at += writeSome(descriptor, bytes, at, name);
    },
    close() {
      if (descriptor !== STDOUT) closeSync(descriptor);
    },
  };
}

function writeSome(descriptor: number, bytes: Uint8Array, from: number, name: string): number {
  try {
    return writeSync(descriptor, bytes, from);
  } catch (error) {
    const code = codeOf(error);
    // The reader has seen enough, as in main.ts; nobody is left to tell.
    if (code === "EPIPE" && descriptor === STDOUT) process.exit(Number(process.exitCode ?? EXIT.ok));
    if (code !== "EAGAIN") throw inputError(error, "written", { file: name });
    pause();
    return 0;
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
