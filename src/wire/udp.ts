import { internetChecksum, onesComplementSum } from "./checksum.ts";
import { type PseudoHeader, pseudoHeaderSum } from "./pseudo-header.ts";
import { WireError } from "./wire-error.ts";

const FIXED = 8;
const PROTOCOL = 17;

/** A UDP datagram without length and checksum (RFC 768). */
export interface UdpPacket {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** The bytes of a UDP datagram, read where they lie. Once checked no accessor can fail. */
export class UdpView {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws WireError unless the length fits; bytes beyond it are left out. */
  static checked(bytes: Uint8Array): UdpView {
    if (bytes.length < FIXED) throw new WireError(`a UDP header has ${FIXED} bytes, these are ${bytes.length}`, bytes.length);
    const view = new UdpView(bytes);
    const { length } = view;
    if (length < FIXED || length > bytes.length) throw new WireError(`UDP length ${length}, there are ${bytes.length} bytes`, 4);
    return length === bytes.length ? view : new UdpView(bytes.subarray(0, length));
  }

  get sourcePort(): number {
    return this.#view.getUint16(0);
  }

  get destinationPort(): number {
    return this.#view.getUint16(2);
  }

  /** Header included. */
  get length(): number {
    return this.#view.getUint16(4);
  }

  get checksum(): number {
    return this.#view.getUint16(6);
  }

  get payload(): Uint8Array {
    return this.bytes.subarray(FIXED);
  }

  /** Without a checksum (0) an IPv4 datagram is valid, an IPv6 one is not (RFC 8200 8.1). */
  isChecksumValid(pseudo: PseudoHeader): boolean {
    if (this.checksum === 0) return pseudo.family === 4;
    return onesComplementSum(this.bytes, pseudoHeaderSum(pseudo, PROTOCOL, this.bytes.length)) === 0xffff;
  }
}

/** @throws WireError as {@link UdpView.checked} does. */
export function parseUdpPacket(bytes: Uint8Array): UdpPacket {
  const { sourcePort, destinationPort, payload } = UdpView.checked(bytes);
  return { sourcePort, destinationPort, payload };
}

/** The datagram with its checksum. @throws WireError beyond 65535 bytes. */
export function emitUdpPacket({ sourcePort, destinationPort, payload }: UdpPacket, pseudo: PseudoHeader): Uint8Array {
  const length = FIXED + payload.length;
  if (length > 0xffff) throw new WireError(`a UDP datagram has at most 65535 bytes, this ${length}`, 4);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  view.setUint16(4, length);
  bytes.set(payload, FIXED);
  // Zero says that there is no checksum; the other way to write zero stands for it.
  view.setUint16(6, internetChecksum(bytes, pseudoHeaderSum(pseudo, PROTOCOL, length)) || 0xffff);
  return bytes;
}
