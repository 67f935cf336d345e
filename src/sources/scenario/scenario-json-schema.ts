import { z } from "zod";
import { wholeSchema } from "./scenario-schema.ts";

/** JSON Schema (draft 2020-12) of scenario files, for editors. */
export function scenarioJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(wholeSchema, { io: "input", reused: "ref" });
  return {
    $schema,
    title: "wfplab scenario",
    description: "A play for Windows hosts: docs/scenarios.md",
    ...schema,
  };
}
