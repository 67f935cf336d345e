import { type IpAddress, parseAddress, type Scenario, type WirePacket } from "../../model/index.ts";
import { LINK_TYPE, PcapngWriter } from "../../wire/index.ts";
import type { ByteWriter } from "../io.ts";
import { DEFAULT_START } from "../write-events.ts";

/**
 * Writes what crossed the wire: an interface for each link, IP packets as they are, times from the start of the play on. A packet's
 * comment says who sent it to whom and what became of it; the hosts' names are there for Wireshark to resolve.
 */
export function writeCapture(file: ByteWriter, scenario: Scenario, packets: readonly WirePacket[]): void {
  const writer = new PcapngWriter((bytes) => file.write(bytes), { application: "wfplab", comment: `${scenario.name}: ${scenario.title}` });
  const links = [
    ...new Set([...scenario.hosts.flatMap(({ interfaces }) => interfaces.map(({ link }) => link)), ...packets.map(({ link }) => link)]),
  ];
  const indices = new Map(links.map((name) => [name, writer.addInterface({ linkType: LINK_TYPE.raw, name, resolution: 6 })]));
  writer.names(namesOf(scenario));
  // As in the logs that the same run writes, so that packets and events can be laid side by side.
  const start = Date.parse(DEFAULT_START) / 1000;
  for (const { bytes, time, link, from, to, copies } of packets) {
    const microseconds = Math.round(time * 1e6);
    const fate = copies === 0 ? ", lost" : copies > 1 ? `, arrives ${copies} times` : "";
    writer.packet({
      interfaceIndex: indices.get(link) ?? 0,
      seconds: start + Math.floor(microseconds / 1e6),
      nanoseconds: (microseconds % 1e6) * 1000,
      data: bytes,
      comments: [`${from} to ${to}${fate}`],
    });
  }
  writer.flush();
  file.close();
}

function namesOf({ hosts }: Scenario): { readonly address: Uint8Array; readonly names: readonly string[] }[] {
  return hosts.flatMap(({ name, interfaces }) =>
    interfaces.flatMap(({ addresses }) =>
      addresses.map((text) => ({ address: bytesOf(parseAddress(text.split("/")[0] ?? text)), names: [name] })),
    ),
  );
}

function bytesOf(address: IpAddress): Uint8Array {
  if (address.family === 6) return address.bytes;
  const { value } = address;
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
