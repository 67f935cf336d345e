import type { Style } from "./style.ts";

/** What every text renderer wants to know. */
export interface TextOptions {
  readonly style: Style;
  /** 0: the answer; 1: conditions one by one; 2: every filter too. */
  readonly verbose: number;
  /** Columns to stay within where the words allow it. */
  readonly width: number;
}
