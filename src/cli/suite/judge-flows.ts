import type { FilterEngine } from "../../engine/index.ts";
import { type FlowPattern, type FlowSpec, type FlowTrace, sameAddress } from "../../model/index.ts";
import { type TraceFlowOptions, traceFlow } from "../../stack/index.ts";
import { type Choice, DIMENSIONS, type Dimension, ORDINARY_USER, openValues, SERVICE_USER } from "./flow-dimensions.ts";
import { constantsOf, jointConstants } from "./policy-constants.ts";
import { NOBODYS_PROTOCOL } from "./protocol-classes.ts";
import { addressNumber, addressOf } from "./value-classes.ts";

/** A part of a pattern's flows that have one answer, and that answer: `trace.flow` leaves out what does not matter. */
export interface JudgedPart {
  readonly trace: FlowTrace;
  readonly settled: Readonly<Partial<Record<Dimension, Choice>>>;
  /** The baseline's answer to the same flow, where there is one. */
  readonly baseline?: FlowTrace;
}

/** All parts of a pattern's flows. */
export interface JudgedFlows {
  readonly pattern: FlowPattern;
  readonly parts: readonly JudgedPart[];
  /** True where the parts are all there is; false where they are witnesses only. */
  readonly exhaustive: boolean;
}

export interface JudgeOptions extends TraceFlowOptions {
  /** Whose programs a flow that does not say is about: anybody's, or an ordinary user's desktop program's. */
  readonly who: "anybody" | "ordinary";
  readonly edges?: readonly FlowPattern[];
  /** Dimensions that must be settled in a part before its answer counts. */
  readonly mustSettle?: (part: JudgedPart) => readonly Dimension[];
  /** False leaves unknown what the pattern leaves open. */
  readonly split?: boolean;
  /** A second policy to be asked the same; parts are then such that both have one answer. */
  readonly baseline?: FilterEngine;
  /** Traces at most; what is left is then judged by witnesses. */
  readonly budget?: number;
}

/** Enough for a rule set of thousands; a few seconds. */
const BUDGET = 2000;

/** Which dimensions settle what a verdict depends on, by the field's name. */
const SETTLES: readonly (readonly [RegExp, readonly Dimension[]])[] = [
  [/PROFILE_ID$/, ["profile"]],
  [/^IP_LOCAL_PORT$|^ICMP_TYPE$|^IP_SOURCE_PORT$/, ["localPort", "icmp"]],
  [/^IP_REMOTE_PORT$|^ICMP_CODE$|^IP_DESTINATION_PORT$/, ["remotePort", "icmp"]],
  [/^ORIGINAL_ICMP_TYPE$/, ["icmp"]],
  [/REMOTE_ADDRESS|DESTINATION_ADDRESS|SOURCE_ADDRESS/, ["remoteAddress", "localAddress"]],
  [/LOCAL_ADDRESS/, ["localAddress"]],
  [/APP_ID$/, ["app"]],
  [/PACKAGE/, ["package", "app"]],
  [/USER_ID$/, ["package", "user", "app"]],
  [/INTERFACE|TUNNEL/, ["if"]],
  [/^FLAGS$/, ["remoteAddress", "localAddress", "package"]],
];

/**
 * Judges all flows of a pattern. What is open is unknown to the evaluator, so that a definite verdict holds for every value (Kleene logic);
 * where a verdict depends on something open, that is split into the classes which the policy's filters tell apart, and each class judged.
 */
