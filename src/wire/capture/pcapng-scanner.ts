import type { CaptureInterface } from "./capture-handler.ts";
import { type CaptureScanner, type CaptureWindow, MOST_INTERFACES, MOST_RECORD } from "./capture-scanner.ts";
import { BLOCK, BLOCK_FRAME, BYTE_ORDER_MAGIC, isResolutionUsable, PACKET_HEADER, readInterface, readNames } from "./pcapng-blocks.ts";
import type { RecordSink } from "./record-sink.ts";
import { type Moment, splitTicks, ticksPerSecond } from "./timestamp.ts";

/** An interface as packets of the section need it. */
interface Interface {
  readonly index: number;
  readonly linkType: number;
  readonly snapLength: number;
  readonly perSecond: number;
  readonly offsetSeconds: number;
}

interface Damage {
  readonly fileOffset: number;
  readonly message: string;
}

/** pcapng files (draft-ietf-opsawg-pcapng): blocks that have their length at both ends. */
export class PcapngScanner implements CaptureScanner {
  need = BLOCK_FRAME;
  readonly #sink: RecordSink;
  #littleEndian = true;
  #section = -1;
  /** Of the section, by number; undefined where the description cannot be used. */
  #interfaces: (Interface | undefined)[] = [];
  readonly #moment: Moment = { seconds: 0, nanoseconds: 0 };
  #damage: Damage | undefined;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  scan(window: CaptureWindow): number {
    const { batch } = this.#sink;
    batch.bytes = window.bytes;
    batch.view = window.view;
    batch.isPcapng = true;
    let at = window.from;
    for (;;) {
      if (this.#damage !== undefined) {
        at = this.#resynchronize(window, at, this.#damage);
        if (this.#damage !== undefined) return at;
      }
      const before = at;
      batch.littleEndian = this.#littleEndian;
      at = this.#fill(window, at);
      this.#sink.flush();
      if (at === before && this.#damage === undefined) return at;
    }
  }

  end({ view, from, to, base }: CaptureWindow): void {
    const left = to - from;
    if (this.#damage !== undefined) {
      this.#sink.problem(this.#damage.fileOffset, `${this.#damage.message}; no further block was found behind it`);
    } else if (left > 0) {
      const length = left < 8 ? BLOCK_FRAME : view.getUint32(from + 4, this.#littleEndian);
      this.#sink.problem(base + from, `the file is cut: it ends after ${left} of the ${length} bytes of a block`);
    }
  }

  /** Packets into the batch until it is full, then or at any other block returns. */
  #fill(window: CaptureWindow, from: number): number {
    const { view, to } = window;
    const { batch } = this.#sink;
    const little = this.#littleEndian;
    let at = from;
    this.need = BLOCK_FRAME;
    while (at + BLOCK_FRAME <= to && !batch.isFull) {
      const type = view.getUint32(at, little);
      if (type === BLOCK.section) return this.#sectionHeader(window, at);
      const length = view.getUint32(at + 4, little);
      if (length < BLOCK_FRAME || length > MOST_RECORD) {
        this.#damage = { fileOffset: window.base + at, message: `a block of ${length} bytes` };
        return at;
      }
      if (at + length > to) {
        this.need = length;
        return at;
      }
      if (view.getUint32(at + length - 4, little) !== length) {
        const message = `a block says at its start that it has ${length} bytes, and something else at its end`;
        this.#damage = { fileOffset: window.base + at, message };
        return at;
      }
      if (type === BLOCK.enhancedPacket) this.#enhancedPacket(view, at, length, window.base);
      else this.#otherBlock(window, type, at, length);
      at += length;
    }
    return at;
  }

  #sectionHeader(window: CaptureWindow, at: number): number {
    const { view, to, base } = window;
    const order = view.getUint32(at + 8, true);
    const little = order === BYTE_ORDER_MAGIC;
    const length = view.getUint32(at + 4, little);
    if ((!little && view.getUint32(at + 8) !== BYTE_ORDER_MAGIC) || length < 28 || length > MOST_RECORD) {
      this.#damage = { fileOffset: base + at, message: "a section header that is none" };
      return at;
    }
    if (at + length > to) {
      this.need = length;
      return at;
    }
    if (view.getUint32(at + length - 4, little) !== length) {
      this.#damage = { fileOffset: base + at, message: "a section header whose two lengths differ" };
      return at;
    }
    this.#sink.flush();
    this.#littleEndian = little;
    this.#sink.batch.littleEndian = little;
    this.#section++;
    this.#interfaces = [];
    const major = view.getUint16(at + 12, little);
    if (major !== 1) this.#sink.problem(base + at, `a section of pcapng version ${major}, known is 1; it is read as if it were that`);
    this.#raw(window, BLOCK.section, at, length);
    return at + length;
  }

