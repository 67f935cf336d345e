import { didYouMean, InputError, type Scenario } from "../../model/index.ts";
import { SCENARIOS } from "../../stack/index.ts";
import type { CliIo } from "../io.ts";

/** A scenario and where it comes from. */
export interface ChosenScenario {
  readonly scenario: Scenario;
  readonly isBuiltIn: boolean;
}

/**
 * A built-in scenario by its name, or one from a file, `-` for standard input.
 * @throws InputError where there is none, or with file, line and column where it cannot be read.
 */
export async function chooseScenario(io: CliIo, name: string | undefined): Promise<ChosenScenario> {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario !== undefined) return { scenario, isBuiltIn: true };
  if (name === undefined || !(name === "-" || /[./\\]/.test(name))) {
    const names = SCENARIOS.map((candidate) => candidate.name);
    const found = name === undefined ? "" : `, found "${name}"${didYouMean(name, names)}`;
    throw new InputError(`expected a scenario (${names.join(", ")}) or a YAML file${found}`);
  }
  const bytes = name === "-" ? await io.readStdin() : io.readFile(name);
  const { decodeText, openScenario } = await import("../../sources/index.ts");
  return { scenario: await openScenario(decodeText(bytes), name === "-" ? "stdin" : name), isBuiltIn: false };
}
