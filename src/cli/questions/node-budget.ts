import type { BudgetExceeded } from "../../analysis/index.ts";

/** Parts get at least so many nodes, unless the question has fewer. */
const LEAST = 125_000;

/**
 * Nodes for the parts of a question. After a part that needs more the next ones get half: a policy that explodes does so in nearly every part,
 * and the whole question then takes about twice as long as its first part.
 */
export class NodeBudget {
  #maxNodes: number | undefined;

  /** The analysis' own budget unless told. */
  constructor(maxNodes: number | undefined) {
    this.#maxNodes = maxNodes;
  }

  /** For the next part. */
  get option(): { readonly maxNodes?: number } {
    return this.#maxNodes === undefined ? {} : { maxNodes: this.#maxNodes };
  }

  exceeded({ nodes }: BudgetExceeded): void {
    this.#maxNodes = Math.max(Math.min(nodes, LEAST), Math.floor(nodes / 2));
  }
}
