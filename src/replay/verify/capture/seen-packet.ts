/** A TCP, UDP or ICMP packet of a capture that belongs to a flow somebody asks about. */
export interface SeenPacket {
  /** As Wireshark's frame.number. */
  readonly number: number;
  /** Seconds since 1970 by the clock of the capture. */
  readonly time: number;
  /** IP protocol number. */
  readonly protocol: number;
  readonly source: string;
  readonly destination: string;
  /** Of ICMP its type and code are `icmp`, and the ports are -1. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Bits of TCP_FLAG. */
  readonly tcpFlags: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** `parameter`: bytes 4 to 7, of an echo its identifier and sequence number. */
  readonly icmp: { readonly type: number; readonly code: number; readonly parameter: number } | null;
  /** Of an ICMP error: what the packet is about, as its sender sent it. */
  readonly about: QuotedPacket | null;
}

/** The packet quoted in an ICMP error. */
export interface QuotedPacket {
  readonly protocol: number;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** The name of one direction of a flow. ICMP has no ports: -1 and -1. */
export function directionKey(protocol: number, source: string, sourcePort: number, destination: string, destinationPort: number): string {
  return `${protocol} ${source} ${sourcePort} ${destination} ${destinationPort}`;
}
