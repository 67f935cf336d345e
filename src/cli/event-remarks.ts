import type { RecordedEvent } from "../model/index.ts";
import { plural } from "../report/index.ts";

/** What recorded events cannot be asked for, said before somebody looks for it in the report. */
export function eventRemarks(
  records: readonly RecordedEvent[],
  has: { readonly policy: boolean; readonly capture: boolean },
): readonly string[] {
  const remarks: string[] = [];
  const asked = records.filter((record) => record.type === "firewall" && record.eventId === 5031).length;
  if (asked > 0)
    remarks.push(`${plural(asked, "event")} 5031 (the firewall has no rule for a program) not compared: no packet or filter is named`);
  const verdicts = records.filter((record) => record.type === "verdict");
  const isSilent =
    verdicts.length > 0 && verdicts.every(({ filterId }) => filterId === null) && !records.some(({ type }) => type === "filter");
  if (isSilent && !has.policy && !has.capture) {
    remarks.push("no filter is named: --policy FILE recomputes the verdicts, --capture FILE compares them with their packets");
  }
  return remarks;
}
