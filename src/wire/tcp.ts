import { internetChecksum, onesComplementSum } from "./checksum.ts";
import { type PseudoHeader, pseudoHeaderSum } from "./pseudo-header.ts";
import { emitTcpOptions, parseTcpOptions, type TcpOption } from "./tcp-options.ts";
import { WireError } from "./wire-error.ts";

const FIXED = 20;
const PROTOCOL = 6;

/** Control bits, from the lowest (RFC 9293 3.1, RFC 3168 6.1). */
const BITS = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"] as const;

export type TcpControlBits = Readonly<Record<(typeof BITS)[number], boolean>>;

/** A TCP segment without what follows from the rest: data offset and checksum (RFC 9293 3.1). */
export interface TcpPacket {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: TcpControlBits;
  /** As it stands in the header, not scaled. */
  readonly window: number;
  readonly urgentPointer: number;
  readonly options: readonly TcpOption[];
  readonly payload: Uint8Array;
}

/** The bytes of a TCP segment, read where they lie. Once checked no accessor can fail but `options`. */
export class TcpView {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws WireError unless the header fits into the bytes. */
  static checked(bytes: Uint8Array): TcpView {
    if (bytes.length < FIXED) throw new WireError(`a TCP header has at least ${FIXED} bytes, these are ${bytes.length}`, bytes.length);
    const view = new TcpView(bytes);
    const { headerLength } = view;
    if (headerLength < FIXED || headerLength > bytes.length) {
      throw new WireError(`a TCP header of ${headerLength} bytes, there are ${bytes.length}`, 12);
    }
    return view;
  }

  get sourcePort(): number {
    return this.#view.getUint16(0);
  }

  get destinationPort(): number {
    return this.#view.getUint16(2);
  }

  get sequence(): number {
    return this.#view.getUint32(4);
  }

  get acknowledgment(): number {
    return this.#view.getUint32(8);
  }

  /** In bytes, options included. */
  get headerLength(): number {
    return (this.#view.getUint8(12) >>> 4) * 4;
  }

  get flags(): TcpControlBits {
    const bits = this.#view.getUint8(13);
    const isSet = (index: number): boolean => (bits & (1 << index)) !== 0;
    return {
      fin: isSet(0),
      syn: isSet(1),
      rst: isSet(2),
      psh: isSet(3),
      ack: isSet(4),
      urg: isSet(5),
      ece: isSet(6),
      cwr: isSet(7),
    };
  }

  get window(): number {
    return this.#view.getUint16(14);
  }

  get checksum(): number {
    return this.#view.getUint16(16);
  }

  get urgentPointer(): number {
    return this.#view.getUint16(18);
  }

  /** @throws WireError if an option does not fit. */
  get options(): readonly TcpOption[] {
    return parseTcpOptions(this.bytes.subarray(FIXED, this.headerLength));
  }

  get payload(): Uint8Array {
    return this.bytes.subarray(this.headerLength);
  }

  isChecksumValid(pseudo: PseudoHeader): boolean {
    return onesComplementSum(this.bytes, pseudoHeaderSum(pseudo, PROTOCOL, this.bytes.length)) === 0xffff;
  }
}

/** @throws WireError as {@link TcpView.checked} does, and for options that do not fit. */
export function parseTcpPacket(bytes: Uint8Array): TcpPacket {
  const view = TcpView.checked(bytes);
  const { sourcePort, destinationPort, sequence, acknowledgment, flags, window, urgentPointer, options, payload } = view;
  return { sourcePort, destinationPort, sequence, acknowledgment, flags, window, urgentPointer, options, payload };
}

/** The segment with its checksum. @throws WireError if its options are too long. */
export function emitTcpPacket(packet: TcpPacket, pseudo: PseudoHeader): Uint8Array {
  const options = emitTcpOptions(packet.options);
  const headerLength = FIXED + options.length;
  const bytes = new Uint8Array(headerLength + packet.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, packet.sourcePort);
  view.setUint16(2, packet.destinationPort);
  view.setUint32(4, packet.sequence);
  view.setUint32(8, packet.acknowledgment);
  view.setUint8(12, (headerLength / 4) << 4);
  view.setUint8(
    13,
    BITS.reduce((bits, name, index) => bits | (packet.flags[name] ? 1 << index : 0), 0),
  );
  view.setUint16(14, packet.window);
  view.setUint16(18, packet.urgentPointer);
  bytes.set(options, FIXED);
  bytes.set(packet.payload, headerLength);
  view.setUint16(16, internetChecksum(bytes, pseudoHeaderSum(pseudo, PROTOCOL, bytes.length)));
  return bytes;
}
