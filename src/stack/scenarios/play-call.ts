import type { ScenarioCall } from "../../model/index.ts";
import { contentOf } from "./packet-make.ts";
import { type PendingCall, pendingCall } from "./pending-call.ts";
import type { Play } from "./play.ts";
import { playSocketCall } from "./play-socket-call.ts";
import { isAwaited } from "./play-wait.ts";

/** Makes a call and waits for its end, unless it goes on in the background; whether it has come about. */
export function playCall(step: ScenarioCall, play: Play): boolean {
  const call = step.do === "ping" ? ping(step, play) : playSocketCall(step, play);
  if (step.orClose) {
    call.onEnd(() => {
      if (call.result() !== "ok") giveUp(step, play);
    });
  }
  if ("background" in step && step.background) {
    for (const name of namesOf(step)) play.calls.set(name, call);
    play.atEnd.push(() => checkEnd(step, call, play));
    return true;
  }
  const came = isAwaited(call, play);
  if (call.result() === null && step.orClose) giveUp(step, play);
  checkEnd(step, call, play);
  return came;
}

function ping({ host, to, at, bytes }: Extract<ScenarioCall, { do: "ping" }>, { cast, names }: Play): PendingCall {
  const data = bytes === null ? {} : { data: contentOf(null, bytes) };
  return pendingCall(cast.requireHost(host).ping(names.addressOf(to, at), data), (result) => result);
}

/** Names that steps know a call in the background by: its id, the socket it is of or makes. */
function namesOf(step: ScenarioCall): readonly string[] {
  const id = step.id === null ? [] : [step.id];
  if (step.do === "ping") return id;
  return [step.do === "accept" ? step.as : step.socket, ...id];
}

/** A program that cannot go on closes its socket. */
function giveUp(step: ScenarioCall, { cast }: Play): void {
  const entry = step.do === "ping" ? undefined : cast.socket(step.socket);
  if (entry === undefined || entry.isGone) return;
  entry.isGone = true;
  entry.socket?.close();
}

function checkEnd(step: ScenarioCall, call: PendingCall, { expectations, names, isChecked }: Play): void {
  if (!isChecked) return;
  const position = names.positionOf(step.at);
  const found = call.result();
  const what = step.do === "ping" ? `${step.host} ping()` : `${step.do}() of ${step.socket}`;
  if (step.result !== null) {
    const end = found === null ? `${what} has not ended` : `${what} ${found}`;
    expectations.check(position, `${what} ${step.result}`, found === step.result ? null : end);
  }
  if (step.do !== "receive" || step.data === null) return;
  const arrived = call.arrived?.() ?? null;
  const end = arrived === null ? "nothing" : JSON.stringify(arrived);
  expectations.check(position, `${what} gets ${JSON.stringify(step.data)}`, arrived === step.data ? null : end);
}
