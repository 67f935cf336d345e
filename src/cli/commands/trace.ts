import { FilterEngine, fidelityOf } from "../../engine/index.ts";
import { type FlowSpec, type FlowTrace, InputError, parseFlow, type Verdict } from "../../model/index.ts";
import { type JsonRecord, PolicyNames, traceJson, traceLine, traceSummaryJson, traceText, traceVerdictJson } from "../../report/index.ts";
import { traceFlow } from "../../stack/index.ts";
import type { CliContext } from "../context.ts";
import { EXIT, type ExitStatus } from "../exit-status.ts";
import { parseInterpretation } from "../interpretation-option.ts";
import { type LoadedPolicy, loadPolicy, warn, windowsOf } from "../load-policy.ts";
import { Output } from "../output.ts";
import { Progress } from "../progress.ts";
import { readFlows } from "../read-flows.ts";
import { type Volumes, volumeRemarks, volumesOf } from "../volumes.ts";
import type { TraceFlags } from "./trace-command.ts";

const MANY_FLOWS = 2000;

/** `wfplab trace`. */
export async function trace(this: CliContext, flags: TraceFlags, ...texts: string[]): Promise<void> {
  const flows = await flowsOf(this, flags, texts);
  const interpretation = parseInterpretation(flags.interpretation ?? []);
  const loaded = await loadPolicy(this.io, flags.policy, { strict: flags.strict, kind: "desktop", windows: flags.windows });
  warn(this.io, loaded.policy);
  const engine = new FilterEngine(loaded.policy, { interpretation });
  const volumes = volumesOf(loaded.policy, flags.volume ?? []);
  const options = {
    windows: flags.windows ?? windowsOf(loaded.policy),
    volumes,
    ...(flags.listener === undefined ? {} : { listener: flags.listener }),
  };
  const output = new Output(this.io);
  const printer = flags.json ? jsonPrinter(output, flags, loaded) : textPrinter(output, flags, loaded, volumes);
  // A bar and the answers would run into each other on one terminal.
  const progress = new Progress(this.io.stderr, "tracing", flows.length, this.io.stdout.isTerminal ? Number.POSITIVE_INFINITY : MANY_FLOWS);
  const counts = { permit: 0, block: 0, indeterminate: 0 };
  for (const [index, flow] of flows.entries()) {
    const answer = traceFlow(engine, flow, options);
    counts[answer.verdict]++;
    printer.flow(answer, index + 1);
    progress.update(index + 1);
    await output.breathe();
  }
  progress.end();
  printer.end(counts);
  this.setStatus(statusFor(flags.expect, counts));
  return output.flush();
}

type Counts = Record<Verdict, number>;

interface Printer {
  flow(answer: FlowTrace, number: number): void;
  end(counts: Counts): void;
}

async function flowsOf(context: CliContext, flags: TraceFlags, texts: readonly string[]): Promise<FlowSpec[]> {
  const example = 'wfplab trace "in tcp 203.0.113.9:51000 > 10.0.0.5:445"';
  if (flags.flows !== undefined) {
    if (texts.length > 0) throw new InputError("expected a flow or --flows FILE, found both");
    if (flags.flows === "-" && flags.policy === "-") throw new InputError("--policy - and --flows - cannot both read standard input");
    return readFlows(context.io, flags.flows);
  }
  const [text, ...more] = texts;
  if (text === undefined) throw new InputError(`expected a flow, as in: ${example}; or --flows FILE`);
  if (more.length > 0) throw new InputError(`expected the flow as one argument, in quotes, as in: ${example}`);
  return [parseFlow(text)];
}

function statusFor(expect: "permit" | "block" | undefined, counts: Counts): ExitStatus {
  if (expect === undefined) return EXIT.ok;
  const wrong = expect === "permit" ? counts.block : counts.permit;
  return wrong > 0 ? EXIT.failed : counts.indeterminate > 0 ? EXIT.indeterminate : EXIT.ok;
}

function verbosity(flags: TraceFlags): number {
  return flags.all ? 2 : (flags.verbose ?? 0);
}

function jsonPrinter(output: Output, flags: TraceFlags, { policy }: LoadedPolicy): Printer {
  let seq = 1;
  let last: JsonRecord = {};
  return {
    flow(answer, number) {
      const records = traceJson(answer, { seq, number, verbose: verbosity(flags) });
      for (const record of records) output.json(record);
      seq += records.length;
      last = traceVerdictJson(answer);
    },
    end(counts) {
      const one = counts.permit + counts.block + counts.indeterminate === 1;
      output.json(traceSummaryJson(counts, { ...(one ? last : {}), policy: policy.source, fidelity: fidelityOf(policy) }));
    },
  };
}

function textPrinter(output: Output, flags: TraceFlags, { policy, remarks }: LoadedPolicy, volumes: Volumes): Printer {
  const options = output.textOptions(verbosity(flags));
  const lines = flags.oneLine || (flags.flows !== undefined && options.verbose === 0);
  const names = new PolicyNames(policy);
  const fidelity = fidelityOf(policy);
  return {
    flow(answer, number) {
      if (lines) output.text(`${traceLine(answer, options)}\n`);
      else {
        const said = [...remarks, ...volumeRemarks(answer.flow, volumes)];
        output.text(`${number > 1 ? "\n" : ""}${traceText(answer, { ...options, names, fidelity, remarks: said })}`);
      }
    },
    end({ permit, block, indeterminate }) {
      if (flags.flows === undefined) return;
      const flows = permit + block + indeterminate;
      output.text(`${flows} ${flows === 1 ? "flow" : "flows"}: ${permit} permitted, ${block} blocked, ${indeterminate} indeterminate\n`);
    },
  };
}
