import type { IpAddress } from "../../model/index.ts";

/** A copy of the address at `offset`. */
export function addressAt(view: DataView, offset: number, family: 4 | 6): IpAddress {
  if (family === 4) return { family: 4, value: view.getUint32(offset) };
  return { family: 6, bytes: new Uint8Array(view.buffer, view.byteOffset + offset, 16).slice() };
}
