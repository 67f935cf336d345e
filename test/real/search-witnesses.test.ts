import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { asked, traced } from "../cli/question-witnesses.ts";

const folder = "../shared/data/wfp/";
const dumps = ["win11-22h2-windivert-npcap.wfpstate.xml", "win11-21h2-portmaster.wfpstate.xml", "levoile-1.filters.xml"];

describe.each(dumps)("search on %s", (dump) => {
  const policy = ["--policy", folder + dump];

  describe.skipIf(!existsSync(folder + dump))("where the recording is at hand", () => {
    it.each([
      ["in any any > any", "permit"],
      ["in any any > any", "indeterminate"],
      ["out any any > any", "permit"],
      ["out any any > any", "block"],
    ])("%s %s: all is settled, and trace gives every witness that verdict", async (question, verdict) => {
      const { answers, summary } = await asked(["search", question, "--verdict", verdict, "--classes", "1", ...policy]);
      expect(summary).toMatchObject({ certainty: "proved", unsettled: [] });
      const flows = answers.map(({ witness }) => witness.flow);
      if (flows.length > 0) expect(await traced(flows, policy)).toEqual(flows.map(() => verdict));
    });
  });
});
