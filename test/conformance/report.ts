/**
 * Prints every conformance case with its result, one line each, and the count: `npm run conformance`.
 * A case without a check counts as failed; one whose data are not here is named as not run. Exit status 1 if any failed.
 */
import { CASES } from "./cases.ts";
import { checkOf, missingFor } from "./check.ts";
import "./checks.ts";

let failed = 0;
let absent = 0;
for (const { id, text } of CASES) {
  const check = checkOf(id);
  const missing = missingFor(id);
  if (missing !== undefined) {
    absent++;
    process.stdout.write(`${id.padEnd(4)} not run: needs ${missing}  ${text}\n`);
    continue;
  }
  let result = "passed";
  try {
    if (check === undefined) result = "failed: not implemented";
    else check();
  } catch (error) {
    result = `failed: ${(error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ")}`;
  }
  if (result !== "passed") failed++;
  process.stdout.write(`${id.padEnd(4)} ${result}  ${text}\n`);
}
process.stdout.write(`${CASES.length - failed - absent} passed, ${failed} failed${absent === 0 ? "" : `, ${absent} not run`}\n`);
process.exitCode = failed === 0 ? 0 : 1;
