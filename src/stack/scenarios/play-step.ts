import type { ScenarioCall, ScenarioStep } from "../../model/index.ts";
import { checkExpect } from "./check-expect.ts";
import type { Play } from "./play.ts";
import { playCall } from "./play-call.ts";
import { addFilter, changeInterface, complete, inject, note, removeFilter } from "./play-change.ts";
import { awaitCalls, awaitClosed, wait } from "./play-wait.ts";

/** One after the other; whether all have come about. */
export function playSteps(steps: readonly ScenarioStep[], play: Play): boolean {
  let all = true;
  for (const step of steps) all = playStep(step, play) && all;
  return all;
}

/** One step, unless what it needs has not come about; whether it has come about itself. */
function playStep(step: ScenarioStep, play: Play): boolean {
  const { simulation } = play;
  if (step.time !== null && step.time > simulation.clock.seconds) simulation.run(step.time - simulation.clock.seconds);
  if (!isPossible(step, play)) return false;
  const start = { record: simulation.records.length, packet: play.log.packets.length };
  const came = perform(step, play);
  if (came && step.id !== null) play.came.add(step.id);
  if (step.expect !== null && play.isChecked) checkExpect(step.expect, start, play);
  return came;
}

function isPossible(step: ScenarioStep, { came, cast, calls }: Play): boolean {
  if (!step.needs.every((need) => came.has(need) || cast.isUsable(need))) return false;
  if (step.do === "await") return step.calls.every((name) => calls.has(name));
  return socketsOf(step).every((name) => cast.isUsable(name));
}

/** The sockets without which a step means nothing. */
function socketsOf(step: ScenarioStep): readonly string[] {
  if (step.do === "await-closed") return step.sockets;
  if (!("socket" in step)) return [];
  return step.do === "send" && step.arrivesAt !== null ? [step.socket, step.arrivesAt] : [step.socket];
}

function perform(step: ScenarioStep, play: Play): boolean {
  switch (step.do) {
    case "group":
      if (step.title !== null) play.simulation.step(play.names.expand(step.title, step.at));
      return playSteps(step.steps, play);
    case "note":
      return note(step, play);
    case "wait":
      return wait(step, play);
    case "await":
      return awaitCalls(step, play);
    case "await-closed":
      return awaitClosed(step, play);
    case "add-filter":
      return addFilter(step, play);
    case "remove-filter":
      return removeFilter(step, play);
    case "interface":
      return changeInterface(step, play);
    case "complete":
      return complete(step, play);
    case "inject":
      return inject(step, play);
    default:
      return playCall(step satisfies ScenarioCall, play);
  }
}
