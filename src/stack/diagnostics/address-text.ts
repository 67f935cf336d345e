import { formatAddress, type IpAddress } from "../../model/index.ts";

/** An address as the Security log has it: the unspecified one where there is none. */
export function addressText(address: IpAddress | null, family: 4 | 6): string {
  if (address !== null) return formatAddress(address);
  return family === 4 ? "0.0.0.0" : "::";
}

/** `02-57-0a-00-00-01`. No sample of the events that hold one is known; this is how Windows writes them elsewhere. */
export function linkAddressText(address: Uint8Array): string {
  return [...address].map((byte) => byte.toString(16).padStart(2, "0")).join("-");
}
