import { formatEndpoint, type IpAddress } from "../../model/index.ts";
import type { Packet } from "../packet.ts";

interface Direction {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Where the sequence numbers of each direction of each connection start, as SYNs told: texts count from there, as packetdrill does. */
export class SequenceOrigins {
  readonly #origins = new Map<string, number>();

  see(packet: Packet): void {
    if (!("segment" in packet) || !packet.segment.flags.syn) return;
    this.#origins.set(keyOf({ ...packet, ...packet.segment }), packet.segment.sequence);
  }

  /** undefined where no SYN was seen. */
  of(direction: Direction): number | undefined {
    return this.#origins.get(keyOf(direction));
  }

  /** Of the opposite direction. */
  ofPeer({ source, destination, sourcePort, destinationPort }: Direction): number | undefined {
    return this.of({ source: destination, destination: source, sourcePort: destinationPort, destinationPort: sourcePort });
  }
}

function keyOf({ source, destination, sourcePort, destinationPort }: Direction): string {
  return `${formatEndpoint(source, sourcePort)} ${formatEndpoint(destination, destinationPort)}`;
}
