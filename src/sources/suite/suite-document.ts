import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { didYouMean, InputError, type InputPosition } from "../../model/index.ts";

export type Path = readonly (string | number)[];

/** A YAML file with the place of everything in it. */
export class SuiteDocument {
  readonly file: string;
  readonly value: unknown;
  readonly #lines = new LineCounter();
  readonly #document: ReturnType<typeof parseDocument>;

  /** @throws InputError with line and column where it is no YAML. */
  constructor(text: string, file: string) {
    this.file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, strict: true, uniqueKeys: true });
    const [error] = this.#document.errors;
    if (error !== undefined) {
      const at = error.code === "BAD_SCALAR_START" ? text.slice(error.pos[0]).split(/\s/, 1)[0] : undefined;
      const message = at?.startsWith("@")
        ? `"${at}" must stand in quotes: YAML keeps @ for itself`
        : `is not YAML: ${error.message.split("\n")[0]}`;
      throw new InputError(message, this.#at(error.pos[0]));
    }
    // Anchors and aliases are welcome; a thousand-fold expansion is not.
    this.value = this.#document.toJS({ maxAliasCount: 1000 });
  }

  /** Where the value at `path` stands; where its key stands with `key`. */
  position(path: Path, key = false): InputPosition {
    for (let length = path.length; length >= 0; length--) {
      const offset = this.#offset(path.slice(0, length), key && length === path.length);
      if (offset !== undefined) return this.#at(offset);
    }
    return { file: this.file, line: 1, column: 1 };
  }

  #offset(path: Path, key: boolean): number | undefined {
    if (key) {
      const parent: unknown = path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
      const pair = isMap(parent)
        ? parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1))
        : undefined;
      if (pair !== undefined && isNode(pair.key)) return pair.key.range?.[0];
    }
    const node: unknown = path.length === 0 ? this.#document.contents : this.#document.getIn(path, true);
    return isNode(node) ? node.range?.[0] : undefined;
  }

  #at(offset: number): InputPosition {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.file, line, column: col };
  }

  /**
   * `value` as `schema` has it.
   * @throws InputError at the first thing that is not so.
   */
  check<T extends z.ZodType>(schema: T, value: unknown, path: Path): z.infer<T> {
    const checked = schema.safeParse(value, { reportInput: true });
    if (checked.success) return checked.data;
    const issue = deepest(checked.error.issues);
    const at = [...path, ...issue.path.filter((part): part is string | number => typeof part !== "symbol")];
    if (issue.code === "unrecognized_keys") {
      const [unknown = ""] = issue.keys;
      const known = knownKeys(schema, issue.path);
      const hint = didYouMean(unknown, known);
      throw new InputError(
        `expected ${known.length === 0 ? "a known key" : known.join(", ")}, found "${unknown}"${hint}`,
        this.position([...at, unknown], true),
      );
    }
    throw new InputError(issueText(issue), this.position(at));
  }
}

type Issue = z.core.$ZodIssue;

/** The issue of the branch of a union that came furthest: the one that was meant. */
function deepest(issues: readonly Issue[]): Issue {
  const [first] = issues;
  if (first === undefined) return { code: "custom", path: [], message: "is not as expected", input: undefined };
  if (first.code !== "invalid_union" || first.errors.length === 0) return misspelt(first, issues) ?? first;
  const branches = first.errors.map((branch) => deepest(branch));
  const best = branches.reduce((a, b) => (score(b) > score(a) ? b : a));
  // Values side by side, as in "seconds, or idle": none of them was meant more than the others.
  const message = branches.every(isPlain) ? `expected ${branches.map(plainText).join(" or ")}${found(best.input)}` : undefined;
  if (message !== undefined) return { code: "custom", path: [...first.path, ...best.path], message, input: best.input };
  return { ...best, path: [...first.path, ...best.path] };
}

/** A key that is missing and a key beside it that nobody knows are one mistake: the second is what the author sees. */
function misspelt(missing: Issue, issues: readonly Issue[]): Issue | undefined {
  if (missing.code !== "invalid_type" || missing.input !== undefined) return undefined;
  const parent = missing.path.slice(0, -1);
  return issues.find(
    ({ code, path }) =>
      code === "unrecognized_keys" && path.length === parent.length && path.every((part, index) => part === parent[index]),
  );
}

type PlainIssue = Extract<Issue, { code: "invalid_type" | "invalid_value" }>;

function isPlain(issue: Issue): issue is PlainIssue {
  if (issue.path.length > 0) return false;
  return (
    issue.code === "invalid_value" || (issue.code === "invalid_type" && ["number", "int", "string", "boolean"].includes(issue.expected))
  );
}

function plainText(issue: Issue): string {
  if (issue.code === "invalid_value") return issue.values.map(String).join(", ");
  return issue.code === "invalid_type" ? kind(issue) : "";
}

/** A branch of the right type that has a wrong key was more likely meant than one of another type. */
function score(issue: Issue): number {
  return issue.path.length * 2 + (issue.code === "invalid_type" ? 0 : 1);
}

function issueText(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.includes("undefined") || issue.input === undefined
        ? `expected ${kind(issue)}, found nothing`
        : `expected ${kind(issue)}, found ${typeText(issue.input)}`;
    case "invalid_value":
      return `expected ${issue.values.map(String).join(", ")}${found(issue.input)}`;
    case "too_small":
      return issue.origin === "array"
        ? `expected at least ${issue.minimum} of them`
        : `expected at least ${issue.minimum}${issue.origin === "string" ? " letter" : found(issue.input)}`;
    case "too_big":
      return `expected at most ${issue.maximum}${typeof issue.input === "number" ? found(issue.input) : ""}`;
    default:
      return issue.message;
  }
}

function kind(issue: Issue & { code: "invalid_type" }): string {
  const last = issue.path.at(-1);
  const what =
    issue.expected === "object" || issue.expected === "record"
      ? "a mapping"
      : issue.expected === "array"
        ? "a list"
        : `a ${issue.expected === "int" ? "whole number" : issue.expected}`;
  return typeof last === "string" ? `${last}: ${what}` : what;
}

function found(input: unknown): string {
  return input === undefined ? "" : `, found ${typeText(input)}`;
}

function typeText(input: unknown): string {
  if (input === null) return "nothing";
  if (Array.isArray(input)) return "a list";
  return typeof input === "object" ? "a mapping" : `"${String(input)}"`;
}

/** The keys that the object at `path` of a schema may have. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const shapes = shapesAt([schema], path);
  return [...new Set(shapes.flatMap((shape) => Object.keys(shape)))];
}

interface Def {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

function shapesAt(schemas: readonly z.ZodType[], path: readonly PropertyKey[]): readonly Readonly<Record<string, z.ZodType>>[] {
  const plain = schemas.flatMap(unwrapped);
  const [head, ...rest] = path;
  if (head === undefined) return plain.flatMap(({ shape }) => (shape === undefined ? [] : [shape]));
  const next = plain.flatMap((def) =>
    [typeof head === "string" ? (def.shape?.[head] ?? def.valueType) : def.element].filter((item) => item !== undefined),
  );
  return shapesAt(next, rest);
}

function unwrapped(schema: z.ZodType): readonly Def[] {
  const def = schema.def as unknown as Def;
  if (def.innerType !== undefined) return unwrapped(def.innerType);
  return def.options === undefined ? [def] : def.options.flatMap(unwrapped);
}
