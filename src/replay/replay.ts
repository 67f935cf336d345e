import type { FilterEngine } from "../engine/index.ts";
import {
  type FlowSpec,
  type Guid,
  LAYER_KEY,
  type Profile,
  type ReplayFlow,
  type ReplayPacket,
  type ReplaySummary,
  type WindowsVersion,
} from "../model/index.ts";
import { decodeFrame, FlowKey, FRAME_KIND, Frame, IP_PROTOCOL, type PacketBatch } from "../wire/index.ts";
import type { EndpointFacts } from "./endpoint-facts.ts";
import { FATES, fateOf, hasData, STAGE_REST, STAGE_SYN, stageOf, UNJUDGED } from "./flow/fate.ts";
import { FlowJudge } from "./flow/flow-judge.ts";
import type { FlowState } from "./flow/flow-state.ts";
import { FlowTable } from "./flow/flow-table.ts";
import { FragmentFlows } from "./flow/fragment-flows.ts";
import type { LocalAddresses, Way } from "./flow/local-addresses.ts";
import { flowOf } from "./flow/new-flow.ts";
import { watchSegment } from "./flow/tcp-watch.ts";
import { packetRecord } from "./packet-record.ts";
import { SummaryBuilder } from "./summary.ts";

/** Seconds without a packet after which a flow is over; what comes later is a new one. TCP's is long, for idle connections live on. */
const IDLE = { tcp: 900, other: 60 } as const;
/** Seconds that a closed connection stays for its last segments. */
const CLOSED = 5;
/** How often flows that are over are looked for, in packets; and how many may be watched before the oldest have to go. */
const SWEEP = 1 << 17;
/** No frame is longer, offloaded ones included. */
const LONGEST = 1 << 20;
const MOST_FLOWS = 250_000;

/** A policy that holds from some time on. */
export interface PolicyEpoch {
  /** Seconds since 1970; the first one's counts for everything before the second. */
  readonly from: number;
  readonly engine: FilterEngine;
}

export interface ReplayOptions {
  /** In order of time, at least one. */
  readonly policies: readonly [PolicyEpoch, ...PolicyEpoch[]];
  readonly windows: WindowsVersion;
  readonly local: LocalAddresses;
  readonly endpoints: EndpointFacts;
  /** Category of the network; unknown unless told. */
  readonly profile?: Profile;
  readonly volumes?: Readonly<Record<string, string>>;
  /** Told of every flow once it is over, or the capture is. */
  readonly onFlow?: (flow: ReplayFlow) => void;
  /** Told of every packet, in order. */
  readonly onPacket?: (packet: ReplayPacket) => void;
}

