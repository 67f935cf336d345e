import { type Field, type FieldValue, UNKNOWN } from "../model/index.ts";
import { type Candidates, EVERY_FILTER } from "./candidates.ts";
import type { CompiledLayer } from "./compile-layer.ts";
import { ChunkStore } from "./indexing/chunk-store.ts";
import { FieldIndex, type Posting } from "./indexing/field-index.ts";
import type { Survivors } from "./indexing/survivors.ts";
import type { ConditionTest } from "./match/condition-test.ts";

/** Chunks kept before the index starts over: 16 MB. */
const MAX_CHUNKS = 1 << 17;

/** The most used fields are indexed in any case; others if at least one filter in so many has a condition on them (measured). */
const ALWAYS_INDEXED = 4;
const RARE = 16;

/**
 * Which filters of a layer can match given values: per field and value a bit set of the filters that the value does not rule out,
 * AND'ed over the fields (aggregated bit vectors, in the walk's order). An unknown field rules out nothing. The walk still evaluates
 * what is left, so the index can only leave filters out that would not have matched.
 */
export class LayerIndex {
  readonly #size: number;
  readonly #fields: readonly FieldIndex[];
  /** Those with a class per value. */
  readonly #openFields: readonly FieldIndex[];
  #store = new ChunkStore();

  constructor(compiled: CompiledLayer) {
    this.#size = compiled.filters.length;
    this.#fields = fieldIndexes(compiled)
      .sort((a, b) => b.selectivity - a.selectivity)
      .filter((field, rank) => rank < ALWAYS_INDEXED || field.selectivity * RARE >= this.#size);
    this.#openFields = this.#fields.filter((field) => field.isOpen);
  }

  /** Makes `survivors` the filters to look at for these values. */
  candidates(values: readonly FieldValue[], survivors: Survivors): Candidates {
    this.#makeRoom();
    survivors.begin(this.#size);
    let any = false;
    for (let index = 0; index < this.#fields.length; index++) {
      const field = this.#fields[index] as FieldIndex;
      const value = values[field.fieldIndex];
      if (value === undefined || value === UNKNOWN) continue;
      const row = field.row(value, this.#store);
      if (row === undefined) continue;
      survivors.add(row);
      any = true;
    }
    survivors.seal(this.#store.words, this.#store.summaries);
    return any ? survivors : EVERY_FILTER;
  }

  /** Rows are kept for as long as there is room; a walk under way keeps the old store. */
  #makeRoom(): void {
    let overfull = this.#store.count > MAX_CHUNKS;
    for (let index = 0; index < this.#openFields.length; index++) overfull ||= (this.#openFields[index] as FieldIndex).isOverfull;
    if (!overfull) return;
    this.#store = new ChunkStore();
    for (const field of this.#fields) field.forget();
  }
}

function fieldIndexes({ layer, filters }: CompiledLayer): FieldIndex[] {
  const byField = new Map<number, Map<ConditionTest, Posting>>();
  for (const [position, { filter, groups }] of filters.entries()) {
    for (const group of groups) {
      if (group.fieldIndex < 0) continue;
      let postings = byField.get(group.fieldIndex);
      if (postings === undefined) {
        postings = new Map();
        byField.set(group.fieldIndex, postings);
      }
      for (const [index, test] of group.tests.entries()) {
        const condition = filter.conditions[group.positions[index] ?? -1];
        if (condition === undefined) continue;
        const posting = postings.get(test);
        if (posting === undefined) postings.set(test, { condition, test, positions: [position] });
        else posting.positions.push(position);
      }
    }
  }
  return [...byField].flatMap(([fieldIndex, postings]) => {
    const field = layer.fields.find((candidate: Field) => candidate.index === fieldIndex);
    return field === undefined ? [] : [new FieldIndex(fieldIndex, field.dataType, [...postings.values()], filters.length)];
  });
}
