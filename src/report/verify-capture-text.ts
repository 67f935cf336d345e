import type { CaptureCheck, CaptureClock, CaptureFlowCheck, CaptureResult, NoPacketReason } from "../model/index.ts";
import { count, plural } from "./number-text.ts";
import type { Style } from "./style.ts";
import { type Cell, tableLines } from "./table.ts";
import type { TextOptions } from "./text-options.ts";

const REASON_TEXT: Readonly<Record<NoPacketReason, string>> = {
  "no-packet-event": "binds and listens, for which no packet is sent",
  "inside-the-host": "inside their host",
  "outside-the-capture": "from before or after the capture",
  "never-sent": "of packets that were never sent, as it should be",
  "not-captured": "without a packet in the capture",
  incomplete: "without addresses or a time",
};

const RANK: Readonly<Record<CaptureResult, number>> = { differs: 0, agrees: 1, "not-compared": 2 };
/** Flows shown one by one; -vv shows all. */
const MOST_SHOWN = 30;

/** Rows of permitted flows that agree are too many to be read: they are shown with -v. */
export function verifyCaptureText(check: CaptureCheck, options: TextOptions & { readonly remarks?: readonly string[] }): string {
  const { style } = options;
  const { capture, packets, copies, firstTime, lastTime, clock, matched, unmatched, flows, tally } = check;
  const seconds = firstTime === null || lastTime === null ? 0 : lastTime - firstTime;
  const twice = copies === 0 ? "" : `, ${count(copies)} of them recorded twice`;
  const lines = ["", `${style.bold("Capture")}  ${capture}: ${plural(packets, "packet")} in ${seconds.toFixed(1)} s${twice}`];
  for (const remark of options.remarks ?? []) lines.push(style.dim(`  note: ${remark}`));
  if (clock === null) {
    lines.push("  No verdict has a packet in it at any difference of the clocks: it is of another time, or of other hosts.");
    return `${lines.join("\n")}\n`;
  }
  lines.push(`  Clocks: ${clockText(clock)}.`, "");
  const reasons = [...unmatched].toSorted((a, b) => b[1] - a[1]);
  const rows: Cell[][] = [
    [count(matched), "with their packet"],
    ...reasons.map(([reason, verdicts]): Cell[] => [count(verdicts), REASON_TEXT[reason]]),
  ];
  lines.push(`  ${style.bold("Verdicts")}`, ...tableLines(rows, { indent: "    ", right: [0] }), "");
  lines.push(`  ${style.bold("Flows")}, as recorded and as the model's host logs them when it gets the same packets`);
  const layers = [...check.byLayer].map(([name, of]): Cell[] => [
    name,
    count(of.agrees),
    of.differs === 0 ? "0" : { text: count(of.differs), paint: style.red },
    count(of.notCompared),
  ]);
  lines.push(...tableLines([["layer", "agree", "differ", "not compared"], ...layers], { indent: "    ", right: [1, 2, 3] }));
  const worth = flows.filter((flow) => isWorthShowing(flow, options)).toSorted((a, b) => RANK[a.result] - RANK[b.result]);
  const shown = worth.slice(0, options.verbose > 1 ? worth.length : MOST_SHOWN);
  if (shown.length > 0) lines.push("", ...shown.flatMap((flow) => flowLines(flow, style)));
  if (worth.length > shown.length) lines.push(style.dim(`  and ${count(worth.length - shown.length)} more; --json lists all`));
  lines.push("", `  ${conclusion(tally.agrees, tally.differs)}`);
  return `${lines.join("\n")}\n`;
}

function conclusion(agrees: number, differs: number): string {
  if (agrees + differs === 0) return "No flow could be compared.";
  if (differs === 0) return `${plural(agrees, "flow")} compared: counts, times and answers agree.`;
  return `${plural(agrees + differs, "flow")} compared: ${plural(differs, "flow")} ${differs === 1 ? "differs" : "differ"}.`;
}

/** Blocks are few and what people ask about. */
function isWorthShowing({ action, result }: CaptureFlowCheck, { verbose }: TextOptions): boolean {
  return verbose > 1 || result === "differs" || (action === "block" && result !== "not-compared") || (verbose > 0 && result === "agrees");
}

/** "the log's is 4 h behind the capture's and 0.9 s beyond that". */
export function clockText({ zone, skew, spread, votes, voters }: CaptureClock): string {
  const quarters = Math.round(Math.abs(zone) / 900);
  const hours = `${Math.floor(quarters / 4)} h${quarters % 4 === 0 ? "" : ` ${(quarters % 4) * 15} min`}`;
  const whole =
    zone === 0 ? "the log and the capture show the same hour" : `the log's is ${hours} ${zone > 0 ? "behind" : "ahead of"} the capture's`;
  const rest = `${skew < 0 ? "-" : "+"}${Math.abs(skew).toFixed(1)} s`;
  const drift = spread > 1 ? `, drifting by ±${spread.toFixed(1)} s` : "";
  return `${whole}, ${rest} beyond that${drift} (${count(votes)} of ${plural(voters, "event")} agree)`;
}

const PAINT: Readonly<Record<CaptureResult, keyof Style>> = { agrees: "green", differs: "red", "not-compared": "dim" };

/** One flow: what was recorded, captured and modelled, and what differs. */
function flowLines(flow: CaptureFlowCheck, style: Style): string[] {
  const { result, layerId, layer, action, host, notes } = flow;
  const where = host === null ? "" : `${host}: `;
  const head = `  ${style[PAINT[result]](result)}  ${where}${flow.flow}  ${action} at ${layerId} ${layer}${filterText(flow)}`;
  const body = `    ${evidenceText(flow)}`;
  return [head, body, ...notes.map((note) => `    ${note}`)];
}

function filterText({ filterIds }: CaptureFlowCheck): string {
  const named = filterIds.filter((id) => id !== 0n);
  return named.length === 0 ? "" : ` by ${named.map((id) => `#${id}`).join(", ")}`;
}

/** "5 events, 5 SYNs in the capture, 5 events by the model, at most 0.3 s apart; no answer". */
export function evidenceText({ recorded, packets, packetKind, modelled, farthest, answers, action, result }: CaptureFlowCheck): string {
  const parts = [
    plural(recorded.length, "event"),
    `${plural(packets.length, packetKind)} in the capture`,
    `${plural(modelled.length, "event")} by the model`,
  ];
  const apart = farthest === null ? "" : `, at most ${farthest.toFixed(1)} s apart`;
  const reply =
    action === "permit" || result === "not-compared"
      ? ""
      : `; ${answers.captured.length === 0 ? "no answer" : `answered with ${answers.captured.join(", ")}`}`;
  return `${parts.join(", ")}${apart}${reply}`;
}
