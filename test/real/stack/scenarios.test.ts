import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Bfe, buildPolicy } from "../../../src/engine/index.ts";
import { SUBLAYER_KEY } from "../../../src/model/index.ts";
import { readNetsh } from "../../../src/sources/index.ts";
import { runScenario, SCENARIOS } from "../../../src/stack/index.ts";

const folder = "../shared/data/wfp";
const present = existsSync(folder);
const files = present ? readdirSync(folder).filter((name) => name.endsWith(".xml")) : [];

describe.skipIf(!present)("scenarios on policies of real machines (../shared/data/wfp)", () => {
  const open = new Bfe({ windows: "11" }).policy;
  for (const file of files) {
    it(`${file}: every scenario comes to an end, and nobody is in quarantine`, () => {
      const policy = buildPolicy(readNetsh(readFileSync(`${folder}/${file}`, "utf8"), { source: file }));
      for (const [clientPolicy, serverPolicy] of [
        [policy, open],
        [open, policy],
      ] as const) {
        for (const family of [4, 6] as const) {
          for (const { name } of SCENARIOS) {
            const records = runScenario(name, { clientPolicy, serverPolicy, family, windows: "11" });
            expect(records.some(({ type }) => type === "outcome")).toBe(true);
            const quarantined = records.filter(
              (record) =>
                record.type === "indication" &&
                record.decision.verdict === "block" &&
                record.decision.filter?.subLayerKey === SUBLAYER_KEY.MPSSVC_QUARANTINE,
            );
            expect(quarantined).toEqual([]);
          }
        }
      }
    });
  }
});
