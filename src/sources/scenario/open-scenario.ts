import type { Scenario } from "../../model/index.ts";

/**
 * Reads a scenario file; the YAML and schema libraries are loaded for it only, so that built-in scenarios start at once.
 * @throws InputError with file, line and column of the first mistake.
 */
export async function openScenario(text: string, file: string): Promise<Scenario> {
  return (await import("./read-scenario.ts")).readScenario(text, file);
}

/** JSON Schema (draft 2020-12) of scenario files, for editors. */
export async function scenarioJsonSchema(): Promise<Readonly<Record<string, unknown>>> {
  return (await import("./scenario-json-schema.ts")).scenarioJsonSchema();
}
