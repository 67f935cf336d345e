import { TCP_FLAG } from "../../../wire/index.ts";
import type { ClockOffset } from "./clock-offset.ts";
import { isManyText } from "./flow-case.ts";
import type { PacketCollector } from "./packet-collector.ts";
import type { SeenPacket } from "./seen-packet.ts";
import { isIcmp, subjectOf, type TimedVerdict, wireKey } from "./timed-verdict.ts";

const TCP = 6;
const UDP = 17;
/** Seconds that an event may be away from its packet, beyond what the clocks differ. */
const NEAR = 3;
const ERROR_TYPES: Readonly<Record<number, readonly number[]>> = { 1: [3, 4, 5, 11, 12], 58: [1, 2, 3, 4] };

/** Whether an ICMP message of that type reports an error (RFC 792, RFC 4443). */
export function isErrorType(protocol: number, type: number): boolean {
  return ERROR_TYPES[protocol]?.includes(type) ?? false;
}

export function isOpening({ protocol, tcpFlags }: SeenPacket): boolean {
  return protocol === TCP && (tcpFlags & (TCP_FLAG.syn | TCP_FLAG.ack)) === TCP_FLAG.syn;
}

/** Packets that ask for this verdict, in order of time: a connection's SYNs, or whatever of it was captured if that is not its beginning. */
export function candidatesOf(verdict: TimedVerdict, collector: PacketCollector): readonly SeenPacket[] {
  const packets = collector.direction(wireKey(verdict))?.packets ?? [];
  switch (subjectOf(verdict.layerId)) {
    case "connect":
    case "accept": {
      if (isIcmp(verdict.protocol))
        return packets.filter(({ icmp }) => icmp?.type === verdict.localPort && icmp.code === verdict.remotePort);
      if (verdict.protocol !== TCP) return packets;
      const opening = packets.filter(isOpening);
      return opening.length > 0 ? opening : packets.slice(0, 1);
    }
    case "icmp-error-in":
      return packets.filter(({ protocol, icmp }) => icmp !== null && isErrorType(protocol, icmp.type));
    case "icmp-error-out":
      return [];
    case "discard":
    case "packet":
      return packets;
    case null:
      return [];
  }
}

/**
 * The candidates that say how the clocks differ. A permitted datagram flow between two hosts has its verdict with its first packet, unless
 * both use the service's port: such a flow may begin again and again.
 */
export function clockCandidatesOf(verdict: TimedVerdict, collector: PacketCollector): readonly SeenPacket[] {
  const candidates = candidatesOf(verdict, collector);
  const subject = subjectOf(verdict.layerId);
  const isFlow = (subject === "connect" || subject === "accept") && verdict.action === "permit" && verdict.protocol === UDP;
  return isFlow && verdict.localPort !== verdict.remotePort ? candidates.slice(0, 1) : candidates;
}

/**
 * The packet of each verdict of one flow at one layer, in order; undefined for one that has none near it. A packet is one verdict's
 * only, unless it was sent to many: then each socket that listens has a verdict.
 */
export function assignPackets(
  verdicts: readonly TimedVerdict[],
  candidates: readonly SeenPacket[],
  clock: ClockOffset,
): (SeenPacket | undefined)[] {
  const used = new Set<number>();
  return verdicts.map(({ time, isWholeSecond }) => {
    const expected = clock.toCapture(time);
    const nearest = nearestFree(candidates, expected, used);
    const packet = candidates[nearest];
    if (packet === undefined || Math.abs(packet.time - expected) > NEAR + (isWholeSecond ? 1 : 0)) return undefined;
    if (!isManyText(packet.destination)) used.add(nearest);
    return packet;
  });
}

/** Index of the packet closest to a time that is nobody's yet; -1 without. Packets are in order of time. */
function nearestFree(packets: readonly SeenPacket[], time: number, used: ReadonlySet<number>): number {
  let low = 0;
  let high = packets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((packets[middle]?.time ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  let after = low;
  while (used.has(after)) after++;
  let before = low - 1;
  while (used.has(before)) before--;
  const [next, previous] = [packets[after], packets[before]];
  if (next === undefined) return before;
  return previous !== undefined && time - previous.time <= next.time - time ? before : after;
}
