import { type CaptureScanner, type CaptureWindow, MOST_RECORD } from "./capture-scanner.ts";
import type { RecordSink } from "./record-sink.ts";

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** The longest packet that libpcap and Wireshark take where the file does not say more. */
const USUAL_LIMIT = 262_144;
/** How many records in a row must be plausible for the first of them to be believed after damage. */
const CHAIN = 3;
/** A packet after damage is not from another day. */
const DAY = 86_400;

/** Byte order and unit of a pcap file, from its first four bytes read as big-endian; undefined if it is none. */
export function pcapMagic(magic: number): { readonly littleEndian: boolean; readonly resolution: 6 | 9 } | undefined {
  switch (magic) {
    case 0xa1b2c3d4:
      return { littleEndian: false, resolution: 6 };
    case 0xd4c3b2a1:
      return { littleEndian: true, resolution: 6 };
    case 0xa1b23c4d:
      return { littleEndian: false, resolution: 9 };
    case 0x4d3cb2a1:
      return { littleEndian: true, resolution: 9 };
    default:
      return undefined;
  }
}

/** Classic capture files (draft-ietf-opsawg-pcap): a header of 24 bytes, then records of 16 bytes and a frame each. */
export class PcapScanner implements CaptureScanner {
  need = FILE_HEADER;
  readonly #sink: RecordSink;
  readonly #littleEndian: boolean;
  readonly #resolution: 6 | 9;
  #isHeaderRead = false;
  #linkType = 0;
  #limit = USUAL_LIMIT;
  #lastSeconds: number | undefined;
  /** Set while looking for the next record after damage: where and what it was. */
  #damage: { readonly fileOffset: number; readonly message: string } | undefined;

  constructor(sink: RecordSink, { littleEndian, resolution }: { readonly littleEndian: boolean; readonly resolution: 6 | 9 }) {
    this.#sink = sink;
    this.#littleEndian = littleEndian;
    this.#resolution = resolution;
  }

  scan(window: CaptureWindow): number {
    const { batch } = this.#sink;
    batch.bytes = window.bytes;
    batch.view = window.view;
    batch.littleEndian = this.#littleEndian;
    batch.isPcapng = false;
    let at = window.from;
    if (!this.#isHeaderRead) {
      if (window.to - at < FILE_HEADER) return at;
      this.#readHeader(window.view, at);
      at += FILE_HEADER;
    }
    for (;;) {
      if (this.#damage !== undefined) {
        at = this.#resynchronize(window, at, this.#damage);
        if (this.#damage !== undefined) return at;
      }
      at = this.#fill(window.view, at, window.to, window.base);
      const isFull = batch.isFull;
      this.#sink.flush();
      if (!isFull && this.#damage === undefined) return at;
    }
  }

  end({ view, from, to, base }: CaptureWindow): void {
    const left = to - from;
    if (!this.#isHeaderRead) {
      this.#sink.problem(base + from, `the file ends after ${left} of the ${FILE_HEADER} bytes of its header`);
      return;
    }
    if (this.#damage !== undefined) {
      this.#sink.problem(this.#damage.fileOffset, `${this.#damage.message}; no further packet was found behind it`);
      return;
    }
    if (left === 0) return;
    const whole = left < RECORD_HEADER ? RECORD_HEADER : RECORD_HEADER + view.getUint32(from + 8, this.#littleEndian);
    this.#sink.problem(base + from, `the file is cut: it ends after ${left} of the ${whole} bytes of a packet record`);
  }

  #readHeader(view: DataView, at: number): void {
    const snapLength = view.getUint32(at + 16, this.#littleEndian);
    // The upper half has the length of the frame check sequence and reserved bits.
    this.#linkType = view.getUint32(at + 20, this.#littleEndian) & 0xffff;
    if (snapLength > USUAL_LIMIT && snapLength <= MOST_RECORD) this.#limit = snapLength;
    this.#isHeaderRead = true;
    this.need = RECORD_HEADER;
    this.#sink.interface({
      section: 0,
      linkType: this.#linkType,
      snapLength,
      name: undefined,
      description: undefined,
      comments: [],
      resolution: this.#resolution,
      offsetSeconds: 0,
    });
  }

  /** Fills the batch; called per batch so that the compiler sees a short loop often instead of a long one once. */
  #fill(view: DataView, from: number, to: number, base: number): number {
    const { batch } = this.#sink;
    const { offset, captured, original, seconds, nanoseconds, interfaceIndex, linkType, fileOffset, blockOffset } = batch;
    const little = this.#littleEndian;
    const limit = this.#limit;
    const link = this.#linkType;
    const unit = this.#resolution === 9 ? 1 : 1000;
    const capacity = offset.length;
    let count = 0;
    let at = from;
    this.need = RECORD_HEADER;
    while (count < capacity && at + RECORD_HEADER <= to) {
      const length = view.getUint32(at + 8, little);
      if (length > limit) {
        const message = `a packet record of ${length} bytes, at most ${limit} are possible`;
        this.#damage = { fileOffset: base + at, message };
        break;
      }
      const next = at + RECORD_HEADER + length;
      if (next > to) {
        this.need = RECORD_HEADER + length;
        break;
      }
      let second = view.getUint32(at, little);
      let fraction = view.getUint32(at + 4, little) * unit;
      if (fraction >= 1e9) {
        second += Math.floor(fraction / 1e9);
        fraction %= 1e9;
      }
      offset[count] = at + RECORD_HEADER;
      captured[count] = length;
      original[count] = view.getUint32(at + 12, little);
      seconds[count] = second;
      nanoseconds[count] = fraction;
      interfaceIndex[count] = 0;
      linkType[count] = link;
      fileOffset[count] = base + at;
      blockOffset[count] = at;
      count++;
      at = next;
    }
    if (count > 0) this.#lastSeconds = seconds[count - 1];
    batch.count = count;
    return at;
  }

