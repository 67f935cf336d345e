import type { CaptureFlowCheck, WindowsVersion } from "../../../model/index.ts";
import { count, flowText, layerText } from "./check-flow.ts";
import { isErrorType } from "./find-packets.ts";
import type { FlowCase } from "./flow-case.ts";
import { groupBy } from "./group-by.ts";
import type { ModelEvent } from "./model-host.ts";
import type { SeenPacket } from "./seen-packet.ts";

export interface SuppressedEvidence {
  readonly windows: WindowsVersion;
  readonly span: { readonly from: number; readonly to: number };
  readonly toCapture: (time: number) => number;
  /** Seconds that such a time may be wrong by. */
  readonly uncertaintyAt: (time: number) => number;
  /** ICMP errors to this peer that the model's host was kept from sending. */
  readonly modelled: readonly ModelEvent[];
  /** ICMP messages between the two in the capture. */
  readonly captured: readonly SeenPacket[];
}

/** Seconds that an event may be away from the discarded datagram. */
const NEAR = 1;

/**
 * ICMP errors that a filter kept the host from sending. The log has one a discarded datagram at most: Windows limits how many errors it
 * makes (RFC 1812 4.3.2.8, RFC 4443 2.4 f), so of datagrams that come close together only the first has one. None may be in the capture.
 */
export function checkSuppressedErrors(flow: FlowCase, evidence: SuppressedEvidence): CaptureFlowCheck[] {
  const { windows, span, toCapture } = evidence;
  const groups = groupBy(flow.verdicts, ({ layerId, action }) => `${layerId} ${action}`);
  return [...groups.values()].map((verdicts): CaptureFlowCheck => {
    const [first] = verdicts;
    const { layerId, action } = first;
    const near = NEAR + Math.max(...verdicts.map(({ time, isWholeSecond }) => (isWholeSecond ? 1 : 0) + evidence.uncertaintyAt(time)));
    const recorded = verdicts.map(({ time }) => toCapture(time)).filter((time) => time >= span.from && time <= span.to);
    const modelled = evidence.modelled.filter((event) => event.layerId === layerId).map(({ time }) => time);
    const errors = evidence.captured.filter(
      ({ source, protocol, icmp }) => source === flow.local && icmp !== null && isErrorType(protocol, icmp.type),
    );
    const distances = recorded.map((time) => Math.min(...modelled.map((other) => Math.abs(other - time))));
    const notes: string[] = [];
    const alone = distances.filter((distance) => distance > near).length;
    if (alone > 0) notes.push(`${count(alone, "recorded error")} to no datagram that was discarded`);
    const unlogged = modelled.filter((time) => recorded.every((other) => Math.abs(other - time) > near)).length;
    if (unlogged > 0) notes.push(`${count(unlogged, "discarded datagram")} without an error that was suppressed`);
    if (errors.length > 0 && action === "block") notes.push(`the capture has ${count(errors.length, "ICMP error")} all the same`);
    const isNone = recorded.length === 0 || modelled.length === 0;
    const limited = modelled.length - recorded.length;
    const remarks = limited > 0 ? [`${count(limited, "more datagram")} came close to another: Windows limits the rate of ICMP errors`] : [];
    return {
      type: "capture-flow",
      host: flow.host,
      flow: flowText(first),
      protocol: flow.protocol,
      layerId,
      layer: layerText(layerId, windows),
      action,
      filterIds: [...new Set(verdicts.flatMap(({ filterId }) => (filterId === null ? [] : [filterId])))],
      recorded,
      packets: errors.map(({ number, time }) => ({ frame: number, time })),
      packetKind: "ICMP error",
      modelled,
      answers: { captured: errors.length > 0 ? ["ICMP error"] : [], modelled: [] },
      farthest: distances.length === 0 || modelled.length === 0 ? null : Math.max(...distances),
      result: isNone ? "not-compared" : notes.length === 0 ? "agrees" : "differs",
      notes: isNone
        ? [recorded.length === 0 ? "outside the time of the capture" : "no datagram that was discarded is in the capture"]
        : [...notes, ...remarks],
    };
  });
}
