import type { Callout, ClassifyOut, ClassifyRequest } from "../../engine/index.ts";
import { WfpError } from "../../model/index.ts";
import type { Clock } from "../clock.ts";

/**
 * A callout that holds operations back (FwpsPendOperation0 with BLOCK and ABSORB) until it is told what becomes of them. Completion leads
 * to a second classification, of the operation or of the reinjected packet, which it answers as told (WFP-SHIMS 4.7).
 */
export class PendCallout implements Callout {
  readonly #clock: Clock;
  readonly #after: number | null;
  readonly #decision: "permit" | "block";
  readonly #held: (() => void)[] = [];
  /** What the second classification is answered, which follows at the same moment. */
  #answer: { readonly decision: "permit" | "block"; readonly time: number } | null = null;

  /** With `after`, what is pended completes by itself so many seconds later, with `decision`. */
  constructor(clock: Clock, after: number | null, decision: "permit" | "block") {
    this.#clock = clock;
    this.#after = after;
    this.#decision = decision;
  }

  classify({ stack }: ClassifyRequest, out: ClassifyOut): void {
    const answer = this.#answer;
    if (answer !== null && answer.time === this.#clock.seconds) {
      out.action = answer.decision;
      return;
    }
    const complete = this.#pend(stack?.pend);
    if (complete === null) {
      out.action = "permit";
      return;
    }
    const reinject = stack?.reinject;
    this.#held.push(() => {
      complete();
      reinject?.();
    });
    if (this.#after !== null) this.#clock.after(this.#after, () => this.complete(this.#decision));
    out.action = "block";
    out.absorb = true;
  }

  /** Ends what has waited longest; false where nothing waits. */
  complete(decision: "permit" | "block"): boolean {
    const next = this.#held.shift();
    if (next === undefined) return false;
    this.#answer = { decision, time: this.#clock.seconds };
    next();
    return true;
  }

  /** null where this classification cannot be pended: a reauthorization, or a layer without pending. */
  #pend(pend: (() => () => void) | undefined): (() => void) | null {
    try {
      return pend?.() ?? null;
    } catch (error) {
      if (error instanceof WfpError && error.code === "STATUS_FWP_CANNOT_PEND") return null;
      throw error;
    }
  }
}
