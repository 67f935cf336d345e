import type {
  CaptureCheck,
  CaptureClock,
  CaptureFlowCheck,
  CaptureMatch,
  CaptureTally,
  NoPacketReason,
  RecordedVerdict,
  WindowsVersion,
} from "../../../model/index.ts";
import type { PacketBatch } from "../../../wire/index.ts";
import { captureVerdicts } from "./capture-verdicts.ts";
import { checkFlow, type FlowEvidence } from "./check-flow.ts";
import { checkSuppressedErrors } from "./check-suppressed.ts";
import { type ClockOffset, findClockOffset } from "./clock-offset.ts";
import { assignPackets, candidatesOf, clockCandidatesOf } from "./find-packets.ts";
import { type FlowCase, flowCases, hostAddresses, isLoopbackText } from "./flow-case.ts";
import { groupBy } from "./group-by.ts";
import type { ModelEngines, ModelEvent, RecordedRule } from "./model-host.ts";
import { PacketCollector } from "./packet-collector.ts";
import type { SeenPacket } from "./seen-packet.ts";
import { isIcmp, replyKey, subjectOf, type TimedBind, type TimedVerdict, wireKey } from "./timed-verdict.ts";

export interface CaptureMatcherOptions {
  /** Of one host or several, of any source. */
  readonly verdicts: readonly RecordedVerdict[];
  /** Of the hosts that wrote them: what the model's host is. */
  readonly windows: WindowsVersion;
}

/**
 * Looks for the packets of recorded verdicts in a capture: push its packets, then `end`. Memory holds the packets of flows that verdicts
 * are about, nothing else.
 */
export class CaptureMatcher {
  readonly #recorded: readonly RecordedVerdict[];
  readonly #windows: WindowsVersion;
  readonly #verdicts: readonly TimedVerdict[];
  readonly #binds: readonly TimedBind[];
  readonly #collector: PacketCollector;

