import { expect } from "vitest";
import { type CliSetting, runCli } from "./run-cli.ts";

/** A record of `search` or `reach` with `--json`. */
export type AnswerRecord = Record<string, unknown> & {
  readonly part: string;
  readonly classes: readonly Record<string, unknown>[];
  readonly witness: { readonly flow: string; readonly verdict: string; readonly layer: string };
  readonly sent?: { readonly flow: string; readonly verdict: string };
  readonly decidedBy: { readonly filterId: string; readonly filterName: string } | null;
};

/** The answers, the summary and the exit status of a question with `--json`. */
export async function asked(args: readonly string[], setting: CliSetting = {}) {
  const { status, stderr, records } = await runCli([...args, "--json"], setting);
  expect(stderr).toBe("");
  const all = records();
  expect(all.every(({ v }) => v === 1)).toBe(true);
  const summary = all.at(-1) ?? {};
  expect(summary.type).toBe("summary");
  const answers = all.slice(0, -1) as AnswerRecord[];
  expect(answers.every(({ type }) => type === "answer")).toBe(true);
  expect(summary.answers).toBe(answers.length);
  return { status, summary, answers };
}

/** What `trace` says of flows as they were printed: their verdicts, in order. */
export async function traced(flows: readonly string[], policy: readonly string[], setting: CliSetting = {}): Promise<readonly unknown[]> {
  const { status, stderr, records } = await runCli(["trace", "--flows", "witnesses.txt", ...policy, "--json"], {
    ...setting,
    files: { ...setting.files, "witnesses.txt": `${flows.join("\n")}\n` },
  });
  expect([status, stderr]).toEqual([0, ""]);
  return records()
    .filter(({ type }) => type === "verdict")
    .map(({ verdict }) => verdict);
}
