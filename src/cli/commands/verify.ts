import { InputError, type Policy, type RecordedVerdict, type WindowsVersion } from "../../model/index.ts";
import { verifyEvents } from "../../replay/index.ts";
import { verifiedEventJson, verifyMarkdown, verifySummaryJson, verifyText } from "../../report/index.ts";
import type { CliContext } from "../context.ts";
import { eventRemarks } from "../event-remarks.ts";
import { EXIT } from "../exit-status.ts";
import { parseInterpretation } from "../interpretation-option.ts";
import { type LoadedEvents, loadEvents } from "../load-events.ts";
import { loadPolicy, warn, windowsOf } from "../load-policy.ts";
import { Output } from "../output.ts";
import { Progress } from "../progress.ts";
import { checkCapture, printCapture } from "../verify-capture.ts";
import { warnOf } from "../warn.ts";
import type { VerifyFlags } from "./verify-command.ts";

const WORTH_SHOWING = 2000;

/** `wfplab verify`. */
export async function verify(this: CliContext, flags: VerifyFlags, path: string): Promise<void> {
  const { io } = this;
  const form = formOf(flags);
  if (path === "-" && flags.policy === "-") throw new InputError("only one of EVENTS and --policy can be read from standard input");
  if (flags.capture === "-" && [path, flags.policy].includes("-")) {
    throw new InputError("only one of EVENTS, --policy and --capture can be read from standard input");
  }
  const events = await loadEvents(io, path, { strict: flags.strict });
  warnOf(io, events.source, events.diagnostics);
  const { policy, remarks: policyRemarks } = await policyFor(this, flags, events);
  const remarks = [
    ...policyRemarks,
    ...eventRemarks(events.records, { policy: policy !== undefined, capture: flags.capture !== undefined }),
  ];
  const verdicts = events.records.filter((record): record is RecordedVerdict => record.type === "verdict");
  checkHost(verdicts, flags, policy !== undefined);
  const progress = new Progress(io.stderr, "comparing", verdicts.length, WORTH_SHOWING);
  const report = verifyEvents(events.records, {
    source: events.source,
    ...(policy === undefined ? {} : { policy }),
    ...(flags.host === undefined ? {} : { host: flags.host }),
    learn: flags.learn,
    interpretation: parseInterpretation(flags.interpretation ?? []),
    onProgress: (done) => progress.update(done),
  });
  progress.end();
  const output = new Output(io);
  const options = output.textOptions(flags.verbose ?? 0);
  if (form === "json") for (const event of report.events) output.json(verifiedEventJson(event));
  else if (form === "markdown") output.text(verifyMarkdown(report, remarks));
  else output.text(verifyText(report, { ...options, remarks }));
  if (flags.capture !== undefined) {
    const windows: { readonly windows?: WindowsVersion } = policy === undefined ? {} : { windows: windowsOf(policy) };
    const host = flags.host?.toLowerCase();
    const chosen = host === undefined ? verdicts : verdicts.filter((verdict) => verdict.host?.toLowerCase() === host);
    const checked = await checkCapture(io, flags.capture, { verdicts: chosen, ...windows });
    printCapture(output, checked, form, options.verbose);
    if (checked.check.tally.differs > 0) this.setStatus(EXIT.failed);
  }
  if (form === "json") output.json(verifySummaryJson(report, remarks));
  const { contradiction, unnamed } = report.summary;
  const subLayers = report.events.some((event) => event.subLayers.some(({ result }) => result === "contradiction"));
  if (contradiction > 0 || unnamed.differs > 0 || subLayers) this.setStatus(EXIT.failed);
  return output.flush();
}

function formOf({ format, json, markdown }: VerifyFlags): "text" | "json" | "markdown" {
  const asked = new Set([
    ...(json ? ["json" as const] : []),
    ...(markdown ? ["markdown" as const] : []),
    ...(format === undefined ? [] : [format === "md" ? ("markdown" as const) : format]),
  ]);
  if (asked.size > 1) throw new InputError("--json, --markdown and --format ask for different forms: one can be printed");
  return [...asked][0] ?? "text";
}

async function policyFor(
  { io }: CliContext,
  flags: VerifyFlags,
  events: LoadedEvents,
): Promise<{ readonly policy?: Policy; readonly remarks: readonly string[] }> {
  if (flags.policy !== undefined) {
    const loaded = await loadPolicy(io, flags.policy, { strict: flags.strict, kind: "desktop" });
    warn(io, loaded.policy);
    return { policy: loaded.policy, remarks: loaded.remarks };
  }
  if (events.policy !== null) return { policy: events.policy, remarks: ["the policy is that of the same file"] };
  return { remarks: [] };
}

/** One computer's policy says nothing about another's verdicts. */
function checkHost(verdicts: readonly RecordedVerdict[], { host }: VerifyFlags, hasPolicy: boolean): void {
  const hosts = [...new Set(verdicts.map((verdict) => verdict.host))];
  const names = hosts.map((name) => name ?? "(no name)");
  if (host !== undefined && !hosts.some((name) => name?.toLowerCase() === host.toLowerCase())) {
    throw new InputError(`--host: no verdict is of "${host}"; the log has those of ${names.join(", ") || "nobody"}`);
  }
  if (host === undefined && hasPolicy && hosts.length > 1) {
    throw new InputError(`the log has verdicts of ${hosts.length} computers: --host says whose the policy is (${names.join(", ")})`);
  }
}
