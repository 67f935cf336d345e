import { describe, expect, it } from "vitest";
import { BudgetExceeded } from "../../../src/analysis/index.ts";
import { NodeBudget } from "../../../src/cli/questions/node-budget.ts";

describe("the nodes of a question's parts", () => {
  it("are the analysis' own until a part needs more, then half of those each time", () => {
    const budget = new NodeBudget(undefined);
    expect(budget.option).toEqual({});
    budget.exceeded(new BudgetExceeded(8_000_000));
    expect(budget.option).toEqual({ maxNodes: 4_000_000 });
    budget.exceeded(new BudgetExceeded(4_000_000));
    expect(budget.option).toEqual({ maxNodes: 2_000_000 });
  });

  it("do not get so few that nothing could be settled, nor more than were given", () => {
    const budget = new NodeBudget(200_000);
    budget.exceeded(new BudgetExceeded(200_000));
    expect(budget.option).toEqual({ maxNodes: 125_000 });
    const small = new NodeBudget(2000);
    small.exceeded(new BudgetExceeded(2000));
    expect(small.option).toEqual({ maxNodes: 2000 });
  });
});
