/** EtherType values (IEEE 802 numbers at IANA) with a meaning here. */
export const ETHER_TYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  vlan: 0x8100,
  ipv6: 0x86dd,
  pppoeDiscovery: 0x8863,
  pppoeSession: 0x8864,
  /** IEEE 802.1ad. */
  qinq: 0x88a8,
  /** What switches used for the outer tag before there was a standard. */
  oldQinq: 0x9100,
  olderQinq: 0x9200,
} as const;
