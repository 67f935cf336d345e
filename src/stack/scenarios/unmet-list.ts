import type { InputPosition, UnmetExpectation } from "../../model/index.ts";

/** What was looked at, and what was not as it should be. */
export class UnmetList {
  readonly unmet: UnmetExpectation[] = [];
  checked = 0;

  /** One expectation that was looked at; `found` is null where it is met. */
  check(position: InputPosition, expected: string, found: string | null): void {
    this.checked++;
    if (found !== null) this.unmet.push({ position, expected, found });
  }
}
