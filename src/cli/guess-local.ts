import { InputError, type IpAddress } from "../model/index.ts";
import { LocalGuess } from "../replay/index.ts";
import { CaptureReader } from "../wire/index.ts";
import type { CliIo } from "./io.ts";

const CHUNK = 1 << 18;
/** Packets that are enough for a guess. */
const ENOUGH = 20_000;

/**
 * Whose capture it is, by its first packets; problems are told when it is read in earnest.
 * @throws InputError for a pipe: what is read for the guess would be gone.
 */
export function guessLocal(io: CliIo, path: string): readonly IpAddress[] {
  const guess = new LocalGuess();
  const reader = new CaptureReader({ packets: (batch) => guess.packetsOf(batch), problem: () => undefined });
  const file = io.openFile(path);
  if (file.size === undefined) {
    file.close();
    throw new InputError("a capture from a pipe is read once only: --local ADDR has to say whose it is", { file: path });
  }
  const chunk = new Uint8Array(CHUNK);
  try {
    for (let size = file.read(chunk); size > 0 && guess.packets < ENOUGH; size = file.read(chunk)) reader.push(chunk.subarray(0, size));
  } catch {
    // What can be read has to do.
  } finally {
    file.close();
  }
  return guess.addresses();
}
