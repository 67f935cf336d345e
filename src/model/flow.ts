import type { AddressType, IpAddress } from "./address.ts";
import type { Guid } from "./guid.ts";
import type { Sid } from "./sid.ts";
import type { FwpValue } from "./value.ts";

/**
 * A connection or datagram as this host sees it, in the flow notation of the command line. An absent member is unknown.
 * `overrides` sets fields by key for every layer that has them.
 */
export interface FlowSpec {
  readonly direction: "in" | "out";
  /** IP protocol number. */
  readonly protocol: number;
  /** 4 or 6; unknown only where neither address nor protocol tells. */
  readonly family?: 4 | 6;
  readonly localAddress?: IpAddress;
  readonly remoteAddress?: IpAddress;
  readonly localPort?: number;
  readonly remotePort?: number;
  /** NT or DOS path, or "System". */
  readonly app?: string;
  readonly user?: Sid;
  readonly groups?: readonly Sid[];
  /** Service SID. */
  readonly service?: Sid;
  /** Package SID; null for a desktop program. */
  readonly package?: Sid | null;
  readonly capabilities?: readonly Sid[];
  readonly profile?: Profile;
  readonly originalProfile?: Profile;
  /** Interface index, LUID, or alias. */
  readonly interface?: { readonly index?: number; readonly luid?: bigint; readonly alias?: string };
  /** IANA ifType. */
  readonly interfaceType?: number;
  readonly tunnelType?: number;
  readonly icmp?: { readonly type: number; readonly code: number };
  /** Bits of CONDITION_FLAG that are set; the others are clear. */
  readonly flags?: number;
  readonly localAddressType?: AddressType;
  readonly overrides: readonly { readonly fieldKey: Guid; readonly value: FwpValue }[];
}

/** Network category of an interface, numbered as *_PROFILE_ID fields are (WFP-SEMANTICS 2.1). */
export type Profile = "none" | "public" | "private" | "domain";

export const PROFILE_ID: Readonly<Record<Profile, number>> = { none: 0, public: 1, private: 2, domain: 3 };
