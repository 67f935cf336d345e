import { internetChecksum, onesComplementSum } from "./checksum.ts";
import { WireError } from "./wire-error.ts";

const FIXED = 20;
const MAX_OPTIONS = 40;

/** An IPv4 packet without what follows from the rest: version, lengths, checksum (RFC 791 3.1). */
export interface Ipv4Packet {
  /** 6 bits. */
  readonly dscp: number;
  /** 2 bits. */
  readonly ecn: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** In bytes, a multiple of 8. */
  readonly fragmentOffset: number;
  readonly timeToLive: number;
  readonly protocol: number;
  /** UINT32 in host order, as WFP has it. */
  readonly source: number;
  readonly destination: number;
  /** As they are on the wire, at most 40 bytes; padded with zeros to a multiple of four. */
  readonly options: Uint8Array;
  readonly payload: Uint8Array;
}

/** The bytes of an IPv4 packet, read where they lie. Once checked no accessor can fail. */
export class Ipv4View {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws WireError unless version and lengths fit; bytes beyond the total length are left out. */
  static checked(bytes: Uint8Array): Ipv4View {
    if (bytes.length < FIXED) throw new WireError(`an IPv4 header has at least ${FIXED} bytes, these are ${bytes.length}`, bytes.length);
    const view = new Ipv4View(bytes);
    if (view.version !== 4) throw new WireError(`IP version 4 expected, found ${view.version}`, 0);
    const { headerLength, totalLength } = view;
    if (headerLength < FIXED) throw new WireError(`an IPv4 header has at least ${FIXED} bytes, this says ${headerLength}`, 0);
    if (totalLength < headerLength) throw new WireError(`total length ${totalLength} is less than the header's ${headerLength}`, 2);
    if (totalLength > bytes.length) throw new WireError(`total length ${totalLength}, but there are only ${bytes.length} bytes`, 2);
    return totalLength === bytes.length ? view : new Ipv4View(bytes.subarray(0, totalLength));
  }

  get version(): number {
    return this.#view.getUint8(0) >>> 4;
  }

  /** In bytes, options included. */
  get headerLength(): number {
    return (this.#view.getUint8(0) & 0x0f) * 4;
  }

  get dscp(): number {
    return this.#view.getUint8(1) >>> 2;
  }

  get ecn(): number {
    return this.#view.getUint8(1) & 3;
  }

  get totalLength(): number {
    return this.#view.getUint16(2);
  }

  get identification(): number {
    return this.#view.getUint16(4);
  }

  get dontFragment(): boolean {
    return (this.#view.getUint8(6) & 0x40) !== 0;
  }

  get moreFragments(): boolean {
    return (this.#view.getUint8(6) & 0x20) !== 0;
  }

  get fragmentOffset(): number {
    return (this.#view.getUint16(6) & 0x1fff) * 8;
  }

  get timeToLive(): number {
    return this.#view.getUint8(8);
  }

  get protocol(): number {
    return this.#view.getUint8(9);
  }

  get checksum(): number {
    return this.#view.getUint16(10);
  }

  get source(): number {
    return this.#view.getUint32(12);
  }

  get destination(): number {
    return this.#view.getUint32(16);
  }

  get options(): Uint8Array {
    return this.bytes.subarray(FIXED, this.headerLength);
  }

  get payload(): Uint8Array {
    return this.bytes.subarray(this.headerLength);
  }

  isChecksumValid(): boolean {
    return onesComplementSum(this.bytes.subarray(0, this.headerLength)) === 0xffff;
  }
}

/** @throws WireError as {@link Ipv4View.checked} does. The checksum is for {@link Ipv4View.isChecksumValid}. */
export function parseIpv4Packet(bytes: Uint8Array): Ipv4Packet {
  const view = Ipv4View.checked(bytes);
  const { dscp, ecn, identification, dontFragment, moreFragments, fragmentOffset, timeToLive, protocol, source, destination } = view;
  const { options, payload } = view;
  return {
    dscp,
    ecn,
    identification,
    dontFragment,
    moreFragments,
    fragmentOffset,
    timeToLive,
    protocol,
    source,
    destination,
    options,
    payload,
  };
}

/** @throws WireError if the packet does not fit into IPv4's fields. */
export function emitIpv4Packet(packet: Ipv4Packet): Uint8Array {
  const { options, payload, fragmentOffset } = packet;
  if (options.length > MAX_OPTIONS) throw new WireError(`at most ${MAX_OPTIONS} bytes of IPv4 options, these are ${options.length}`, FIXED);
  if (fragmentOffset % 8 !== 0 || fragmentOffset > 0x1fff * 8) {
    throw new WireError(`a fragment offset is a multiple of 8 up to 65528, this is ${fragmentOffset}`, 6);
  }
  const headerLength = FIXED + Math.ceil(options.length / 4) * 4;
  const totalLength = headerLength + payload.length;
  if (totalLength > 0xffff) throw new WireError(`an IPv4 packet has at most 65535 bytes, this ${totalLength}`, 2);
  const bytes = new Uint8Array(totalLength);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x40 | (headerLength / 4));
  view.setUint8(1, (packet.dscp << 2) | packet.ecn);
  view.setUint16(2, totalLength);
  view.setUint16(4, packet.identification);
  view.setUint16(6, (packet.dontFragment ? 0x4000 : 0) | (packet.moreFragments ? 0x2000 : 0) | (fragmentOffset / 8));
  view.setUint8(8, packet.timeToLive);
  view.setUint8(9, packet.protocol);
  view.setUint32(12, packet.source);
  view.setUint32(16, packet.destination);
  bytes.set(options, FIXED);
  bytes.set(payload, headerLength);
  view.setUint16(10, internetChecksum(bytes.subarray(0, headerLength)));
  return bytes;
}
