import { BlockOutput } from "./block-output.ts";
import type { CaptureBlock, CaptureInterface } from "./capture-handler.ts";
import type { PacketBatch } from "./packet-batch.ts";
import { BLOCK, PACKET_HEADER } from "./pcapng-blocks.ts";
import { endOfOptions, OPTION, padded } from "./pcapng-options.ts";
import { PcapngWriter } from "./pcapng-writer.ts";

const SECTION_LENGTH = 16;

/**
 * Writes what a {@link CaptureReader} reads, with comments added to packets. Blocks of pcapng are copied as they are, options, names,
 * statistics and timestamps of any resolution included; pcap becomes pcapng with the same resolution. Damaged blocks are left out.
 */
export class CaptureCopy {
  readonly #emit: (bytes: Uint8Array) => void;
  readonly #output: BlockOutput;
  readonly #application: string;
  #isPcapng = false;
  #writer: PcapngWriter | undefined;

  /** @param application what a pcap file's copy says it was written by. */
  constructor(emit: (bytes: Uint8Array) => void, application: string) {
    this.#emit = emit;
    this.#application = application;
    this.#output = new BlockOutput(emit);
  }

  /** To be called for every block of the capture, in order with its packets. */
  block({ type, bytes, littleEndian }: CaptureBlock): void {
    if (type !== BLOCK.section) {
      this.#output.rawBlock(bytes);
      return;
    }
    this.#isPcapng = true;
    // Comments change the length of the section; -1 stands for "look for yourself".
    const header = bytes.slice();
    header.fill(0xff, SECTION_LENGTH, SECTION_LENGTH + 8);
    this.#output.littleEndian = littleEndian;
    this.#output.rawBlock(header);
  }

  /** To be called for every packet of the capture. */
  packet(batch: PacketBatch, index: number, comments: readonly string[]): void {
    if (batch.isPcapng) this.#packetBlock(batch, index, comments);
    else this.#packetRecord(batch, index, comments);
  }

  /** To be called for every interface of the capture. */
  interface({ linkType, snapLength, resolution }: CaptureInterface): void {
    // Those of pcapng came as blocks. The one of a pcap file comes before anything else.
    if (this.#isPcapng) return;
    this.#writer = new PcapngWriter(this.#emit, { application: this.#application });
    this.#writer.addInterface({ linkType, snapLength, resolution: resolution === 9 ? 9 : 6 });
  }

  flush(): void {
    this.#output.flush();
    this.#writer?.flush();
  }

  #packetRecord(batch: PacketBatch, index: number, comments: readonly string[]): void {
    const at = batch.offset[index] ?? 0;
    this.#writer?.packet({
      interfaceIndex: 0,
      seconds: batch.seconds[index] ?? 0,
      nanoseconds: batch.nanoseconds[index] ?? 0,
      data: batch.bytes.subarray(at, at + (batch.captured[index] ?? 0)),
      originalLength: batch.original[index] ?? 0,
      comments,
    });
  }

  #packetBlock(
    { bytes, view, blockOffset, offset, captured, original, littleEndian }: PacketBatch,
    index: number,
    comments: readonly string[],
  ): void {
    const at = blockOffset[index] ?? 0;
    const length = view.getUint32(at + 4, littleEndian);
    if (comments.length === 0) {
      this.#output.rawBlock(bytes.subarray(at, at + length));
      return;
    }
    const type = view.getUint32(at, littleEndian);
    const output = this.#output;
    const frameOffset = offset[index] ?? 0;
    const frameLength = captured[index] ?? 0;
    if (type === BLOCK.simplePacket) {
      // A simple packet block has no room for options. An enhanced one must have a time; there is none, so it is 0.
      output.begin(BLOCK.enhancedPacket);
      output.zeros(12);
      output.uint32(frameLength);
      output.uint32(original[index] ?? 0);
      output.paddedBytes(bytes.subarray(frameOffset, frameOffset + frameLength));
    } else {
      const options = Math.min(at + PACKET_HEADER + padded(frameLength), at + length - 4);
      const end = endOfOptions(view, options, at + length - 4, littleEndian);
      output.begin(type);
      output.bytes(bytes.subarray(at + 8, at + PACKET_HEADER));
      output.paddedBytes(bytes.subarray(frameOffset, frameOffset + frameLength));
      output.bytes(bytes.subarray(options, end));
    }
    for (const comment of comments) output.textOption(OPTION.comment, comment);
    output.endOfOptions();
    output.end();
  }
}
