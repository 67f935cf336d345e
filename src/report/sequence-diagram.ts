import type { SessionRecord, WirePacket } from "../model/index.ts";
import { plural } from "./number-text.ts";
import { type SequenceRow, sequenceRows } from "./sequence-rows.ts";
import { element, xmlText } from "./svg-text.ts";
import { widthOf } from "./table.ts";

export interface SequenceDiagramOptions {
  readonly title: string;
  /** Hosts from left to right, with a line about each: its policy. */
  readonly hosts: readonly { readonly name: string; readonly about: string }[];
}

/** Pixels of a letter at the size of the text, and heights of the rows. */
const LETTER = 6.65;
const HEADING_LETTER = 7.3;
const TITLE_LETTER = 10.3;
const ROW = 17;
const HEIGHT = { step: 38, indication: ROW, call: ROW, note: ROW, send: 30, arrival: 12 } as const;
const GUTTER = 74;
const MARGIN = 20;
/** Between a lifeline and the text beside it. */
const BESIDE = 10;
/** Between two lifelines at least, and between them and what stands on arrows. */
const GAP = 200;
const ARROW_MARGIN = 30;
const HEADER = 118;
const HOST_HEIGHT = 36;

const COLOUR = { permit: "#116329", block: "#b3151d", continue: "#57606a", indeterminate: "#7d4e00" } as const;

const STYLE = `text{font-family:Consolas,Menlo,DejaVu Sans Mono,monospace;font-size:11px;fill:#1f2328}
.title{font-size:17px;font-weight:bold}.host{font-size:13px;font-weight:bold}.step{font-size:12px;font-weight:bold}
.dim{fill:#57606a}.halo{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}
.life{stroke:#8c959f;stroke-dasharray:3 3}.arrow{stroke:#1f2328;stroke-width:1.3;fill:none}.lost{stroke:#b3151d;stroke-dasharray:5 3}
${Object.entries(COLOUR)
  .map(([name, colour]) => `.${name}{fill:${colour}}.mark-${name}{stroke:${colour};fill:${colour}}`)
  .join("")}.block{font-weight:bold}`;

/**
 * A session as an SVG sequence diagram: a lifeline for each host, what crosses the network as arrows from when it leaves to when it arrives,
 * and beside each lifeline the layers that were indicated there, with verdict and filter. Text stays text, so that it can be searched and
 * read aloud; verdicts differ in word and mark, not in colour only. Ends in a line break.
 */
export function sequenceDiagram(
  records: readonly SessionRecord[],
  packets: readonly WirePacket[],
  options: SequenceDiagramOptions,
): string {
  const rows = sequenceRows(records, packets);
  const plan = layout(rows, packets, options);
  const { width, height, lives, tops } = plan;
  const body = [
    element("rect", { width, height, fill: "#fff" }),
    element("text", { x: MARGIN, y: 34, class: "title" }, xmlText(options.title)),
    ...[...lives.keys()].flatMap((name) => hostParts(name, options, plan)),
    ...[...lives].map(([, x]) => element("line", { x1: x, y1: HEADER - 8, x2: x, y2: height - MARGIN, class: "life" })),
    ...rows.flatMap((row, index) => rowParts(row, tops[index] ?? 0, plan, isNewTime(rows, index))),
    ...packets.map((packet, index) => arrow(packet, index, options, plan)),
  ];
  const indications = rows.filter(({ kind }) => kind === "indication").length;
  const about = `${plural(indications, "indication")} on ${plural(options.hosts.length, "host")}, ${plural(packets.length, "packet")}`;
  const head = [
    element("title", { id: "title" }, xmlText(options.title)),
    element("desc", { id: "about" }, xmlText(about)),
    element("style", {}, xmlText(STYLE)),
    element("defs", {}, element("marker", MARKER, element("path", { d: "M0 0L10 5L0 10z", fill: "#1f2328" }))),
  ];
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: "graphics-document",
    "aria-labelledby": "title",
    "aria-describedby": "about",
    lang: "en",
  };
  return `${element("svg", attributes, `\n${[...head, ...body].join("\n")}\n`)}\n`;
}

const MARKER = { id: "head", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 7, markerHeight: 7, orient: "auto" };

interface Plan {
  readonly width: number;
  readonly height: number;
  /** Where the lifelines stand, by host, from left to right. */
  readonly lives: ReadonlyMap<string, number>;
  /** Whose text stands to the left of the lifeline: the first one's, where there is another. */
  readonly left: string | null;
  /** Top of each row. */
  readonly tops: readonly number[];
  /** Rows in which packets leave and arrive, by packet. */
  readonly sends: ReadonlyMap<number, number>;
  readonly arrivals: ReadonlyMap<number, number>;
}

