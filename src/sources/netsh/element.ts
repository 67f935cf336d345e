import { InputError } from "../../model/index.ts";

/** One XML element of a unit (a filter, a layer…) that is read as a whole and then dropped. */
export interface Element {
  readonly name: string;
  /** Line of the start tag, from 1. */
  readonly line: number;
  /** Text directly inside, trimmed. */
  text: string;
  readonly children: Element[];
}

export function child(element: Element, name: string): Element | undefined {
  for (const candidate of element.children) if (candidate.name === name) return candidate;
  return undefined;
}

/** Text of a child; "" where it is empty or absent. */
export function textOf(element: Element, name: string): string {
  return child(element, name)?.text ?? "";
}

/** @throws InputError where the child is missing. */
export function required(element: Element, name: string): Element {
  const found = child(element, name);
  if (found === undefined) throw new InputError(`<${element.name}> lacks <${name}>`, { line: element.line });
  return found;
}

/** A decimal integer. @throws InputError for anything else. */
export function integer(element: Element): number {
  const value = Number(element.text);
  if (!/^\d+$/.test(element.text) || !Number.isSafeInteger(value)) throw notA(element, "a decimal integer");
  return value;
}

/** A decimal integer of any size. @throws InputError for anything else. */
export function bigInteger(element: Element): bigint {
  if (!/^-?\d+$/.test(element.text)) throw notA(element, "a decimal integer");
  return BigInt(element.text);
}

/** Bytes written as hex. @throws InputError for anything else. */
export function hexBytes(element: Element): Uint8Array {
  const { text } = element;
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) throw notA(element, "hexadecimal bytes");
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index++) bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16);
  return bytes;
}

export function notA(element: Element, expected: string): InputError {
  return new InputError(`<${element.name}> is "${element.text}", expected ${expected}`, { line: element.line });
}
