import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { accessCheck } from "../../src/engine/access-check.ts";
import { formatSddl, MATCH_FILTER_RIGHT, parseSddl, UNKNOWN } from "../../src/model/index.ts";

const folder = "../shared/data/wfp";
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".xml")) : [];

function textOf(text: string): string {
  const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? "");
}

describe.skipIf(files.length === 0)("security descriptors of recorded policies (shared/data/wfp)", () => {
  it.each(files)("%s: every one parses, and prints as it was but for abbreviations", (file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const seen = new Set(Array.from(text.matchAll(/<sd>([^<]*)<\/sd>/g), (match) => textOf(match[1] ?? "")));
    expect(seen.size).toBeGreaterThan(0);
    for (const sddl of seen) {
      const sd = parseSddl(sddl);
      expect(formatSddl(sd)).toBe(sddl);
      expect(sd.dacl?.length).toBeGreaterThan(0);
      // Nothing is known of this token, so nothing can be granted or refused for sure but by Everyone and the like.
      const token = { user: UNKNOWN, groups: UNKNOWN, packageSid: UNKNOWN, capabilities: UNKNOWN, attributes: UNKNOWN } as const;
      expect(["true", "unknown"]).toContain(accessCheck(token, sd, MATCH_FILTER_RIGHT));
    }
  });
});
