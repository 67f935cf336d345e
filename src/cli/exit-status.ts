/** Exit statuses of every command. */
export const EXIT = {
  /** As asked; all passed. */
  ok: 0,
  /** An assertion failed, or there is a finding where the command's job is to find none. */
  failed: 1,
  /** Wrong usage or bad input. */
  usage: 2,
  /** Indeterminate where a definite answer was required. */
  indeterminate: 3,
  /** A bug in wfplab (EX_SOFTWARE of sysexits.h). */
  internal: 70,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];
