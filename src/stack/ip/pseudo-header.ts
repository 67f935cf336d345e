import type { IpAddress } from "../../model/index.ts";
import { InternalError } from "../../model/index.ts";
import type { PseudoHeader } from "../../wire/index.ts";

/** The pseudo-header that transport checksums cover. */
export function pseudoHeader({ source, destination }: { readonly source: IpAddress; readonly destination: IpAddress }): PseudoHeader {
  if (source.family === 4 && destination.family === 4) return { family: 4, source: source.value, destination: destination.value };
  if (source.family === 6 && destination.family === 6) return { family: 6, source: source.bytes, destination: destination.bytes };
  throw new InternalError("a packet between IPv4 and IPv6");
}
