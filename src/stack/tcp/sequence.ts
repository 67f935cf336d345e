/** Arithmetic of TCP sequence numbers: modulo 2^32 (RFC 9293 3.4). */

/** `sequence` moved on by `count`, which may be negative. */
export function sequenceAdd(sequence: number, count: number): number {
  return (sequence + count) >>> 0;
}

/** How far `a` is beyond `b`: positive if later. Meaningful for numbers less than 2^31 apart. */
export function sequenceDistance(a: number, b: number): number {
  return (a - b) | 0;
}

export function isBefore(a: number, b: number): boolean {
  return sequenceDistance(a, b) < 0;
}

export function isAfter(a: number, b: number): boolean {
  return sequenceDistance(a, b) > 0;
}