function layout(rows: readonly SequenceRow[], packets: readonly WirePacket[], { title, hosts }: SequenceDiagramOptions): Plan {
  const strangers = packets.map(({ from }) => from).filter((name) => !hosts.some((host) => host.name === name));
  const names = [...hosts.map(({ name }) => name), ...new Set(strangers)];
  const [first = ""] = names;
  const left = names.length > 1 ? first : null;
  const lives = new Map<string, number>();
  const textWidth = (name: string) =>
    widest(rows, (row) => ("host" in row && row.host === name ? rowWidth(row) : 0), aboutWidth(name, hosts));
  const known = new Set(names);
  const gap = widest(packets, (packet) => LETTER * widthOf(labelOf(packet, known)) + 2 * ARROW_MARGIN, GAP);
  let x = MARGIN + GUTTER + (left === null ? BESIDE : textWidth(first) + BESIDE);
  for (const [index, name] of names.entries()) {
    lives.set(name, x);
    const own = name === left ? 0 : textWidth(name) + 3 * BESIDE;
    x += index === names.length - 1 ? Math.max(own, aboutWidth(name, hosts) / 2) : Math.max(gap, own);
  }
  const heading = widest(rows, (row) => (row.kind === "step" ? widthOf(row.title) * HEADING_LETTER : 0), widthOf(title) * TITLE_LETTER);
  x = Math.max(x, MARGIN + heading);
  const tops: number[] = [];
  let y = HEADER;
  for (const { kind } of rows) {
    tops.push(y);
    y += HEIGHT[kind];
  }
  return {
    width: Math.ceil(x + MARGIN),
    height: Math.ceil(y + 2 * MARGIN),
    lives,
    left,
    tops,
    sends: rowsOf("send", rows),
    arrivals: rowsOf("arrival", rows),
  };
}

function rowsOf(kind: "send" | "arrival", rows: readonly SequenceRow[]): ReadonlyMap<number, number> {
  return new Map(rows.flatMap((row, index) => (row.kind === kind ? [[row.packet, index]] : [])));
}

function widest<T>(items: readonly T[], widthOfItem: (item: T) => number, least: number): number {
  return items.reduce((most, item) => Math.max(most, widthOfItem(item)), least);
}

function aboutWidth(name: string, hosts: SequenceDiagramOptions["hosts"]): number {
  const host = hosts.find((candidate) => candidate.name === name);
  return LETTER * Math.max(widthOf(name) * 1.2 + 4, Math.min(30, widthOf(host?.about ?? "")));
}

function rowWidth(row: Extract<SequenceRow, { host: string }>): number {
  return LETTER * widthOf(row.kind === "indication" ? `${row.what}  ${row.word}  ${row.filter}` : row.text);
}

function hostParts(name: string, { hosts }: SequenceDiagramOptions, { lives, left }: Plan): string[] {
  const about = hosts.find((host) => host.name === name)?.about ?? "sends packets of its own";
  const x = lives.get(name) ?? 0;
  const box = widthOf(name) * 8.2 + 24;
  const beside = name === left ? { x: x + box / 2, anchor: "end" } : { x: x - box / 2, anchor: "start" };
  return [
    element("rect", { x: x - box / 2, y: 72, width: box, height: HOST_HEIGHT, rx: 4, fill: "#eef1f4", stroke: "#8c959f" }),
    element("text", { x, y: 94, "text-anchor": "middle", class: "host" }, xmlText(name)),
    element("text", { x: beside.x, y: 64, "text-anchor": beside.anchor, class: "dim" }, xmlText(about)),
  ];
}

/** Times stand where they begin, and under every heading. */
function isNewTime(rows: readonly SequenceRow[], index: number): boolean {
  for (let before = index - 1; before >= 0; before--) {
    const row = rows[before];
    if (row === undefined || row.kind === "step") return true;
    if (row.kind !== "send" && row.kind !== "arrival") return row.time !== rows[index]?.time;
  }
  return true;
}

