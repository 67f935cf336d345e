import type { IpAddress } from "../../model/index.ts";
import { type IcmpIpPacket, PROTOCOL } from "../packet.ts";

/** Longest IPv4 packet that carries an ICMP error, in bytes (RFC 1812 4.3.2.3); an IPv6 one fits the minimum MTU (RFC 4443 2.4 c). */
const LONGEST = { 4: 576, 6: 1280 } as const;
const HEADERS = { 4: 28, 6: 48 } as const;
const HOP_LIMIT = 128;

/** Types and codes of the errors a host sends, by IP version (RFC 792, RFC 4443). */
export const ICMP_ERROR = {
  protocolUnreachable: { 4: { type: 3, code: 2 }, 6: { type: 4, code: 1 } },
  portUnreachable: { 4: { type: 3, code: 3 }, 6: { type: 1, code: 4 } },
  noRoute: { 4: { type: 3, code: 0 }, 6: { type: 1, code: 0 } },
  packetTooBig: { 4: { type: 3, code: 4 }, 6: { type: 2, code: 0 } },
  hopLimitExceeded: { 4: { type: 11, code: 0 }, 6: { type: 3, code: 0 } },
  reassemblyTimeExceeded: { 4: { type: 11, code: 1 }, 6: { type: 3, code: 1 } },
} as const;

export type IcmpErrorName = keyof typeof ICMP_ERROR;

const ICMP_ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
const ICMPV6_ERRORS: ReadonlySet<number> = new Set([1, 2, 3, 4]);

/** Whether an ICMP message of this type reports an error; all others are messages of their own (WFP-SHIMS 4.4.1). */
export function isIcmpError(protocol: number, type: number): boolean {
  return (protocol === PROTOCOL.ICMP ? ICMP_ERRORS : ICMPV6_ERRORS).has(type);
}

interface ErrorAbout {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** The packet that the error is about, from its IP header on. */
  readonly quoted: Uint8Array;
}

/** The ICMP error `name` about a packet. `parameter` is bytes 4 to 7 of the message. */
export function icmpError(name: IcmpErrorName, { source, destination, quoted }: ErrorAbout, parameter = 0): IcmpIpPacket {
  const { family } = source;
  return {
    source,
    destination,
    hopLimit: HOP_LIMIT,
    protocol: family === 4 ? PROTOCOL.ICMP : PROTOCOL.ICMPV6,
    message: { ...ICMP_ERROR[name][family], parameter, body: quoted.subarray(0, LONGEST[family] - HEADERS[family]) },
  };
}

/** Fragmentation Needed with the next hop's MTU (RFC 1191 4) or Packet Too Big (RFC 4443 3.2). */
export function packetTooBig(about: ErrorAbout & { readonly mtu: number }): IcmpIpPacket {
  return icmpError("packetTooBig", about, about.mtu);
}
