import type { FwpValue } from "../../model/index.ts";
import { endsWithBytes } from "./bytes.ts";
import { FALSE, known } from "./kleene.ts";
import type { ValueTest } from "./value-test.ts";

/** FWP_MATCH_PREFIX: despite its name, whether the value ends with the condition (WFP-SEMANTICS 2.3, WFP-CONFORMANCE B26). */
export function prefixTest(condition: FwpValue): ValueTest {
  switch (condition.type) {
    case "FWP_BYTE_BLOB_TYPE": {
      const suffix = condition.value;
      return (value) => (value.type === "FWP_BYTE_BLOB_TYPE" ? known(endsWithBytes(value.value, suffix)) : FALSE);
    }
    case "FWP_UNICODE_STRING_TYPE": {
      const suffix = condition.value;
      return (value) => (value.type === "FWP_UNICODE_STRING_TYPE" ? known(value.value.endsWith(suffix)) : FALSE);
    }
    default:
      return () => FALSE;
  }
}
