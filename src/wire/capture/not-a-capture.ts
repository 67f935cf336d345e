/** First bytes of files that end up here by mistake, and what to do with them. */
const KNOWN: readonly (readonly [string, string])[] = [
  ["47 4d 42 55", "a Network Monitor capture; editcap of Wireshark turns it into pcapng"],
  ["52 54 53 53", "a Network Monitor 1.x capture; editcap of Wireshark turns it into pcapng"],
  ["73 6e 6f 6f 70 00", "a snoop capture; editcap of Wireshark turns it into pcapng"],
  ["a1 b2 cd 34", "a pcap file of a patched libpcap; editcap of Wireshark turns it into pcapng"],
  ["34 cd b2 a1", "a pcap file of a patched libpcap; editcap of Wireshark turns it into pcapng"],
  ["1f 8b", "gzip inside gzip"],
  ["28 b5 2f fd", "compressed with zstd; unpack it first, only gzip is unpacked on the way"],
  ["fd 37 7a 58 5a", "compressed with xz; unpack it first, only gzip is unpacked on the way"],
  ["42 5a 68", "compressed with bzip2; unpack it first, only gzip is unpacked on the way"],
  ["50 4b 03 04", "a ZIP archive; unpack it first"],
  ["3c 3f 78 6d 6c", "XML"],
  ["ff fe 3c 00", "XML"],
  ["45 6c 66 46 69 6c 65 00", "a Windows event log (EVTX)"],
];

/** What a file is that is no capture, said so that the reader knows what to do. */
export function notACapture(bytes: Uint8Array): string {
  if (bytes.length === 0) return "is empty, expected a capture file (pcap or pcapng)";
  const start = [...bytes.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const known = KNOWN.find(([magic]) => start.startsWith(magic));
  const what = known?.[1] ?? `begins with ${start.slice(0, 23)}`;
  return `expected a capture file (pcap or pcapng), found ${known === undefined ? `one that ${what}` : what}`;
}
