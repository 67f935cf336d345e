import { InputError, type SessionRecord } from "../../model/index.ts";
import type { Scenario, ScenarioOptions } from "./scenario.ts";
import { Stage } from "./stage.ts";
import { tcpClose } from "./tcp-close.ts";
import { tcpConnect } from "./tcp-connect.ts";
import { tcpData } from "./tcp-data.ts";
import { tcpNoListener } from "./tcp-no-listener.ts";
import { tcpReauthorize } from "./tcp-reauthorize.ts";
import { tcpReauthorizeBlocked } from "./tcp-reauthorize-blocked.ts";
import { tcpSession } from "./tcp-session.ts";

/** The built-in scenarios, the whole session first. */
export const SCENARIOS: readonly Scenario[] = [
  tcpSession,
  tcpConnect,
  tcpNoListener,
  tcpData,
  tcpReauthorize,
  tcpReauthorizeBlocked,
  tcpClose,
];

/**
 * Plays a built-in scenario and returns what happened, in order. A block by policy is a legitimate end of a step: steps that depend on
 * it are left out.
 * @throws InputError if there is no scenario of that name.
 */
export function runScenario(name: string, options: ScenarioOptions): SessionRecord[] {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario === undefined) {
    throw new InputError(`there is no scenario "${name}", expected ${SCENARIOS.map((known) => known.name).join(", ")}`);
  }
  const stage = new Stage(options);
  scenario.play(stage);
  return [...stage.records];
}
