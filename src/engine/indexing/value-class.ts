import type { FwpValue } from "../../model/index.ts";

/**
 * Sorts a field's values into classes of which no condition on the field tells two members apart. `classOf` gives the class's number,
 * or -1 for a value of another type than the field's. `limit` classes are there at most; undefined where every value is its own class
 * and numbers are handed out as values come.
 */
export interface ValueClasses {
  classOf(value: FwpValue): number;
  readonly limit: number | undefined;
}