/**
 * Runs a capture through a policy as one of its hosts would have seen it. Memory does not depend on the length of the capture: flows that
 * are over are handed out and forgotten. A packet of a known flow costs a look-up; filters are asked when a flow begins, and again when
 * the policy changes (WFP-SHIMS 4.5, 4.6).
 */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #judges: readonly FlowJudge[];
  readonly #table = new FlowTable();
  readonly #fragments = new FragmentFlows();
  readonly #frame = new Frame();
  readonly #key = new FlowKey();
  readonly #summary = new SummaryBuilder();
  #judge: FlowJudge;
  #epoch = 0;
  #nextEpoch: number;
  #numbers = 0;
  #untilSweep = SWEEP;

  constructor(options: ReplayOptions) {
    this.#options = options;
    const { windows, volumes, profile } = options;
    const judgeOptions = { windows, ...(volumes === undefined ? {} : { volumes }), ...(profile === undefined ? {} : { profile }) };
    this.#judges = options.policies.map(({ engine }) => new FlowJudge(engine, judgeOptions));
    this.#judge = this.#judgeOf(0);
    this.#nextEpoch = options.policies[1]?.from ?? Number.POSITIVE_INFINITY;
  }

  /** The packets of one batch, as CaptureReader hands them out. */
  packets(batch: PacketBatch): void {
    for (let index = 0; index < batch.count; index++) this.#packet(batch, index);
    this.#untilSweep -= batch.count;
    if (this.#untilSweep > 0 && this.#table.size < MOST_FLOWS) return;
    this.#untilSweep = SWEEP;
    this.#sweep();
  }

  /** The capture is over: the flows that are left, and the sums. */
  end(): ReplaySummary {
    this.#table.sweep(
      () => true,
      (flow) => this.#ended(flow),
    );
    return this.#summary.get();
  }

  #packet(batch: PacketBatch, index: number): void {
    const frame = this.#frame;
    const captured = batch.captured[index] ?? 0;
    const told = batch.original[index] ?? 0;
    // Some tools leave rubbish in the length of a packet that was not cut.
    const original = told > LONGEST ? captured : told;
    decodeFrame(frame, batch.view, batch.offset[index] ?? 0, captured, original, batch.linkType[index] ?? 0);
    const time = (batch.seconds[index] ?? 0) + (batch.nanoseconds[index] ?? 0) / 1e9;
    const summary = this.#summary;
    summary.packets++;
    summary.bytes += original;
    summary.firstTime ??= time;
    summary.lastTime = time;
    if (time >= this.#nextEpoch) this.#changePolicy(time);
    const flow = this.#key.set(frame) ? this.#flowOf(frame, time) : null;
    if (flow === null) {
      this.#unjudged(batch, index, frame);
      return;
    }
    const isOutbound = flow.isFromLocal(frame);
    const direction = isOutbound ? flow.outbound : flow.inbound;
    direction.packets++;
    direction.bytes += original;
    flow.lastTime = time;
    let stage = STAGE_REST;
    if (frame.protocol === IP_PROTOCOL.tcp && frame.transport >= 0) {
      stage = stageOf(frame.tcpFlags, flow.tcp);
      watchSegment(flow, direction, isOutbound, frame.tcpFlags, frame.sequence, frame.payloadLength);
      if (flow.tcp === "refused" && flow.listener === "unknown" && flow.flow.direction === "in") this.#nobodyListens(flow);
    }
    if (flow.epoch !== this.#epoch) this.#meetPolicy(flow, stage);
    const fate = fateOf(flow, isOutbound, stage, hasData(frame));
    flow.fates[fate] = (flow.fates[fate] ?? 0) + 1;
    summary.fate(fate);
    const { onPacket } = this.#options;
    if (onPacket !== undefined) onPacket(packetRecord(batch, index, frame, flow, isOutbound, stage, FATES[fate] ?? "unjudged"));
  }

  /** The flow of a frame with IP, a new one if need be; null where the frame is nobody's here. */
  #flowOf(frame: Frame, time: number): FlowState | null {
    if (frame.fragmentOffset > 0) return this.#fragments.find(frame);
    const known = this.#table.find(this.#key);
    if (known !== undefined && !isOver(known, time)) {
      if (frame.moreFragments) this.#fragments.add(frame, known);
      return known;
    }
    const way = this.#options.local.wayOf(frame);
    if (way === "foreign" || frame.protocol < 0) return null;
    return this.#begin(frame, way, time, known);
  }

  #begin(frame: Frame, way: Way, time: number, former: FlowState | undefined): FlowState {
    if (former !== undefined) {
      this.#table.remove(this.#key);
      this.#ended(former);
    }
    const { endpoints, profile } = this.#options;
    const flow = flowOf(frame, way, ++this.#numbers, time, { endpoints, profile });
    flow.epoch = this.#epoch;
    this.#table.add(this.#key, flow);
    if (this.#table.size > this.#summary.peakFlows) this.#summary.peakFlows = this.#table.size;
    if (frame.moreFragments) this.#fragments.add(frame, flow);
    this.#judge.judge(flow, true);
    return flow;
  }

  /** A reset answers the SYN: the port is closed, and other layers decide what the peer sees (WFP-SHIMS 4.3.4). */
  #nobodyListens(flow: FlowState): void {
    flow.listener = "no";
    this.#judge.judge(flow, false);
  }

  /** The first packet of a flow after a change of the policy. */
  #meetPolicy(flow: FlowState, stage: number): void {
    if (flow.judged.verdict === "block" && flow.tcp !== null) {
      // Only another SYN gives a connection that was blocked a second chance.
      if (stage !== STAGE_SYN || flow.deniedAt > 0) return;
      flow.epoch = this.#epoch;
      this.#judge.judge(flow, flow.listener !== "no");
      return;
    }
    const before = this.#judgeOf(flow.epoch);
    flow.epoch = this.#epoch;
    if (flow.judged.verdict === "block" || flow.tcp === "syn" || flow.tcp === "refused") this.#judge.judge(flow, flow.listener !== "no");
    else if (this.#judge.differsFrom(before, authorizingLayer(flow.flow))) this.#judge.reauthorize(flow);
    else this.#judge.meetLater(flow);
  }

  #changePolicy(time: number): void {
    const { policies } = this.#options;
    while (this.#epoch + 1 < policies.length && time >= (policies[this.#epoch + 1]?.from ?? Number.POSITIVE_INFINITY)) this.#epoch++;
    this.#judge = this.#judgeOf(this.#epoch);
    this.#nextEpoch = policies[this.#epoch + 1]?.from ?? Number.POSITIVE_INFINITY;
  }

  #judgeOf(epoch: number): FlowJudge {
    const judge = this.#judges[epoch] ?? this.#judges[0];
    if (judge === undefined) throw new RangeError("a replay needs a policy");
    return judge;
  }

  #unjudged(batch: PacketBatch, index: number, frame: Frame): void {
    this.#summary.fate(UNJUDGED);
    this.#summary.notIp(kindOf(frame, this.#options.local));
    this.#options.onPacket?.(packetRecord(batch, index, frame, null, false, 0, "unjudged"));
  }

  #sweep(): void {
    const now = this.#summary.lastTime ?? 0;
    this.#table.sweep(
      (flow) => isOver(flow, now),
      (flow) => this.#ended(flow),
    );
    // Still too many: those that have been quiet longest go, and are new flows if they speak again.
    for (let idle = IDLE.tcp / 2; this.#table.size >= MOST_FLOWS && idle > 1e-6; idle /= 2) {
      this.#table.sweep(
        (flow) => now - flow.lastTime > idle,
        (flow) => this.#ended(flow),
      );
    }
  }

  #ended(flow: FlowState): void {
    const record = flow.record();
    this.#summary.flow(record);
    this.#options.onFlow?.(record);
  }
}

