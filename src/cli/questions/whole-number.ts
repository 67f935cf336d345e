import { InputError } from "../../model/index.ts";

/** A flag's whole number, commas between thousands read over. @throws InputError */
export function wholeNumber(flag: string, text: string, low: number, high: number): number {
  const value = /^\d{1,3}(?:,\d{3})+$|^\d+$/.test(text) ? Number(text.replaceAll(",", "")) : Number.NaN;
  if (value >= low && value <= high) return value;
  throw new InputError(
    `${flag}: expected a whole number from ${low.toLocaleString("en")} to ${high.toLocaleString("en")}, found "${text}"`,
  );
}

/** Nodes that a question may take, if the flag tells. @throws InputError */
export function nodeBudget(text: string | undefined): { readonly maxNodes?: number } {
  return text === undefined ? {} : { maxNodes: wholeNumber("--max-nodes", text, 1000, 100_000_000) };
}
