import type { FlowCoverage, FlowSpec, IpAddress, PacketFate, ReplayFlow, WatchedTcpState } from "../../model/index.ts";
import type { Frame } from "../../wire/index.ts";
import { FATES } from "./fate.ts";
import { type FlowVerdict, PASSES } from "./flow-verdict.ts";

/** What is counted of one direction. */
export class Direction {
  packets = 0;
  bytes = 0;
  retransmissions = 0;
  /** The sequence number after the last byte seen; -1 before the first segment. */
  next = -1;
}

/** A conversation that is being watched. Everything a packet touches is a number in here. */
export class FlowState {
  readonly number: number;
  readonly flow: FlowSpec;
  readonly inbound = new Direction();
  readonly outbound = new Direction();
  readonly fates = new Uint32Array(FATES.length);
  readonly firstTime: number;
  lastTime: number;
  coverage: FlowCoverage;
  tcp: WatchedTcpState | null;
  listener: ReplayFlow["listener"] = "unknown";
  judged: FlowVerdict = PASSES;
  /** Number of the policy that judged it. */
  epoch = 0;
  reauthorized = false;
  /** Which of its packets was the one whose reauthorization failed, counted from 1; 0 where none did. */
  deniedAt = 0;

  /** The last 32 bits of the two addresses. */
  readonly #low: number;
  readonly #remoteLow: number;

  constructor(number: number, flow: FlowSpec, time: number, coverage: FlowCoverage, tcp: WatchedTcpState | null) {
    this.number = number;
    this.flow = flow;
    this.firstTime = time;
    this.lastTime = time;
    this.coverage = coverage;
    this.tcp = tcp;
    this.#low = lowWord(flow.localAddress);
    this.#remoteLow = lowWord(flow.remoteAddress);
  }

  get packets(): number {
    return this.inbound.packets + this.outbound.packets;
  }

  /** Whether the frame goes from this host's end of the flow to the other. */
  isFromLocal({ view, source, family, sourcePort, destinationPort }: Frame): boolean {
    if (this.#low !== this.#remoteLow) return view.getUint32(family === 4 ? source : source + 12) === this.#low;
    // Both ends are this host, or look alike: ports tell.
    return sourcePort === this.flow.localPort || destinationPort === this.flow.remotePort;
  }

  /** A plain record of it. */
  record(): ReplayFlow {
    const oneWay = this.inbound.packets === 0 || this.outbound.packets === 0;
    return {
      number: this.number,
      flow: this.flow,
      listener: this.listener,
      coverage: this.coverage === "whole" && oneWay && this.tcp !== "syn" ? "one-way" : this.coverage,
      state: this.tcp,
      firstTime: this.firstTime,
      lastTime: this.lastTime,
      inbound: countsOf(this.inbound),
      outbound: countsOf(this.outbound),
      verdict: this.judged.verdict,
      decider: this.judged.decider,
      fates: fatesOf(this.fates),
      reauthorized: this.reauthorized,
    };
  }
}

function lowWord(address: IpAddress | undefined): number {
  if (address === undefined) return 0;
  if (address.family === 4) return address.value;
  return new DataView(address.bytes.buffer, address.bytes.byteOffset, 16).getUint32(12);
}

function countsOf({ packets, bytes, retransmissions }: Direction): ReplayFlow["inbound"] {
  return { packets, bytes, retransmissions };
}

/** Counters by fate. */
export function fatesOf(counts: Uint32Array | Float64Array): Record<PacketFate, number> {
  return {
    permitted: counts[0] ?? 0,
    blocked: counts[1] ?? 0,
    suppressed: counts[2] ?? 0,
    indeterminate: counts[3] ?? 0,
    unjudged: counts[4] ?? 0,
  };
}
