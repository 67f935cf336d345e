import type { VerifyReport } from "../model/index.ts";
import { filterLabel } from "./filter-label.ts";
import { markdownText } from "./markdown-text.ts";
import { count, plural } from "./number-text.ts";
import { CAUSE_TEXT, conclusionText, countsByLayer, openFields, recordedFlowText, tieText } from "./verify-lines.ts";
import { isWrong } from "./verify-text.ts";

const MOST_SHOWN = 50;

/** The report for a pull request or a ticket. */
export function verifyMarkdown({ source, policy, events, summary }: VerifyReport, remarks: readonly string[]): string {
  const lines = [`## Recorded verdicts: ${markdownText(source)}`, "", conclusionText(summary), ""];
  const hosts = summary.hosts.filter((host) => host !== "").map(markdownText);
  lines.push(
    `${plural(summary.events, "verdict")}${hosts.length === 0 ? "" : ` of ${hosts.join(", ")}`}, compared with ${markdownText(policy)}.`,
    "",
  );
  for (const remark of remarks) lines.push(`- ${markdownText(remark)}`);
  for (const [host, verdicts] of summary.otherHosts) lines.push(`- ${plural(verdicts, "verdict")} of ${markdownText(host)} left out`);
  if (remarks.length + summary.otherHosts.size > 0) lines.push("");
  const rows = countsByLayer(events);
  if (rows.length > 0) {
    lines.push("| layer | exact | compatible | candidates | contradiction | unresolvable |", "|---|---:|---:|---:|---:|---:|");
    for (const row of rows) {
      const numbers = [row.exact, row.compatible, row.candidates ?? "", row.contradiction, row.unresolvable];
      lines.push(`| ${row.layer} | ${numbers.join(" | ")} |`);
    }
    lines.push("");
  }
  for (const [cause, verdicts] of summary.byCause) lines.push(`- unresolvable: ${count(verdicts)} ${CAUSE_TEXT[cause]}`);
  const { agrees, open, differs, notJudged } = summary.unnamed;
  if (agrees + open + differs + notJudged > 0) {
    lines.push(
      `- verdicts without a filter: ${count(agrees)} agree, ${count(open)} open, ${count(differs)} differ, ${count(notJudged)} not judged`,
    );
  }
  const ties = tieText(summary);
  if (ties !== undefined) lines.push(`- ${ties}`);
  const fields = openFields(events);
  if (fields.length > 0) lines.push(`- not recorded: ${fields.map(([field, verdicts]) => `\`${field}\` (${count(verdicts)})`).join(", ")}`);
  for (const { what, about, value, line } of summary.learned)
    lines.push(`- learned from line ${line}: ${what} of ${markdownText(about)} is ${markdownText(value)}`);
  const wrong = events.filter(isWrong);
  if (wrong.length > 0) {
    lines.push("", "### Contradictions", "", "| line | verdict | recorded | why | expected |", "|---:|---|---|---|---|");
    for (const { verdict, filter, contradiction, candidates } of wrong.slice(0, MOST_SHOWN)) {
      const expected = (contradiction?.stronger ?? candidates).map((other) => (other === null ? "no filter" : filterLabel(other)));
      const recorded = filter === null ? verdict.action : filterLabel(filter);
      const why = contradiction?.summary ?? "permit and block differ";
      const cells = [
        verdict.position.line,
        `${verdict.action} ${recordedFlowText(verdict)}`,
        recorded,
        why,
        expected.slice(0, 3).join(", "),
      ];
      lines.push(`| ${cells.map((text) => markdownText(String(text))).join(" | ")} |`);
    }
    if (wrong.length > MOST_SHOWN) lines.push("", `and ${count(wrong.length - MOST_SHOWN)} more`);
  }
  return `${lines.join("\n")}\n`;
}