  constructor({ verdicts: recorded, windows }: CaptureMatcherOptions) {
    const { verdicts, binds } = captureVerdicts(recorded);
    this.#recorded = recorded;
    this.#windows = windows;
    this.#verdicts = verdicts;
    this.#binds = binds;
    this.#collector = new PacketCollector(
      verdicts.map(({ protocol, local, localPort, remote, remotePort }) => {
        return { protocol, source: local, sourcePort: localPort, destination: remote, destinationPort: remotePort };
      }),
    );
  }

  /** The packets of one batch, as CaptureReader hands them out. */
  packets(batch: PacketBatch): void {
    this.#collector.packets(batch);
  }

  /** The capture is over. `capture` is what the report calls it. */
  end(capture: string): CaptureCheck {
    const verdicts = this.#verdicts;
    const collector = this.#collector;
    collector.finish();
    const { packetCount: packets, copies, firstTime, lastTime } = collector;
    const clock = findClockOffset(
      verdicts.map((verdict) => ({ event: verdict.time, packets: clockCandidatesOf(verdict, collector).map(({ time }) => time) })),
    );
    const found = clock === null ? new Map<TimedVerdict, SeenPacket>() : this.#assign(clock);
    const timed = new Map(verdicts.map((verdict) => [verdict.index, verdict]));
    const matches = this.#recorded.map((verdict, index) => {
      const known = timed.get(index);
      return known === undefined ? unmatchable(verdict, index) : this.#match(known, found.get(known), clock);
    });
    const flows = clock === null ? [] : this.#check(clock, found);
    const unmatched = new Map<NoPacketReason, number>();
    for (const { reason } of matches) if (reason !== null) unmatched.set(reason, (unmatched.get(reason) ?? 0) + 1);
    return {
      capture,
      packets,
      copies,
      firstTime,
      lastTime,
      clock: clock === null ? null : clockRecord(clock),
      matches,
      flows,
      matched: matches.filter(({ frame }) => frame !== null).length,
      unmatched,
      byLayer: tallies(flows),
      tally: tallyOf(flows),
    };
  }

  #assign(clock: ClockOffset): Map<TimedVerdict, SeenPacket> {
    const found = new Map<TimedVerdict, SeenPacket>();
    const groups = groupBy(this.#verdicts, (verdict) => `${verdict.host} ${verdict.layerId} ${verdict.action} ${wireKey(verdict)}`);
    for (const group of groups.values()) {
      const [first] = group;
      const ordered = group.toSorted((a, b) => a.time - b.time);
      const packets = assignPackets(ordered, candidatesOf(first, this.#collector), clock);
      for (const [index, verdict] of ordered.entries()) {
        const packet = packets[index];
        if (packet !== undefined) found.set(verdict, packet);
      }
    }
    return found;
  }

  #match(verdict: TimedVerdict, packet: SeenPacket | undefined, clock: ClockOffset | null): CaptureMatch {
    const direction = this.#collector.direction(wireKey(verdict));
    const flow = { verdict: verdict.index, firstFrame: direction?.packets[0]?.number ?? null, packets: direction?.count ?? 0 };
    if (packet !== undefined && clock !== null) {
      return { ...flow, frame: packet.number, apart: clock.toCapture(verdict.time) - packet.time, reason: null };
    }
    return { ...flow, frame: null, apart: null, reason: this.#whyNone(verdict, clock) };
  }

  #whyNone(verdict: TimedVerdict, clock: ClockOffset | null): NoPacketReason {
    const subject = subjectOf(verdict.layerId);
    if (subject === null) return "no-packet-event";
    if (isLoopbackText(verdict.local) || isLoopbackText(verdict.remote)) return "inside-the-host";
    const { firstTime, lastTime } = this.#collector;
    const time = clock?.toCapture(verdict.time);
    if (time !== undefined && firstTime !== null && lastTime !== null && (time < firstTime - 1 || time > lastTime + 1))
      return "outside-the-capture";
    return subject === "icmp-error-out" || (subject === "connect" && verdict.action === "block") ? "never-sent" : "not-captured";
  }

  #check(clock: ClockOffset, found: ReadonlyMap<TimedVerdict, SeenPacket>): CaptureFlowCheck[] {
    const [verdicts, windows] = [this.#verdicts, this.#windows];
    const own = hostAddresses(verdicts);
    const spans = logSpans(verdicts, clock);
    const cases = flowCases(
      verdicts.filter(
        (verdict) => subjectOf(verdict.layerId) !== null && !isLoopbackText(verdict.local) && !isLoopbackText(verdict.remote),
      ),
      own,
    );
    const errors = cases.filter(({ verdicts: list }) => list.some(({ layerId }) => subjectOf(layerId) === "icmp-error-out"));
    const isError = new Set(errors);
    const errorRules = groupBy(errors, ({ host }) => host);
    const suppressed = new Map<string, ModelEvent[]>();
    const checks: CaptureFlowCheck[] = [];
    const engines: ModelEngines = new Map();
    for (const flow of cases) {
      if (isError.has(flow)) continue;
      const evidence: FlowEvidence = {
        windows,
        engines,
        hostAddresses: this.#addressesOf(flow, own),
        packets: this.#packetsOf(flow),
        packetOf: (verdict) => found.get(verdict),
        toCapture: (time) => clock.toCapture(time),
        uncertaintyAt: (time) => clock.uncertaintyAt(time),
        ...this.#span(spans.get(flow.host)),
        errorRules: (errorRules.get(flow.host) ?? []).flatMap(rulesOf),
        hasBound: ({ protocol, localPort, host, verdicts: [{ program }] }) =>
          this.#binds.some(
            (bind) => bind.host === host && bind.protocol === protocol && bind.port === localPort && bind.program === program,
          ),
        boundAgain: (port, after) => this.#boundAgain(flow, port, after, clock),
      };
      const checked = checkFlow(flow, evidence);
      checks.push(...checked.checks);
      const key = `${flow.host} ${flow.remote}`;
      suppressed.set(key, [...(suppressed.get(key) ?? []), ...checked.suppressed]);
    }
    for (const flow of errors) {
      const span = this.#span(spans.get(flow.host));
      const toCapture = (time: number): number => clock.toCapture(time);
      checks.push(
        ...checkSuppressedErrors(flow, {
          windows,
          span,
          toCapture,
          uncertaintyAt: (time) => clock.uncertaintyAt(time),
          modelled: suppressed.get(`${flow.host} ${flow.remote}`) ?? [],
          captured: this.#packetsOf(flow),
        }),
      );
    }
    return checks;
  }

  /** What was both captured and logged. */
  #span(log: { readonly from: number; readonly to: number } | undefined): { readonly from: number; readonly to: number } {
    const { firstTime, lastTime } = this.#collector;
    const from = Math.max(log?.from ?? Number.NEGATIVE_INFINITY, (firstTime ?? 0) - 1);
    return { from, to: Math.min(log?.to ?? Number.POSITIVE_INFINITY, (lastTime ?? 0) + 1) };
  }

  #addressesOf({ host, local, remote }: FlowCase, own: ReturnType<typeof hostAddresses>): string[] {
    const family = (text: string): boolean => text.includes(":");
    const addresses = [...(own.get(host) ?? [])].filter((text) => family(text) === family(local) && text !== remote);
    return addresses.length > 0 ? addresses : [local];
  }

  #packetsOf({ verdicts }: FlowCase): SeenPacket[] {
    const keys = new Set(verdicts.flatMap((verdict) => [wireKey(verdict), replyKey(verdict)]));
    const [first] = verdicts;
    const packets = [...keys].flatMap((key) => this.#collector.direction(key)?.packets ?? []);
    const icmp = isIcmp(first.protocol) ? [] : [...keys].flatMap((key) => this.#collector.errorsAbout(key));
    return [...packets, ...icmp].toSorted((a, b) => a.time - b.time || a.number - b.number);
  }

  #boundAgain({ host, protocol }: FlowCase, port: number, after: number, clock: ClockOffset): number {
    const times = this.#binds
      .filter((bind) => bind.host === host && bind.protocol === protocol && bind.port === port)
      .map(({ time }) => clock.toCapture(time))
      .filter((time) => time > after);
    return Math.min(Number.POSITIVE_INFINITY, ...times);
  }
}

