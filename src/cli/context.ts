import type { CommandContext, StricliProcess } from "@stricli/core";
import type { ExitStatus } from "./exit-status.ts";
import type { CliIo } from "./io.ts";

/** What a command finds in `this`. */
export interface CliContext extends CommandContext {
  readonly process: StricliProcess;
  readonly io: CliIo;
  /** Ends the command with another status than 0 though nothing went wrong. */
  setStatus(status: ExitStatus): void;
}
