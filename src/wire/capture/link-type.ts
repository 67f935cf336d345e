/** LINKTYPE_* values that the decoder knows (tcpdump.org/linktypes.html). */
export const LINK_TYPE = {
  /** Address family in the byte order of the machine that captured. */
  null: 0,
  ethernet: 1,
  /** Raw IP as some systems number it; the value of DLT_RAW went into files before there were LINKTYPE values. */
  rawBsd: 12,
  rawOpenBsd: 14,
  raw: 101,
  wifi: 105,
  /** As null, in network byte order. */
  loop: 108,
  linuxCooked: 113,
  wifiPrism: 119,
  wifiRadiotap: 127,
  wifiAvs: 163,
  wifiPpi: 192,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;
