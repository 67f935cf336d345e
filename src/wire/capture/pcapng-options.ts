/** An option of a pcapng block (draft-ietf-opsawg-pcapng 3.5). */
export interface BlockOption {
  readonly code: number;
  readonly value: Uint8Array;
}

export const OPTION = { end: 0, comment: 1 } as const;

/** Options between two places of a block, as far as they are whole. */
export function* blockOptions(bytes: Uint8Array, view: DataView, from: number, to: number, littleEndian: boolean): Iterable<BlockOption> {
  let at = from;
  while (at + 4 <= to) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === OPTION.end || at + 4 + length > to) return;
    yield { code, value: bytes.subarray(at + 4, at + 4 + length) };
    at += 4 + padded(length);
  }
}

/** Where the options of a block stop: at the end-of-options mark, at what is not whole, or at `to`. */
export function endOfOptions(view: DataView, from: number, to: number, littleEndian: boolean): number {
  let at = from;
  while (at + 4 <= to && view.getUint16(at, littleEndian) !== OPTION.end) {
    const next = at + 4 + padded(view.getUint16(at + 2, littleEndian));
    if (next > to) break;
    at = next;
  }
  return at;
}

/** Fields of blocks are filled up to a multiple of four bytes. */
export function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

const decoder = new TextDecoder();

/** UTF-8; some programs write a terminating zero, which does not belong. */
export function optionText(value: Uint8Array): string {
  const end = value.indexOf(0);
  return decoder.decode(end < 0 ? value : value.subarray(0, end));
}