  /** Looks for a place from where on records follow each other. */
  #resynchronize(window: CaptureWindow, from: number, damage: { readonly fileOffset: number; readonly message: string }): number {
    // The record that was found damaged is not tried again.
    const first = window.base + from === damage.fileOffset ? from + 1 : from;
    for (let at = first; at + RECORD_HEADER <= window.to; at++) {
      const missing = this.#isChain(window, at);
      if (missing === 0) {
        const resumedAt = window.base + at;
        this.#sink.problem(damage.fileOffset, `${damage.message}; ${resumedAt - damage.fileOffset} bytes were skipped`, resumedAt);
        this.#damage = undefined;
        return at;
      }
      if (missing > 0) {
        this.need = missing;
        return at;
      }
    }
    this.need = RECORD_HEADER;
    return Math.max(first, window.to - RECORD_HEADER + 1);
  }

  /** 0 if records follow each other from `from` on; -1 if not; otherwise how many bytes it takes to know. */
  #isChain({ view, to, isLast }: CaptureWindow, from: number): number {
    let at = from;
    for (let link = 0; link < CHAIN; link++) {
      if (isLast && at === to && link > 0) return 0;
      if (at + RECORD_HEADER > to) return isLast ? -1 : at + RECORD_HEADER - from;
      if (!this.#isPlausible(view, at)) return -1;
      at += RECORD_HEADER + view.getUint32(at + 8, this.#littleEndian);
    }
    return isLast && at > to ? -1 : 0;
  }

  #isPlausible(view: DataView, at: number): boolean {
    const little = this.#littleEndian;
    const length = view.getUint32(at + 8, little);
    const original = view.getUint32(at + 12, little);
    if (length === 0 || length > this.#limit || original < length || original > MOST_RECORD) return false;
    if (view.getUint32(at + 4, little) >= 10 ** this.#resolution) return false;
    return this.#lastSeconds === undefined || Math.abs(view.getUint32(at, little) - this.#lastSeconds) < DAY;
  }
}
