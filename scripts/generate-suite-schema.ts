/** Writes schemas/suite.schema.json from the reader's own schema: npx tsx scripts/generate-suite-schema.ts */
import { mkdirSync, writeFileSync } from "node:fs";
import { suiteJsonSchema } from "../src/sources/index.ts";

mkdirSync("schemas", { recursive: true });
writeFileSync("schemas/suite.schema.json", `${JSON.stringify(await suiteJsonSchema(), null, 2)}\n`);
