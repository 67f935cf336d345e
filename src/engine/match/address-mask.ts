import type { ValueOf } from "../../model/index.ts";
import { FALSE, known } from "./kleene.ts";
import type { ValueTest } from "./value-test.ts";

/** UINT32 address against address and mask; the mask applies to both sides (WFP-CONFORMANCE B4). */
export function v4MaskTest(condition: ValueOf<"FWP_V4_ADDR_MASK">): ValueTest {
  const { mask } = condition;
  const expected = (condition.address & mask) >>> 0;
  return (value) => (value.type === "FWP_UINT32" ? known((value.value & mask) >>> 0 === expected) : FALSE);
}

/** 16-byte address against a prefix. */
export function v6MaskTest(condition: ValueOf<"FWP_V6_ADDR_MASK">): ValueTest {
  const { address, prefixLength } = condition;
  const whole = prefixLength >>> 3;
  const mask = (0xff00 >>> (prefixLength & 7)) & 0xff;
  return (value) => {
    if (value.type !== "FWP_BYTE_ARRAY16_TYPE") return FALSE;
    const bytes = value.value;
    for (let index = 0; index < whole; index++) if (bytes[index] !== address[index]) return FALSE;
    return known(mask === 0 || ((bytes[whole] ?? 0) & mask) === ((address[whole] ?? 0) & mask));
  };
}
