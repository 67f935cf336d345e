import { type CaptureFlowCheck, formatEndpoint, layersOfWindows, parseAddress, type WindowsVersion } from "../../../model/index.ts";
import { TCP_FLAG } from "../../../wire/index.ts";
import { isErrorType, isOpening } from "./find-packets.ts";
import type { FlowCase } from "./flow-case.ts";
import { groupBy } from "./group-by.ts";
import { type ModelEngines, type ModelEvent, type ModelOutcome, type RecordedRule, runModelHost } from "./model-host.ts";
import type { SeenPacket } from "./seen-packet.ts";
import { isIcmp, type Subject, subjectOf, type TimedVerdict } from "./timed-verdict.ts";

const TCP = 6;
/** Seconds that a recorded time and the model's may be apart: an event is written a little after its packet. */
const NEAR = 1;
/** Before the packet that closes it, a port is open. */
const JUST_BEFORE = 1e-6;

/** What is known about a conversation beside its verdicts. */
export interface FlowEvidence {
  readonly windows: WindowsVersion;
  readonly engines: ModelEngines;
  readonly hostAddresses: readonly string[];
  /** Of both directions, in order of time. */
  readonly packets: readonly SeenPacket[];
  /** The packet of each verdict that has one. */
  readonly packetOf: (verdict: TimedVerdict) => SeenPacket | undefined;
  /** An event's time by the clock of the capture. */
  readonly toCapture: (time: number) => number;
  /** Seconds that such a time may be wrong by. */
  readonly uncertaintyAt: (time: number) => number;
  /** By the clock of the capture: what was both captured and logged. */
  readonly from: number;
  readonly to: number;
  /** Filters that keep the host from answering with ICMP errors. */
  readonly errorRules: readonly RecordedRule[];
  /** Whether the log has the program's bind: it took the port while it was watched. */
  readonly hasBound: (flow: FlowCase) => boolean;
  /** When, by the clock of the capture, a program takes the port again. */
  readonly boundAgain: (port: number, after: number) => number;
}

export interface CheckedFlow {
  readonly checks: readonly CaptureFlowCheck[];
  /** ICMP errors that the model's host was kept from sending. */
  readonly suppressed: readonly ModelEvent[];
}

/** Verdicts of one conversation beside its packets and the model's host that gets those packets: one check a layer and action. */
export function checkFlow(flow: FlowCase, evidence: FlowEvidence): CheckedFlow {
  const groups = groupBy(flow.verdicts, ({ layerId, action }) => `${layerId} ${action}`);
  const outcome = play(flow, evidence);
  const checks = [...groups.values()].map((verdicts) => checkLayer(flow, verdicts, evidence, outcome));
  return { checks, suppressed: outcome?.events.filter(({ layerId }) => subjectOf(layerId) === "icmp-error-out") ?? [] };
}

/** null where there is nothing that could be played: no packets, or filters of both actions at one layer. */
function play(flow: FlowCase, evidence: FlowEvidence): ModelOutcome | null {
  if (evidence.packets.length === 0 || flow.verdicts.some((verdict) => isContradicted(verdict, flow.verdicts))) return null;
  if (flow.protocol === TCP && subjectsOf(flow).has("connect") && !evidence.packets.some(isOpening)) return null;
  const rules = new Map<string, RecordedRule>();
  for (const { layerId, filterId, action } of flow.verdicts) rules.set(`${layerId}`, { layerId, filterId: filterId ?? 0n, action });
  for (const rule of evidence.errorRules) if (!rules.has(`${rule.layerId}`)) rules.set(`${rule.layerId}`, rule);
  const closedAt = closingTime(flow, evidence);
  const until = closedAt === Number.POSITIVE_INFINITY ? closedAt : evidence.boundAgain(flow.localPort, closedAt);
  const openedAt = flow.isForMany && evidence.hasBound(flow) ? firstOf(flow, evidence, () => true) : Number.NEGATIVE_INFINITY;
  const run = (isOpen: boolean, from: number, to: number): ModelOutcome => {
    const packets = evidence.packets.filter(({ time }) => time >= from && time < to);
    if (packets.length === 0) return { events: [], answers: [] };
    return runModelHost(
      {
        windows: evidence.windows,
        hostAddresses: evidence.hostAddresses,
        protocol: flow.protocol,
        localAddress: flow.local,
        localPort: flow.localPort,
        rules: [...rules.values()],
        packets,
        sendsFrom: firstOf(flow, evidence, ({ direction }) => direction === "out"),
        isOpen,
      },
      evidence.engines,
    );
  };
  const open = run(true, openedAt, closedAt);
  const closed = run(false, closedAt, until);
  const events = [...open.events, ...closed.events].filter(({ time }) => time >= evidence.from && time <= evidence.to);
  return { events, answers: closedAt === Number.POSITIVE_INFINITY ? open.answers : closed.answers };
}

