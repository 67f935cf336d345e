import { InputError } from "../model/index.ts";

/** First bytes of binary files that people have at hand where a policy or events are expected, and what to do with them. */
const KNOWN: readonly (readonly [start: readonly number[], what: string])[] = [
  [
    [0x45, 0x6c, 0x66, 0x46, 0x69, 0x6c, 0x65, 0x00],
    "is an event log in its binary form (EVTX): wevtutil qe FILE /lf:true /e:Events /f:xml makes XML of it",
  ],
  [[0x4d, 0x53, 0x43, 0x46], "is a cabinet: expand FILE -F:* . unpacks it, and wfpdiag.xml is what is read"],
  [[0x50, 0x4b, 0x03, 0x04], "is a ZIP archive: unpack it first"],
  [[0x1f, 0x8b], "is packed with gzip: unpack it first"],
  [[0x0a, 0x0d, 0x0d, 0x0a], "is a capture (pcapng): wfplab replay takes it"],
  [[0xd4, 0xc3, 0xb2, 0xa1], "is a capture (pcap): wfplab replay takes it"],
  [[0x4d, 0x3c, 0xb2, 0xa1], "is a capture (pcap): wfplab replay takes it"],
];

/** @throws InputError that says what a file is, where its first bytes tell and it is of no use here. */
export function refuseForeignFile(bytes: Uint8Array, file: string): void {
  const known = KNOWN.find(([start]) => start.every((byte, index) => bytes[index] === byte));
  if (known !== undefined) throw new InputError(`${known[1]} (docs/getting-a-policy.md)`, { file });
}
