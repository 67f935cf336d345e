import { parseDatagram, parseTransport } from "../ip/packet-bytes.ts";
import type { Packet } from "../packet.ts";

const NOWHERE = { family: 4, value: 0 } as const;

/** What is in the bytes, for those who watch the network; opaque where it cannot be read. */
export function packetOf(bytes: Uint8Array): Packet {
  const { datagram } = parseDatagram(bytes);
  if (datagram === undefined) return { source: NOWHERE, destination: NOWHERE, hopLimit: 0, protocol: 0, payload: bytes };
  return parseTransport(datagram).packet;
}
