import type { CaptureCheck, RecordedVerdict, WindowsVersion } from "../model/index.ts";
import { CaptureMatcher } from "../replay/index.ts";
import { captureFlowJson, captureMatchJson, captureSummaryJson, verifyCaptureMarkdown, verifyCaptureText } from "../report/index.ts";
import { readCapture } from "./capture-input.ts";
import type { CliIo } from "./io.ts";
import type { Output } from "./output.ts";

export interface CheckedCapture {
  readonly check: CaptureCheck;
  /** What is wrong with the capture file. */
  readonly remarks: readonly string[];
}

/** Reads a capture and looks for the packets of recorded verdicts in it. @throws InputError where it is no capture. */
export async function checkCapture(
  io: CliIo,
  capture: string,
  { verdicts, windows = "10" }: { readonly verdicts: readonly RecordedVerdict[]; readonly windows?: WindowsVersion | undefined },
): Promise<CheckedCapture> {
  const matcher = new CaptureMatcher({ verdicts, windows });
  const remarks = await readCapture(io, capture, { packets: (batch) => matcher.packets(batch) });
  return { check: matcher.end(capture), remarks };
}

/** The part of the report that a capture adds, in the report's form. */
export function printCapture(
  output: Output,
  { check, remarks }: CheckedCapture,
  form: "text" | "json" | "markdown",
  verbose: number,
): void {
  switch (form) {
    case "json":
      for (const match of check.matches) output.json(captureMatchJson(match));
      for (const flow of check.flows) output.json(captureFlowJson(flow));
      output.json({ ...captureSummaryJson(check), remarks });
      return;
    case "markdown":
      output.text(verifyCaptureMarkdown(check, remarks));
      return;
    case "text":
      output.text(verifyCaptureText(check, { ...output.textOptions(verbose), remarks }));
  }
}