/** A bind or listen has no packet; anything else tells too little. */
function unmatchable({ direction, eventId }: RecordedVerdict, index: number): CaptureMatch {
  const reason = direction === null && eventId !== null && eventId >= 5154 ? "no-packet-event" : "incomplete";
  return { verdict: index, frame: null, apart: null, firstFrame: null, packets: 0, reason };
}

function rulesOf({ verdicts }: FlowCase): RecordedRule[] {
  return verdicts.slice(0, 1).map(({ layerId, filterId, action }) => ({ layerId, filterId: filterId ?? 0n, action }));
}

/** From the first to the last event of each host, by the clock of the capture. */
function logSpans(verdicts: readonly TimedVerdict[], clock: ClockOffset): Map<string | null, { from: number; to: number }> {
  const spans = new Map<string | null, { from: number; to: number }>();
  for (const { host, time } of verdicts) {
    const at = clock.toCapture(time);
    const known = spans.get(host);
    if (known === undefined) spans.set(host, { from: at - 1, to: at + 1 });
    else {
      known.from = Math.min(known.from, at - 1);
      known.to = Math.max(known.to, at + 1);
    }
  }
  return spans;
}

function clockRecord({ zone, skew, spread, votes, voters }: ClockOffset): CaptureClock {
  return { zone, skew, spread, votes, voters };
}

function tallyOf(flows: readonly CaptureFlowCheck[]): CaptureTally {
  const of = (result: CaptureFlowCheck["result"]): number => flows.filter((flow) => flow.result === result).length;
  return { agrees: of("agrees"), differs: of("differs"), notCompared: of("not-compared") };
}

function tallies(flows: readonly CaptureFlowCheck[]): Map<string, CaptureTally> {
  const groups = groupBy(
    flows.toSorted((a, b) => a.layerId - b.layerId),
    ({ layerId, layer, action }) => `${layerId} ${layer} ${action}`,
  );
  return new Map([...groups].map(([name, list]) => [name, tallyOf(list)]));
}
