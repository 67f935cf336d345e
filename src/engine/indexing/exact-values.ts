import type { DataType, FwpValue } from "../../model/index.ts";
import type { ValueClasses } from "./value-class.ts";
import { ValueNumbers } from "./value-numbers.ts";

/** Fields that are only compared for equality: each value of a condition is a class, all others together are one more. */
export class ExactValues implements ValueClasses {
  readonly limit: number;
  readonly #type: DataType;
  readonly #numbers = new ValueNumbers();
  readonly #others: number;

  constructor(type: DataType, values: readonly FwpValue[]) {
    this.#type = type;
    let next = 0;
    for (const value of values) if (this.#numbers.get(value) < 0) this.#numbers.set(value, next++);
    this.#others = next;
    this.limit = next + 1;
  }

  classOf(value: FwpValue): number {
    if (value.type !== this.#type) return -1;
    const number = this.#numbers.get(value);
    return number < 0 ? this.#others : number;
  }
}
