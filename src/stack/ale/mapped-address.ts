import type { IpAddress } from "../../model/index.ts";

/** An IPv4-mapped IPv6 address (RFC 4291 2.5.5.2) as the IPv4 address it stands for; any other as it is. */
export function unmapped(address: IpAddress): IpAddress {
  if (address.family === 4) return address;
  const { bytes } = address;
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (!isMapped) return address;
  return { family: 4, value: new DataView(bytes.buffer, bytes.byteOffset, 16).getUint32(12) };
}
