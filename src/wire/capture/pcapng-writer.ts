import { WireError } from "../wire-error.ts";
import { BlockOutput } from "./block-output.ts";
import type { NameRecord } from "./capture-handler.ts";
import { BLOCK, BYTE_ORDER_MAGIC } from "./pcapng-blocks.ts";
import { OPTION } from "./pcapng-options.ts";
import { joinTicks, type TickWords } from "./timestamp.ts";

/** Options of section headers, interfaces and packets (draft-ietf-opsawg-pcapng 4.1, 4.2, 4.3). */
const SECTION = { hardware: 2, os: 3, application: 4 } as const;
const INTERFACE = { name: 2, description: 3, resolution: 9 } as const;
const PACKET = { flags: 2 } as const;

const DIRECTION = { inbound: 1, outbound: 2 } as const;

export interface SectionOptions {
  readonly application?: string;
  readonly os?: string;
  readonly hardware?: string;
  readonly comment?: string;
  /** Byte order of the file; the usual one if left out. */
  readonly littleEndian?: boolean;
}

export interface NewInterface {
  readonly linkType: number;
  readonly name?: string;
  readonly description?: string;
  /** 0: not limited. */
  readonly snapLength?: number;
  /** Timestamps in microseconds (6) or nanoseconds (9, if left out). */
  readonly resolution?: 6 | 9;
}

export interface NewPacket {
  /** As {@link PcapngWriter.addInterface} gave it. */
  readonly interfaceIndex: number;
  /** Since 1970-01-01 UTC, below 2^34. */
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly data: Uint8Array;
  /** Where the packet was longer than its data. */
  readonly originalLength?: number;
  readonly comments?: readonly string[];
  readonly direction?: "inbound" | "outbound";
}

/** Writes a pcapng file of one section. What it emits is reused as soon as `emit` returns; `flush` when done. */
export class PcapngWriter {
  readonly #output: BlockOutput;
  readonly #resolutions: (6 | 9)[] = [];
  readonly #ticks: TickWords = { high: 0, low: 0 };

  constructor(emit: (bytes: Uint8Array) => void, options: SectionOptions = {}) {
    this.#output = new BlockOutput(emit);
    this.#output.littleEndian = options.littleEndian ?? true;
    this.#sectionHeader(options);
  }

  /** Index of the interface for packets. */
  addInterface({ linkType, name, description, snapLength = 0, resolution = 9 }: NewInterface): number {
    const output = this.#output;
    output.begin(BLOCK.interface);
    output.uint16(linkType);
    output.uint16(0);
    output.uint32(snapLength);
    output.textOption(INTERFACE.name, name);
    output.textOption(INTERFACE.description, description);
    output.option(INTERFACE.resolution, Uint8Array.of(resolution));
    output.endOfOptions();
    output.end();
    return this.#resolutions.push(resolution) - 1;
  }

  /** @throws WireError for an interface that was not added. */
  packet({ interfaceIndex, seconds, nanoseconds, data, originalLength = data.length, comments = [], direction }: NewPacket): void {
    const resolution = this.#resolutions[interfaceIndex];
    if (resolution === undefined) throw new WireError(`there is no interface ${interfaceIndex}`, 8);
    const output = this.#output;
    joinTicks(seconds, nanoseconds, resolution, this.#ticks);
    output.begin(BLOCK.enhancedPacket);
    output.uint32(interfaceIndex);
    output.uint32(this.#ticks.high);
    output.uint32(this.#ticks.low);
    output.uint32(data.length);
    output.uint32(originalLength);
    output.paddedBytes(data);
    for (const comment of comments) output.textOption(OPTION.comment, comment);
    if (direction !== undefined) {
      output.uint16(PACKET.flags);
      output.uint16(4);
      output.uint32(DIRECTION[direction]);
    }
    if (comments.length > 0 || direction !== undefined) output.endOfOptions();
    output.end();
  }

  names(records: readonly NameRecord[]): void {
    const output = this.#output;
    output.begin(BLOCK.names);
    for (const { address, names } of records) {
      const text = new TextEncoder().encode(names.map((name) => `${name}\0`).join(""));
      output.uint16(address.length === 4 ? 1 : 2);
      output.uint16(address.length + text.length);
      const value = new Uint8Array(address.length + text.length);
      value.set(address);
      value.set(text, address.length);
      output.paddedBytes(value);
    }
    output.endOfOptions();
    output.end();
  }

  flush(): void {
    this.#output.flush();
  }

  #sectionHeader({ application, os, hardware, comment }: SectionOptions): void {
    const output = this.#output;
    output.begin(BLOCK.section);
    output.uint32(BYTE_ORDER_MAGIC);
    output.uint16(1);
    output.uint16(0);
    // The length of the section is not known in advance: -1.
    output.uint32(0xffff_ffff);
    output.uint32(0xffff_ffff);
    output.textOption(OPTION.comment, comment);
    output.textOption(SECTION.hardware, hardware);
    output.textOption(SECTION.os, os);
    output.textOption(SECTION.application, application);
    output.endOfOptions();
    output.end();
  }
}
