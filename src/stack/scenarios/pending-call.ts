import type { Operation } from "../operation.ts";

/** A call of a scenario's program that has been made, and perhaps has not ended. */
export interface PendingCall {
  /** The result's name; null as long as the call waits. */
  result(): string | null;
  /** Whether what steps after it build on has come about. */
  cameAbout(): boolean;
  /** What has arrived by it, as text; null where nothing has or could. */
  arrived?(): string | null;
  /** What to write down where it waits in vain. */
  inVain?(): { readonly host: string; readonly text: string };
  /** Calls `listener` when the call ends, at once if it has. */
  onEnd(listener: () => void): void;
}

/** A call that has ended already. */
export function endedCall(result: string): PendingCall {
  return { result: () => result, cameAbout: () => result === "ok", onEnd: (listener) => listener() };
}

/** A call that ends when its operation does. */
export function pendingCall<T>(operation: Operation<T>, resultOf: (end: T) => string): PendingCall {
  const result = () => (operation.result === undefined ? null : resultOf(operation.result));
  return { result, cameAbout: () => result() === "ok", onEnd: (listener) => operation.onDone(() => listener()) };
}
