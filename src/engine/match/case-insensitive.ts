import type { FwpValue } from "../../model/index.ts";
import { FALSE, known } from "./kleene.ts";
import type { ValueTest } from "./value-test.ts";

/**
 * Upper case the way Windows compares strings: code unit by code unit, no mapping that changes the length ("ß" stays).
 */
export function foldCase(text: string): string {
  let folded = "";
  for (let index = 0; index < text.length; index++) {
    const unit = text.charAt(index);
    const upper = unit.toUpperCase();
    folded += upper.length === 1 ? upper : unit;
  }
  return folded;
}

/** FWP_MATCH_EQUAL_CASE_INSENSITIVE, for UNICODE_STRING only. */
export function equalCaseInsensitiveTest(condition: FwpValue): ValueTest {
  if (condition.type !== "FWP_UNICODE_STRING_TYPE") return () => FALSE;
  const expected = foldCase(condition.value);
  return (value) => (value.type === "FWP_UNICODE_STRING_TYPE" ? known(foldCase(value.value) === expected) : FALSE);
}
