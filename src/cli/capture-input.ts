import { InputError } from "../model/index.ts";
import { type CaptureBlock, type CaptureInterface, CaptureReader, type PacketBatch } from "../wire/index.ts";
import type { CliIo } from "./io.ts";
import { Progress } from "./progress.ts";

/** Bytes asked for at a time: what stays in a processor's cache. */
const CHUNK = 1 << 18;
const WORTH_SHOWING = 64 << 20;
/** Places of damage that are told one by one: a file can have one in every block. */
const MOST_PLACES = 10;

export interface CaptureSink {
  packets(batch: PacketBatch): void;
  interface?(added: CaptureInterface): void;
  block?(block: CaptureBlock): void;
  /** Between chunks: output may wait for its reader. */
  breathe?(): Promise<void>;
}

/**
 * Reads a capture to its end in constant memory; what is wrong with it is told on stderr, with its place, and what is good is kept.
 * Returns remarks for the report. @throws InputError where it is no capture at all.
 */
export async function readCapture(io: CliIo, path: string, sink: CaptureSink): Promise<readonly string[]> {
  const file = io.openFile(path);
  const remarks: string[] = [];
  let places = 0;
  const reader = new CaptureReader({
    packets: (batch) => sink.packets(batch),
    problem: ({ fileOffset, message }) => {
      if (reader.format === undefined) throw new InputError(message, { file: file.name });
      if (++places > MOST_PLACES) return;
      io.stderr.write(`${file.name}: byte ${fileOffset}: ${message}\n`);
      remarks.push(`the capture is damaged at byte ${fileOffset}: ${message}`);
    },
    ...(sink.interface === undefined ? {} : { interface: (added: CaptureInterface) => sink.interface?.(added) }),
    ...(sink.block === undefined ? {} : { block: (block: CaptureBlock) => sink.block?.(block) }),
  });
  const progress = new Progress(
    io.stderr,
    `reading ${file.name}`,
    file.size ?? 0,
    io.stdout.isTerminal ? Number.POSITIVE_INFINITY : WORTH_SHOWING,
  );
  const chunk = new Uint8Array(CHUNK);
  try {
    for (let size = read(file, chunk, remarks, io); size > 0; size = read(file, chunk, remarks, io)) {
      reader.push(chunk.subarray(0, size));
      progress.update(file.position);
      if (sink.breathe !== undefined) await sink.breathe();
    }
    reader.end();
    if (places > MOST_PLACES) {
      const more = `${places - MOST_PLACES} more damaged place${places - MOST_PLACES === 1 ? "" : "s"}`;
      io.stderr.write(`${file.name}: ${more}\n`);
      remarks.push(more);
    }
  } finally {
    progress.end();
    file.close();
  }
  return remarks;
}

/** A packed file that ends badly still has what came before. */
function read(file: ReturnType<CliIo["openFile"]>, chunk: Uint8Array, remarks: string[], io: CliIo): number {
  try {
    return file.read(chunk);
  } catch (error) {
    if (!(error instanceof InputError) || file.position === 0) throw error;
    io.stderr.write(`${error.describe()}\n`);
    remarks.push(error.describe());
    return 0;
  }
}
