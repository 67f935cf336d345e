import { z } from "zod";
import { suiteSchema } from "./suite-schema.ts";

/** JSON Schema (draft 2020-12) of suite files, for editors. */
export function suiteJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(suiteSchema, { io: "input", reused: "ref" });
  return {
    $schema,
    title: "wfplab policy tests",
    description: "Assertions over the filters of a Windows machine: docs/suite-format.md",
    ...schema,
  };
}
