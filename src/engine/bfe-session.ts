import {
  CALLOUT_FLAG,
  type Filter,
  type Guid,
  PROVIDER_CONTEXT_FLAG,
  PROVIDER_FLAG,
  SESSION_FLAG,
  type SecurityDescriptor,
  type Session,
  SUBLAYER_FLAG,
  WfpError,
  ZERO_GUID,
} from "../model/index.ts";
import { autoWeight } from "./auto-weight.ts";
import type { Bfe, SessionOptions } from "./bfe.ts";
import { builtInCallout } from "./builtin-callouts.ts";
import type {
  CalloutDefinition,
  FilterDefinition,
  ProviderContextDefinition,
  ProviderDefinition,
  SubLayerDefinition,
} from "./definitions.ts";
import { effectiveWeight } from "./effective-weight.ts";
import { Caller } from "./engine-security.ts";
import { enumerateFilters, type FilterEnumTemplate } from "./filter-enumeration.ts";
import { type Lifetime, mayReference } from "./lifetime.ts";
import type { Entry, ObjectStore } from "./object-store.ts";
import { freeSubLayerWeight } from "./sublayer-weight.ts";
import { isReferencedBy, validateFilter } from "./validate-filter.ts";

/** D:object-management: how long a session waits for the transaction lock, and how long a user-mode one may hold it, in ms. */
const DEFAULT_WAIT = 15_000;
const MAX_TRANSACTION = 3_600_000;
/** D:wfp-error-codes. */
const MAX_CALLOUTS = 100_000;

interface Transaction {
  readonly readOnly: boolean;
  readonly explicit: boolean;
  readonly since: number;
}

type StoreName = "providers" | "subLayers" | "callouts" | "providerContexts";

/** An open handle to BFE (FwpmEngineOpen0): every management call goes through one. */
export class BfeSession {
  readonly key: Guid;
  readonly #bfe: Bfe;
  readonly #options: SessionOptions;
  readonly #caller: Caller;
  #transaction: Transaction | null = null;
  /** Set when the lock was taken away; the next call tells. */
  #aborted = false;
  #closed = false;

  constructor(bfe: Bfe, options: SessionOptions & { readonly key: Guid }) {
    this.#bfe = bfe;
    this.key = options.key;
    this.#options = options;
    this.#caller = new Caller(options.token, options.kernelMode ?? false);
    this.#caller.require("OPEN");
  }

  describe(): Session {
    return {
      key: this.key,
      name: this.#options.name ?? "",
      description: "",
      flags: this.#options.dynamic ? SESSION_FLAG.DYNAMIC : 0,
      txnWaitTimeoutInMSec: this.#options.txnWaitTimeoutInMSec ?? 0,
      processId: this.#options.processId ?? 0,
      sid: null,
      userName: "",
      kernelMode: this.#options.kernelMode ?? false,
    };
  }

  // --- transactions (WFP-SEMANTICS 1.7) ---

