import { internetChecksum, onesComplementSum } from "./checksum.ts";
import type { IcmpMessage } from "./icmp-message.ts";
import { IcmpMessageView } from "./icmp-message.ts";

/** The bytes of an ICMP message for IPv4 (RFC 792), read where they lie. */
export class IcmpView extends IcmpMessageView {
  /** @throws WireError below 8 bytes. */
  static checked(bytes: Uint8Array): IcmpView {
    IcmpMessageView.check(bytes);
    return new IcmpView(bytes);
  }

  isChecksumValid(): boolean {
    return onesComplementSum(this.bytes) === 0xffff;
  }
}

/** @throws WireError as {@link IcmpView.checked} does. */
export function parseIcmp(bytes: Uint8Array): IcmpMessage {
  return IcmpView.checked(bytes).message;
}

/** The message with its checksum. */
export function emitIcmp(message: IcmpMessage): Uint8Array {
  return IcmpMessageView.emit(message, (bytes) => internetChecksum(bytes));
}
