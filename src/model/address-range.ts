import type { IpAddress } from "./address.ts";

/** Addresses from `low` to `high`, both included, of one family. */
export interface AddressRange {
  readonly low: IpAddress;
  readonly high: IpAddress;
}

/** The addresses that share the first `prefixLength` bits with `address`. */
export function subnetRange(address: IpAddress, prefixLength: number): AddressRange {
  if (address.family === 4) {
    const mask = prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
    return {
      low: { family: 4, value: (address.value & mask) >>> 0 },
      high: { family: 4, value: (address.value | ~mask) >>> 0 },
    };
  }
  const low = new Uint8Array(16);
  const high = new Uint8Array(16);
  for (let index = 0; index < 16; index++) {
    const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
    const mask = (0xff << (8 - bits)) & 0xff;
    const byte = address.bytes[index] ?? 0;
    low[index] = byte & mask;
    high[index] = byte | (~mask & 0xff);
  }
  return { low: { family: 6, bytes: low }, high: { family: 6, bytes: high } };
}

/** Every address of a family. */
export function wholeRange(family: 4 | 6): AddressRange {
  return subnetRange(family === 4 ? { family: 4, value: 0 } : { family: 6, bytes: new Uint8Array(16) }, 0);
}

/** Negative, zero or positive as `a` is below, equal to or above `b`; addresses of one family. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  if (a.family === 4) return b.family === 4 ? a.value - b.value : -1;
  if (b.family === 4) return 1;
  for (let index = 0; index < 16; index++) {
    const difference = (a.bytes[index] ?? 0) - (b.bytes[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `ranges` in ascending order, without duplicates. */
export function sortedRanges(ranges: readonly AddressRange[]): AddressRange[] {
  const sorted = [...ranges].sort((a, b) => compareAddresses(a.low, b.low) || compareAddresses(a.high, b.high));
  return sorted.filter((range, index) => {
    const before = sorted[index - 1];
    return before === undefined || compareAddresses(before.low, range.low) !== 0 || compareAddresses(before.high, range.high) !== 0;
  });
}
