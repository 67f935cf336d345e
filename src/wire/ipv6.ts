import { WireError } from "./wire-error.ts";

const FIXED = 40;

/** An IPv6 packet without what follows from the rest: version, payload length (RFC 8200 3). */
export interface Ipv6Packet {
  /** 8 bits: DSCP and ECN. */
  readonly trafficClass: number;
  /** 20 bits. */
  readonly flowLabel: number;
  /** The first header after the fixed one: an extension header or the upper-layer protocol. */
  readonly nextHeader: number;
  readonly hopLimit: number;
  /** 16 bytes in network order. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** Extension headers and what they carry. */
  readonly payload: Uint8Array;
}

/** The bytes of an IPv6 packet, read where they lie. Once checked no accessor can fail. */
export class Ipv6View {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws WireError unless version and length fit; bytes beyond the payload length are left out. Jumbograms are not understood. */
  static checked(bytes: Uint8Array): Ipv6View {
    if (bytes.length < FIXED) throw new WireError(`an IPv6 header has ${FIXED} bytes, these are ${bytes.length}`, bytes.length);
    const view = new Ipv6View(bytes);
    if (view.version !== 6) throw new WireError(`IP version 6 expected, found ${view.version}`, 0);
    const total = FIXED + view.payloadLength;
    if (total > bytes.length)
      throw new WireError(`payload length ${view.payloadLength}, but there are only ${bytes.length - FIXED} bytes`, 4);
    return total === bytes.length ? view : new Ipv6View(bytes.subarray(0, total));
  }

  get version(): number {
    return this.#view.getUint8(0) >>> 4;
  }

  get trafficClass(): number {
    return (this.#view.getUint16(0) >>> 4) & 0xff;
  }

  get flowLabel(): number {
    return this.#view.getUint32(0) & 0xfffff;
  }

  get payloadLength(): number {
    return this.#view.getUint16(4);
  }

  get nextHeader(): number {
    return this.#view.getUint8(6);
  }

  get hopLimit(): number {
    return this.#view.getUint8(7);
  }

  get source(): Uint8Array {
    return this.bytes.subarray(8, 24);
  }

  get destination(): Uint8Array {
    return this.bytes.subarray(24, 40);
  }

  get payload(): Uint8Array {
    return this.bytes.subarray(FIXED);
  }
}

/** @throws WireError as {@link Ipv6View.checked} does. */
export function parseIpv6Packet(bytes: Uint8Array): Ipv6Packet {
  const { trafficClass, flowLabel, nextHeader, hopLimit, source, destination, payload } = Ipv6View.checked(bytes);
  return { trafficClass, flowLabel, nextHeader, hopLimit, source, destination, payload };
}

/** @throws WireError if the packet does not fit into IPv6's fields. */
export function emitIpv6Packet({ trafficClass, flowLabel, nextHeader, hopLimit, source, destination, payload }: Ipv6Packet): Uint8Array {
  if (source.length !== 16 || destination.length !== 16) throw new WireError("an IPv6 address has 16 bytes", source.length === 16 ? 24 : 8);
  if (payload.length > 0xffff) throw new WireError(`an IPv6 payload has at most 65535 bytes, this ${payload.length}`, 4);
  const bytes = new Uint8Array(FIXED + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, ((6 << 28) | (trafficClass << 20) | flowLabel) >>> 0);
  view.setUint16(4, payload.length);
  view.setUint8(6, nextHeader);
  view.setUint8(7, hopLimit);
  bytes.set(source, 8);
  bytes.set(destination, 24);
  bytes.set(payload, FIXED);
  return bytes;
}
