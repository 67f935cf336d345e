import { InputError } from "../../model/index.ts";

/** One XML element of a unit (a filter, a layer…) that is read as a whole and then dropped. */
export interface Element {
  readonly name: string;
  /** Line of the start tag, from 1. */
  readonly line: number;
  /** Text directly inside, trimmed; empty where there are elements inside. */
  text: string;
  /** The same text as it stands in the file: names may begin or end with blanks. */
  raw: string;
  readonly children: Element[];
}

export function child(element: Element, name: string): Element | undefined {
  for (const candidate of element.children) if (candidate.name === name) return candidate;
  return undefined;
}

/** Text of a child, trimmed; "" where it is empty or absent. */
export function textOf(element: Element, name: string): string {
  return child(element, name)?.text ?? "";
}

/** @throws InputError where the child is missing. */
export function required(element: Element, name: string): Element {
  const found = child(element, name);
  if (found === undefined) throw new InputError(`<${element.name}> lacks <${name}>`, { line: element.line });
  return found;
}

/** A decimal integer of 0 to `top`. @throws InputError for anything else. */
export function integer(element: Element, top: number): number {
  const value = Number(element.text);
  if (!/^\d{1,16}$/.test(element.text)) throw notA(element, "a decimal integer");
  if (value > top) throw notA(element, `an integer of 0 to ${top}`);
  return value;
}

export const MAX_UINT64 = (1n << 64n) - 1n;

/** A decimal integer within the bounds, which default to those of UINT64. @throws InputError for anything else. */
export function bigInteger(element: Element, least = 0n, top = MAX_UINT64): bigint {
  // The length is bounded first: converting decimals takes time in the square of it.
  if (!/^-?\d{1,20}$/.test(element.text)) throw notA(element, "a decimal integer");
  const value = BigInt(element.text);
  if (value < least || value > top) throw notA(element, `an integer of ${least} to ${top}`);
  return value;
}

const digitOf = (unit: number) => {
  if (unit >= 48 && unit <= 57) return unit - 48;
  const letter = unit | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
};

/** Bytes written as hex. @throws InputError for anything else. */
export function hexBytes(element: Element): Uint8Array {
  const { text } = element;
  if (text.length % 2 !== 0) throw notA(element, "hexadecimal bytes");
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    const high = digitOf(text.charCodeAt(index * 2));
    const low = digitOf(text.charCodeAt(index * 2 + 1));
    if (high < 0 || low < 0) throw notA(element, "hexadecimal bytes");
    bytes[index] = high * 16 + low;
  }
  return bytes;
}

const MOST_SHOWN = 60;

export function notA(element: Element, expected: string): InputError {
  const { text } = element;
  const shown = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  return new InputError(`<${element.name}> is "${shown}", expected ${expected}`, { line: element.line });
}