function isOver({ tcp, lastTime }: FlowState, now: number): boolean {
  const idle = now - lastTime;
  if (tcp === null) return idle > IDLE.other;
  return idle > (tcp === "closed" || tcp === "reset" || tcp === "refused" ? CLOSED : IDLE.tcp);
}

/** The layer that authorizes a flow, and is asked again when its filters have changed. */
function authorizingLayer({ direction, family = 4 }: FlowSpec): Guid {
  if (direction === "in") return family === 4 ? LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4 : LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V6;
  return family === 4 ? LAYER_KEY.ALE_AUTH_CONNECT_V4 : LAYER_KEY.ALE_AUTH_CONNECT_V6;
}

/** What a frame is that belongs to no flow. */
function kindOf(frame: Frame, local: LocalAddresses): string {
  switch (frame.kind) {
    case FRAME_KIND.arp:
      return "ARP";
    case FRAME_KIND.wifi:
      return "802.11";
    case FRAME_KIND.unsupportedLink:
      return "unknown link type";
    case FRAME_KIND.malformed:
      return "malformed";
    case FRAME_KIND.notIp:
      return "not IP";
    default:
      return frame.fragmentOffset > 0 && local.wayOf(frame) !== "foreign" ? "fragment without its first part" : "of other hosts";
  }
}
