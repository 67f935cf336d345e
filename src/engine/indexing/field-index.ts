import type { Condition, DataType, FwpValue } from "../../model/index.ts";
import type { ConditionTest } from "../match/condition-test.ts";
import { FALSE } from "../match/kleene.ts";
import { CHUNK_WORDS, type ChunkStore } from "./chunk-store.ts";
import { MAX_OPEN_CLASSES } from "./each-value.ts";
import type { ValueClasses } from "./value-class.ts";
import { valueClasses } from "./value-classes.ts";

/** A distinct condition on a field and the filters that have it. */
export interface Posting {
  readonly condition: Condition;
  readonly test: ConditionTest;
  readonly positions: number[];
}

/** Ids of chunks, one per 1024 filters: which filters a field's value does not rule out. */
export type Row = Int32Array;

/**
 * One field of a layer: a row for each class of values. A row is made when the first value of its class comes, by asking every
 * distinct condition about that value, so that it cannot disagree with the evaluator; what comes once costs about as much as walking.
 */
export class FieldIndex {
  /** Position in the value array. */
  readonly fieldIndex: number;
  /** How many filters have a condition on the field. */
  readonly selectivity: number;
  readonly #type: DataType;
  readonly #postings: readonly Posting[];
  /** Filters without a condition on the field, as words and as a row. */
  readonly #free: Int32Array;
  #freeRow: Row | undefined;
  #classes: ValueClasses;
  #rows: (Row | undefined)[] = [];
  #emptyRow: Row | undefined;

  constructor(fieldIndex: number, type: DataType, postings: readonly Posting[], size: number) {
    this.fieldIndex = fieldIndex;
    this.#type = type;
    this.#postings = postings;
    this.#free = new Int32Array(Math.ceil(size / (CHUNK_WORDS * 32)) * CHUNK_WORDS);
    for (let position = 0; position < size; position++) setBit(this.#free, position);
    const bound = new Set(postings.flatMap(({ positions }) => positions));
    for (const position of bound) clearBit(this.#free, position);
    this.selectivity = bound.size;
    this.#classes = valueClasses(
      type,
      postings.map(({ condition }) => condition),
    );
  }

  /** The row of a value; undefined where the field cannot narrow anything down (a value of another type). */
  row(value: FwpValue, store: ChunkStore): Row | undefined {
    if (value.type === "FWP_EMPTY") {
      this.#emptyRow ??= this.#build(value, store);
      return this.#emptyRow;
    }
    const number = this.#classes.classOf(value);
    if (number < 0) return undefined;
    const known = this.#rows[number];
    if (known !== undefined) return known;
    const row = this.#build(value, store);
    this.#rows[number] = row;
    return row;
  }

  /** Whether each value is a class of its own. */
  get isOpen(): boolean {
    return this.#classes.limit === undefined;
  }

  /** Whether so many values were each a class of their own that it is time to start over. */
  get isOverfull(): boolean {
    return this.isOpen && this.#rows.length > MAX_OPEN_CLASSES;
  }

  /** Forgets all rows: their store is gone. */
  forget(): void {
    this.#rows = [];
    this.#emptyRow = undefined;
    this.#freeRow = undefined;
    if (!this.isOpen) return;
    this.#classes = valueClasses(
      this.#type,
      this.#postings.map(({ condition }) => condition),
    );
  }

  #build(value: FwpValue, store: ChunkStore): Row {
    const words = this.#free.slice();
    const touched = new Set<number>();
    for (const { test, positions } of this.#postings) {
      if (test(value) === FALSE) continue;
      for (const position of positions) {
        setBit(words, position);
        touched.add(position >>> 10);
      }
    }
    this.#freeRow ??= this.#intern(this.#free, store);
    const row = this.#freeRow.slice();
    for (const chunk of touched) row[chunk] = store.intern(words, chunk * CHUNK_WORDS);
    return row;
  }

  #intern(words: Int32Array, store: ChunkStore): Row {
    return Int32Array.from({ length: words.length / CHUNK_WORDS }, (_, chunk) => store.intern(words, chunk * CHUNK_WORDS));
  }
}

function setBit(words: Int32Array, position: number): void {
  words[position >>> 5] = (words[position >>> 5] ?? 0) | (1 << (position & 31));
}

function clearBit(words: Int32Array, position: number): void {
  words[position >>> 5] = (words[position >>> 5] ?? 0) & ~(1 << (position & 31));
}
