import {
  InputError,
  type Interpretation,
  type Policy,
  type Profile,
  type Scenario,
  type SessionRecord,
  type WindowsVersion,
} from "../../model/index.ts";
import { BUILT_IN } from "./built-in/built-in.ts";
import { playScenario } from "./play.ts";

/** What a built-in scenario is run with. */
export interface ScenarioOptions {
  /** Of the host named client. */
  readonly clientPolicy: Policy;
  /** Of the host named server. */
  readonly serverPolicy: Policy;
  readonly family: 4 | 6;
  readonly windows: WindowsVersion;
  /** DOS or NT path; the scenario's own unless told. */
  readonly clientApp?: string;
  readonly serverApp?: string;
  /** What $port stands for; the scenario's own unless told. */
  readonly serverPort?: number;
  /** Network category of all hosts; the scenario's own unless told. */
  readonly profile?: Profile;
  readonly interpretation?: Partial<Interpretation>;
}

/** The built-in scenarios, the whole TCP session first: examples/scenarios as plain data. */
export const SCENARIOS: readonly Scenario[] = BUILT_IN;

/** The built-in scenario of that name. @throws InputError if there is none. */
export function builtInScenario(name: string): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario !== undefined) return scenario;
  throw new InputError(`there is no scenario "${name}", expected ${SCENARIOS.map((known) => known.name).join(", ")}`);
}

/**
 * Plays a built-in scenario and returns what happened, in order. A block by policy is a legitimate end of a step: steps that depend on
 * it are left out, and what the scenario expects of its own policies is not looked at.
 * @throws InputError if there is no scenario of that name.
 */
export function runScenario(name: string, options: ScenarioOptions): SessionRecord[] {
  const { clientPolicy, serverPolicy, clientApp, serverApp, serverPort, ...rest } = options;
  const apps = new Map([
    ...(clientApp === undefined ? [] : [["client", clientApp] as const]),
    ...(serverApp === undefined ? [] : [["server", serverApp] as const]),
  ]);
  const { records } = playScenario(builtInScenario(name), {
    ...rest,
    policies: new Map([
      ["client", clientPolicy],
      ["server", serverPolicy],
    ]),
    apps,
    ...(serverPort === undefined ? {} : { port: serverPort }),
    check: false,
  });
  return [...records];
}
