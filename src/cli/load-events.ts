import { type Diagnostic, InputError, type Policy, type RecordedEvent } from "../model/index.ts";
import {
  decodeText,
  firewallLogVerdicts,
  isFirewallLog,
  isNetEvents,
  netEventVerdicts,
  readFirewallLog,
  readNetEvents,
  readNetsh,
  readSecurityLog,
} from "../sources/index.ts";
import { refuseForeignFile } from "./foreign-file.ts";
import type { ByteReader, CliIo } from "./io.ts";
import { Progress } from "./progress.ts";

/** What a file of recorded events holds. */
export interface LoadedEvents {
  readonly source: string;
  readonly records: readonly RecordedEvent[];
  readonly diagnostics: readonly Diagnostic[];
  /** A policy that comes with them: wfpdiag.xml has both. */
  readonly policy: Policy | null;
}

const CHUNK = 1 << 20;
const WORTH_SHOWING = 16 << 20;
/** Characters of what is read as a whole: Windows limits pfirewall.log to 32 MiB, and netsh its buffer of events. */
const MOST_WHOLE = 1 << 28;

/**
 * Reads a Security log (JSON or XML), netevents.xml, wfpdiag.xml or pfirewall.log, also packed with gzip; `-` is standard input. Large
 * logs are read in pieces.
 * @throws InputError with file and line.
 */
export async function loadEvents(io: CliIo, path: string, { strict }: { readonly strict: boolean }): Promise<LoadedEvents> {
  const file = io.openFile(path);
  // As the user wrote it: readers may resolve paths.
  const source = path === "-" ? file.name : path;
  const progress = new Progress(io.stderr, `reading ${source}`, file.size ?? 0, WORTH_SHOWING);
  try {
    const pieces = texts(file, progress);
    const first = pieces.next();
    const start = first.done === true ? "" : first.value;
    const whole = (): string => joined(chain(start, pieces), source);
    if (isFirewallLog(start)) {
      const log = readFirewallLog(whole(), { source, strict });
      return { source, records: firewallLogVerdicts(log), diagnostics: log.diagnostics, policy: null };
    }
    if (isNetEvents(start)) {
      const text = whole();
      const read = readNetEvents(text, { source, strict });
      const policy = read.hasFilters ? await policyOf(text, source, strict) : null;
      return { source, records: netEventVerdicts(read), diagnostics: read.diagnostics, policy };
    }
    const log = readSecurityLog(chain(start, pieces), { source, strict });
    return { source, records: log.records, diagnostics: log.diagnostics, policy: null };
  } finally {
    progress.end();
    file.close();
  }
}

async function policyOf(text: string, source: string, strict: boolean): Promise<Policy> {
  const { buildPolicy } = await import("../engine/index.ts");
  return buildPolicy(readNetsh(text, { source, strict }));
}

function joined(pieces: Iterable<string>, file: string): string {
  const all: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    length += piece.length;
    if (length > MOST_WHOLE) throw new InputError(`has more than ${MOST_WHOLE} characters: no file of this kind has so many`, { file });
    all.push(piece);
  }
  return all.join("");
}

function* chain(first: string, rest: Iterable<string>): Iterable<string> {
  yield first;
  yield* rest;
}

/** The text of a file by its byte order mark, in pieces. */
function* texts(file: ByteReader, progress: Progress): Generator<string, void> {
  const buffer = new Uint8Array(CHUNK);
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  for (let size = file.read(buffer); size > 0; size = file.read(buffer)) {
    progress.update(file.position);
    const bytes = buffer.subarray(0, size);
    if (decoder === undefined) refuseForeignFile(bytes, file.name);
    decoder ??= new TextDecoder(encodingOf(bytes));
    yield decoder.decode(bytes, { stream: true });
  }
  const last = decoder?.decode() ?? decodeText(new Uint8Array());
  if (last !== "") yield last;
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}
