import {
  CALLOUT_FLAG,
  type CalloutObject,
  FILTER_FLAG,
  type Filter,
  type Guid,
  type Layer,
  type Policy,
  PROVIDER_CONTEXT_FLAG,
  PROVIDER_FLAG,
  type Provider,
  type ProviderContext,
  SUBLAYER_FLAG,
  type SubLayer,
} from "../model/index.ts";
import { isBuiltIn } from "./built-in-policy.ts";
import type { Lifetime } from "./lifetime.ts";
import { type Entry, ObjectStore } from "./object-store.ts";

/** Everything BFE stores, with a journal of the changes since the last {@link BfeContent.forget}. */
export class BfeContent {
  readonly layers: ReadonlyMap<Guid, Layer>;
  readonly providers: ObjectStore<Provider>;
  readonly subLayers: ObjectStore<SubLayer>;
  readonly callouts: ObjectStore<CalloutObject>;
  readonly providerContexts: ObjectStore<ProviderContext>;
  readonly filters: ObjectStore<Filter>;
  readonly #base: Policy;
  #journal: (() => void)[] = [];
  /** What is to be done once the changes are final. */
  #afterwards: (() => void)[] = [];
  #changedLayers = new Set<Guid>();
  readonly #keyById = new Map<bigint, Guid>();
  #nextFilterId: bigint;
  #nextCalloutId: number;
  #nextContextId: bigint;
  #nextKey = 0;

  constructor(policy: Policy) {
    this.#base = { ...policy, sessions: [] };
    this.layers = new Map(policy.layers.map((layer) => [layer.key, layer]));
    const note = (undo: () => void) => void this.#journal.push(undo);
    this.providers = new ObjectStore(note);
    this.subLayers = new ObjectStore(note);
    this.callouts = new ObjectStore(note);
    this.providerContexts = new ObjectStore(note);
    this.filters = new ObjectStore(note);
    for (const object of policy.providers) this.providers.put(entryOf(object, (object.flags & PROVIDER_FLAG.PERSISTENT) !== 0));
    for (const object of policy.subLayers) this.subLayers.put(entryOf(object, (object.flags & SUBLAYER_FLAG.PERSISTENT) !== 0));
    for (const object of policy.callouts) {
      this.callouts.put(entryOf(object, (object.flags & CALLOUT_FLAG.FWPM_CALLOUT_FLAG_PERSISTENT) !== 0));
    }
    for (const object of policy.providerContexts) {
      this.providerContexts.put(entryOf(object, (object.flags & PROVIDER_CONTEXT_FLAG.PERSISTENT) !== 0));
    }
    for (const object of policy.filters) {
      const bootTime = (object.flags & FILTER_FLAG.BOOTTIME) !== 0;
      const entry = entryOf(object, (object.flags & FILTER_FLAG.PERSISTENT) !== 0);
      this.filters.put(bootTime ? { ...entry, lifetime: "boot-time" } : entry);
      this.#keyById.set(object.filterId, object.key);
    }
    // Ids only ever grow (WFP-SEMANTICS 1.1).
    this.#nextFilterId =
      topOf(
        policy.filters.map(({ filterId }) => filterId),
        0xffffn,
      ) + 1n;
    this.#nextCalloutId = policy.callouts.reduce((top, { calloutId }) => Math.max(top, calloutId), 255) + 1;
    this.#nextContextId =
      topOf(
        policy.providerContexts.map(({ id }) => id),
        0n,
      ) + 1n;
    this.forget();
  }

  nextFilterId(): bigint {
    return this.#nextFilterId++;
  }

  nextCalloutId(): number {
    return this.#nextCalloutId++;
  }

  nextContextId(): bigint {
    return this.#nextContextId++;
  }

  /**
   * A key for an object added with a zero GUID: counted, so that runs repeat. A policy that another engine built has such keys already;
   * they are passed over.
   */
  generateKey(): Guid {
    const stores = [this.providers, this.subLayers, this.callouts, this.providerContexts, this.filters];
    for (;;) {
      this.#nextKey++;
      const key: Guid = `{77667061-6262-4c00-8000-${this.#nextKey.toString(16).padStart(12, "0")}}`;
      if (stores.every((store) => store.get(key) === undefined)) return key;
    }
  }

  filterById(id: bigint): Entry<Filter> | undefined {
    const key = this.#keyById.get(id);
    const entry = key === undefined ? undefined : this.filters.get(key);
    return entry?.object.filterId === id ? entry : undefined;
  }

  addFilter(entry: Entry<Filter>): void {
    const { filterId, key, layerKey } = entry.object;
    this.filters.put(entry);
    this.#keyById.set(filterId, key);
    this.whenUndone(() => this.#keyById.delete(filterId));
    this.#changedLayers.add(layerKey);
  }

  removeFilter({ filterId, key, layerKey }: Filter): void {
    this.filters.remove(key);
    this.#keyById.delete(filterId);
    this.whenUndone(() => this.#keyById.set(filterId, key));
    this.#changedLayers.add(layerKey);
  }

  /** Takes filters away outside any journal. */
  retainFilters(keep: (entry: Entry<Filter>) => boolean): Entry<Filter>[] {
    const gone = this.filters.retain(keep);
    for (const { object } of gone) {
      this.#keyById.delete(object.filterId);
      this.#changedLayers.add(object.layerKey);
    }
    return gone;
  }

  /** Gives every filter a new id, in their order: ids are not stable across BFE restarts (WFP-SEMANTICS 1.1). */
  renumberFilters(): void {
    this.#keyById.clear();
    for (const entry of this.filters.entries()) {
      const filterId = this.nextFilterId();
      this.filters.put({ ...entry, object: { ...entry.object, filterId } });
      this.#keyById.set(filterId, entry.object.key);
      this.#changedLayers.add(entry.object.layerKey);
    }
  }

  /** Runs `undo` if the change just made is taken back. */
  whenUndone(undo: () => void): void {
    this.#journal.push(undo);
  }

  /** Runs `action` once the changes are final. */
  whenFinal(action: () => void): void {
    this.#afterwards.push(action);
  }

  /** Marks a layer as changed by something other than an add or delete through this class. */
  touch(layerKey: Guid): void {
    this.#changedLayers.add(layerKey);
  }

  /** Takes back every change since the last forget(). */
  undo(): void {
    const journal = this.#journal;
    this.#journal = [];
    for (const undo of journal.toReversed()) undo();
    this.#afterwards = [];
    this.forget();
  }

  /** Makes the changes final; returns the layers whose filters changed, and what is to be done when all know of it. */
  forget(): { readonly changed: ReadonlySet<Guid>; readonly afterwards: readonly (() => void)[] } {
    const changed = this.#changedLayers;
    const afterwards = this.#afterwards;
    this.#journal = [];
    this.#afterwards = [];
    this.#changedLayers = new Set();
    return { changed, afterwards };
  }

  toPolicy(): Policy {
    return {
      ...this.#base,
      providers: this.providers.list(),
      subLayers: this.subLayers.list(),
      callouts: this.callouts.list(),
      providerContexts: this.providerContexts.list(),
      filters: this.filters.list(),
    };
  }
}

function entryOf<T extends { readonly key: Guid }>(object: T, persistent: boolean): Entry<T> {
  const lifetime: Lifetime = isBuiltIn(object.key) ? "built-in" : persistent ? "persistent" : "static";
  return { object, lifetime, session: null, security: null };
}

function topOf(ids: readonly bigint[], least: bigint): bigint {
  let top = least;
  for (const id of ids) if (id > top) top = id;
  return top;
}
