import type { Guid } from "../../model/index.ts";
import type { Clock } from "../clock.ts";
import type { AleFlow } from "./flow.ts";

const HALF_MICROSECOND = 5e-7;

/** Told of a context whose flow ends (flowDeleteFn). */
export type FlowDelete = (calloutKey: Guid, context: unknown, flow: AleFlow) => void;

/** The ALE flows of one host. Those with a lifetime are forgotten, silently, when no packet refreshes them (WFP-SHIMS 4.5). */
export class FlowTable {
  readonly #clock: Clock;
  readonly #flowDelete: FlowDelete;
  readonly #flows = new Map<bigint, AleFlow>();
  #created = 0n;

  constructor(clock: Clock, flowDelete: FlowDelete) {
    this.#clock = clock;
    this.#flowDelete = flowDelete;
  }

  get flows(): Iterable<AleFlow> {
    return this.#flows.values();
  }

  /** A handle no other flow of this host has or had. */
  nextHandle(): bigint {
    return ++this.#created;
  }

  add(flow: AleFlow): void {
    this.#flows.set(flow.handle, flow);
    if (flow.lifetime !== null) this.#expireLater(flow, flow.lifetime);
  }

  has(flow: AleFlow): boolean {
    return this.#flows.has(flow.handle);
  }

  /** A packet keeps the flow alive. */
  refresh(flow: AleFlow): void {
    flow.lastActive = this.#clock.seconds;
  }

  /** Ends the flow; callouts that keep a context with it are told. */
  remove(flow: AleFlow): void {
    if (flow.state === "authorized") flow.state = "ended";
    if (!this.#flows.delete(flow.handle)) return;
    for (const [calloutKey, context] of flow.contexts) this.#flowDelete(calloutKey, context, flow);
    flow.contexts.clear();
  }

  /** One timer a flow, set anew only when it fires: packets cost an assignment. */
  #expireLater(flow: AleFlow, delay: number): void {
    this.#clock.after(delay, () => {
      if (!this.#flows.has(flow.handle) || flow.lifetime === null) return;
      const left = flow.lastActive + flow.lifetime - this.#clock.seconds;
      // Sums of seconds leave a remainder that the clock, which counts microseconds, would never get past.
      if (left < HALF_MICROSECOND) this.remove(flow);
      else this.#expireLater(flow, left);
    });
  }
}
