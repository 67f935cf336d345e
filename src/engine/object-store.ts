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

/** Objects of one type by key, in the order they were added. Every change is noted in the journal so that it can be undone. */
export class ObjectStore<T extends { readonly key: Guid }> {
  #entries = new Map<Guid, Entry<T>>();
  #list: readonly T[] | undefined;
  readonly #note: (undo: () => void) => void;

  constructor(note: (undo: () => void) => void) {
    this.#note = note;
  }

  get(key: Guid): Entry<T> | undefined {
    return this.#entries.get(key);
  }

  entries(): IterableIterator<Entry<T>> {
    return this.#entries.values();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The objects themselves; the same array until something changes. */
  list(): readonly T[] {
    this.#list ??= [...this.#entries.values()].map((entry) => entry.object);
    return this.#list;
  }

  put(entry: Entry<T>): void {
    const { key } = entry.object;
    const before = this.#entries.get(key);
    this.#entries.set(key, entry);
    this.#list = undefined;
    this.#note(() => {
      if (before === undefined) this.#entries.delete(key);
      else this.#entries.set(key, before);
      this.#list = undefined;
    });
  }

  remove(key: Guid): void {
    // Undoing a deletion must give the object its place back, so the whole order is kept.
    const before = this.#entries;
    this.#entries = new Map(before);
    this.#entries.delete(key);
    this.#list = undefined;
    this.#note(() => {
      this.#entries = before;
      this.#list = undefined;
    });
  }

  /** Removes everything that `keep` refuses, outside any journal: the end of a session or of BFE cannot be undone. */
  retain(keep: (entry: Entry<T>) => boolean): Entry<T>[] {
    const gone = [...this.#entries.values()].filter((entry) => !keep(entry));
    if (gone.length > 0) {
      this.#entries = new Map([...this.#entries].filter(([, entry]) => keep(entry)));
      this.#list = undefined;
    }
    return gone;
  }
}