/** Time of the first packet that has a verdict of this kind; Infinity without. */
function firstOf(flow: FlowCase, { packetOf }: FlowEvidence, suits: (verdict: TimedVerdict) => boolean): number {
  const times = flow.verdicts.filter(suits).map((verdict) => packetOf(verdict)?.time ?? Number.POSITIVE_INFINITY);
  return Math.min(Number.POSITIVE_INFINITY, ...times);
}

function isContradicted({ layerId, action }: TimedVerdict, all: readonly TimedVerdict[]): boolean {
  return all.some((other) => other.layerId === layerId && other.action !== action);
}

function subjectsOf(flow: FlowCase): ReadonlySet<Subject | null> {
  return new Set(flow.verdicts.map(({ layerId }) => subjectOf(layerId)));
}

/** The first packet that was discarded: nobody had the port any more. Infinity where none was. */
function closingTime(flow: FlowCase, { packetOf, packets }: FlowEvidence): number {
  const discarded = flow.verdicts.filter(({ layerId }) => subjectOf(layerId) === "discard").map((verdict) => packetOf(verdict)?.time);
  const times = discarded.filter((time) => time !== undefined);
  if (times.length > 0) return Math.min(...times) - JUST_BEFORE;
  return discarded.length > 0 ? (packets[0]?.time ?? 0) - JUST_BEFORE : Number.POSITIVE_INFINITY;
}

function checkLayer(
  flow: FlowCase,
  verdicts: readonly [TimedVerdict, ...TimedVerdict[]],
  evidence: FlowEvidence,
  outcome: ModelOutcome | null,
): CaptureFlowCheck {
  const [first] = verdicts;
  const { layerId, action } = first;
  const subject = subjectOf(layerId);
  const recorded = verdicts.map(({ time }) => evidence.toCapture(time)).filter((time) => time >= evidence.from && time <= evidence.to);
  const packets = askingPackets(flow, first, evidence);
  const modelled = (outcome?.events ?? []).filter((event) => event.layerId === layerId && isEventOf(event, action)).map(({ time }) => time);
  const near = NEAR + Math.max(...verdicts.map(({ time, isWholeSecond }) => (isWholeSecond ? 1 : 0) + evidence.uncertaintyAt(time)));
  const farthest = farthestOf(recorded, modelled);
  const captured = action === "block" ? capturedAnswers(flow, evidence) : [];
  const answers = action === "block" ? [...new Set(outcome?.answers.map(({ kind }) => kind) ?? [])] : [];
  const base = {
    type: "capture-flow",
    host: flow.host,
    flow: flowText(first),
    protocol: flow.protocol,
    layerId,
    layer: layerText(layerId, evidence.windows),
    action,
    filterIds: [...new Set(verdicts.flatMap(({ filterId }) => (filterId === null ? [] : [filterId])))],
    recorded,
    packets: packets.map(({ number, time }) => ({ frame: number, time })),
    packetKind: kindOf(flow, subject),
    modelled,
    answers: { captured, modelled: answers },
    farthest,
  } as const;
  const missing = whyNotCompared(flow, first, evidence, outcome, packets, recorded);
  if (missing !== null) return { ...base, result: "not-compared", notes: [missing] };
  const notes: string[] = [];
  if (recorded.length !== modelled.length) notes.push(`${count(recorded.length, "event")} recorded, the model writes ${modelled.length}`);
  else if (farthest !== null && farthest > near) notes.push(`a time is ${farthest.toFixed(1)} s away from the model's`);
  if (captured.join() !== answers.join()) {
    notes.push(`the capture has ${captured.join(", ") || "no answer"}, the model sends ${answers.join(", ") || "none"}`);
  }
  return { ...base, result: notes.length === 0 ? "agrees" : "differs", notes };
}

/** One blocked connection may be both a packet and a connection to the log: the connection counts. */
function isEventOf({ eventId, layerId }: ModelEvent, action: "permit" | "block"): boolean {
  const subject = subjectOf(layerId);
  if (subject === "connect" || subject === "accept") return eventId === (action === "permit" ? 5156 : 5157);
  return action === "block" && (eventId === 5152 || eventId === 5153);
}

