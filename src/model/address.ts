import { InputError } from "./errors.ts";

/** An IP address: IPv4 as a UINT32 in host order, IPv6 as 16 bytes in network order. */
export type IpAddress = { readonly family: 4; readonly value: number } | { readonly family: 6; readonly bytes: Uint8Array };

/** NL_ADDRESS_TYPE, the value of the *_ADDRESS_TYPE fields. */
export const ADDRESS_TYPE = { unspecified: 0, unicast: 1, anycast: 2, multicast: 3, broadcast: 4 } as const;

export type AddressType = keyof typeof ADDRESS_TYPE;

/** The IPv4 address in `text` as a UINT32 in host order; undefined if it is none. */
export function parseIpv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let value = 0;
  for (let part = 1; part <= 4; part++) {
    const octet = Number(match[part]);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

/** The IPv6 address in `text` (RFC 4291 2.2, embedded IPv4 allowed, no zone) as 16 bytes; undefined if it is none. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const words = (part: string | undefined): number[] | undefined => {
    if (part === undefined || part === "") return [];
    const list: number[] = [];
    const groups = part.split(":");
    for (const [index, group] of groups.entries()) {
      if (index === groups.length - 1 && group.includes(".")) {
        const v4 = parseIpv4(group);
        if (v4 === undefined) return undefined;
        list.push(v4 >>> 16, v4 & 0xffff);
      } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
        list.push(Number.parseInt(group, 16));
      } else return undefined;
    }
    return list;
  };
  const head = words(halves[0]);
  const tail = words(halves[1]);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail];
  const bytes = new Uint8Array(16);
  for (const [index, word] of all.entries()) {
    bytes[index * 2] = word >>> 8;
    bytes[index * 2 + 1] = word & 0xff;
  }
  return bytes;
}

/** Dotted decimal of a UINT32 in host order. */
export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** RFC 5952 text of 16 bytes in network order. */
export function formatIpv6(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const words = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2));
  if (words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff) return `::ffff:${formatIpv4(view.getUint32(12))}`;
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (list: number[]) => list.map((word) => word.toString(16)).join(":");
  if (best.start < 0) return hex(words);
  return `${hex(words.slice(0, best.start))}::${hex(words.slice(best.start + best.length))}`;
}

/** @throws InputError if `text` is neither an IPv4 nor an IPv6 address. */
export function parseAddress(text: string): IpAddress {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return { family: 4, value: v4 };
  const v6 = parseIpv6(text);
  if (v6 !== undefined) return { family: 6, bytes: v6 };
  throw new InputError(`"${text}" is not an IP address`);
}

export function formatAddress(address: IpAddress): string {
  return address.family === 4 ? formatIpv4(address.value) : formatIpv6(address.bytes);
}

/** `10.0.0.5:445` or `[fe80::1]:445`. */
export function formatEndpoint(address: IpAddress, port: number): string {
  return address.family === 4 ? `${formatAddress(address)}:${port}` : `[${formatAddress(address)}]:${port}`;
}

export function sameAddress(a: IpAddress, b: IpAddress): boolean {
  if (a.family === 4) return b.family === 4 && a.value === b.value;
  return b.family === 6 && a.bytes.every((byte, index) => byte === b.bytes[index]);
}

export function isUnspecified(address: IpAddress): boolean {
  return address.family === 4 ? address.value === 0 : address.bytes.every((byte) => byte === 0);
}

export function isLoopback(address: IpAddress): boolean {
  if (address.family === 4) return address.value >>> 24 === 127;
  return address.bytes[15] === 1 && address.bytes.subarray(0, 15).every((byte) => byte === 0);
}

/** Address type by its own bits; the directed broadcast of a subnet is known only to the interface. */
export function addressTypeOf(address: IpAddress): AddressType {
  if (isUnspecified(address)) return "unspecified";
  if (address.family === 4) {
    if (address.value === 0xffffffff) return "broadcast";
    return address.value >>> 28 === 0xe ? "multicast" : "unicast";
  }
  return address.bytes[0] === 0xff ? "multicast" : "unicast";
}
