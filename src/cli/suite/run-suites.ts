import { FilterEngine } from "../../engine/index.ts";
import type { FirewallProfile } from "../../firewall/index.ts";
import {
  type AppliedChange,
  type BaselineChange,
  type Filter,
  formatFlow,
  type Interpretation,
  type Policy,
  type PolicyChange,
  type PolicyCoverage,
  type Suite,
  type SuiteFinding,
  type SuitePolicy,
  type SuiteRun,
  type SuiteTest,
  type TestResult,
  type WindowsVersion,
} from "../../model/index.ts";
import type { TraceFlowOptions } from "../../stack/index.ts";
import type { CliIo } from "../io.ts";
import { warn } from "../load-policy.ts";
import { type Volumes, volumesOf } from "../volumes.ts";
import { changePolicy } from "../what-if.ts";
import { exercisedBy } from "./deciders.ts";
import { IdleRules } from "./idle-rules.ts";
import type { JudgedFlows } from "./judge-flows.ts";
import { protocolClasses } from "./protocol-classes.ts";
import type { Proof } from "./prove-test.ts";
import { runFlowTest } from "./run-flow-test.ts";
import { runInvariant } from "./run-invariant.ts";
import { runScenarioTest } from "./run-scenario-test.ts";
import { type ReadyPolicy, readyPolicy } from "./suite-policies.ts";

export interface RunOptions {
  /** The policy of tests without one of their own, instead of the suite's. */
  readonly policy: string | undefined;
  readonly baseline: string | undefined;
  readonly changes: readonly PolicyChange[];
  readonly profile: FirewallProfile | undefined;
  /** Part of the names of the tests to run, in lower case. */
  readonly filter: string | undefined;
  readonly coverage: boolean;
  readonly strict: boolean;
  readonly windows: WindowsVersion | undefined;
  readonly volumes: readonly string[];
  readonly interpretation: Partial<Interpretation>;
  /** Seconds from some moment on, for the reports that have times. */
  readonly now: () => number;
  readonly onTest?: (done: number, of: number) => void;
}

interface Prepared {
  readonly policy: Policy;
  readonly engine: FilterEngine;
  readonly windows: WindowsVersion;
  readonly volumes: Volumes;
  readonly baseline: FilterEngine | undefined;
  /** undefined for a policy that no rules are known of. */
  readonly idle: IdleRules | undefined;
}

export interface FinishedRun extends SuiteRun {
  readonly applied: readonly AppliedChange[];
}

/**
 * Runs every test of some suites.
 * @throws InputError for a policy that cannot be loaded or a change that cannot be made, with the suite's line.
 */
export async function runSuites(io: CliIo, suites: readonly Suite[], options: RunOptions): Promise<FinishedRun> {
  const runner = new Runner(io, options);
  const chosen = suites.flatMap((suite) =>
    suite.tests
      .filter(({ name }) => options.filter === undefined || name.toLowerCase().includes(options.filter))
      .map((test) => ({ suite, test })),
  );
  const results: TestResult[] = [];
  for (const { suite, test } of chosen) {
    results.push(await runner.run(suite, test));
    options.onTest?.(results.length, chosen.length);
  }
  return runner.finish(results);
}

class Runner {
  readonly #io: CliIo;
  readonly #options: RunOptions;
  readonly #prepared = new Map<SuitePolicy | "override" | "shipped", Prepared>();
  readonly #exercised = new Map<Policy, Map<Filter, { tests: Set<string>; flow: string }>>();
  readonly #changes: BaselineChange[] = [];
  #applied: readonly AppliedChange[] = [];
  #compared = 0;
  #baselineName: string | undefined;

  constructor(io: CliIo, options: RunOptions) {
    this.#io = io;
    this.#options = options;
  }

