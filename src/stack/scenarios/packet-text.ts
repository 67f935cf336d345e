import type { Packet } from "../packet.ts";
import type { TcpFlags, TcpOptions, TcpSegment } from "../tcp/segment.ts";
import type { SequenceOrigins } from "./sequence-origins.ts";

/** What is in a packet, as scenarios write it: `S 0:0(0) win 65535 <mss 1460>`, `udp (5)`, `icmp 8/0 (32)`. */
export function packetText(packet: Packet, origins: SequenceOrigins): string {
  if ("segment" in packet) return segmentText(packet.segment, ...relative({ ...packet, ...packet.segment }, origins));
  if ("datagram" in packet) return `udp (${packet.datagram.payload.length})`;
  if ("message" in packet) {
    const { type, code, body, parameter } = packet.message;
    const isEcho = packet.protocol === 1 ? type === 8 || type === 0 : type === 128 || type === 129;
    const name = isEcho ? (type === 8 || type === 128 ? "echo-request" : "echo-reply") : `${type}/${code}`;
    return `icmp ${name}${isEcho ? ` id ${parameter >>> 16} seq ${parameter & 0xffff}` : ""} (${body.length})`;
  }
  const { fragment } = packet;
  if (fragment !== undefined) return `fragment ${fragment.offset}${fragment.moreFragments ? "+" : ""} (${packet.payload.length})`;
  return `ip ${packet.protocol} (${packet.payload.length})`;
}

/** Sequence and acknowledgment numbers counted from the SYNs that were seen. */
export function relative(
  direction: Parameters<SequenceOrigins["of"]>[0] & Pick<TcpSegment, "sequence" | "acknowledgment">,
  origins: SequenceOrigins,
): [sequence: number, acknowledgment: number] {
  return [(direction.sequence - (origins.of(direction) ?? 0)) >>> 0, (direction.acknowledgment - (origins.ofPeer(direction) ?? 0)) >>> 0];
}

/** `S` `F` `R` `P` and `.` for ACK, in this order. */
export function flagLetters({ syn, fin, rst, psh, ack }: TcpFlags): string {
  return `${syn ? "S" : ""}${fin ? "F" : ""}${rst ? "R" : ""}${psh ? "P" : ""}${ack ? "." : ""}`;
}

function segmentText({ flags, payload, window, options }: TcpSegment, sequence: number, acknowledgment: number): string {
  const parts = [flagLetters(flags) || "none", `${sequence}:${sequence + payload.length}(${payload.length})`];
  if (flags.ack) parts.push(`ack ${acknowledgment}`);
  parts.push(`win ${window}`);
  const texts = optionTexts(options);
  if (texts.length > 0) parts.push(`<${texts.join(",")}>`);
  return parts.join(" ");
}

function optionTexts({ maximumSegmentSize, windowScale, sackPermitted, timestamps }: TcpOptions): string[] {
  return [
    ...(maximumSegmentSize === undefined ? [] : [`mss ${maximumSegmentSize}`]),
    ...(windowScale === undefined ? [] : [`wscale ${windowScale}`]),
    ...(sackPermitted === true ? ["sackOK"] : []),
    ...(timestamps === undefined ? [] : [`TS val ${timestamps.value} ecr ${timestamps.echo}`]),
  ];
}