function whyNotCompared(
  flow: FlowCase,
  first: TimedVerdict,
  evidence: FlowEvidence,
  outcome: ModelOutcome | null,
  packets: readonly SeenPacket[],
  recorded: readonly number[],
): string | null {
  if (recorded.length === 0) return "outside the time of the capture";
  if (isContradicted(first, flow.verdicts)) return "the verdict changed while the conversation lasted";
  if (evidence.packets.length === 0) return "the capture has no packet of it";
  if (packets.length === 0)
    return flow.protocol === TCP ? "the capture has not its beginning" : "the capture has no packet that asks for it";
  return outcome === null ? "the capture has not its beginning" : null;
}

/** Packets that ask for the verdict, once each. */
function askingPackets(flow: FlowCase, verdict: TimedVerdict, evidence: FlowEvidence): readonly SeenPacket[] {
  const subject = subjectOf(verdict.layerId);
  const inside = evidence.packets.filter(({ time }) => time >= evidence.from && time <= evidence.to);
  const ofDirection = inside.filter(({ source }) => (source === flow.local) === (verdict.direction === "out") || isOwnGroup(flow, verdict));
  if (subject === "discard") {
    const start = closingTime(flow, evidence);
    return ofDirection.filter(({ time }) => time >= start);
  }
  if (flow.protocol === TCP) return ofDirection.filter(isOpening);
  return ofDirection;
}

/** The host's own multicast that comes back to it: on the wire it goes out. */
function isOwnGroup(flow: FlowCase, verdict: TimedVerdict): boolean {
  return verdict.direction === "in" && verdict.remote === flow.local;
}

function kindOf({ protocol }: FlowCase, subject: Subject | null): string {
  if (subject === "icmp-error-in") return "ICMP error";
  if (isIcmp(protocol)) return "ICMP message";
  if (protocol === TCP) return subject === "discard" ? "segment" : "SYN";
  return protocol === 17 ? "datagram" : "packet";
}

/** What the host sent back on a conversation that it blocked. */
function capturedAnswers(flow: FlowCase, evidence: FlowEvidence): string[] {
  const start = Math.min(closingTime(flow, evidence), Number.MAX_VALUE);
  const found = new Set<string>();
  for (const packet of evidence.packets) {
    if (packet.source !== flow.local || (start !== Number.MAX_VALUE && packet.time < start)) continue;
    if (packet.icmp !== null && isErrorType(packet.protocol, packet.icmp.type)) found.add("ICMP error");
    else if (packet.protocol === TCP && (packet.tcpFlags & TCP_FLAG.rst) !== 0) found.add("RST");
    else if (packet.protocol === TCP && (packet.tcpFlags & (TCP_FLAG.syn | TCP_FLAG.ack)) === (TCP_FLAG.syn | TCP_FLAG.ack))
      found.add("SYN-ACK");
  }
  return [...found];
}

/** Times in order, one to one. */
function farthestOf(recorded: readonly number[], modelled: readonly number[]): number | null {
  if (recorded.length === 0 || recorded.length !== modelled.length) return null;
  const [a, b] = [recorded.toSorted((x, y) => x - y), modelled.toSorted((x, y) => x - y)];
  return Math.max(...a.map((time, index) => Math.abs(time - (b[index] ?? time))));
}

export function layerText(layerId: number, windows: WindowsVersion): string {
  const layer = layersOfWindows(windows).find(({ id }) => id === layerId);
  return layer === undefined ? `layer ${layerId}` : layer.name.replace("FWPM_LAYER_", "");
}

/** `in tcp 192.0.2.1:50000 > 192.0.2.2:445`. */
export function flowText({ direction, protocol, local, localPort, remote, remotePort }: TimedVerdict): string {
  const name = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6" }[protocol] ?? String(protocol);
  if (isIcmp(protocol)) {
    const [from, to] = direction === "out" ? [local, remote] : [remote, local];
    const isNamed = localPort !== 0 || remotePort !== 0;
    return `${direction} ${name} ${from} > ${to}${isNamed ? ` icmp=${localPort}/${remotePort}` : ""}`;
  }
  const [a, b] = [formatEndpoint(parseAddress(local), localPort), formatEndpoint(parseAddress(remote), remotePort)];
  return direction === "out" ? `out ${name} ${a} > ${b}` : `in ${name} ${b} > ${a}`;
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
