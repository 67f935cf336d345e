import { InputError } from "./errors.ts";

/** A position in SDDL text, and the error that names it. Characters count from 1. */
export class SddlCursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  peek(length = 1): string {
    return this.text.slice(this.at, this.at + length);
  }

  /** Takes `word` if it comes next, in any case. */
  take(word: string): boolean {
    if (this.peek(word.length).toUpperCase() !== word.toUpperCase()) return false;
    this.at += word.length;
    return true;
  }

  expect(word: string, what: string): void {
    if (!this.take(word)) this.fail(`expected ${what}`);
  }

  /** What the pattern matches from here; empty if nothing. The pattern must be sticky (flag y). */
  match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  space(): void {
    this.match(/[\t-\r ]*/y);
  }

  /** @throws InputError with what was expected, what is there, and the character, counted from 1. */
  fail(message: string, at = this.at): never {
    const found = at >= this.text.length ? "the end" : `"${this.text.slice(at, at + 20)}${at + 20 < this.text.length ? "…" : ""}"`;
    throw new InputError(`security descriptor, character ${at + 1}: ${message}, found ${found}`, { column: at + 1 });
  }
}
