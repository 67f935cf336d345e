import type { PacketBatch } from "./packet-batch.ts";

/** Something in a capture that cannot be. Whatever else could be read has been or will be delivered. */
export interface CaptureProblem {
  /** Where in the (unpacked) file, in bytes. */
  readonly fileOffset: number;
  readonly message: string;
  /** Packets read before it. */
  readonly packetNumber: number;
  /** Where reading went on, if that is not right behind; undefined where it ended. */
  readonly resumedAt: number | undefined;
}

/** An interface of a capture: an interface description block, or the one that the header of a pcap file implies. */
export interface CaptureInterface {
  /** Counts from 0 over all sections. */
  readonly index: number;
  /** Counts from 0; pcap files have one. */
  readonly section: number;
  /** LINKTYPE_* value (tcpdump.org/linktypes.html). */
  readonly linkType: number;
  /** 0: not limited. */
  readonly snapLength: number;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly comments: readonly string[];
  /** Resolution of the timestamps as `if_tsresol` has it: the power of 10, or with bit 7 set the power of 2. */
  readonly resolution: number;
  /** Seconds to be added to the timestamps (`if_tsoffset`); packets are delivered with it added. */
  readonly offsetSeconds: number;
}

/** Names that the capturing program resolved an address to. */
export interface NameRecord {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly names: readonly string[];
}

/** A block of a pcapng file that is not a packet, as it lies in the file. Valid during the call only. */
export interface CaptureBlock {
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  readonly fileOffset: number;
}

/** What a {@link CaptureReader} finds, in the order of the file. */
export interface CaptureHandler {
  /** At least one packet; valid during the call only. */
  packets(batch: PacketBatch): void;
  problem(problem: CaptureProblem): void;
  interface?(added: CaptureInterface): void;
  names?(record: NameRecord): void;
  block?(block: CaptureBlock): void;
}
