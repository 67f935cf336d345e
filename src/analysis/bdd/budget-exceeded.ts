/** A set needed more nodes than its budget allows. Nothing is known about the answer then; it is never guessed. */
export class BudgetExceeded extends Error {
  readonly nodes: number;

  constructor(nodes: number) {
    super(`more than ${nodes.toLocaleString("en-US")} nodes would be needed`);
    this.name = "BudgetExceeded";
    this.nodes = nodes;
  }
}
