import type { StackServices } from "../../engine/index.ts";
import { CONDITION_FLAG, type EventName, WfpError } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import type { ShimName } from "../shims/shims.ts";
import type { Situation } from "../situation.ts";

/** An authorization; "pended" ones are decided when the callout calls FwpsCompleteOperation. */
export type Authorization =
  | { readonly kind: "permitted" }
  /** `absorbed`: by a callout that says nothing about it. */
  | { readonly kind: "blocked"; readonly absorbed: boolean }
  | { readonly kind: "pended"; whenComplete(action: () => void): void };

/**
 * Asks a layer that lets callouts pend: FwpsPendOperation0 together with BLOCK and ABSORB (WFP-SHIMS 4.7). A reauthorization cannot be
 * pended: the call throws STATUS_FWP_CANNOT_PEND.
 */
export function authorize(host: Host, shim: ShimName, situation: Situation, event: EventName, services: StackServices = {}): Authorization {
  const pending = new PendedOperation(((situation.flags ?? 0) & CONDITION_FLAG.IS_REAUTHORIZE) !== 0);
  const { passes, absorbed } = indicate(host, shim, situation, event, { ...services, pend: () => pending.pend() });
  if (passes) return { kind: "permitted" };
  return pending.isPended && absorbed
    ? { kind: "pended", whenComplete: (action) => pending.whenComplete(action) }
    : { kind: "blocked", absorbed };
}

/** One operation that a callout may hold back. */
class PendedOperation {
  readonly #isReauthorization: boolean;
  #isPended = false;
  #isComplete = false;
  #action: (() => void) | null = null;

  constructor(isReauthorization: boolean) {
    this.#isReauthorization = isReauthorization;
  }

  get isPended(): boolean {
    return this.#isPended;
  }

  /** FwpsPendOperation0; what it returns is FwpsCompleteOperation0. @throws WfpError STATUS_FWP_CANNOT_PEND */
  pend(): () => void {
    if (this.#isReauthorization) throw new WfpError("STATUS_FWP_CANNOT_PEND", "a reauthorization cannot be pended");
    this.#isPended = true;
    return () => {
      this.#isComplete = true;
      this.#run();
    };
  }

  /** `action` runs once the callout completes, at once if it has. */
  whenComplete(action: () => void): void {
    this.#action = action;
    this.#run();
  }

  #run(): void {
    if (!this.#isComplete || this.#action === null) return;
    const action = this.#action;
    this.#action = null;
    action();
  }
}
