import { InputError, type InputPosition } from "./errors.ts";

/** A word of a flow: `in`, `>`, or `key=value`. Columns count from 1. */
export interface FlowWord {
  readonly text: string;
  readonly column: number;
  /** For key=value. A value in quotes is taken as it is: `"none"` is a text, `none` may be a keyword. */
  readonly pair?: { readonly key: string; readonly value: FlowValueText };
}

export interface FlowValueText {
  readonly text: string;
  readonly quoted: boolean;
  readonly column: number;
}

/** Raises the errors of one flow, with its place. */
export class FlowErrors {
  readonly #position: InputPosition;

  constructor(position: InputPosition) {
    this.#position = position;
  }

  fail(column: number, message: string): never {
    const { line } = this.#position;
    // With a line, describe() prints the column itself.
    throw new InputError(line === undefined ? `flow, column ${column}: ${message}` : message, { ...this.#position, column });
  }
}

/**
 * Splits a flow into words. Double quotes hold spaces together, `""` in them is a quotation mark; brackets around key=value mark a
 * default and are dropped; `>` stands alone with or without spaces.
 */
export function flowWords(text: string, errors: FlowErrors): FlowWord[] {
  const words: FlowWord[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) at++;
    else if (text[at] === ">") words.push({ text: ">", column: ++at });
    else {
      const bracketed = /\[[^\]\s":]*=/y;
      bracketed.lastIndex = at;
      const inBrackets = bracketed.test(text);
      const start = at;
      if (inBrackets) at++;
      const word = readWord(text, at, inBrackets, errors);
      at = word.end;
      if (inBrackets) {
        if (text[at] !== "]") errors.fail(at + 1, 'expected "]"');
        at++;
      }
      words.push({ text: text.slice(start, at), column: start + 1, ...(word.pair === undefined ? {} : { pair: word.pair }) });
    }
  }
  return words;
}

function readWord(
  text: string,
  start: number,
  inBrackets: boolean,
  errors: FlowErrors,
): { end: number; pair?: NonNullable<FlowWord["pair"]> } {
  let at = start;
  while (at < text.length && !/[\s=>]/.test(text.charAt(at))) at++;
  if (text[at] !== "=") return { end: at };
  const key = text.slice(start, at);
  const column = ++at + 1;
  if (text[at] !== '"') {
    while (at < text.length && !/\s/.test(text.charAt(at)) && !(inBrackets && text[at] === "]")) at++;
    return { end: at, pair: { key, value: { text: text.slice(column - 1, at), quoted: false, column } } };
  }
  const close = /"(?:[^"]|"")*"/y;
  close.lastIndex = at;
  const quoted = close.exec(text)?.[0] ?? errors.fail(column, "expected a quotation mark to end the value");
  at += quoted.length;
  if (at < text.length && !/[\s\]]/.test(text.charAt(at))) errors.fail(at + 1, "expected a space after the quoted value");
  return { end: at, pair: { key, value: { text: quoted.slice(1, -1).replaceAll('""', '"'), quoted: true, column } } };
}

/** A text that must not be read as a keyword or end early, in quotes where needed. */
export function quoteFlowText(text: string): string {
  const plain = /^[^\s"[\]]+$/.test(text) && !/^(\*|empty|none)$/i.test(text);
  return plain ? text : `"${text.replaceAll('"', '""')}"`;
}
