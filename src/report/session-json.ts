import type { IndicationRecord, SessionRecord, UnmetExpectation, WirePacket } from "../model/index.ts";
import { decisionJson } from "./decision-json.ts";
import { type JsonRecord, jsonFields, jsonRecord, jsonSeconds } from "./json-record.ts";

export interface SessionJsonOptions {
  /** Adds the indicated values by field name to every indication. */
  readonly fields?: boolean;
}

/** One record of a session as its line of JSON (docs/json.md). */
export function sessionJson(record: SessionRecord, options: SessionJsonOptions = {}): JsonRecord {
  const time = jsonSeconds(record.time);
  switch (record.type) {
    case "indication":
      return indicationJson(record, time, options);
    case "netevent": {
      const { type, seq, host, flow, filterId, terminatingFilters, direction, time: _, ...rest } = record;
      return jsonRecord(type, {
        seq,
        time,
        host,
        flow,
        ...rest,
        msFwpDirection: direction,
        filterId: String(filterId),
        terminatingFilters: terminatingFilters.map((filter) => ({ ...filter, filterId: String(filter.filterId) })),
      });
    }
    case "audit": {
      const { type, seq, host, eventId, data } = record;
      return jsonRecord(type, { seq, time, host, eventId, ...data });
    }
    default: {
      const { type, seq, time: _, ...rest } = record;
      return jsonRecord(type, { seq, time, ...rest });
    }
  }
}

function indicationJson(record: IndicationRecord, time: number, { fields }: SessionJsonOptions): JsonRecord {
  const { seq, host, event, direction, layer, flow, flags, reauthorize, decision, subLayers, assumed, values } = record;
  return jsonRecord("indication", {
    seq,
    time,
    host,
    event,
    direction,
    layer: layer.name,
    layerId: layer.id,
    flow,
    flags,
    reauthorize,
    ...decisionJson(decision, subLayers),
    ...(assumed === undefined ? {} : { assumed }),
    ...(fields === true ? { fields: jsonFields(layer, values) } : {}),
  });
}

/** A packet that crossed the network, after the record with number `after`. `bytes` are told with the fields. */
export function packetJson(packet: WirePacket, { fields }: SessionJsonOptions = {}): JsonRecord {
  const { time, from, to, link, copies, arrives, text, after, bytes } = packet;
  return jsonRecord("packet", {
    after,
    time: jsonSeconds(time),
    from,
    to,
    link,
    copies,
    arrives: arrives === null ? null : jsonSeconds(arrives),
    text,
    length: bytes.length,
    ...(fields === true ? { bytes: Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") } : {}),
  });
}

/** Something that the scenario expects and that has not happened. */
export function unmetJson({ position: { file, line, column }, expected, found }: UnmetExpectation): JsonRecord {
  return jsonRecord("expectation", { met: false, file, line, column, expected, found });
}

/** The last record of a session: how much happened, and how the calls ended. */
export function sessionSummaryJson(scenario: string, records: readonly SessionRecord[], about: JsonRecord = {}): JsonRecord {
  const indications = records.filter((record) => record.type === "indication");
  const count = (verdict: string) => indications.filter(({ decision }) => decision.verdict === verdict).length;
  const outcomes = records.filter((record) => record.type === "outcome");
  return jsonRecord("summary", {
    scenario,
    indications: indications.length,
    permit: count("permit"),
    block: count("block"),
    indeterminate: count("indeterminate"),
    outcomes: outcomes.length,
    failed: outcomes.filter(({ result }) => result !== "ok").length,
    duration: jsonSeconds(records.at(-1)?.time ?? 0),
    ...about,
  });
}
