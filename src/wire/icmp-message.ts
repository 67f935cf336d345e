import { WireError } from "./wire-error.ts";

const FIXED = 8;

/** An ICMP or ICMPv6 message without its checksum. */
export interface IcmpMessage {
  readonly type: number;
  readonly code: number;
  /** Bytes 4 to 7 as a UINT32: identifier and sequence number of an echo, next-hop MTU, pointer… by type. */
  readonly parameter: number;
  /** Of an error: as much of the packet it is about as was quoted. */
  readonly body: Uint8Array;
}

/** What ICMP and ICMPv6 messages have in common; they differ in what the checksum covers. */
export class IcmpMessageView {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  protected constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  protected static check(bytes: Uint8Array): void {
    if (bytes.length < FIXED) throw new WireError(`an ICMP message has at least ${FIXED} bytes, these are ${bytes.length}`, bytes.length);
  }

  get type(): number {
    return this.#view.getUint8(0);
  }

  get code(): number {
    return this.#view.getUint8(1);
  }

  get checksum(): number {
    return this.#view.getUint16(2);
  }

  get parameter(): number {
    return this.#view.getUint32(4);
  }

  /** Of an echo request or reply. */
  get identifier(): number {
    return this.#view.getUint16(4);
  }

  /** Of an echo request or reply. */
  get sequence(): number {
    return this.#view.getUint16(6);
  }

  get body(): Uint8Array {
    return this.bytes.subarray(FIXED);
  }

  get message(): IcmpMessage {
    const { type, code, parameter, body } = this;
    return { type, code, parameter, body };
  }

  /** The message's bytes, with what `checksum` makes of them while their checksum is zero. */
  static emit({ type, code, parameter, body }: IcmpMessage, checksum: (bytes: Uint8Array) => number): Uint8Array {
    const bytes = new Uint8Array(FIXED + body.length);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, type);
    view.setUint8(1, code);
    view.setUint32(4, parameter);
    bytes.set(body, FIXED);
    view.setUint16(2, checksum(bytes));
    return bytes;
  }
}

/** The parameter of an echo request or reply. */
export function echoParameter(identifier: number, sequence: number): number {
  return ((identifier << 16) | sequence) >>> 0;
}
