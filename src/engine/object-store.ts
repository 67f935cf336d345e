import type { Guid, SecurityDescriptor } from "../model/index.ts";
import type { Lifetime } from "./lifetime.ts";

/** An object and what BFE knows about it beside its own members. */
export interface Entry<T> {
  readonly object: T;
  readonly lifetime: Lifetime;
  /** Session that made a dynamic object. */
  readonly session: Guid | null;
  /** Set by Set*SecurityInfo; null: the container's default. */
  readonly security: SecurityDescriptor | null;
}

interface Placed<T> {
  readonly entry: Entry<T>;
  /** Rank among the objects by the time they were added. */
  readonly rank: number;
}

/** Objects of one type by key, in the order they were added. Every change is noted in the journal so that it can be undone. */
export class ObjectStore<T extends { readonly key: Guid }> {
  readonly #placed = new Map<Guid, Placed<T>>();
  #nextRank = 0;
  /** Set when an undone deletion has put an object at the end of the map, where its rank does not belong. */
  #isUnordered = false;
  #list: readonly T[] | undefined;
  readonly #note: (undo: () => void) => void;

  constructor(note: (undo: () => void) => void) {
    this.#note = note;
  }

  get(key: Guid): Entry<T> | undefined {
    return this.#placed.get(key)?.entry;
  }

  entries(): Entry<T>[] {
    this.#order();
    return [...this.#placed.values()].map(({ entry }) => entry);
  }

  get size(): number {
    return this.#placed.size;
  }

  /** The objects themselves; the same array until something changes. */
  list(): readonly T[] {
    this.#list ??= this.entries().map((entry) => entry.object);
    return this.#list;
  }

  /** Adds an object, or replaces the one with its key. */
  put(entry: Entry<T>): void {
    const { key } = entry.object;
    const before = this.#placed.get(key);
    this.#set(key, { entry, rank: before?.rank ?? this.#nextRank++ });
    this.#note(() => {
      if (before === undefined) this.#drop(key);
      else this.#set(key, before);
    });
  }

  remove(key: Guid): void {
    const before = this.#placed.get(key);
    if (before === undefined) return;
    this.#drop(key);
    this.#note(() => {
      this.#isUnordered = true;
      this.#set(key, before);
    });
  }

  /** Replaces an object outside any journal: for what happens to it whatever becomes of a transaction. */
  amend(key: Guid, change: (object: T) => T): void {
    const before = this.#placed.get(key);
    if (before !== undefined) this.#set(key, { ...before, entry: { ...before.entry, object: change(before.entry.object) } });
  }

  /** Removes everything that `keep` refuses, outside any journal: the end of a session or of BFE cannot be undone. */
  retain(keep: (entry: Entry<T>) => boolean): Entry<T>[] {
    const gone = this.entries().filter((entry) => !keep(entry));
    for (const { object } of gone) this.#drop(object.key);
    return gone;
  }

  #set(key: Guid, placed: Placed<T>): void {
    this.#placed.set(key, placed);
    this.#list = undefined;
  }

  #drop(key: Guid): void {
    this.#placed.delete(key);
    this.#list = undefined;
  }

  #order(): void {
    if (!this.#isUnordered) return;
    this.#isUnordered = false;
    const sorted = [...this.#placed].sort(([, a], [, b]) => a.rank - b.rank);
    this.#placed.clear();
    for (const [key, placed] of sorted) this.#placed.set(key, placed);
  }
}
