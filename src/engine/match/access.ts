import { MATCH_FILTER_RIGHT, type Token, type ValueOf } from "../../model/index.ts";
import { accessCheck } from "../access-check.ts";
import { FALSE, type Kleene, kleeneOf } from "./kleene.ts";
import type { ValueTest } from "./value-test.ts";

/**
 * Token field against a security descriptor: granted FWP_ACTRL_MATCH_FILTER means match (WFP-SEMANTICS 2.5). Tokens are immutable
 * and the same one comes in runs (one program, many packets), so the last answer is kept.
 */
export function accessTest(condition: ValueOf<"FWP_SECURITY_DESCRIPTOR_TYPE">): ValueTest {
  let lastToken: Token | undefined;
  let lastResult: Kleene = FALSE;
  return (value) => {
    if (value.type !== "FWP_TOKEN_ACCESS_INFORMATION_TYPE" && value.type !== "FWP_TOKEN_INFORMATION_TYPE") return FALSE;
    if (value.value !== lastToken) {
      lastResult = kleeneOf(accessCheck(value.value, condition.value, MATCH_FILTER_RIGHT));
      lastToken = value.value;
    }
    return lastResult;
  };
}
