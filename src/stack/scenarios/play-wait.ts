import type { ScenarioStep } from "../../model/index.ts";
import { Socket } from "../socket.ts";
import type { PendingCall } from "./pending-call.ts";
import type { Play } from "./play.ts";

/** Longer than any schedule of retransmissions, in seconds. */
const PATIENCE = 300;
/** Seconds after which a network that is never idle (a persist timer, say) is left to itself. */
const RESTLESS = 3600;

type Step<K extends ScenarioStep["do"]> = Extract<ScenarioStep, { do: K }>;

/** Lets time pass. */
export function wait({ seconds }: Step<"wait">, { simulation }: Play): boolean {
  if (seconds !== null) simulation.run(seconds);
  else simulation.runUntil(() => simulation.clock.next === undefined, RESTLESS);
  return true;
}

/** Waits for calls in the background, each by its turn. */
export function awaitCalls({ calls }: Step<"await">, play: Play): boolean {
  return calls.map((name) => play.calls.get(name)).every((call) => call !== undefined && isAwaited(call, play));
}

/** Waits for a call to end; whether it has, and has come about. What waits in vain is noted. */
export function isAwaited(call: PendingCall, { simulation }: Play): boolean {
  simulation.runUntil(() => call.result() !== null, PATIENCE);
  const vain = call.result() === null ? call.inVain?.() : undefined;
  if (vain !== undefined) simulation.note(vain.host, vain.text);
  return call.cameAbout();
}

/** Waits until connections are over: TIME-WAIT is. */
export function awaitClosed({ sockets }: Step<"await-closed">, { simulation, cast }: Play): boolean {
  const connections = sockets.flatMap((name) => {
    const socket = cast.socket(name)?.socket;
    return socket instanceof Socket ? [socket] : [];
  });
  return simulation.runUntil(() => connections.every(({ state }) => state === "CLOSED" || state === "TIME-WAIT"), PATIENCE);
}
