import type {
  CalloutObject,
  Diagnostic,
  Filter,
  Guid,
  InferredSubLayer,
  PolicyImport,
  Provider,
  ProviderContext,
  RecordedEvent,
  RecordedFilterChange,
  RecordedObjectChange,
  RecordedPolicyChange,
  SubLayer,
} from "../../model/index.ts";
import { inferSubLayer, type LoggedSubLayer } from "./policy-from-events-sublayers.ts";

export interface PolicyFromEventsOptions {
  /** What messages call the input, e.g. its file name. */
  readonly source: string;
  /** The computer whose policy is wanted; may be left out where the log has changes of one only. */
  readonly host?: string | null;
  /** The policy as of this moment, seconds since 1970 by the log's clock; the end of the log if left out. */
  readonly at?: number;
}

/** A policy that a log amounts to, and what of it the log does not say. */
export interface EventPolicy extends PolicyImport {
  readonly inferred: readonly InferredSubLayer[];
}

/** The computers whose filters a log tells of. */
export function hostsWithPolicy(records: readonly RecordedEvent[]): ReadonlySet<string | null> {
  return new Set(records.flatMap((record) => (record.type === "filter" ? [record.host] : [])));
}

/** The policy of one computer as of any place in its log. */
export class EventPolicyTimeline {
  readonly source: string;
  readonly inferred: readonly InferredSubLayer[];
  /** Changes with their index in the log, sublayers filled in. */
  readonly #changes: readonly { readonly index: number; readonly record: RecordedPolicyChange }[];
  readonly #timeStamp: string | null;

  /** `records` may hold other computers' and other records too; their indexes count all the same. */
  constructor(records: readonly RecordedEvent[], { source, host }: Pick<PolicyFromEventsOptions, "source" | "host">) {
    this.source = source;
    const own: { readonly index: number; readonly record: RecordedPolicyChange }[] = [];
    for (const [index, record] of records.entries()) {
      if (isPolicyChange(record) && (host === undefined || record.host === host)) own.push({ index, record });
    }
    const logged = own.flatMap(({ index, record }): LoggedSubLayer[] =>
      record.type === "sublayer"
        ? [{ index, subLayer: record.object, processId: record.processId, seconds: record.time?.seconds ?? null, change: record.change }]
        : [],
    );
    const found = inferAll(own, logged);
    this.inferred = [...found.values()];
    this.#changes = own.map(({ index, record }) => {
      if (record.type !== "filter") return { index, record };
      const subLayerKey = found.get(record.filter.key)?.subLayerKey ?? record.filter.subLayerKey;
      return { index, record: { ...record, filter: { ...record.filter, subLayerKey } } };
    });
    this.#timeStamp = own.findLast(({ record }) => record.time !== null)?.record.time?.text ?? null;
  }

  /** Filters' changes in order, with their index in the log. */
  filterChanges(): readonly { readonly index: number; readonly record: RecordedFilterChange }[] {
    return this.#changes.flatMap(({ index, record }) => (record.type === "filter" ? [{ index, record }] : []));
  }

  /** Everything the log ever tells of, deleted or not: what other parts of the policy may refer to. */
  everything(): EventPolicy {
    const objects = new Objects();
    const filters = new Map<bigint, Filter>();
    for (const { record } of this.#changes) {
      if (record.type === "filter") filters.set(record.filter.filterId, record.filter);
      else objects.keep(record);
    }
    return this.#import(objects, [...filters.values()]);
  }

  /** What exists once the first `end` records of the log are done. */
  asOf(end: number): EventPolicy {
    const objects = new Objects();
    for (const { index, record } of this.#changes) {
      if (index >= end) break;
      if (record.type !== "filter") objects.apply(record);
    }
    return this.#import(objects, [...this.filtersAsOf(end).values()]);
  }

  filtersAsOf(end: number): ReadonlyMap<bigint, Filter> {
    const filters = new Map<bigint, Filter>();
    let starting = false;
    for (const { index, record } of this.#changes) {
      if (index >= end) break;
      // The Base Filtering Engine has started again: only what it lists now is there.
      if (record.change === "present" && !starting) filters.clear();
      starting = record.change === "present";
      if (record.type !== "filter") continue;
      if (record.change === "delete") filters.delete(record.filter.filterId);
      else filters.set(record.filter.filterId, record.filter);
    }
    return filters;
  }

  #import(objects: Objects, filters: readonly Filter[]): EventPolicy {
    const listed = new Set(objects.callouts.keys());
    const callouts = [...objects.callouts.values()];
    for (const { action, layerKey } of filters) {
      if (!("calloutKey" in action) || listed.has(action.calloutKey)) continue;
      listed.add(action.calloutKey);
      callouts.push(unlisted(action.calloutKey, layerKey));
    }
    const known = new Set(filters.map(({ key }) => key));
    return {
      source: this.source,
      // Of the two that a file can be, this is the one that lacks things.
      completeness: "filters",
      timeStamp: this.#timeStamp,
      layers: null,
      subLayers: [...objects.subLayers.values()],
      providers: [...objects.providers.values()],
      providerContexts: [...objects.contexts.values()],
      callouts,
      sessions: [],
      filters,
      endpoints: [],
      diagnostics: remarks(this.inferred.filter(({ filterKey }) => known.has(filterKey))),
      inferred: this.inferred,
    };
  }
}

