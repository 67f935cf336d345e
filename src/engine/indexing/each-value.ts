import type { DataType, FwpValue } from "../../model/index.ts";
import type { ValueClasses } from "./value-class.ts";
import { ValueNumbers } from "./value-numbers.ts";

/** How many classes {@link EachValue} hands out before it wants to be replaced. */
export const MAX_OPEN_CLASSES = 4096;

/** Every value its own class: flags, tokens (by identity), suffixes. */
export class EachValue implements ValueClasses {
  readonly limit = undefined;
  readonly #type: DataType;
  readonly #numbers = new ValueNumbers();
  #next = 0;

  constructor(type: DataType) {
    this.#type = type;
  }

  classOf(value: FwpValue): number {
    if (value.type !== this.#type) return -1;
    const known = this.#numbers.get(value);
    if (known >= 0) return known;
    this.#numbers.set(value, this.#next);
    return this.#next++;
  }
}
