import type { Guid, Interpretation, WindowsVersion } from "../model/index.ts";
import type { BfeContent } from "./bfe-content.ts";
import type { Callout } from "./callout.ts";
import type { Caller } from "./engine-security.ts";

/** On whose behalf, and in which state of BFE, objects are added and deleted. */
export interface SessionAuthor {
  readonly session: Guid;
  readonly dynamic: boolean;
  readonly windows: WindowsVersion;
  readonly interpretation: Interpretation;
  readonly caller: Caller;
  readonly content: BfeContent;
  /** The code behind a callout, if this lab has it. */
  calloutCode(key: Guid): Callout | undefined;
}
