import {
  emitIcmp,
  emitIcmpv6,
  emitIpv4Packet,
  emitIpv6Packet,
  emitTcpPacket,
  emitUdpPacket,
  type PseudoHeader,
  type TcpOption,
} from "../../../src/wire/index.ts";
import { hex } from "../bytes.ts";
import { concat } from "./captures.ts";

export const V4 = { source: 0x0a000005, destination: 0xcb007109 };
export const V6 = { source: hex("20010db8 00000000 00000000 00000005"), destination: hex("20010db8 00000000 00000000 000000ff") };
export const PSEUDO4: PseudoHeader = { family: 4, ...V4 };
export const PSEUDO6: PseudoHeader = { family: 6, ...V6 };

const NO_FLAGS = { fin: false, syn: false, rst: false, psh: false, ack: false, urg: false, ece: false, cwr: false };
export const PAYLOAD = new TextEncoder().encode("payload");

export function tcp(pseudo: PseudoHeader = PSEUDO4, options: readonly TcpOption[] = [], payload: Uint8Array = PAYLOAD): Uint8Array {
  return emitTcpPacket(
    {
      sourcePort: 51_000,
      destinationPort: 443,
      sequence: 0xfffffff0,
      acknowledgment: 0x80000001,
      flags: { ...NO_FLAGS, syn: true, ack: true },
      window: 64_240,
      urgentPointer: 0,
      options,
      payload,
    },
    pseudo,
  );
}

export function udp(pseudo: PseudoHeader = PSEUDO4, sourcePort = 5353, destinationPort = 53, payload: Uint8Array = PAYLOAD): Uint8Array {
  return emitUdpPacket({ sourcePort, destinationPort, payload }, pseudo);
}

export function ipv4(protocol: number, payload: Uint8Array, setting: Partial<Parameters<typeof emitIpv4Packet>[0]> = {}): Uint8Array {
  return emitIpv4Packet({
    dscp: 0,
    ecn: 0,
    identification: 0x1234,
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    timeToLive: 64,
    options: new Uint8Array(0),
    ...V4,
    protocol,
    payload,
    ...setting,
  });
}

export function ipv6(nextHeader: number, payload: Uint8Array): Uint8Array {
  return emitIpv6Packet({ trafficClass: 0x2e, flowLabel: 1, nextHeader, hopLimit: 61, ...V6, payload });
}

export function echo(): Uint8Array {
  return emitIcmp({ type: 8, code: 0, parameter: 0x00420007, body: PAYLOAD });
}

export function echo6(): Uint8Array {
  return emitIcmpv6({ type: 128, code: 0, parameter: 0x00420007, body: PAYLOAD }, PSEUDO6);
}

export function ethernet(etherType: number, payload: Uint8Array, tags: readonly (readonly [number, number])[] = []): Uint8Array {
  const types = [...tags.map(([type]) => type), etherType];
  const pairs = types.map((type, index) => {
    const tag = index === 0 ? [] : [(tags[index - 1]?.[1] ?? 0) >>> 8, (tags[index - 1]?.[1] ?? 0) & 0xff];
    return Uint8Array.of(...tag, type >>> 8, type & 0xff);
  });
  return concat(hex("020000000002 020000000001"), ...pairs, payload);
}
