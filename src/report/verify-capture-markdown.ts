import type { CaptureCheck } from "../model/index.ts";
import { markdownText } from "./markdown-text.ts";
import { count, plural } from "./number-text.ts";
import { clockText, evidenceText } from "./verify-capture-text.ts";

/** The section of a Markdown report: a table of layers, and the flows that differ. */
export function verifyCaptureMarkdown(check: CaptureCheck, remarks: readonly string[]): string {
  const { capture, packets, clock, matched, matches, byLayer, flows } = check;
  const lines = ["", `### Capture \`${capture}\``, ""];
  // What is wrong with the file bears on every row below.
  for (const remark of remarks) lines.push(`- ${markdownText(remark)}`);
  if (remarks.length > 0) lines.push("");
  if (clock === null) return `${[...lines, `${plural(packets, "packet")}; no verdict has a packet in it.`].join("\n")}\n`;
  lines.push(
    `${plural(packets, "packet")}; ${count(matched)} of ${plural(matches.length, "verdict")} have theirs. Clocks: ${clockText(clock)}.`,
    "",
  );
  lines.push("| layer | agree | differ | not compared |", "|---|---:|---:|---:|");
  for (const [layer, of] of byLayer) lines.push(`| ${layer} | ${count(of.agrees)} | ${count(of.differs)} | ${count(of.notCompared)} |`);
  const wrong = flows.filter(({ result }) => result === "differs");
  if (wrong.length > 0) lines.push("", "| flow | layer | recorded, captured, modelled | differs in |", "|---|---|---|---|");
  for (const flow of wrong) {
    const cells = [`\`${flow.flow}\``, `${flow.layerId} ${flow.layer} ${flow.action}`, evidenceText(flow), flow.notes.join("; ")];
    lines.push(`| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
  }
  return `${lines.join("\n")}\n`;
}