  async run(suite: Suite, test: SuiteTest): Promise<TestResult> {
    const started = this.#options.now();
    const result = await this.#judge(suite, test);
    return { ...result, seconds: Math.max(0, this.#options.now() - started) };
  }

  finish(results: readonly TestResult[]): FinishedRun {
    const { coverage } = this.#options;
    return {
      results,
      baseline: this.#baselineName === undefined ? null : { name: this.#baselineName, changes: this.#changes, compared: this.#compared },
      coverage: coverage ? [...this.#exercised].map(([policy, seen]) => coverageOf(policy, seen)) : null,
      applied: this.#applied,
    };
  }

  async #judge(suite: Suite, test: SuiteTest): Promise<Omit<TestResult, "seconds">> {
    const own = test.policy;
    const common = { suite: suite.name, name: test.name, position: test.position, source: test.source };
    if (test.skip !== null) {
      return {
        ...common,
        policy: own?.name ?? "",
        status: "skipped",
        reach: "run",
        judged: 0,
        findings: [],
        assumptions: [],
        reason: test.skip,
      };
    }
    const prepared = await this.#policyFor(suite, own);
    if (test.kind === "scenario") {
      const server = test.serverPolicy === null ? prepared : await this.#prepare(test.serverPolicy);
      const client = test.clientPolicy === null ? await this.#prepare("shipped") : await this.#prepare(test.clientPolicy);
      const { findings } = runScenarioTest(test, {
        client: client.policy,
        server: server.policy,
        windows: this.#options.windows ?? server.windows,
        interpretation: this.#options.interpretation,
      });
      return {
        ...common,
        policy: server.policy.source,
        ...statusOf(findings),
        reach: "run",
        judged: test.expectations.length,
        findings,
        assumptions: [],
        reason: null,
      };
    }
    const { engine, policy, windows, volumes, baseline } = prepared;
    const ask = { windows: this.#options.windows ?? windows, volumes, ...(baseline === undefined ? {} : { baseline }) };
    const protocols = protocolClasses(policy, ...(baseline === undefined ? [] : [baseline.policy]));
    const isAgreement = test.kind === "invariant" && test.pairs.length > 0;
    // Witnesses of agreement are pairs, which take longer to find on a large policy than the proof that there are none.
    const early = isAgreement ? await this.#proved(engine, test, ask) : undefined;
    const { findings, judged } =
      test.kind === "flows"
        ? runFlowTest(engine, test, protocols, ask)
        : runInvariant(engine, test, protocols, ask, early?.isProved === true);
    this.#note(suite, test, policy, judged);
    const parts = judged.flatMap((flows) => flows.parts);
    const exhaustive = judged.every((flows) => flows.exhaustive) && !isAgreement;
    // What witnesses do not break may be proved over all packets, or broken after all.
    const proof = exhaustive || findings.length > 0 ? undefined : (early ?? (await this.#proved(engine, test, ask)));
    const all = [...findings, ...(proof?.findings ?? [])].map((finding) => withIdleRules(finding, prepared, ask));
    return {
      ...common,
      policy: policy.source,
      ...statusOf(all),
      reach: exhaustive || proof?.isProved === true ? "proved" : "witnesses",
      judged: proof?.isProved === true && !exhaustive ? proof.cases : parts.length,
      findings: all,
      assumptions: [...new Set(parts.flatMap(({ trace }) => trace.assumptions))],
      reason: null,
    };
  }

  /** Asks about all packets at once; the code for it is loaded where witnesses do not suffice. */
  async #proved(
    engine: FilterEngine,
    test: Exclude<SuiteTest, { kind: "scenario" }>,
    options: TraceFlowOptions,
  ): Promise<Proof | undefined> {
    const { proveTest } = await import("./prove-test.ts");
    return proveTest(engine, test, { ...options, now: this.#options.now });
  }

  /** Keeps what coverage and the comparison with a baseline need. */
  #note(suite: Suite, test: SuiteTest, policy: Policy, judged: readonly JudgedFlows[]): void {
    const seen = this.#exercised.get(policy) ?? new Map<Filter, { tests: Set<string>; flow: string }>();
    this.#exercised.set(policy, seen);
    const changed = new Set<string>();
    for (const { trace, baseline } of judged.flatMap(({ parts }) => parts)) {
      if (this.#options.coverage) {
        for (const filter of exercisedBy(trace)) {
          const entry = seen.get(filter);
          if (entry === undefined) seen.set(filter, { tests: new Set([test.name]), flow: formatFlow(trace.flow) });
          else entry.tests.add(test.name);
        }
      }
      if (baseline === undefined) continue;
      this.#compared++;
      if (baseline.verdict === trace.verdict) continue;
      // By name: a rule has a filter for each family, profile and layer, and a reader wants to hear of it once.
      const key = [baseline, trace].map(({ verdict, decisive }) => `${verdict} ${decisive?.decision?.filter?.name}`).join(" > ");
      if (changed.has(key)) continue;
      changed.add(key);
      this.#changes.push({ suite: suite.name, test: test.name, before: baseline, after: trace });
    }
  }

  /** The test's own policy, or what stands for the suite's. */
  async #policyFor(suite: Suite, own: SuitePolicy | null): Promise<Prepared> {
    if (own !== null) return this.#prepare(own);
    if (this.#options.policy !== undefined) return this.#prepare("override");
    return this.#prepare(suite.policy ?? "shipped", true);
  }

  /** `main`: the one that the command line's changes are made to and that a baseline is held against. */
  async #prepare(which: SuitePolicy | "override" | "shipped", main = which === "override"): Promise<Prepared> {
    const known = this.#prepared.get(which);
    if (known !== undefined) return known;
    const { strict, policy, baseline, changes, profile, interpretation, windows } = this.#options;
    const wanted =
      typeof which === "object" ? which : commandLinePolicy(which === "override" ? (policy ?? "@desktop") : "@desktop", windows);
    const base = await readyPolicy(this.#io, wanted, strict);
    warn(this.#io, base.policy);
    const changing = main && (changes.length > 0 || profile !== undefined);
    const changed = changing ? changePolicy(base, changes, profile) : { ...base, applied: [] };
    if (changing) this.#applied = changed.applied;
    const against = main ? await this.#baselineOf(base, changing, baseline) : undefined;
    const engine = new FilterEngine(changed.policy, { interpretation });
    const prepared: Prepared = {
      policy: changed.policy,
      engine,
      windows: base.windows,
      volumes: volumesOf(changed.policy, this.#options.volumes),
      baseline: against === undefined ? undefined : new FilterEngine(against, { interpretation }),
      // Filters of other products would have their own say.
      idle:
        changed.config === undefined || wanted.filters.length > 0
          ? undefined
          : new IdleRules({ ...base, config: changed.config, interpretation }),
    };
    this.#prepared.set(which, prepared);
    return prepared;
  }

  /** The policy that is given as the baseline; else, where the command line changes one, the policy as it was. */
  async #baselineOf(base: ReadyPolicy, changing: boolean, baseline: string | undefined): Promise<Policy | undefined> {
    if (baseline === undefined) {
      if (changing) this.#baselineName = base.policy.source;
      return changing ? base.policy : undefined;
    }
    const loaded = await readyPolicy(this.#io, commandLinePolicy(baseline, this.#options.windows), this.#options.strict);
    this.#baselineName = loaded.policy.source;
    return loaded.policy;
  }
}

/** A finding with the rules that would have made it none. */
function withIdleRules(finding: SuiteFinding, { idle }: Prepared, options: TraceFlowOptions): SuiteFinding {
  const rules = finding.trace === null ? [] : (idle?.explain(finding.trace, options) ?? []);
  return rules.length === 0 ? finding : { ...finding, idle: rules };
}

function commandLinePolicy(from: string, windows: WindowsVersion | undefined): SuitePolicy {
  return {
    position: {},
    name: from,
    from,
    windows: windows ?? null,
    rules: [],
    settings: {},
    subLayers: [],
    callouts: [],
    filters: [],
    changes: [],
    profile: null,
  };
}

function statusOf(findings: TestResult["findings"]): Pick<TestResult, "status"> {
  if (findings.some(({ status }) => status === "failed")) return { status: "failed" };
  return { status: findings.length > 0 ? "indeterminate" : "passed" };
}

function coverageOf(policy: Policy, seen: ReadonlyMap<Filter, { tests: ReadonlySet<string>; flow: string }>): PolicyCoverage {
  return {
    policy,
    exercised: [...seen].map(([filter, { tests, flow }]) => ({ filter, tests: [...tests], flow })),
    idle: policy.filters.filter((filter) => !seen.has(filter)),
  };
}
