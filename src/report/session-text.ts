import type {
  AuditRecord,
  IndicationRecord,
  NetEventRecord,
  OutcomeRecord,
  SessionRecord,
  UnmetExpectation,
  WirePacket,
} from "../model/index.ts";
import { arbitrationLines, candidateLines } from "./arbitration-lines.ts";
import { conditionLines } from "./condition-lines.ts";
import { eventText, shortLayerName } from "./event-text.ts";
import { fieldLines } from "./field-lines.ts";
import { filterLabel, filterNumber } from "./filter-label.ts";
import { filterLines } from "./filter-lines.ts";
import { labelled } from "./labelled.ts";
import { plural } from "./number-text.ts";
import type { PolicyNames } from "./policy-names.ts";
import { type Cell, tableLines } from "./table.ts";
import type { TextOptions } from "./text-options.ts";
import { dependencyTexts, resultPaint, resultWord } from "./verdict-text.ts";

export interface SessionTextOptions extends TextOptions {
  readonly title: string;
  /** `label: text` lines under the title: which policies, which Windows. */
  readonly about: readonly (readonly [string, string])[];
  /** Each host's policy, by host name. */
  readonly names: ReadonlyMap<string, PolicyNames>;
  /** What crossed the network, where that is to be shown. */
  readonly packets?: readonly WirePacket[];
}

type Line = SessionRecord | (WirePacket & { readonly type: "packet" });

const INDENT = "      ";

/**
 * A session as Microsoft's "TCP Packet Flows" lays it out: a heading per phase, under it one line per indication and socket call in their
 * order; a block shows its arbitration and the conditions of the filter that won. Ends in a line break.
 */
export function sessionText(records: readonly SessionRecord[], options: SessionTextOptions): string {
  const { style, width, title, about } = options;
  const lines = sessionLines(records, options);
  const head = [style.bold(title), ...about.flatMap(([label, text]) => labelled(label, text, style, width))];
  return `${[...head, ...lines, "", summaryLine(records)].join("\n")}\n`;
}

/** Packets stand where they left. */
function withPackets(records: readonly SessionRecord[], packets: readonly WirePacket[]): readonly Line[] {
  const lines: Line[] = [];
  let next = 0;
  for (let index = 0; index <= records.length; index++) {
    for (let packet = packets[next]; packet !== undefined && packet.after <= index; packet = packets[++next]) {
      lines.push({ ...packet, type: "packet" });
    }
    const record = records[index];
    if (record !== undefined) lines.push(record);
  }
  return lines;
}

function sessionLines(recorded: readonly SessionRecord[], options: SessionTextOptions): string[] {
  const { style, packets = [] } = options;
  const records = withPackets(recorded, packets);
  // One table for the whole session, so that the columns of all phases stand under each other.
  const rows = tableLines(
    records.map((record) => row(record, options)),
    { indent: "  ", right: [0] },
  );
  const explained = new Set<string>();
  return records.flatMap((record, index) => {
    if (record.type === "step") return ["", style.bold(capitalized(record.title))];
    if (isQuiet(record, options)) return [];
    const line = rows[index] ?? "";
    if (record.type !== "indication") return [line];
    // A retransmission that meets the same filter needs no second explanation.
    const { host, layer, decision } = record;
    const reason = `${host} ${layer.name} ${decision.code} ${decision.filter?.filterId}`;
    if (explained.has(reason) && options.verbose === 0) return [line];
    explained.add(reason);
    return [line, ...details(record, options)];
  });
}

/** What is printed only on request: events that repeat what the lines say. */
function isQuiet(record: Line, { verbose }: TextOptions): boolean {
  return (record.type === "netevent" || record.type === "audit") && verbose === 0;
}

function row(record: Line, options: SessionTextOptions): Cell[] {
  const { style } = options;
  if (record.type === "step" || isQuiet(record, options)) return [];
  const time = { text: `${record.time.toFixed(4)}s`, paint: style.dim };
  switch (record.type) {
    case "packet":
      return [time, record.from, `> ${record.to}`, "", { text: packetText(record), paint: style.dim }];
    case "indication":
      return [time, record.host, ...indicationCells(record, options)];
    case "outcome":
      return [time, record.host, `${record.operation}()`, "", outcomeCell(record, options)];
    case "note":
      return [time, record.host, "", "", { text: record.text, paint: style.dim }];
    case "netevent":
      return [time, record.host, "", "", { text: netEventText(record), paint: style.dim }];
    default:
      return [time, record.host, "", "", { text: auditText(record), paint: style.dim }];
  }
}

