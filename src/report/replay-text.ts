import {
  type FlowDecider,
  formatField,
  formatFlow,
  type PacketFate,
  type ReplayFlow,
  type ReplayPacket,
  type ReplaySummary,
  type Verdict,
} from "../model/index.ts";
import { filterLabel } from "./filter-label.ts";
import type { Style } from "./style.ts";
import { type Cell, tableLines } from "./table.ts";
import type { TextOptions } from "./text-options.ts";

const VERDICT_WORD: Readonly<Record<Verdict, string>> = { permit: "permitted", block: "blocked", indeterminate: "indeterminate" };
const FATE_MEANING: Readonly<Record<PacketFate, string>> = {
  permitted: "pass",
  blocked: "are dropped by a filter",
  suppressed: "would not have come about: what they follow or answer is blocked",
  indeterminate: "depend on what is not known",
  unjudged: "belong to no flow of this host",
};
/** Filters and dependencies the summary lists. */
const MOST_ROWS = 20;

export interface ReplayTextOptions extends TextOptions {
  readonly capture: string;
  readonly policy: string;
  /** What was taken for granted, e.g. guessed local addresses. */
  readonly remarks: readonly string[];
}

export interface PacketLineOptions extends TextOptions {
  /** When the first packet was captured. */
  readonly since: Pick<ReplayPacket, "seconds" | "nanoseconds">;
  /** Whether no packet of the flow was printed yet. */
  readonly opens: boolean;
}

/** The sums of a replay. */
export function replaySummaryText(summary: ReplaySummary, options: ReplayTextOptions): string {
  const { style } = options;
  const lines: string[] = [];
  const seconds = summary.firstTime === null || summary.lastTime === null ? 0 : summary.lastTime - summary.firstTime;
  lines.push(`${style.bold(options.capture)} through ${style.bold(options.policy)}`);
  lines.push(
    `${count(summary.packets, "packet")}, ${count(summary.bytes, "byte")}, ${count(summary.flows, "flow")} in ${duration(seconds)}`,
  );
  for (const remark of options.remarks) lines.push(style.dim(`note: ${remark}`));
  lines.push("", style.bold("Flows"));
  const verdicts = (["permit", "block", "indeterminate"] as const).map((verdict): Cell[] => {
    const { flows, packets, bytes } = summary.byVerdict[verdict];
    return [painted(style, verdict), grouped(flows), grouped(packets), grouped(bytes)];
  });
  lines.push(...tableLines([["", "flows", "packets", "bytes"], ...verdicts], { indent: "  ", right: [1, 2, 3] }));
  lines.push("", style.bold("Packets"));
  const fates = Object.entries(summary.byFate).filter(([, packets]) => packets > 0);
  lines.push(
    ...tableLines(
      fates.map(([fate, packets]) => [grouped(packets), FATE_MEANING[fate as PacketFate]]),
      { indent: "  ", right: [0] },
    ),
  );
  if (summary.notIp.size > 0) {
    const kinds = [...summary.notIp].sort((a, b) => b[1] - a[1]).map(([kind, packets]) => `${kind} ${grouped(packets)}`);
    lines.push(style.dim(`  without a flow: ${kinds.join(", ")}`));
  }
  const filters = [...summary.byFilter.values()].sort((a, b) => b.flows - a.flows);
  if (filters.length > 0) {
    lines.push("", style.bold("Filters that decided"));
    const rows = filters
      .slice(0, MOST_ROWS)
      .map(({ filter, layer, verdict, flows, packets }): Cell[] => [
        painted(style, verdict),
        grouped(flows),
        grouped(packets),
        layer,
        filterLabel(filter),
      ]);
    lines.push(...tableLines([["", "flows", "packets", "layer", "filter"], ...rows], { indent: "  ", right: [1, 2], limits: { 4: 90 } }));
    if (filters.length > MOST_ROWS) lines.push(style.dim(`  and ${filters.length - MOST_ROWS} more; --json lists all`));
  }
  if (summary.byDependency.size > 0) {
    lines.push("", style.bold("Indeterminate flows depend on"));
    const rows = [...summary.byDependency].slice(0, MOST_ROWS).map(([what, flows]): Cell[] => [grouped(flows), dependencyText(what)]);
    lines.push(...tableLines(rows, { indent: "  ", right: [0] }));
  }
  return `${lines.join("\n")}\n`;
}