export function judgeFlows(engine: FilterEngine, pattern: FlowPattern, options: JudgeOptions): JudgedFlows {
  const { baseline } = options;
  const constants = baseline === undefined ? constantsOf(engine.policy) : jointConstants(engine.policy, baseline.policy);
  const context = { pattern, constants, edges: options.edges ?? [] };
  const open = new Map<Dimension, () => readonly Choice[]>();
  const base: FlowSpec = { ...pattern.told, direction: pattern.direction, family: pattern.family, protocol: protocolOf(pattern) };
  let start: FlowSpec = base;
  // What an ordinary program is, where the flow does not say; the kernel is none, and known.
  let who: Partial<FlowSpec> = {};
  const settledAtFirst: Partial<Record<Dimension, Choice>> = {};
  if (base.service !== undefined && base.user === undefined) who = { user: SERVICE_USER, groups: base.groups ?? [] };
  for (const dimension of DIMENSIONS) {
    const values = openValues(dimension, context);
    if (values === undefined) continue;
    if (dimension === "user" || dimension === "package") {
      // An ordinary program unless the pattern says otherwise; a service is no AppContainer; the kernel is known.
      const ordinary = options.who === "ordinary" && !pattern.any.has(dimension);
      const kernel = isKernel(base);
      if (kernel || (dimension === "package" && base.service !== undefined)) {
        if (!kernel) who = { ...who, package: null };
        continue;
      }
      if (ordinary) {
        who = dimension === "user" ? { ...who, user: ORDINARY_USER, groups: [] } : { ...who, package: null };
        continue;
      }
    }
    if (isGiven(pattern, dimension)) {
      const [choice] = values();
      if (choice !== undefined) {
        start = { ...start, ...choice.spec };
        settledAtFirst[dimension] = choice;
        continue;
      }
    }
    open.set(dimension, values);
  }
  const parts: JudgedPart[] = [];
  let traces = 0;
  let exhaustive = true;
  const budget = options.budget ?? BUDGET;
  const stack: { flow: FlowSpec; settled: Partial<Record<Dimension, Choice>> }[] = [{ flow: start, settled: settledAtFirst }];
  for (let cell = stack.pop(); cell !== undefined; cell = stack.pop()) {
    const { settled } = cell;
    const flow = isKernel(cell.flow) ? cell.flow : { ...who, ...cell.flow };
    const trace = lean(traceFlow(engine, flow, options));
    traces++;
    const before = baseline === undefined ? {} : { baseline: lean(traceFlow(baseline, flow, options)) };
    const part: JudgedPart = { trace, settled, ...before };
    const wanted = options.split === false ? [] : wantedOf(part, options);
    const next = DIMENSIONS.find((dimension) => wanted.includes(dimension) && open.has(dimension) && !(dimension in settled));
    const choices = next === undefined ? [] : (open.get(next)?.() ?? []).filter((choice) => agrees(choice, flow));
    if (next === undefined || choices.length === 0) {
      if (Object.values(settled).some((choice) => choice?.exhaustive === false)) exhaustive = false;
      parts.push(part);
      continue;
    }
    const left = budget - traces - stack.length;
    // Out of budget: the first class stands for its dimension, and the answer says that these are witnesses.
    const taken = left >= choices.length ? choices : choices.slice(0, 1);
    if (taken.length < choices.length) exhaustive = false;
    for (const choice of [...taken].reverse()) {
      const known = { ...settled, [next]: choice };
      stack.push({ flow: apart({ ...cell.flow, ...choice.spec }, known), settled: known });
    }
  }
  return { pattern, parts, exhaustive };
}

/** The flow with two ends where its classes of addresses have two: what a host says to its own address is loopback and stands for no other flow. */
function apart(flow: FlowSpec, settled: JudgedPart["settled"]): FlowSpec {
  const { localAddress, remoteAddress } = flow;
  if (localAddress === undefined || remoteAddress === undefined || !sameAddress(localAddress, remoteAddress)) return flow;
  const taken = addressNumber(remoteAddress);
  for (const end of ["remoteAddress", "localAddress"] as const) {
    const ranges = settled[end]?.ranges ?? [];
    const other = ranges.flatMap(({ low, high }) => [low + 9n, low + 1n, low].filter((each) => each <= high && each !== taken))[0];
    if (other !== undefined) return { ...flow, [end]: addressOf(other, localAddress.family) };
  }
  return flow;
}

/** A trace without what every filter of every layer said: thousands of parts are kept, and policies have thousands of filters. */
function lean(trace: FlowTrace): FlowTrace {
  const steps = trace.steps.map((step) => ({ ...step, filters: [], nearMisses: step === trace.decisive ? step.nearMisses : [] }));
  const decisive = trace.decisive === null ? null : (steps[trace.steps.indexOf(trace.decisive)] ?? trace.decisive);
  return { ...trace, steps, decisive };
}

function wantedOf(part: JudgedPart, { mustSettle }: JudgeOptions): readonly Dimension[] {
  const { trace, baseline } = part;
  const own = trace.verdict === "indeterminate" ? toSettle(trace) : (mustSettle?.(part) ?? []);
  return baseline?.verdict === "indeterminate" ? [...own, ...toSettle(baseline)] : own;
}

/** The kernel is no AppContainer and no other user's. */
function agrees({ spec }: Choice, flow: FlowSpec): boolean {
  if (!isKernel(flow)) return true;
  return spec.package === undefined || spec.package === null;
}

function isKernel({ app }: FlowSpec): boolean {
  return app?.toLowerCase() === "system";
}

/** Whether the pattern leaves one value: that is part of the question, and stays in the answer though nothing may depend on it. */
function isGiven(pattern: FlowPattern, dimension: Dimension): boolean {
  if (dimension === "profile") return pattern.profile?.length === 1;
  if (dimension !== "localPort" && dimension !== "remotePort" && dimension !== "localAddress" && dimension !== "remoteAddress")
    return false;
  const [first, ...others] = pattern[dimension] ?? [];
  return first !== undefined && others.length === 0 && first.low === first.high;
}

function protocolOf({ protocol }: FlowPattern): number {
  return protocol === "any" ? NOBODYS_PROTOCOL : protocol;
}

function toSettle(trace: FlowTrace): readonly Dimension[] {
  const fields = trace.dependsOn.flatMap((dependency) =>
    dependency.kind === "field" ? [dependency.field.replace(/^FWPM_CONDITION_/, "")] : [],
  );
  return fields.flatMap((field) => SETTLES.filter(([pattern]) => pattern.test(field)).flatMap(([, dimensions]) => dimensions));
}
