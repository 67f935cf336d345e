import type { Metadata } from "../model/index.ts";
import type { StackServices } from "./callout.ts";

/** What accompanies an indication beside its fields. */
export interface ClassifyContext {
  readonly metadata: Metadata;
  /** Absent in a plain trace. */
  readonly stack?: StackServices;
}

export const NO_CONTEXT: ClassifyContext = { metadata: {} };