/** One flow in a line. */
export function replayFlowLine(flow: ReplayFlow, { style }: TextOptions): string {
  const { inbound, outbound, decider, coverage, state } = flow;
  const packets = `${inbound.packets}↓ ${outbound.packets}↑`;
  const repeated = inbound.retransmissions + outbound.retransmissions;
  const notes = [
    ...(state === null ? [] : [state]),
    ...(coverage === "whole" ? [] : [coverage]),
    ...(repeated === 0 ? [] : [count(repeated, "retransmission")]),
    ...(flow.reauthorized ? ["reauthorized"] : []),
  ];
  const who = decider === null ? "" : `  ${deciderText(decider)}`;
  const verdict = VERDICT_WORD[flow.verdict].padEnd(13);
  return `${String(flow.number).padStart(6)}  ${paint(style, flow.verdict, verdict)}  ${formatFlow(flow.flow)}  ${packets}${notes.length === 0 ? "" : `  (${notes.join(", ")})`}${who}\n`;
}

/** One packet in a line: number, seconds since the first packet, direction, fate. The first packet of a flow has a line with its ends before it. */
export function replayPacketLine(packet: ReplayPacket, { style, since, opens }: PacketLineOptions): string {
  const { number, direction, flow, fate, event, layers, decider } = packet;
  const time = (packet.seconds - since.seconds + (packet.nanoseconds - since.nanoseconds) / 1e9).toFixed(6).padStart(13);
  const way = direction === null ? " " : direction === "inbound" ? "<" : ">";
  const word = fate.padEnd(13);
  const colour = fate === "permitted" ? style.green : fate === "blocked" ? style.red : fate === "indeterminate" ? style.yellow : style.dim;
  const where = layers.length === 0 ? "" : `  ${layers.map(shortLayer).join(" → ")}`;
  const why = decider === null || fate === "permitted" ? "" : `  ${deciderText(decider)}`;
  const head = opens && packet.ends !== null ? style.bold(`flow ${flow}: ${formatFlow(packet.ends)}\n`) : "";
  return `${head}${String(number).padStart(6)} ${time} ${way} ${colour(word)} ${flow === null ? "" : `flow ${flow} `}${event}${where}${why}\n`;
}

/** What a packet comment of `--write` says. */
export function replayComment(packet: ReplayPacket): string {
  const { fate, decider } = packet;
  if (fate === "permitted" || decider === null) return `wfplab: ${fate}`;
  return `wfplab: ${fate} – ${deciderText(decider)}`;
}

function deciderText({ layer, filter, code, dependsOn }: FlowDecider): string {
  if (dependsOn.length > 0) return `${layer}: depends on ${dependsOn.map(dependencyText).join(", ")}`;
  return filter === null ? `${layer}: ${code}` : `${layer}: ${filterLabel(filter)}`;
}

/** `app` for ALE_APP_ID, as the flow notation and hosts files say it; callouts as they are. */
function dependencyText(what: string): string {
  return what.startsWith("callout ") ? what : formatField(what);
}

function shortLayer(layer: string): string {
  return layer.replace(/_V[46]$/, "");
}

function painted(style: Style, verdict: Verdict): Cell {
  return { text: VERDICT_WORD[verdict], paint: (text) => paint(style, verdict, text) };
}

function paint(style: Style, verdict: Verdict, text: string): string {
  return verdict === "permit" ? style.green(text) : verdict === "block" ? style.red(text) : style.yellow(text);
}

function count(number: number, what: string): string {
  return `${grouped(number)} ${what}${number === 1 ? "" : "s"}`;
}

/** 1,234,567: the digits of long numbers in threes. */
function grouped(number: number): string {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ",");
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  if (seconds >= 86_400) return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}
