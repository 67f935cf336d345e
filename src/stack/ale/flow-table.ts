import type { AleFlow } from "./flow.ts";

/** The ALE flows of one host. */
export class FlowTable {
  readonly #flows = new Map<bigint, AleFlow>();
  #created = 0n;

  get flows(): Iterable<AleFlow> {
    return this.#flows.values();
  }

  /** A handle no other flow of this host has or had. */
  nextHandle(): bigint {
    return ++this.#created;
  }

  add(flow: AleFlow): void {
    this.#flows.set(flow.handle, flow);
  }

  remove(flow: AleFlow): void {
    this.#flows.delete(flow.handle);
    if (flow.state === "authorized") flow.state = "ended";
  }
}
