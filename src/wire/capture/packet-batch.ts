/** Large enough to make the call per batch free, small enough for the arrays to stay in the second-level cache. */
const CAPACITY = 1024;

/**
 * Packets as a reader hands them out: one array per property, reused, so that a packet costs no allocation. Offsets count from the start
 * of `bytes` and of `view`, which are the same memory.
 */
export class PacketBatch {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  count = 0;
  /** Number of packet 0 of the batch; the first of a file is 1, as in Wireshark's frame.number. */
  firstNumber = 1;
  /** Byte order of the records, and whether they are blocks of pcapng: what is read on demand depends on it. */
  littleEndian = true;
  isPcapng = false;
  /** Of the frame. */
  readonly offset = new Uint32Array(CAPACITY);
  /** Bytes of the frame that are in the file. */
  readonly captured = new Uint32Array(CAPACITY);
  /** Bytes that the frame had, as the file says; captures exist that say nonsense here. */
  readonly original = new Uint32Array(CAPACITY);
  /** Since 1970-01-01 UTC. Packets without a time (simple packet blocks) have that of the packet before. */
  readonly seconds = new Float64Array(CAPACITY);
  readonly nanoseconds = new Uint32Array(CAPACITY);
  /** Into {@link CaptureReader.interfaces}. */
  readonly interfaceIndex = new Uint32Array(CAPACITY);
  readonly linkType = new Uint16Array(CAPACITY);
  /** Of the packet's record in the file. */
  readonly fileOffset = new Float64Array(CAPACITY);
  /** Of the packet's record in `bytes`. */
  readonly blockOffset = new Uint32Array(CAPACITY);

  get isFull(): boolean {
    return this.count === CAPACITY;
  }
}
