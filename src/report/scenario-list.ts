import { type JsonRecord, jsonRecord } from "./json-record.ts";
import type { Style } from "./style.ts";
import { tableLines } from "./table.ts";

export interface ScenarioDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

/** The built-in scenarios, a name and what it plays. Ends in a line break. */
export function scenarioListText(scenarios: readonly ScenarioDescription[], style: Style): string {
  const lines = tableLines(
    scenarios.map(({ name, title, description }) => [{ text: name, paint: style.bold }, `${title}. ${description}`]),
  );
  return `${lines.join("\n")}\n`;
}

export function scenarioListJson(scenarios: readonly ScenarioDescription[]): JsonRecord[] {
  return scenarios.map(({ name, title, description }) => jsonRecord("scenario", { name, title, description }));
}
