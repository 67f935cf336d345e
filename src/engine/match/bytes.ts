export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** memcmp over the shorter length, then the shorter one first (WFP-SEMANTICS 2.3, blob ordering). */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Length without one terminating UTF-16 NUL. */
function stringLength(bytes: Uint8Array): number {
  const { length } = bytes;
  return length >= 2 && length % 2 === 0 && bytes[length - 1] === 0 && bytes[length - 2] === 0 ? length - 2 : length;
}

/** Whether the string in blob `bytes` ends with the string in blob `suffix`; a terminating NUL belongs to neither string. */
export function endsWithBytes(bytes: Uint8Array, suffix: Uint8Array): boolean {
  const end = stringLength(bytes);
  const length = stringLength(suffix);
  if (length > end) return false;
  for (let index = 0; index < length; index++) if (bytes[end - length + index] !== suffix[index]) return false;
  return true;
}