function indicationCells(record: IndicationRecord, { style }: TextOptions): Cell[] {
  const { decision, layer } = record;
  const again = record.reauthorize ? " (reauthorize)" : "";
  // A redirected connection is authorized twice (WFP-SHIMS 4.8); the two lines must not look the same.
  const original = record.flags.includes("IS_HONORING_POLICY_AUTHORIZE") ? " (original target)" : "";
  const event = eventText(record.event, record.direction, layer) + again + original;
  return [event, shortLayerName(layer.name), { text: resultWord(decision), paint: resultPaint(decision, style) }, decidedBy(record)];
}

function decidedBy({ decision, layer, assumed, subLayers }: IndicationRecord): string {
  if (decision.verdict === "indeterminate") return `${decision.code}${assumed === undefined ? "" : `, taken as ${assumed}`}`;
  const filters = subLayers.reduce((sum, result) => sum + result.filters, 0);
  if (decision.filter === null) return filters === 0 ? "no filters" : `none of ${plural(filters, "filter")} decides`;
  return `${filterLabel(decision.filter)}${decision.alternatives.length > 1 ? ", if none above it" : ""}${blockRemark(decision, layer)}`;
}

/** What a block does beside blocking: a callout that absorbs (that pends an operation, say) leaves no trace in any log. */
function blockRemark(decision: IndicationRecord["decision"], layer: IndicationRecord["layer"]): string {
  if (decision.verdict !== "block") return "";
  if (decision.absorbed) return ": absorbed, nothing is logged";
  return layer.discardOf === null ? "" : ": the stack does not answer";
}

function outcomeCell({ result, detail }: OutcomeRecord, { style }: TextOptions): Cell {
  const text = detail === undefined ? result : `${result}: ${detail}`;
  return { text, paint: result === "ok" ? style.green : style.red };
}

function details(record: IndicationRecord, options: SessionTextOptions): string[] {
  const { style, verbose, width, names: byHost } = options;
  const { decision, layer, subLayers, values } = record;
  const lines: string[] = [];
  if (verbose > 0) lines.push(...fieldLines(layer, values, options, INDENT));
  const stops = decision.verdict !== "permit";
  if (stops || (verbose > 0 && subLayers.length > 0)) {
    lines.push(...arbitrationLines(subLayers, style, { indent: INDENT, all: verbose > 0 }));
    lines.push(...candidateLines(subLayers, INDENT, verbose > 0));
  }
  if (decision.dependsOn.length > 0) lines.push(...dependencyTexts(decision.dependsOn).map((text) => `${INDENT}depends on ${text}`));
  const names = byHost.get(record.host);
  if (decision.verdict === "block" && decision.filter !== null && names !== undefined) {
    const conditions = conditionLines(decision.filter.conditions, layer, { style, all: verbose > 0 });
    lines.push(...filterLines(decision.filter, { names, layer, indent: INDENT, conditions, width }));
  }
  return lines;
}

function netEventText(record: NetEventRecord): string {
  const kind = record.eventType.replace("FWPM_NET_EVENT_TYPE_", "");
  const origin = record.filterOrigin === null ? "" : `, origin ${record.filterOrigin}`;
  return `net event ${kind} filter ${filterNumber(record.filterId)} layer ${record.layerId}${origin}`;
}

function auditText({ eventId, data }: AuditRecord): string {
  const pairs = Object.entries(data).map(([name, value]) => `${name}=${value}`);
  return `Security log ${eventId} ${pairs.join(" ")}`;
}

function packetText({ text, copies }: WirePacket): string {
  return `${text}${copies === 0 ? " (lost)" : copies > 1 ? ` (${copies} times)` : ""}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function summaryLine(records: readonly SessionRecord[]): string {
  const indications = records.filter((record) => record.type === "indication");
  const count = (verdict: string) => indications.filter(({ decision }) => decision.verdict === verdict).length;
  const failed = records.filter((record) => record.type === "outcome" && record.result !== "ok").length;
  const outcomes = records.filter((record) => record.type === "outcome").length;
  const undecided = count("indeterminate");
  return [
    `${plural(indications.length, "indication")}: ${count("permit")} permitted, ${count("block")} blocked`,
    ...(undecided === 0 ? [] : [`, ${undecided} undecided`]),
    `; ${plural(outcomes, "socket call")}, ${failed} failed`,
  ].join("");
}

/** What a scenario expects and what has not happened of it: a place a compiler would print, what was expected, what was found. */
export function unmetLines(unmet: readonly UnmetExpectation[], checked: number, { style }: TextOptions): string[] {
  if (checked === 0) return [];
  if (unmet.length === 0) return [`${plural(checked, "expectation")}${checked === 1 ? "" : ", all"} met`];
  const lines = unmet.flatMap(({ position: { file, line, column }, expected, found }) => [
    `${style.bold(`${file}:${line}:${column}:`)} expected ${expected}`,
    `  found ${style.red(found)}`,
  ]);
  return [...lines, `${plural(checked, "expectation")}, ${unmet.length} not met`];
}
