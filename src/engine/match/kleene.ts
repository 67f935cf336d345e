import type { Truth } from "../../model/index.ts";

/** Kleene's three truth values, ordered so that AND is the minimum and OR the maximum. */
export type Kleene = 0 | 1 | 2;

export const FALSE: Kleene = 0;
export const MAYBE: Kleene = 1;
export const TRUE: Kleene = 2;

const names: readonly Truth[] = ["false", "unknown", "true"];

export function truthOf(value: Kleene): Truth {
  return names[value] as Truth;
}

export function kleeneOf(truth: Truth): Kleene {
  return truth === "true" ? TRUE : truth === "false" ? FALSE : MAYBE;
}

export function not(value: Kleene): Kleene {
  return (2 - value) as Kleene;
}

export function known(value: boolean): Kleene {
  return value ? TRUE : FALSE;
}