  #raw({ bytes, base }: CaptureWindow, type: number, at: number, length: number): void {
    this.#sink.block({ type, bytes: bytes.subarray(at, at + length), littleEndian: this.#littleEndian, fileOffset: base + at });
  }

  #otherBlock(window: CaptureWindow, type: number, at: number, length: number): void {
    const { bytes, view, base } = window;
    const little = this.#littleEndian;
    if (type === BLOCK.simplePacket) {
      this.#simplePacket(view, at, length, base);
    } else if (type === BLOCK.packet) {
      if (length < PACKET_HEADER + 4) this.#sink.problem(base + at, `a packet block of ${length} bytes`);
      else this.#packet(view, at, length, base, view.getUint16(at + 8, little));
    } else if (type === BLOCK.interface) {
      if (length < 20) {
        this.#sink.problem(base + at, `an interface description of ${length} bytes; packets of this interface cannot be read`);
        this.#interfaces.push(undefined);
      } else this.#interface(readInterface(bytes, view, at, length, little, this.#section), base + at);
      this.#raw(window, type, at, length);
    } else {
      if (type === BLOCK.names && this.#sink.wantsNames)
        for (const names of readNames(bytes, view, at, length, little)) this.#sink.names(names);
      this.#raw(window, type, at, length);
    }
  }

  #interface(found: Omit<CaptureInterface, "index">, fileOffset: number): void {
    if (this.#sink.interfaces.length >= MOST_INTERFACES) {
      this.#sink.problem(fileOffset, `more than ${MOST_INTERFACES} interfaces; packets of this one are left out`);
      return;
    }
    const { index, linkType, snapLength, resolution, offsetSeconds } = this.#sink.interface(found);
    const isUsable = isResolutionUsable(resolution);
    if (!isUsable)
      this.#sink.problem(fileOffset, `an interface with a time resolution of ${resolution}; its times are taken for microseconds`);
    const perSecond = isUsable ? ticksPerSecond(resolution) : 1_000_000;
    this.#interfaces.push({ index, linkType, snapLength, perSecond, offsetSeconds });
  }

  #enhancedPacket(view: DataView, at: number, length: number, base: number): void {
    if (length < PACKET_HEADER + 4) this.#sink.problem(base + at, `a packet block of ${length} bytes`);
    else this.#packet(view, at, length, base, view.getUint32(at + 8, this.#littleEndian));
  }

  /** Enhanced and obsolete packet blocks differ in how they name the interface only. */
  #packet(view: DataView, at: number, length: number, base: number, id: number): void {
    const little = this.#littleEndian;
    const found = this.#interfaces[id];
    if (found === undefined) {
      this.#sink.problem(base + at, `a packet of interface ${id}, of which there is no description; it is left out`);
      return;
    }
    const captured = view.getUint32(at + 20, little);
    if (captured > length - PACKET_HEADER - 4) {
      this.#sink.problem(base + at, `a packet of ${captured} bytes in a block of ${length}; it is left out`);
      return;
    }
    splitTicks(view.getUint32(at + 12, little), view.getUint32(at + 16, little), found.perSecond, this.#moment);
    this.#moment.seconds += found.offsetSeconds;
    this.#add(found, at, base, PACKET_HEADER, captured, view.getUint32(at + 24, little));
  }

  #simplePacket(view: DataView, at: number, length: number, base: number): void {
    const first = this.#interfaces[0];
    if (first === undefined || length < 16) {
      const what = first === undefined ? "a packet without any description of its interface" : `a simple packet block of ${length} bytes`;
      this.#sink.problem(base + at, `${what}; it is left out`);
      return;
    }
    const original = view.getUint32(at + 8, this.#littleEndian);
    const limit = first.snapLength === 0 ? original : Math.min(original, first.snapLength);
    this.#add(first, at, base, 12, Math.min(limit, length - 16), original);
  }

  #add(found: Interface, at: number, base: number, header: number, captured: number, original: number): void {
    const { batch } = this.#sink;
    const count = batch.count;
    batch.offset[count] = at + header;
    batch.captured[count] = captured;
    batch.original[count] = original;
    batch.seconds[count] = this.#moment.seconds;
    batch.nanoseconds[count] = this.#moment.nanoseconds;
    batch.interfaceIndex[count] = found.index;
    batch.linkType[count] = found.linkType;
    batch.fileOffset[count] = base + at;
    batch.blockOffset[count] = at;
    batch.count = count + 1;
  }

  /** Looks for a block of a known type whose two lengths agree: 64 bits that do not come about by chance. */
  #resynchronize(window: CaptureWindow, from: number, damage: Damage): number {
    const first = window.base + from === damage.fileOffset ? from + 1 : from;
    for (let at = first; at + BLOCK_FRAME <= window.to; at++) {
      const missing = this.#isBlock(window, at);
      if (missing < 0) continue;
      if (missing > 0) {
        this.need = missing;
        return at;
      }
      const resumedAt = window.base + at;
      this.#sink.problem(damage.fileOffset, `${damage.message}; ${resumedAt - damage.fileOffset} bytes were skipped`, resumedAt);
      this.#damage = undefined;
      return at;
    }
    this.need = BLOCK_FRAME;
    return Math.max(first, window.to - BLOCK_FRAME + 1);
  }

  /** 0 if a block begins there; -1 if not; otherwise how many bytes it takes to know. */
  #isBlock({ view, to, isLast }: CaptureWindow, at: number): number {
    let little = this.#littleEndian;
    const type = view.getUint32(at, little);
    if (type === BLOCK.section) {
      little = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
      if (!little && view.getUint32(at + 8) !== BYTE_ORDER_MAGIC) return -1;
    } else if (type === 0 || type > BLOCK.enhancedPacket) return -1;
    const length = view.getUint32(at + 4, little);
    if (length < BLOCK_FRAME || length % 4 !== 0 || length > MOST_RECORD) return -1;
    if (at + length > to) return isLast ? -1 : length;
    return view.getUint32(at + length - 4, little) === length ? 0 : -1;
  }
}
