import { formatAddress, type RecordedVerdict, type VerifiedEvent, type VerifyReport } from "../model/index.ts";
import { conditionText } from "./condition-text.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";

/** One recorded verdict, recomputed. */
export function verifiedEventJson(event: VerifiedEvent): JsonRecord {
  const { verdict, layer, filter, contradiction, tie } = event;
  return jsonRecord("event", {
    line: verdict.position.line,
    host: verdict.host,
    record: verdict.record,
    time: verdict.time?.text ?? null,
    eventId: verdict.eventId,
    netEvent: verdict.netEvent,
    ...flowJson(verdict),
    layer: layer?.name ?? null,
    layerId: verdict.layerId,
    action: verdict.action,
    filterId: verdict.filterId === null ? null : String(verdict.filterId),
    filterName: filter?.name ?? null,
    result: event.result,
    actionResult: event.action,
    cause: event.cause,
    candidates: event.candidates.map((candidate) =>
      candidate === null ? null : { filterId: String(candidate.filterId), filterName: candidate.name },
    ),
    fitting: event.fitting,
    unknown: event.unknown,
    lag: event.lag,
    contradiction:
      contradiction === null
        ? null
        : {
            summary: contradiction.summary,
            conditions: contradiction.conditions.map(({ condition, truth }) => ({
              condition: conditionText(condition, layer ?? undefined),
              truth,
            })),
            stronger: contradiction.stronger.map(({ filterId, name }) => ({ filterId: String(filterId), filterName: name })),
          },
    tie: tie === null ? null : { weight: String(tie.weight), filters: tie.filters.map(({ filterId }) => String(filterId)) },
    learned: event.learned,
    subLayers: event.subLayers.map(({ filterId, ...rest }) => ({ filterId: String(filterId), ...rest })),
  });
}

function flowJson({ direction, protocol, local, localPort, remote, remotePort, application, processId }: RecordedVerdict): JsonRecord {
  return {
    direction,
    protocol,
    local: local === null ? null : formatAddress(local),
    localPort,
    remote: remote === null ? null : formatAddress(remote),
    remotePort,
    application,
    processId,
  };
}

export function verifySummaryJson({ source, policy, summary }: VerifyReport, remarks: readonly string[]): JsonRecord {
  const { byCause, otherHosts, ...rest } = summary;
  return jsonRecord("summary", {
    source,
    policy,
    ...rest,
    byCause: Object.fromEntries(byCause),
    otherHosts: Object.fromEntries(otherHosts),
    remarks,
  });
}
