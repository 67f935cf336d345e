import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../../src/firewall/index.ts";
import { openScenario } from "../../../src/sources/index.ts";
import { playScenario, runScenario, SCENARIOS } from "../../../src/stack/index.ts";

const files = readdirSync("examples/scenarios").filter((name) => name.endsWith(".yaml"));

describe("the built-in scenarios", () => {
  it("are the files of examples/scenarios: npm run scenarios", async () => {
    const read = await Promise.all(
      files.map((name) => openScenario(readFileSync(`examples/scenarios/${name}`, "utf8"), `examples/scenarios/${name}`)),
    );
    const byName = (a: { readonly name: string }, b: { readonly name: string }) => a.name.localeCompare(b.name);
    expect([...SCENARIOS].sort(byName)).toEqual(read.sort(byName));
  });

  // The sequences of WFP-SHIMS 4.3 to 4.8, which cites Microsoft's "UDP Packet Flows" and its neighbours.
  const told = SCENARIOS.filter(({ name }) => !name.startsWith("tcp-"));
  it.each(told.flatMap((scenario) => scenario.families.map((family) => [scenario.name, family, scenario] as const)))(
    "%s over IPv%d gives what it expects",
    (_name, family, scenario) => {
      const { unmet, checked } = playScenario(scenario, { family });
      expect(unmet).toEqual([]);
      expect(checked).toBeGreaterThan(5);
    },
  );

  it("are played with both IP versions, each", () => {
    for (const { families } of SCENARIOS) expect([...families].sort()).toEqual([4, 6]);
  });

  it("are not looked at where somebody's own policies play", () => {
    const policy = defaultPolicy("desktop");
    const { unmet } = playScenario(SCENARIOS.find(({ name }) => name === "udp-no-listener") ?? fail(), {
      policies: new Map([["server", policy]]),
    });
    expect(unmet.length).toBeGreaterThan(0);
    expect(runScenario("udp-no-listener", { clientPolicy: policy, serverPolicy: policy, family: 4, windows: "11" }).length).toBeGreaterThan(
      5,
    );
  });

  it("name what they do not know", () => {
    const policy = defaultPolicy("desktop");
    expect(() => runScenario("tcp", { clientPolicy: policy, serverPolicy: policy, family: 4, windows: "11" })).toThrow(/no scenario "tcp"/);
  });
});

function fail(): never {
  throw new RangeError("no such scenario");
}
