import { FilterEngine, fidelityOf } from "../../engine/index.ts";
import { type AppliedChange, type Filter, type FlowSpec, type FlowTrace, InputError, parseFlow, type Verdict } from "../../model/index.ts";
import {
  beforeAfterLines,
  beforeJson,
  flipJson,
  flipLines,
  holdsForJson,
  holdsForLines,
  type JsonRecord,
  PolicyNames,
  traceJson,
  traceLine,
  traceSummaryJson,
  traceText,
  traceVerdictJson,
  unsettledJson,
  unsettledLines,
  whatIfJson,
  whatIfLines,
} from "../../report/index.ts";
import { type TraceFlowOptions, traceFlow } from "../../stack/index.ts";
import type { CliContext } from "../context.ts";
import { EXIT, type ExitStatus } from "../exit-status.ts";
import { parseInterpretation } from "../interpretation-option.ts";
import { type LoadedPolicy, loadPolicy, warn, windowsOf } from "../load-policy.ts";
import { Output } from "../output.ts";
import { Progress } from "../progress.ts";
import { nodeBudget } from "../questions/whole-number.ts";
import { readFlows } from "../read-flows.ts";
import { type Volumes, volumeRemarks, volumesOf } from "../volumes.ts";
import { whatIfPolicy } from "../what-if-load.ts";
import type { TraceFlags } from "./trace-command.ts";

const MANY_FLOWS = 2000;

/** `wfplab trace`. */
export async function trace(this: CliContext, flags: TraceFlags, ...texts: string[]): Promise<void> {
  const flows = await flowsOf(this, flags, texts);
  const interpretation = parseInterpretation(flags.interpretation ?? []);
  const loaded = await loadPolicy(this.io, flags.policy, { strict: flags.strict, kind: "desktop", windows: flags.windows, interpretation });
  warn(this.io, loaded.policy);
  const changed = await whatIfPolicy(loaded, flags.policy, "desktop", flags);
  const asked = changed?.loaded ?? loaded;
  const engine = new FilterEngine(asked.policy, { interpretation });
  const unchanged = changed === undefined ? undefined : new FilterEngine(loaded.policy, { interpretation });
  const volumes = volumesOf(loaded.policy, flags.volume ?? []);
  const options = {
    windows: flags.windows ?? windowsOf(loaded.policy),
    volumes,
    ...(flags.listener === undefined ? {} : { listener: flags.listener }),
  };
  const output = new Output(this.io);
  const printer = flags.json ? jsonPrinter(output, flags, asked) : textPrinter(output, flags, asked, volumes);
  if (changed !== undefined) printer.changes(changed.applied);
  // A bar and the answers would run into each other on one terminal.
  const progress = new Progress(this.io.stderr, "tracing", flows.length, this.io.stdout.isTerminal ? Number.POSITIVE_INFINITY : MANY_FLOWS);
  const counts = { permit: 0, block: 0, indeterminate: 0 };
  const asking = { ...options, ...nodeBudget(flags.maxNodes) };
  let isSettled = true;
  for (const [index, flow] of flows.entries()) {
    const answer = traceFlow(engine, flags.profile === undefined ? flow : { ...flow, profile: flags.profile }, options);
    counts[answer.verdict]++;
    printer.flow(answer, index + 1, unchanged === undefined ? undefined : traceFlow(unchanged, flow, options));
    if (flags.holdsFor || flags.flip) isSettled = (await aroundFlow(output, flags, engine, answer, index + 1, asking)) && isSettled;
    progress.update(index + 1);
    await output.breathe();
  }
  progress.end();
  printer.end(counts);
  const status = statusFor(flags.expect, counts);
  this.setStatus(status === EXIT.ok && !isSettled ? EXIT.indeterminate : status);
  return output.flush();
}

/** The questions around a flow; their code is loaded for those who ask. False where the budget did not suffice. */
async function aroundFlow(
  output: Output,
  flags: TraceFlags,
  engine: FilterEngine,
  answer: FlowTrace,
  number: number,
  options: TraceFlowOptions & { readonly maxNodes?: number },
): Promise<boolean> {
  const [{ flipFlow, flipPolicy, holdsFor }, { BudgetExceeded }] = await Promise.all([
    import("../questions/trace-question.ts"),
    import("../../analysis/index.ts"),
  ]);
  const text = output.textOptions(0);
  let isSettled = true;
  const settled = <T>(question: "holds-for" | "flip", ask: () => T): T | undefined => {
    try {
      return ask();
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      isSettled = false;
      if (flags.json) output.json(unsettledJson(question, error.nodes, number));
      else output.text(`${unsettledLines(question, error.message, text).join("\n")}\n`);
      return undefined;
    }
  };
  if (flags.holdsFor) {
    const holds = settled("holds-for", () => holdsFor(engine, answer, options));
    if (holds === undefined) isSettled = false;
    else if (flags.json) output.json(holdsForJson(holds, number));
    else output.text(`${holdsForLines(holds, text).join("\n")}\n`);
  }
  if (flags.flip) {
    const flows = settled("flip", () => flipFlow(engine, answer, options));
    // What filters do is asked of trace alone, which needs no budget.
    const filters = flipPolicy(answer, engineWithout(engine), options);
    if (flags.json) for (const record of flipJson(flows ?? [], filters, number)) output.json(record);
    else output.text(`${flipLines(flows, filters, text).join("\n")}\n`);
  }
  return isSettled;
}

/** The same engine without one filter. */
function engineWithout({ policy, interpretation }: FilterEngine): (filter: Filter) => FilterEngine {
  return (filter) => new FilterEngine({ ...policy, filters: policy.filters.filter((other) => other !== filter) }, { interpretation });
}

type Counts = Record<Verdict, number>;

interface Printer {
  changes(applied: readonly AppliedChange[]): void;
  flow(answer: FlowTrace, number: number, before: FlowTrace | undefined): void;
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
    changes(applied) {
      output.json(whatIfJson(applied, flags.profile));
    },
    flow(answer, number, before) {
      if (before !== undefined) output.json(beforeJson(before, number));
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
    changes(applied) {
      output.text(`${whatIfLines(applied, flags.profile, options).join("\n")}\n`);
      if (lines) output.text("\n");
    },
    flow(answer, number, before) {
      if (lines) {
        const was = before === undefined ? "" : `${before.verdict === answer.verdict ? "same" : `was ${before.verdict}`}  |  `;
        output.text(`${was}${traceLine(answer, options)}\n`);
      } else {
        if (before !== undefined) output.text(`${beforeAfterLines(before, answer, options).join("\n")}\n\n`);
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
