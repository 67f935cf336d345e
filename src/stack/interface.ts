import { type IpAddress, isLoopback, type Profile, parseAddress, sameAddress } from "../model/index.ts";

/** IANA ifType values of interest. */
export const IF_TYPE = { ethernet: 6, loopback: 24, tunnel: 131 } as const;

/** An address of an interface and the length of its subnet's prefix in bits. */
export interface InterfaceAddress {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** INTERFACE_QUARANTINE_EPOCH by IP version. */
export interface QuarantineEpoch {
  readonly 4: bigint;
  readonly 6: bigint;
}

/** A network interface as filtering sees it. */
export interface NetworkInterface {
  readonly alias: string;
  readonly index: number;
  readonly luid: bigint;
  /** IANA ifType. */
  readonly type: number;
  /** TUNNEL_TYPE; 0 for what is no tunnel. */
  readonly tunnelType: number;
  /** Category of the network it is connected to; changes with the network. */
  profile: Profile;
  /**
   * Bumped by every network change; the firewall's quarantine lasts until it has filters for the present one. Real policies show that
   * each IP version has its own.
   */
  quarantineEpoch: QuarantineEpoch;
  readonly addresses: readonly InterfaceAddress[];
}

/** NET_LUID: interface type in the upper 16 bits, then 24 bits of index (ifdef.h). */
function luidOf(type: number, index: number): bigint {
  return (BigInt(type) << 48n) | (BigInt(index) << 24n);
}

/** The IANA ifType in a NET_LUID. */
export function typeOfLuid(luid: bigint): number {
  return Number(luid >> 48n);
}

/** An Ethernet interface with `addresses`, each as `address/prefix length`; another type where the LUID says so. */
export function ethernet(options: {
  readonly index: number;
  readonly addresses: readonly string[];
  readonly profile?: Profile;
  readonly alias?: string;
  readonly luid?: bigint;
  readonly quarantineEpoch?: QuarantineEpoch;
}): NetworkInterface {
  const {
    index,
    profile = "public",
    alias = "Ethernet",
    quarantineEpoch = { 4: 1n, 6: 1n },
    luid = luidOf(IF_TYPE.ethernet, 0x8000 + index),
  } = options;
  const addresses = options.addresses.map((text) => {
    const [address = "", prefix] = text.split("/");
    const parsed = parseAddress(address);
    return { address: parsed, prefixLength: prefix === undefined ? (parsed.family === 4 ? 32 : 128) : Number(prefix) };
  });
  return { alias, index, luid, type: typeOfLuid(luid), tunnelType: 0, profile, quarantineEpoch, addresses };
}

/** The loopback pseudo-interface every host has. Windows gives it no network category. */
export function loopbackInterface(): NetworkInterface {
  return {
    alias: "Loopback Pseudo-Interface 1",
    index: 1,
    luid: luidOf(IF_TYPE.loopback, 0),
    type: IF_TYPE.loopback,
    tunnelType: 0,
    profile: "none",
    quarantineEpoch: { 4: 0n, 6: 0n },
    addresses: [
      { address: parseAddress("127.0.0.1"), prefixLength: 8 },
      { address: parseAddress("::1"), prefixLength: 128 },
    ],
  };
}

/** Whether the interface has the address; all of 127.0.0.0/8 is the loopback interface's. */
export function hasAddress(networkInterface: NetworkInterface, address: IpAddress): boolean {
  if (networkInterface.type === IF_TYPE.loopback && isLoopback(address)) return true;
  return networkInterface.addresses.some((own) => sameAddress(own.address, address));
}

/** Whether the address lies in one of the interface's subnets. */
export function isOnLink(networkInterface: NetworkInterface, address: IpAddress): boolean {
  return networkInterface.addresses.some((own) => own.address.family === address.family && sharesPrefix(own, address));
}

function sharesPrefix({ address, prefixLength }: InterfaceAddress, other: IpAddress): boolean {
  const a = bytesOf(address);
  const b = bytesOf(other);
  for (let bit = 0; bit < prefixLength; bit += 8) {
    const mask = prefixLength - bit >= 8 ? 0xff : (0xff << (8 - (prefixLength - bit))) & 0xff;
    if ((((a[bit >> 3] ?? 0) ^ (b[bit >> 3] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}

function bytesOf(address: IpAddress): Uint8Array {
  if (address.family === 6) return address.bytes;
  const { value } = address;
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
