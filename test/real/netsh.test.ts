import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildPolicy, fidelityOf, verifyWeights } from "../../src/engine/index.ts";
import { type Filter, type Guid, layersOfFamily, type Policy } from "../../src/model/index.ts";
import { decodeText, readNetsh, writeNetsh } from "../../src/sources/index.ts";

const folder = "../shared/data/wfp";
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".xml")) : [];

const textOf = (file: string) => decodeText(readFileSync(join(folder, file)));
const policyOf = (file: string): Policy => buildPolicy(readNetsh(textOf(file), { source: file, strict: true }));

const content = ({ diagnostics: _, ...policy }: Policy) => ({
  ...policy,
  filters: policy.filters.map(({ line: __, ...filter }): Filter => filter),
});

/** The items of a kind as the file prints them, from their key to their last member. */
const items = (text: string, key: string, last: string) =>
  text.match(new RegExp(`<${key}>\\S*</${key}>\\s*<displayData>[\\s\\S]*?</${last}>`, "g")) ?? [];

describe.skipIf(files.length === 0)("recorded policies (shared/data/wfp)", () => {
  describe.each(files)("%s", (file) => {
    it("is read in strict mode, all of it known", () => {
      const text = textOf(file);
      const policy = policyOf(file);
      expect(policy.diagnostics.filter(({ severity }) => severity !== "info")).toEqual([]);
      expect(policy.filters).toHaveLength(text.match(/<filterKey>/g)?.length ?? -1);
      const template = text.match(/<enumTemplate>[\s\S]*?<\/enumTemplate>/g)?.join("") ?? "";
      const fields = (part: string) => part.match(/<matchType>/g)?.length ?? 0;
      expect(policy.filters.flatMap(({ conditions }) => conditions)).toHaveLength(fields(text) - fields(template));
      expect(policy.endpoints).toHaveLength(text.match(/<endpointId>/g)?.length ?? 0);
      expect(policy.sessions).toHaveLength(items(text, "sessionKey", "kernelMode").length);
    });

    it("has every line right", () => {
      const lines = textOf(file).split("\n");
      for (const { line = 0 } of policyOf(file).filters) {
        expect(lines[line - 1]?.trim()).toBe("<item>");
        expect(lines[line]?.trim()).toMatch(/^<filterKey>/);
      }
    });

    it("is written and read back as an equal policy", () => {
      const policy = policyOf(file);
      const again = buildPolicy(readNetsh(writeNetsh(policy), { source: file, strict: true }));
      expect(content(again)).toEqual(content(policy));
    });

    it.each([
      ["filters", "filterKey", "effectiveWeight"],
      ["layers", "layerKey", "layerId"],
      ["callouts", "calloutKey", "calloutId"],
      ["sublayers", "subLayerKey", "weight"],
      ["providers", "providerKey", "providerData"],
      ["provider contexts", "providerContextKey", "providerContextId"],
      ["sessions", "sessionKey", "kernelMode"],
    ])("is written with the very bytes of its %s", (_, key, last) => {
      const text = textOf(file).replaceAll("\r\n", "\n");
      expect(items(writeNetsh(policyOf(file)), key, last)).toEqual(items(text, key, last));
    });

    it("has the effective weights that its conditions give", () => {
      const { wrong, exact, filters } = verifyWeights(policyOf(file));
      expect({ wrong, exact }).toEqual({ wrong: 0, exact: filters });
    });

    it("has only legal conditions on the fields of its layers", () => {
      const { conditions, conditionsModelled, filters, filtersModelled } = fidelityOf(policyOf(file));
      expect(conditionsModelled).toBe(conditions);
      expect(filtersModelled / filters).toBeGreaterThan(0.9);
    });
  });

  it.each(files.filter((name) => name.includes("wfpstate")))("%s: its layers are those of the tables for its schema family", (file) => {
    const { schemaFamily, layers } = policyOf(file);
    const expected = new Map(layersOfFamily(schemaFamily).map((layer) => [layer.key, layer]));
    expect(layers.map(({ key }) => key).toSorted()).toEqual([...expected.keys()].toSorted());
    for (const layer of layers) {
      const shape = (list: typeof layer.fields) => list.map(({ key, dataType, fieldType }) => [key, dataType, fieldType]);
      expect(shape(layer.fields), layer.name).toEqual(shape(expected.get(layer.key)?.fields ?? []));
    }
  });

  it.each(files.filter((name) => name.includes("filters")))("%s: stands in the order of evaluation", (file) => {
    const { filters, subLayers } = policyOf(file);
    const weights = new Map<Guid, number>(subLayers.map(({ key, weight }) => [key, weight]));
    for (const [index, filter] of filters.entries()) {
      const before = filters[index - 1];
      if (before === undefined || before.layerKey !== filter.layerKey) continue;
      const [a, b] = [weights.get(before.subLayerKey) ?? -1, weights.get(filter.subLayerKey) ?? -1];
      expect(a).toBeGreaterThanOrEqual(b);
      if (a !== b) continue;
      expect(before.effectiveWeight >= filter.effectiveWeight).toBe(true);
      // Of equal filters the newest comes first: WFP-CONFORMANCE Q1, as enumeration shows it.
      if (before.effectiveWeight === filter.effectiveWeight) expect(before.filterId > filter.filterId).toBe(true);
    }
  });
});