  /**
   * FwpmTransactionBegin0.
   * @throws WfpError FWP_E_TXN_IN_PROGRESS inside another transaction of this session, FWP_E_TIMEOUT if the lock stays taken.
   */
  begin(options: { readonly readOnly?: boolean } = {}): void {
    this.#check();
    if (this.#transaction !== null) throw new WfpError("FWP_E_TXN_IN_PROGRESS", "this session has a transaction open");
    const readOnly = options.readOnly ?? false;
    this.#caller.require(readOnly ? "BEGIN_READ_TXN" : "BEGIN_WRITE_TXN");
    this.#enter(readOnly, true);
  }

  /** FwpmTransactionCommit0: the filter engine sees all changes at once. */
  commit(): void {
    const { readOnly } = this.#open();
    this.#leave();
    if (!readOnly) this.#bfe.publish();
  }

  /** FwpmTransactionAbort0. */
  abort(): void {
    const { readOnly } = this.#open();
    if (!readOnly) this.#bfe.content.undo();
    this.#leave();
  }

  /** FwpmEngineClose0, also what the end of the process amounts to: aborts a transaction, deletes dynamic objects. */
  close(): void {
    if (this.#closed) return;
    if (this.#transaction !== null) this.abort();
    this.#closed = true;
    this.#bfe.endSession(this.key);
  }

  /** Takes the lock away after an hour; kernel callers keep it (D:object-management). */
  expire(): void {
    const transaction = this.#transaction;
    if (transaction === null || this.#options.kernelMode === true) return;
    if (this.#bfe.now() - transaction.since < MAX_TRANSACTION) return;
    this.abort();
    this.#aborted = true;
  }

  // --- adding ---

  /** FwpmProviderAdd0; returns the key. */
  addProvider(definition: ProviderDefinition): Guid {
    return this.#mutate(() => {
      const { key, lifetime } = this.#prepare("providers", definition);
      this.#bfe.content.providers.put({
        object: {
          key,
          name: definition.name ?? "",
          description: definition.description ?? "",
          flags: definition.persistent ? PROVIDER_FLAG.PERSISTENT : 0,
          data: definition.data ?? null,
          serviceName: definition.serviceName ?? null,
        },
        ...this.#owned(lifetime),
      });
      return key;
    });
  }

  /** FwpmSubLayerAdd0; returns the key. The weight it gets may differ from the one asked for. */
  addSubLayer(definition: SubLayerDefinition): Guid {
    return this.#mutate(() => {
      const { key, lifetime } = this.#prepare("subLayers", definition);
      const taken = new Set(this.#bfe.content.subLayers.list().map((subLayer) => subLayer.weight));
      this.#bfe.content.subLayers.put({
        object: {
          ...this.#common(key, definition),
          flags: definition.persistent ? SUBLAYER_FLAG.PERSISTENT : 0,
          weight: freeSubLayerWeight(definition.weight, taken),
          weightKnown: true,
        },
        ...this.#owned(lifetime),
      });
      return key;
    });
  }

  /** FwpmCalloutAdd0; returns the run-time id. */
  addCallout(definition: CalloutDefinition): number {
    return this.#mutate(() => {
      const { content } = this.#bfe;
      const bits = definition.flags ?? 0;
      if ((bits & CALLOUT_FLAG.FWPM_CALLOUT_FLAG_REGISTERED) !== 0) {
        throw new WfpError("FWP_E_INVALID_FLAGS", "REGISTERED is read-only");
      }
      if (!content.layers.has(definition.applicableLayer)) {
        throw new WfpError("FWP_E_LAYER_NOT_FOUND", `no layer ${definition.applicableLayer}`);
      }
      const { key, lifetime } = this.#prepare("callouts", definition);
      if (content.callouts.size >= MAX_CALLOUTS) throw new WfpError("FWP_E_TOO_MANY_CALLOUTS", "there are 100,000 callouts");
      const calloutId = content.nextCalloutId();
      // The firewall service's driver is always loaded: its callouts have models without anybody registering them here.
      const registered = this.#bfe.calloutCode(key) !== undefined || builtInCallout(key) !== undefined;
      content.callouts.put({
        object: {
          ...this.#common(key, definition),
          flags:
            bits |
            (definition.persistent ? CALLOUT_FLAG.FWPM_CALLOUT_FLAG_PERSISTENT : 0) |
            (definition.usesProviderContext ? CALLOUT_FLAG.FWPM_CALLOUT_FLAG_USES_PROVIDER_CONTEXT : 0),
          applicableLayer: definition.applicableLayer,
          calloutId,
          registered,
        },
        ...this.#owned(lifetime),
      });
      return calloutId;
    });
  }

  /** FwpmProviderContextAdd; returns the run-time id. */
  addProviderContext(definition: ProviderContextDefinition): bigint {
    return this.#mutate(() => {
      const { key, lifetime } = this.#prepare("providerContexts", definition);
      const id = this.#bfe.content.nextContextId();
      this.#bfe.content.providerContexts.put({
        object: {
          ...this.#common(key, definition),
          id,
          flags: definition.persistent ? PROVIDER_CONTEXT_FLAG.PERSISTENT : 0,
          type: definition.type,
          body: definition.body,
        },
        ...this.#owned(lifetime),
      });
      return id;
    });
  }

  /**
   * FwpmFilterAdd0; returns the run-time id.
   * @throws WfpError with the code Windows returns (WFP-SEMANTICS 1.10).
   */
  addFilter(definition: FilterDefinition): bigint {
    return this.#mutate(() => {
      const bfe = this.#bfe;
      this.#caller.require("ADD");
      this.#caller.require("ADD_LINK");
      const dynamic = this.#options.dynamic ?? false;
      const valid = validateFilter(definition, bfe.content, { session: this.key, dynamic, windows: bfe.windows });
      const key = this.#freeKey(bfe.content.filters, definition.key, definition.name);
      const auto = autoWeight(valid.layer, definition.conditions ?? [], bfe.policy.schemaFamily);
      const filter: Filter = {
        key,
        name: definition.name ?? "",
        description: definition.description ?? "",
        flags: valid.flags,
        namedFlags: [],
        providerKey: definition.providerKey ?? null,
        providerData: definition.providerData ?? null,
        layerKey: definition.layer,
        subLayerKey: valid.subLayerKey,
        weight: valid.weight,
        conditions: definition.conditions ?? [],
        action: definition.action,
        rawContext: definition.rawContext ?? 0n,
        providerContextKey: definition.providerContextKey ?? null,
        filterId: bfe.content.nextFilterId(),
        effectiveWeight: effectiveWeight(valid.weight, auto.weight),
        origin: definition.origin ?? null,
      };
      this.#notify("add-filter", filter);
      bfe.content.addFilter({ object: filter, ...this.#owned(valid.lifetime) });
      return filter.filterId;
    });
  }

  // --- deleting ---

  deleteProvider(key: Guid): void {
    this.#delete("providers", key, "FWP_E_PROVIDER_NOT_FOUND");
  }

  deleteSubLayer(key: Guid): void {
    this.#delete("subLayers", key, "FWP_E_SUBLAYER_NOT_FOUND");
  }

  deleteCallout(key: Guid): void {
    this.#delete("callouts", key, "FWP_E_CALLOUT_NOT_FOUND");
  }

  deleteProviderContext(key: Guid): void {
    this.#delete("providerContexts", key, "FWP_E_PROVIDER_CONTEXT_NOT_FOUND");
  }

  deleteFilterByKey(key: Guid): void {
    this.#deleteFilter(() => this.#bfe.content.filters.get(key), key);
  }

  deleteFilterById(id: bigint): void {
    this.#deleteFilter(() => this.#bfe.content.filterById(id), String(id));
  }

  // --- reading ---

  /** FwpmFilterGetById0. */
  getFilterById(id: bigint): Filter {
    this.#check();
    const entry = this.#bfe.content.filterById(id);
    if (entry === undefined) throw new WfpError("FWP_E_FILTER_NOT_FOUND", `no filter ${id}`);
    if (!this.#caller.mayRead(entry.security)) throw new WfpError("ERROR_ACCESS_DENIED", "the caller lacks FWPM_ACTRL_READ");
    return entry.object;
  }

  /** FwpmFilterEnum0: what the template asks for, of the filters the caller may read. */
  enumFilters(template: FilterEnumTemplate = {}): Filter[] {
    this.#check();
    this.#caller.require("ENUM");
    const visible = [...this.#bfe.content.filters.entries()].filter((entry) => this.#caller.mayRead(entry.security));
    return enumerateFilters(
      visible.map((entry) => entry.object),
      template,
      this.#bfe.policy,
    );
  }

  /**
   * Fwpm*SetSecurityInfoByKey0: replaces the DACL of one object.
   * @throws WfpError FWP_E_TXN_IN_PROGRESS inside an explicit transaction (D:access-control).
   */
  setSecurityInfo(type: StoreName | "filters", key: Guid, security: SecurityDescriptor | null): void {
    this.#check();
    if (this.#transaction !== null) throw new WfpError("FWP_E_TXN_IN_PROGRESS", "security cannot be set inside a transaction");
    this.#mutate(() => {
      const store = this.#bfe.content[type] as ObjectStore<{ readonly key: Guid }>;
      const entry = store.get(key);
      if (entry === undefined) throw new WfpError("FWP_E_NOT_FOUND", `no object ${key}`);
      store.put({ ...entry, security });
    });
  }

  // --- inside ---

  #check(): void {
    if (this.#closed) throw new WfpError("FWP_E_SESSION_ABORTED", "the session is closed");
    this.expire();
    if (this.#aborted) {
      this.#aborted = false;
      throw new WfpError("FWP_E_TXN_ABORTED", "the transaction held the lock for an hour and was aborted");
    }
  }

  #open(): Transaction {
    this.#check();
    if (this.#transaction === null) throw new WfpError("FWP_E_NO_TXN_IN_PROGRESS", "this session has no transaction open");
    return this.#transaction;
  }

  #enter(readOnly: boolean, explicit: boolean): void {
    const timeout = this.#options.txnWaitTimeoutInMSec;
    this.#bfe.lock(this, readOnly, timeout === undefined || timeout === 0 ? DEFAULT_WAIT : timeout);
    this.#transaction = { readOnly, explicit, since: this.#bfe.now() };
  }

  #leave(): void {
    this.#transaction = null;
    this.#bfe.unlock(this);
  }

  /** Runs a change inside the open transaction, or in an implicit one of its own. A failure leaves earlier changes pending. */
  #mutate<R>(change: () => R): R {
    this.#check();
    if (this.#transaction !== null) {
      if (this.#transaction.readOnly) throw new WfpError("FWP_E_INCOMPATIBLE_TXN", "the transaction is read-only");
      return change();
    }
    this.#enter(false, false);
    try {
      const result = change();
      this.#bfe.publish();
      return result;
    } catch (error) {
      this.#bfe.content.undo();
      throw error;
    } finally {
      this.#leave();
    }
  }

  #prepare(
    store: StoreName,
    definition: { key?: Guid; name: string | null; persistent?: boolean; providerKey?: Guid },
  ): { key: Guid; lifetime: Lifetime } {
    this.#caller.require("ADD");
    const key = this.#freeKey(this.#bfe.content[store], definition.key, definition.name);
    const dynamic = this.#options.dynamic ?? false;
    if (dynamic && definition.persistent) {
      throw new WfpError("FWP_E_LIFETIME_MISMATCH", "a dynamic session cannot add persistent objects");
    }
    const lifetime: Lifetime = definition.persistent ? "persistent" : dynamic ? "dynamic" : "static";
    if (definition.providerKey !== undefined) {
      const provider = this.#bfe.content.providers.get(definition.providerKey);
      if (provider === undefined) throw new WfpError("FWP_E_PROVIDER_NOT_FOUND", `no provider ${definition.providerKey}`);
      if (!mayReference(lifetime, provider.lifetime, provider.session === this.key, true)) {
        throw new WfpError("FWP_E_LIFETIME_MISMATCH", `a ${lifetime} object cannot refer to a ${provider.lifetime} provider`);
      }
    }
    return { key, lifetime };
  }

  #freeKey(store: { get(key: Guid): unknown }, wanted: Guid | undefined, name: string | null): Guid {
    if (name === null) throw new WfpError("FWP_E_NULL_DISPLAY_NAME", "an object needs a display name");
    if (wanted === undefined || wanted === ZERO_GUID) return this.#bfe.content.generateKey();
    if (store.get(wanted) !== undefined) throw new WfpError("FWP_E_ALREADY_EXISTS", `${wanted} exists`);
    return wanted;
  }

  #common(key: Guid, definition: { name: string | null; description?: string; providerKey?: Guid; providerData?: Uint8Array }) {
    return {
      key,
      name: definition.name ?? "",
      description: definition.description ?? "",
      providerKey: definition.providerKey ?? null,
      providerData: definition.providerData ?? null,
    };
  }

  #owned(lifetime: Lifetime): Omit<Entry<never>, "object"> {
    return { lifetime, session: lifetime === "dynamic" ? this.key : null, security: null };
  }

  #delete(
    name: StoreName,
    key: Guid,
    missing: "FWP_E_PROVIDER_NOT_FOUND" | "FWP_E_SUBLAYER_NOT_FOUND" | "FWP_E_CALLOUT_NOT_FOUND" | "FWP_E_PROVIDER_CONTEXT_NOT_FOUND",
  ): void {
    this.#mutate(() => {
      const { content } = this.#bfe;
      const entry = content[name].get(key);
      if (entry === undefined) throw new WfpError(missing, `no object ${key}`);
      this.#requireDeletable(entry);
      const users = content.filters.list().some((filter) => isReferencedBy(filter, key));
      const owners = [content.subLayers, content.callouts, content.providerContexts] as const;
      if (users || (name === "providers" && owners.some((store) => store.list().some((object) => object.providerKey === key)))) {
        throw new WfpError("FWP_E_IN_USE", `${key} is referenced`);
      }
      content[name].remove(key);
    });
  }

  #deleteFilter(find: () => Entry<Filter> | undefined, what: string): void {
    this.#mutate(() => {
      const entry = find();
      if (entry === undefined) throw new WfpError("FWP_E_FILTER_NOT_FOUND", `no filter ${what}`);
      this.#requireDeletable(entry);
      this.#bfe.content.removeFilter(entry.object);
      this.#notify("delete-filter", entry.object);
    });
  }

  /** WFP-SEMANTICS 1.1 and 1.7: built-in objects stay; dynamic sessions and objects keep to themselves. */
  #requireDeletable(entry: Omit<Entry<unknown>, "object">): void {
    if (entry.lifetime === "built-in") throw new WfpError("FWP_E_BUILTIN_OBJECT", "built-in objects cannot be deleted");
    this.#caller.requireDelete(entry.security);
    if (entry.session === this.key) return;
    if (entry.lifetime === "dynamic") throw new WfpError("FWP_E_WRONG_SESSION", "the object belongs to another dynamic session");
    if (this.#options.dynamic) {
      throw new WfpError("FWP_E_DYNAMIC_SESSION_IN_PROGRESS", "a dynamic session deletes only its own objects");
    }
  }

  #notify(type: "add-filter" | "delete-filter", filter: Filter): void {
    if (!("calloutKey" in filter.action)) return;
    try {
      this.#bfe.calloutCode(filter.action.calloutKey)?.notify?.(type, filter);
    } catch (error) {
      // A callout cannot keep a filter from being deleted.
      if (type === "delete-filter") return;
      throw new WfpError("FWP_E_CALLOUT_NOTIFICATION_FAILED", error instanceof Error ? error.message : String(error));
    }
  }
}
