import type { CaptureHandler, CaptureInterface } from "./capture-handler.ts";
import type { CaptureScanner, CaptureWindow } from "./capture-scanner.ts";
import { notACapture } from "./not-a-capture.ts";
import { PcapScanner, pcapMagic } from "./pcap-scanner.ts";
import { BLOCK } from "./pcapng-blocks.ts";
import { PcapngScanner } from "./pcapng-scanner.ts";
import { RecordSink } from "./record-sink.ts";

/** Bytes to push at once: large enough for the calls not to count, small enough for the second-level cache. */
export const CAPTURE_CHUNK = 1 << 18;

const MAGIC = 8;

/**
 * Reads capture files, pcap and pcapng, as their bytes come: `push` chunks of any size, then `end`. Nothing is thrown for bytes that are
 * not what they should be; they are a problem for the handler. Memory is constant: a chunk is read where it lies, and only a record that
 * continues in the next one is copied.
 */
export class CaptureReader {
  readonly #sink: RecordSink;
  #scanner: CaptureScanner | undefined;
  #format: "pcap" | "pcapng" | undefined;
  #isNothing = false;
  #carry = new Uint8Array(1 << 12);
  #carryView: DataView = new DataView(this.#carry.buffer);
  #carryLength = 0;
  /** Bytes of the file before the chunk at hand. */
  #before = 0;
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(handler: CaptureHandler) {
    this.#sink = new RecordSink(handler);
  }

  /** Undefined until the first bytes came, and for what is no capture. */
  get format(): "pcap" | "pcapng" | undefined {
    return this.#format;
  }

  /** Packets delivered. */
  get packetCount(): number {
    return this.#sink.packetCount;
  }

  /** Of all sections so far. */
  get interfaces(): readonly CaptureInterface[] {
    return this.#sink.interfaces;
  }

  /** The next bytes of the file; they may be reused when this returns. */
  push(chunk: Uint8Array): void {
    if (this.#isNothing) return;
    let at = 0;
    while (this.#carryLength > 0) {
      const missing = Math.max(this.#need - this.#carryLength, 0);
      // At least doubled: after damage a scanner may look at one place after another, and what is left is moved to the front each time.
      const take = Math.min(missing > 0 ? Math.max(missing, this.#carryLength) : 0, chunk.length - at);
      this.#append(chunk.subarray(at, at + take));
      at += take;
      if (this.#carryLength < this.#need) {
        this.#before += chunk.length;
        return;
      }
      const done = this.#scan(this.#carry, this.#carryView, this.#carryLength, this.#before + at - this.#carryLength, false);
      const rest = this.#carryLength - done;
      if (rest <= at) {
        // What is left came with this chunk: go on where it lies.
        this.#carryLength = 0;
        at -= rest;
      } else {
        this.#carry.copyWithin(0, done, this.#carryLength);
        this.#carryLength = rest;
      }
    }
    const done = at + this.#scan(chunk.subarray(at), this.#viewOf(chunk.subarray(at)), chunk.length - at, this.#before + at, false);
    if (done < chunk.length) this.#append(chunk.subarray(done));
    this.#before += chunk.length;
  }

  /** No more bytes follow. */
  end(): void {
    if (this.#isNothing) return;
    const base = this.#before - this.#carryLength;
    if (this.#scanner === undefined) {
      this.#sink.problem(0, notACapture(this.#carry.subarray(0, this.#carryLength)));
      return;
    }
    const from = this.#scan(this.#carry, this.#carryView, this.#carryLength, base, true);
    this.#scanner.end({ bytes: this.#carry, view: this.#carryView, from, to: this.#carryLength, base, isLast: true });
    this.#carryLength = 0;
  }

  get #need(): number {
    return this.#scanner?.need ?? MAGIC;
  }

  #viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
    if (this.#view.buffer !== buffer || this.#view.byteOffset !== byteOffset || this.#view.byteLength !== byteLength) {
      this.#view = new DataView(buffer, byteOffset, byteLength);
    }
    return this.#view;
  }

  #append(bytes: Uint8Array): void {
    const length = this.#carryLength + bytes.length;
    if (length > this.#carry.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(length)));
      larger.set(this.#carry.subarray(0, this.#carryLength));
      this.#carry = larger;
      this.#carryView = new DataView(larger.buffer);
    }
    this.#carry.set(bytes, this.#carryLength);
    this.#carryLength = length;
  }

  #scan(bytes: Uint8Array, view: DataView, to: number, base: number, isLast: boolean): number {
    if (this.#isNothing) return to;
    if (this.#scanner === undefined) {
      if (to < MAGIC) return 0;
      this.#scanner = this.#scannerFor(view.getUint32(0));
      if (this.#scanner === undefined) {
        this.#isNothing = true;
        this.#sink.problem(0, notACapture(bytes.subarray(0, to)));
        return to;
      }
    }
    const window: CaptureWindow = { bytes, view, from: 0, to, base, isLast };
    return this.#scanner.scan(window);
  }

  #scannerFor(magic: number): CaptureScanner | undefined {
    const pcap = pcapMagic(magic);
    if (pcap !== undefined) {
      this.#format = "pcap";
      return new PcapScanner(this.#sink, pcap);
    }
    if (magic !== BLOCK.section) return undefined;
    this.#format = "pcapng";
    return new PcapngScanner(this.#sink);
  }
}
