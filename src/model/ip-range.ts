import type { IpAddress } from "./address.ts";

/** Length of the prefix that covers exactly the addresses from `low` to `high`; undefined if there is none. */
export function prefixOfRange(low: IpAddress, high: IpAddress): number | undefined {
  if (low.family !== high.family) return undefined;
  const bits = low.family === 4 ? 32 : 128;
  const [first, last] = [numberOf(low), numberOf(high)];
  const size = last - first + 1n;
  if (size <= 0n || (size & (size - 1n)) !== 0n || first % size !== 0n) return undefined;
  return bits - (size.toString(2).length - 1);
}

function numberOf(address: IpAddress): bigint {
  return address.family === 4 ? BigInt(address.value) : address.bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
