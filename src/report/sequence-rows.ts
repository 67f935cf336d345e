import type { IndicationRecord, SessionRecord, WirePacket } from "../model/index.ts";
import { eventText, shortLayerName } from "./event-text.ts";
import { filterLabel } from "./filter-label.ts";
import { truncate } from "./table.ts";
import { resultWord } from "./verdict-text.ts";

/** What a line of a sequence diagram says, from top to bottom; `time` in seconds. */
export type SequenceRow =
  | { readonly kind: "step"; readonly time: number; readonly title: string }
  | {
      readonly kind: "indication";
      readonly time: number;
      readonly host: string;
      readonly verdict: "permit" | "block" | "continue" | "indeterminate";
      readonly what: string;
      readonly word: string;
      readonly filter: string;
      /** The same in full. */
      readonly tooltip: string;
    }
  | { readonly kind: "call"; readonly time: number; readonly host: string; readonly text: string; readonly isOk: boolean }
  | { readonly kind: "note"; readonly time: number; readonly host: string; readonly text: string }
  | { readonly kind: "send"; readonly time: number; readonly packet: number }
  | { readonly kind: "arrival"; readonly time: number; readonly packet: number };

const LONGEST_FILTER = 44;

/** Records and packets in one order: a packet leaves after the records that were there, and arrives before what it causes. */
export function sequenceRows(records: readonly SessionRecord[], packets: readonly WirePacket[]): readonly SequenceRow[] {
  const rows: SequenceRow[] = [];
  const arrivals = packets
    .flatMap(({ arrives }, packet) => (arrives === null ? [] : [{ time: arrives, packet }]))
    .sort((a, b) => a.time - b.time || a.packet - b.packet);
  let sent = 0;
  let arrived = 0;
  for (let index = 0; index <= records.length; index++) {
    for (let packet = packets[sent]; packet !== undefined && packet.after <= index; packet = packets[sent]) {
      rows.push({ kind: "send", time: packet.time, packet: sent++ });
    }
    const record = records[index];
    const until = record?.time ?? Number.POSITIVE_INFINITY;
    for (let next = arrivals[arrived]; next !== undefined && next.time <= until && next.packet < sent; next = arrivals[++arrived]) {
      rows.push({ kind: "arrival", ...next });
    }
    if (record !== undefined) rows.push(...rowsOf(record));
  }
  return rows;
}

function rowsOf(record: SessionRecord): SequenceRow[] {
  const { time } = record;
  switch (record.type) {
    case "step":
      return [{ kind: "step", time, title: record.title }];
    case "indication":
      return [indicationRow(record)];
    case "outcome": {
      const { host, operation, result, detail } = record;
      return [
        { kind: "call", time, host, text: `${operation}() ${result}${detail === undefined ? "" : `: ${detail}`}`, isOk: result === "ok" },
      ];
    }
    case "note":
      return [{ kind: "note", time, host: record.host, text: record.text }];
    default:
      // What the machine logs repeats what the lines say.
      return [];
  }
}

function indicationRow(record: IndicationRecord): SequenceRow {
  const { time, host, decision, layer, event, direction, reauthorize } = record;
  const what = `${eventText(event, direction, layer)}${reauthorize ? " (reauthorize)" : ""}  ${shortLayerName(layer.name)}`;
  const filter = decision.filter === null ? "" : filterLabel(decision.filter);
  const word = resultWord(decision);
  return {
    kind: "indication",
    time,
    host,
    verdict: decision.verdict === "permit" && decision.filter === null ? "continue" : decision.verdict,
    what,
    word,
    filter: truncate(filter, LONGEST_FILTER),
    tooltip: [`${host}: ${what}`, word, filter, decision.code].filter((part) => part !== "").join(", "),
  };
}
