import { type AddressType, addressTypeOf, type IpAddress, isLoopback, type Profile, parseAddress, sameAddress } from "../model/index.ts";

/** IANA ifType values of interest. */
export const IF_TYPE = { ethernet: 6, loopback: 24, tunnel: 131 } as const;

/** The link that interfaces are on where nobody names one. */
const DEFAULT_LINK = "network";

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
  addresses: readonly InterfaceAddress[];
  /** MAC address, 6 bytes. */
  readonly linkAddress: Uint8Array;
  /** Bytes of the longest IP packet. */
  readonly mtu: number;
  /** The link it is attached to; interfaces on one link reach each other. */
  readonly link: string;
  /** Routers for what is on no subnet of the interface; without one everybody on the link is reached directly. */
  readonly gateways: { readonly 4?: IpAddress; readonly 6?: IpAddress };
  /** Hands packets for others on (netsh interface ipv4 set interface forwarding=enabled). */
  forwarding: boolean;
  /** Sends packets with an address of another interface (weakhostsend). */
  weakHostSend: boolean;
  /** Accepts packets for an address of another interface (weakhostreceive). */
  weakHostReceive: boolean;
  /** Whether it is connected. */
  up: boolean;
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
  readonly tunnelType?: number;
  readonly mtu?: number;
  readonly link?: string;
  /** Addresses of the routers, at most one of each IP version. */
  readonly gateways?: readonly string[];
  readonly forwarding?: boolean;
  readonly weakHostSend?: boolean;
  readonly weakHostReceive?: boolean;
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
  const { tunnelType = 0, mtu = 1500, link = DEFAULT_LINK, forwarding = false, weakHostSend = false, weakHostReceive = false } = options;
  const gateways: { 4?: IpAddress; 6?: IpAddress } = {};
  for (const gateway of (options.gateways ?? []).map(parseAddress)) gateways[gateway.family] = gateway;
  return {
    alias,
    index,
    luid,
    type: typeOfLuid(luid),
    tunnelType,
    profile,
    quarantineEpoch,
    addresses,
    linkAddress: linkAddressOf(addresses[0]?.address),
    mtu,
    link,
    gateways,
    forwarding,
    weakHostSend,
    weakHostReceive,
    up: true,
  };
}

/** A locally administered MAC address that follows from an IP address, so that every run has the same ones. */
export function linkAddressOf(address: IpAddress | undefined): Uint8Array {
  const tail = address === undefined ? new Uint8Array(4) : bytesOf(address).subarray(-4);
  return Uint8Array.of(0x02, 0x57, ...tail);
}

/** Where frames for an address go: the group's or everybody's MAC address (RFC 1112 6.4, RFC 2464 7), else that of the neighbour. */
export function neighbourAddress(nexthop: IpAddress): Uint8Array {
  const type = addressTypeOf(nexthop);
  if (type === "broadcast") return new Uint8Array(6).fill(0xff);
  if (type !== "multicast") return linkAddressOf(nexthop);
  if (nexthop.family === 6) return Uint8Array.of(0x33, 0x33, ...nexthop.bytes.subarray(12));
  const { value } = nexthop;
  return Uint8Array.of(0x01, 0x00, 0x5e, (value >>> 16) & 0x7f, value >>> 8, value);
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
    linkAddress: new Uint8Array(6),
    // Windows says 4,294,967,295; no IP packet is longer than this.
    mtu: 65_535,
    link: "loopback",
    gateways: {},
    forwarding: false,
    weakHostSend: false,
    weakHostReceive: false,
    up: true,
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

/** Type of an address as the interface sees it: it knows the directed broadcast of its subnets (RFC 919). */
export function addressTypeOn(networkInterface: NetworkInterface, address: IpAddress): AddressType {
  return isDirectedBroadcast(networkInterface, address) ? "broadcast" : addressTypeOf(address);
}

function isDirectedBroadcast({ addresses }: NetworkInterface, address: IpAddress): boolean {
  if (address.family === 6) return false;
  return addresses.some(({ address: own, prefixLength }) => {
    if (own.family === 6 || prefixLength > 30) return false;
    const hosts = 0xffffffff >>> prefixLength;
    return (address.value & hosts) >>> 0 === hosts && (address.value & ~hosts) === (own.value & ~hosts);
  });
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

/** An address as it stands in a header. */
export function bytesOf(address: IpAddress): Uint8Array {
  if (address.family === 6) return address.bytes;
  const { value } = address;
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
