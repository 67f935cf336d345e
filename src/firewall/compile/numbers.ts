import type { Family } from "./layers.ts";

/** IP protocol numbers that the firewall treats specially. */
export const PROTOCOL = { icmpV4: 1, igmp: 2, tcp: 6, udp: 17, ipv6: 41, icmpV6: 58 } as const;

/** IANA ifType; 131 is a tunnel. */
export const IF_TYPE = { ethernet: 6, ppp: 23, wireless: 71, tunnel: 131, mobileBroadband: 243 } as const;

/** NL tunnel types that bring traffic through a NAT: 14 is Teredo, 1 any other (WFP-SEMANTICS 2.1). */
export const TUNNEL_TYPES: Readonly<Record<Family, readonly number[]>> = { 4: [1], 6: [14, 1] };
