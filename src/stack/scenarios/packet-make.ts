import { InputError, type InputPosition, type IpAddress, type ScenarioPacket } from "../../model/index.ts";
import { echoParameter } from "../../wire/index.ts";
import { datagramOf, emitDatagram } from "../ip/packet-bytes.ts";
import { type Packet, PROTOCOL } from "../packet.ts";
import { tcpFlags } from "../tcp/segment.ts";
import type { ResolvedEndpoint } from "./packet-match.ts";
import type { SequenceOrigins } from "./sequence-origins.ts";

const HOP_LIMIT = 64;
const WINDOW = 65_535;
/** Where an initial sequence number starts that nobody tells: unlike the ones hosts choose. */
const ISN = 0x2000_0000;

export interface MakeContext {
  readonly origins: SequenceOrigins;
  readonly endpoint: (endpoint: ScenarioPacket["from"]) => ResolvedEndpoint;
  readonly identification: number;
  readonly position: InputPosition;
}

/** The bytes of a packet that a scenario describes; what it does not tell is what is usual. @throws InputError */
export function makePacket(
  described: ScenarioPacket,
  context: MakeContext,
): { readonly bytes: Uint8Array; readonly destination: IpAddress } {
  const from = context.endpoint(described.from);
  const to = context.endpoint(described.to);
  const [source] = from.addresses;
  const [destination] = to.addresses;
  if (source === undefined || destination === undefined) {
    const without = source === undefined ? described.text.split(/\s*>/)[0] : "the receiver";
    throw new InputError(`expected addresses of one IP version: ${without} has none of the version that is played`, context.position);
  }
  const header = { source, destination, hopLimit: HOP_LIMIT };
  const packet = bodyOf(described, { ...header, protocol: 0 }, from.port, to.port, context);
  return { bytes: emitDatagram(datagramOf(packet, context.identification)), destination };
}

type Header = Pick<Packet, "source" | "destination" | "hopLimit" | "protocol">;

function bodyOf({ body }: ScenarioPacket, header: Header, from: number | null, to: number | null, context: MakeContext): Packet {
  const { family } = header.source;
  switch (body.kind) {
    case "tcp": {
      const [sourcePort, destinationPort] = requirePorts(from, to, context.position);
      const direction = { ...header, sourcePort, destinationPort };
      const letters = body.flags ?? ".";
      const origin = context.origins.of(direction) ?? ISN;
      const peer = context.origins.ofPeer(direction) ?? 0;
      const flags = tcpFlags({
        syn: letters.includes("S"),
        fin: letters.includes("F"),
        rst: letters.includes("R"),
        psh: letters.includes("P"),
        ack: letters.includes("."),
      });
      const options: {
        maximumSegmentSize?: number;
        windowScale?: number;
        sackPermitted?: boolean;
        timestamps?: { value: number; echo: number };
      } = {};
      for (const option of body.options ?? []) {
        if (option.name === "mss") options.maximumSegmentSize = option.value;
        else if (option.name === "wscale") options.windowScale = option.value;
        else if (option.name === "sackOK") options.sackPermitted = true;
        else options.timestamps = { value: option.value, echo: option.echo };
      }
      const segment = {
        sourcePort,
        destinationPort,
        sequence: (origin + (body.sequence ?? 0)) >>> 0,
        acknowledgment: body.acknowledgment === null ? 0 : (peer + body.acknowledgment) >>> 0,
        flags,
        window: body.window ?? WINDOW,
        options,
        payload: contentOf(body.payload, body.length),
      };
      return { ...header, protocol: PROTOCOL.TCP, segment };
    }
    case "udp": {
      const [sourcePort, destinationPort] = requirePorts(from, to, context.position);
      return {
        ...header,
        protocol: PROTOCOL.UDP,
        datagram: { sourcePort, destinationPort, payload: contentOf(body.payload, body.length) },
      };
    }
    case "icmp":
      return {
        ...header,
        protocol: family === 4 ? PROTOCOL.ICMP : PROTOCOL.ICMPV6,
        message: {
          type: body.type?.[family] ?? 0,
          code: body.code?.[family] ?? 0,
          parameter: echoParameter(body.id ?? 0, body.sequence ?? 0),
          body: contentOf(null, body.length),
        },
      };
    case "fragment":
      return {
        ...header,
        protocol: PROTOCOL.UDP,
        payload: contentOf(null, 8),
        fragment: { identification: context.identification, offset: body.offset ?? 0, moreFragments: body.more },
      };
    case "ip":
      return { ...header, protocol: body.protocol ?? 0, payload: contentOf(null, body.length) };
  }
}

function requirePorts(from: number | null, to: number | null, position: InputPosition): [number, number] {
  if (from === null || to === null) throw new InputError("expected ports at both ends, as in client:5000 > server:80", position);
  return [from, to];
}

/** The text as ASCII, or that many letters. */
export function contentOf(text: string | null, length: number | null): Uint8Array {
  if (text !== null) return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  return Uint8Array.from({ length: length ?? 0 }, (_, index) => 0x61 + (index % 26));
}
