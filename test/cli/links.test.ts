import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
const pages = [...readdirSync(root).filter((name) => name.endsWith(".md")), ...docs.map((name) => `docs/${name}`)];

/** A page without its code blocks: neither their comments nor their brackets are headings or links. */
function prose(page: string): string {
  return readFileSync(join(root, page), "utf8").replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1\s*$/gm, "");
}

interface Link {
  /** Below the project's folder; a page's own for a mere anchor. */
  readonly path: string;
  readonly anchor: string | undefined;
}

/** Links of a page that lead to files of the project. */
function linksOf(page: string): Link[] {
  const text = prose(page).replace(/`[^`\n]*`/g, (code) => code.replaceAll("](", "  "));
  return [...text.matchAll(/\]\((?![a-z]+:)([^)\s#]*)(?:#([^)\s]*))?\)/g)].map(([, target = "", anchor]) => ({
    path: target === "" ? page : relative(root, join(root, dirname(page), decodeURI(target))),
    anchor,
  }));
}

/** Anchors as GitHub makes them of headings: lower case, no punctuation, hyphens for blanks, numbered where they repeat. */
function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = [...prose(page).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading = ""]) => {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
    const slug = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
  return new Set(anchors);
}

function isDead({ path, anchor }: Link): boolean {
  if (path.startsWith("..") || !existsSync(join(root, path))) return true;
  if (anchor === undefined) return false;
  return statSync(join(root, path)).isDirectory() || !anchorsOf(path).has(anchor);
}

describe("the documentation", () => {
  it.each(pages)("%s has no dead link", (page) => {
    const dead = linksOf(page)
      .filter(isDead)
      .map(({ path, anchor }) => (anchor === undefined ? path : `${path}#${anchor}`));
    expect(dead).toEqual([]);
  });

  it("is within two clicks of the README", () => {
    const first = linksOf("README.md").map(({ path }) => path);
    const second = first.filter((path) => path.endsWith(".md")).flatMap((page) => linksOf(page).map(({ path }) => path));
    const reached = new Set(["README.md", ...first, ...second]);
    expect(pages.filter((page) => !reached.has(page))).toEqual([]);
  });
});
