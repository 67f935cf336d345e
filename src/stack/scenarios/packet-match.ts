import { type IpAddress, type ScenarioPacket, sameAddress } from "../../model/index.ts";
import type { Packet } from "../packet.ts";
import { flagLetters, relative } from "./packet-text.ts";
import type { SequenceOrigins } from "./sequence-origins.ts";

/** The addresses and ports that a scenario's endpoints stand for. */
export interface ResolvedEndpoint {
  /** Any of them; none: nobody has it. */
  readonly addresses: readonly IpAddress[];
  /** null: any. */
  readonly port: number | null;
}

export interface MatchContext {
  readonly origins: SequenceOrigins;
  readonly endpoint: (endpoint: ScenarioPacket["from"]) => ResolvedEndpoint;
}

/** Whether a packet is what a scenario describes; what is not told may be anything. */
export function matchesPacket(expected: ScenarioPacket, packet: Packet, { origins, endpoint }: MatchContext): boolean {
  const from = endpoint(expected.from);
  const to = endpoint(expected.to);
  if (!from.addresses.some((address) => sameAddress(address, packet.source))) return false;
  if (!to.addresses.some((address) => sameAddress(address, packet.destination))) return false;
  const ports = portsOf(packet);
  if (!agrees(from.port, ports?.source) || !agrees(to.port, ports?.destination)) return false;
  return matchesBody(expected, packet, origins);
}

function matchesBody({ body }: ScenarioPacket, packet: Packet, origins: SequenceOrigins): boolean {
  switch (body.kind) {
    case "tcp": {
      if (!("segment" in packet)) return false;
      const { segment } = packet;
      const [sequence, acknowledgment] = relative({ ...packet, ...segment }, origins);
      return (
        agrees(body.flags, flagLetters(segment.flags)) &&
        agrees(body.sequence, sequence) &&
        agrees(body.length, segment.payload.length) &&
        (body.acknowledgment === null || (segment.flags.ack && body.acknowledgment === acknowledgment)) &&
        agrees(body.window, segment.window) &&
        (body.options ?? []).every((option) => hasOption(segment.options, option)) &&
        (body.payload === null || body.payload === asciiOf(segment.payload))
      );
    }
    case "udp":
      if (!("datagram" in packet)) return false;
      return (
        agrees(body.length, packet.datagram.payload.length) && (body.payload === null || body.payload === asciiOf(packet.datagram.payload))
      );
    case "icmp": {
      if (!("message" in packet)) return false;
      const { family } = packet.source;
      const { type, code, parameter, body: content } = packet.message;
      return (
        agrees(body.type?.[family] ?? null, type) &&
        agrees(body.code?.[family] ?? null, code) &&
        agrees(body.id, parameter >>> 16) &&
        agrees(body.sequence, parameter & 0xffff) &&
        agrees(body.length, content.length)
      );
    }
    case "fragment":
      if (!("payload" in packet) || packet.fragment === undefined) return false;
      return agrees(body.offset, packet.fragment.offset) && packet.fragment.moreFragments === body.more;
    case "ip":
      return (
        agrees(body.protocol, packet.protocol) && (body.length === null || ("payload" in packet && packet.payload.length === body.length))
      );
  }
}

type Options = Extract<Packet, { segment: unknown }>["segment"]["options"];
type Option = NonNullable<Extract<ScenarioPacket["body"], { kind: "tcp" }>["options"]>[number];

function hasOption(options: Options, option: Option): boolean {
  switch (option.name) {
    case "mss":
      return options.maximumSegmentSize === option.value;
    case "wscale":
      return options.windowScale === option.value;
    case "sackOK":
      return options.sackPermitted === true;
    case "timestamps":
      return options.timestamps?.value === option.value && options.timestamps.echo === option.echo;
  }
}

function portsOf(packet: Packet): { readonly source: number; readonly destination: number } | undefined {
  const transport = "segment" in packet ? packet.segment : "datagram" in packet ? packet.datagram : undefined;
  return transport === undefined ? undefined : { source: transport.sourcePort, destination: transport.destinationPort };
}

function agrees<T>(expected: T | null, actual: T | undefined): boolean {
  return expected === null || expected === actual;
}

/** Bytes as letters, whatever their number. */
export function asciiOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
