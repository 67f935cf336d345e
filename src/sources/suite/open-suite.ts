import type { Suite } from "../../model/index.ts";
import type { ReadSuiteOptions } from "./read-suite.ts";

/**
 * Reads a suite; the YAML and schema libraries are loaded for it only, so that commands without suites start at once.
 * @throws InputError with file, line and column of the first mistake.
 */
export async function openSuite(text: string, options: ReadSuiteOptions): Promise<Suite> {
  return (await import("./read-suite.ts")).readSuite(text, options);
}

/** JSON Schema (draft 2020-12) of suite files, for editors. */
export async function suiteJsonSchema(): Promise<Readonly<Record<string, unknown>>> {
  return (await import("./suite-json-schema.ts")).suiteJsonSchema();
}