function rowParts(row: SequenceRow, top: number, plan: Plan, showsTime: boolean): string[] {
  const y = top + 12;
  if (row.kind === "step") {
    return [
      element("line", { x1: MARGIN, y1: top + 10, x2: plan.width - MARGIN, y2: top + 10, stroke: "#d0d7de" }),
      element("text", { x: MARGIN, y: top + 28, class: "step halo" }, xmlText(capitalized(row.title))),
    ];
  }
  if (row.kind === "send" || row.kind === "arrival") return [];
  const x = plan.lives.get(row.host) ?? 0;
  const isLeft = row.host === plan.left;
  const at = { x: isLeft ? x - BESIDE : x + BESIDE, y, ...(isLeft ? { "text-anchor": "end" } : {}) };
  const time = showsTime ? element("text", { x: MARGIN, y, class: "dim" }, `${row.time.toFixed(4)}s`) : "";
  if (row.kind === "indication") {
    const filter = row.filter === "" ? "" : element("tspan", { class: "dim" }, xmlText(`  ${row.filter}`));
    const text = `${xmlText(row.what)}  ${element("tspan", { class: row.verdict }, xmlText(row.word))}${filter}`;
    const line = element("text", { ...at, class: "halo", "xml:space": "preserve" }, text);
    return [element("g", {}, element("title", {}, xmlText(row.tooltip)) + time + mark(row.verdict, x, y - 4) + line)];
  }
  const colour = row.kind === "note" ? "dim" : row.isOk ? "permit" : "block";
  return [element("g", {}, time + element("text", { ...at, class: `${colour} halo` }, xmlText(row.text)))];
}

/** A cross where it ends, a disc where a filter lets it pass, a ring where nobody decides. */
function mark(verdict: Extract<SequenceRow, { kind: "indication" }>["verdict"], x: number, y: number): string {
  if (verdict === "block") {
    return element("path", { d: `M${x - 4} ${y - 4}l8 8m0-8l-8 8`, class: "mark-block", "stroke-width": 2.2 });
  }
  if (verdict === "continue") return element("circle", { cx: x, cy: y, r: 2.6, fill: "#fff", stroke: COLOUR.continue });
  return element("circle", { cx: x, cy: y, r: 3.4, class: `mark-${verdict}` });
}

/** Where arrows end: a group's packet comes to every host, one that nobody has gets nowhere. */
function endsOf({ from, to, copies }: WirePacket, { hosts }: SequenceDiagramOptions, lives: Plan["lives"]): readonly number[] {
  const known = lives.get(to);
  if (known !== undefined) return [known];
  const others = hosts.filter(({ name }) => name !== from).map(({ name }) => lives.get(name) ?? 0);
  return copies === 0 ? others.slice(0, 1) : others;
}

/** What stands on an arrow; the receiver where no lifeline is its. */
function labelOf({ text, to, copies }: WirePacket, lives: { has(name: string): boolean }): string {
  const fate = copies === 0 ? " (lost)" : copies > 1 ? ` (${copies} times)` : "";
  return `${text}${lives.has(to) ? "" : ` to ${to}`}${fate}`;
}

function arrow(packet: WirePacket, index: number, options: SequenceDiagramOptions, plan: Plan): string {
  const { lives, tops } = plan;
  const leaves = tops[plan.sends.get(index) ?? 0] ?? 0;
  const comes = plan.arrivals.get(index);
  const { from, to, copies, time } = packet;
  const x1 = lives.get(from) ?? 0;
  const y1 = leaves + 18;
  const isLost = copies === 0;
  const y2 = comes === undefined ? y1 + 8 : (tops[comes] ?? 0) + 6;
  const ends = endsOf(packet, options, lives);
  const parts = ends.map((end) => {
    const x2 = isLost ? x1 + (end - x1) * 0.7 : end;
    const line = element("path", {
      d: `M${x1} ${y1}L${x2} ${y2}`,
      class: isLost ? "arrow lost" : "arrow",
      "marker-end": isLost ? undefined : "url(#head)",
    });
    return isLost ? line + element("path", { d: `M${x2 - 4} ${y2 - 4}l8 8m0-8l-8 8`, class: "mark-block", "stroke-width": 2.2 }) : line;
  });
  const target = ends[0] ?? x1 + GAP;
  const label = labelOf(packet, lives);
  const middle = { x: (x1 + target) / 2, y: Math.min(y1, y2) - 5 };
  const tooltip = element("title", {}, xmlText(`${time.toFixed(4)}s ${from} to ${to}: ${label}`));
  return element(
    "g",
    {},
    `${tooltip}${parts.join("")}${element("text", { ...middle, "text-anchor": "middle", class: "halo" }, xmlText(label))}`,
  );
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
