import type { Ipv6View } from "./ipv6.ts";
import { WireError } from "./wire-error.ts";

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;
const MOBILITY = 135;

/** RFC 8200 4.5. */
export interface Ipv6Fragment {
  readonly identification: number;
  /** In bytes. */
  readonly offset: number;
  readonly moreFragments: boolean;
}

/** What an IPv6 packet carries once its extension headers are passed. */
export interface UpperLayer {
  readonly protocol: number;
  readonly payload: Uint8Array;
  /** Set where there is a fragment header; beyond the first fragment the payload does not begin with a transport header. */
  readonly fragment: Ipv6Fragment | null;
  /** Types of the extension headers, in order. */
  readonly extensions: readonly number[];
}

/**
 * Walks the extension headers (RFC 8200 4, AH: RFC 4302 2). ESP hides what follows, so it counts as the upper layer, as does "no next
 * header". @throws WireError if a header does not fit into the packet.
 */
export function upperLayer({ nextHeader, payload }: Pick<Ipv6View, "nextHeader" | "payload">): UpperLayer {
  const extensions: number[] = [];
  let protocol = nextHeader;
  let offset = 0;
  let fragment: Ipv6Fragment | null = null;
  for (;;) {
    const length = extensionLength(protocol, payload, offset);
    if (length === undefined) return { protocol, payload: payload.subarray(offset), fragment, extensions };
    if (offset + length > payload.length) {
      throw new WireError(`extension header ${protocol} of ${length} bytes, but there are only ${payload.length - offset}`, 40 + offset);
    }
    if (protocol === FRAGMENT) fragment = fragmentAt(payload, offset);
    extensions.push(protocol);
    protocol = payload[offset] ?? 0;
    offset += length;
    // What follows in a later fragment is the middle of something, not a header.
    if (fragment !== null && fragment.offset > 0) return { protocol, payload: payload.subarray(offset), fragment, extensions };
  }
}

/** Bytes of the extension header at `offset`; undefined if `type` is none. */
function extensionLength(type: number, payload: Uint8Array, offset: number): number | undefined {
  const field = payload[offset + 1] ?? 0;
  switch (type) {
    case HOP_BY_HOP:
    case ROUTING:
    case DESTINATION_OPTIONS:
    case MOBILITY:
      return (field + 1) * 8;
    case FRAGMENT:
      return 8;
    case AUTHENTICATION:
      return (field + 2) * 4;
    default:
      return undefined;
  }
}

function fragmentAt(payload: Uint8Array, offset: number): Ipv6Fragment {
  const view = new DataView(payload.buffer, payload.byteOffset + offset, 8);
  const field = view.getUint16(2);
  return { identification: view.getUint32(4), offset: field & 0xfff8, moreFragments: (field & 1) !== 0 };
}
