import { internetChecksum, onesComplementSum } from "./checksum.ts";
import type { IcmpMessage } from "./icmp-message.ts";
import { IcmpMessageView } from "./icmp-message.ts";
import { type PseudoHeader, pseudoHeaderSum } from "./pseudo-header.ts";

const PROTOCOL = 58;

/** The bytes of an ICMPv6 message (RFC 4443 2.1), read where they lie. Its checksum covers the pseudo-header too. */
export class Icmpv6View extends IcmpMessageView {
  /** @throws WireError below 8 bytes. */
  static checked(bytes: Uint8Array): Icmpv6View {
    IcmpMessageView.check(bytes);
    return new Icmpv6View(bytes);
  }

  isChecksumValid(pseudo: PseudoHeader): boolean {
    return onesComplementSum(this.bytes, pseudoHeaderSum(pseudo, PROTOCOL, this.bytes.length)) === 0xffff;
  }
}

/** @throws WireError as {@link Icmpv6View.checked} does. */
export function parseIcmpv6(bytes: Uint8Array): IcmpMessage {
  return Icmpv6View.checked(bytes).message;
}

/** The message with its checksum. */
export function emitIcmpv6(message: IcmpMessage, pseudo: PseudoHeader): Uint8Array {
  return IcmpMessageView.emit(message, (bytes) => internetChecksum(bytes, pseudoHeaderSum(pseudo, PROTOCOL, bytes.length)));
}