/**
 * The policy that a log's changes amount to: what was there when the Base Filtering Engine started (5440–5444) and what came and went since
 * (5446–5450). Give it to `buildPolicy`.
 */
export function policyFromEvents(records: readonly RecordedEvent[], { source, host, at }: PolicyFromEventsOptions): EventPolicy {
  const timeline = new EventPolicyTimeline(records, host === undefined ? { source } : { source, host });
  const end =
    at === undefined ? -1 : records.findIndex(({ time, host: of }) => (host === undefined || of === host) && (time?.seconds ?? 0) > at);
  return timeline.asOf(end < 0 ? records.length : end);
}

function isPolicyChange(record: RecordedEvent): record is RecordedPolicyChange {
  return record.type !== "verdict" && record.type !== "firewall";
}

/** By filter key: a filter that is listed, deleted and added again is in one sublayer all the time. */
function inferAll(
  changes: readonly { readonly index: number; readonly record: RecordedPolicyChange }[],
  logged: readonly LoggedSubLayer[],
): ReadonlyMap<Guid, InferredSubLayer> {
  const found = new Map<Guid, InferredSubLayer>();
  for (const { index, record } of changes) {
    if (record.type !== "filter") continue;
    const known = found.get(record.filter.key);
    if (known?.certainty === "inferred") continue;
    const { filterId, key } = record.filter;
    const next: InferredSubLayer = { filterId, filterKey: key, ...inferSubLayer(record, index, logged) };
    if (known === undefined || next.certainty === "inferred") found.set(key, next);
  }
  return found;
}

function unlisted(key: Guid, applicableLayer: Guid): CalloutObject {
  return {
    key,
    name: "",
    description: "",
    flags: 0,
    providerKey: null,
    providerData: null,
    applicableLayer,
    calloutId: 0,
    registered: null,
  };
}

function remarks(inferred: readonly InferredSubLayer[]): Diagnostic[] {
  const sure = inferred.filter(({ certainty }) => certainty === "inferred").length;
  const guessed = inferred.length - sure;
  const list: Diagnostic[] = [];
  if (sure > 0) {
    const message = "the log does not name the filters' sublayers; they are inferred from provider, callout, conditions and name";
    list.push({ severity: "info", code: "sublayer-inferred", message, count: sure });
  }
  if (guessed > 0) {
    const message = "nothing in the log tells the sublayer of some filters; they are put into one that may be wrong";
    list.push({ severity: "warning", code: "sublayer-guessed", message, count: guessed });
  }
  return list;
}

/** What is there beside filters. */
class Objects {
  readonly callouts = new Map<Guid, CalloutObject>();
  readonly providers = new Map<Guid, Provider>();
  readonly contexts = new Map<Guid, ProviderContext>();
  readonly subLayers = new Map<Guid, SubLayer>();

  apply(record: RecordedObjectChange): void {
    if (record.change !== "delete") this.keep(record);
    // A sublayer is kept: the filters in it are deleted one by one, and their events may come late.
    else if (record.type === "callout") this.callouts.delete(record.object.key);
    else if (record.type === "provider") this.providers.delete(record.object.key);
    else if (record.type === "provider-context") this.contexts.delete(record.object.key);
  }

  keep(record: RecordedObjectChange): void {
    switch (record.type) {
      case "callout":
        this.callouts.set(record.object.key, record.object);
        break;
      case "provider":
        this.providers.set(record.object.key, record.object);
        break;
      case "provider-context":
        this.contexts.set(record.object.key, record.object);
        break;
      case "sublayer":
        this.subLayers.set(record.object.key, record.object);
        break;
    }
  }
}
