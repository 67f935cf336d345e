import { type ExpectedIndication, formatValue, type IndicationRecord, UNKNOWN } from "../../model/index.ts";
import { layerKeyIn } from "./scenario-filters.ts";
import type { ScenarioNames } from "./scenario-names.ts";

/** Whether an indication is what a scenario expects; what is not told may be anything. */
export function matchesIndication(expected: ExpectedIndication, record: IndicationRecord, names: ScenarioNames): boolean {
  const { host, event, direction, verdict, reauthorize, by } = expected;
  return (
    host === record.host &&
    layerKeyIn(expected.layer, names.family) === record.layer.key &&
    (event === null || event === record.event) &&
    (direction === null || direction === record.direction) &&
    (verdict === null || verdict === record.decision.verdict) &&
    (reauthorize === null || reauthorize === record.reauthorize) &&
    (by === null || by === record.decision.filter?.name) &&
    expected.flags.every(({ name, set }) => record.flags.includes(name) === set) &&
    expected.fields.every(({ name, value }) => {
      const wanted = names.expand(value, expected.at).toLowerCase();
      return fieldText(record, name).toLowerCase() === wanted;
    })
  );
}

/** An indication as scenarios write it, with the parts that `expected` tells of. */
export function indicationText(record: IndicationRecord, expected: ExpectedIndication | null): string {
  const { host, event, direction, layer, decision, flags } = record;
  const parts = [host, event, direction === "inbound" ? "in" : "out", layer.name.replace(/^FWPM_LAYER_/, "")];
  if (expected === null) return parts.join(" ");
  const hasVerdict = expected.verdict !== null || expected.by !== null || decision.verdict !== "permit";
  if (hasVerdict) parts.push(decision.verdict);
  if (expected.reauthorize !== null) parts.push(record.reauthorize ? "reauthorize" : "first");
  if (hasVerdict && decision.filter !== null) parts.push(`by "${decision.filter.name}"`);
  if (expected.flags.length > 0) parts.push(`[${flags.join(" ")}]`);
  if (expected.fields.length > 0) parts.push(`{${expected.fields.map(({ name }) => `${name}=${fieldText(record, name)}`).join(", ")}}`);
  return parts.join(" ");
}

function fieldText({ layer, values }: IndicationRecord, name: string): string {
  const field = layer.fields.find((candidate) => candidate.name === name);
  return field === undefined ? "no such field" : formatValue(values[field.index] ?? UNKNOWN, field);
}
