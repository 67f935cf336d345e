import { type Filter, type Guid, SESSION_FLAG, type SecurityDescriptor, type Session, sidName, UNKNOWN, WfpError } from "../model/index.ts";
import { addCallout, addFilter, addProvider, addProviderContext, addSubLayer } from "./add-objects.ts";
import type { Bfe, SessionOptions } from "./bfe.ts";
import type {
  CalloutDefinition,
  FilterDefinition,
  ProviderContextDefinition,
  ProviderDefinition,
  SubLayerDefinition,
} from "./definitions.ts";
import { deleteFilter, deleteObject, NOT_FOUND, requireOwn, type StoreName } from "./delete-objects.ts";
import { Caller } from "./engine-security.ts";
import { enumerateFilters, type FilterEnumTemplate } from "./filter-enumeration.ts";
import type { Entry, ObjectStore } from "./object-store.ts";
import type { SessionAuthor } from "./session-author.ts";
import { SessionTransaction } from "./session-transaction.ts";

/** An open handle to BFE (FwpmEngineOpen0): every management call goes through one. */
export class BfeSession {
  readonly key: Guid;
  readonly #bfe: Bfe;
  readonly #options: SessionOptions;
  readonly #caller: Caller;
  readonly #transaction: SessionTransaction;
  readonly #author: SessionAuthor;

  constructor(bfe: Bfe, options: SessionOptions & { readonly key: Guid }) {
    const kernelMode = options.kernelMode ?? false;
    this.#bfe = bfe;
    this.key = options.key;
    this.#options = options;
    this.#caller = new Caller(options.token, kernelMode);
    this.#caller.require("OPEN");
    this.#transaction = new SessionTransaction(bfe, { wait: options.txnWaitTimeoutInMSec ?? 0, kernelMode });
    this.#author = {
      session: this.key,
      dynamic: options.dynamic ?? false,
      windows: bfe.windows,
      caller: this.#caller,
      content: bfe.content,
      interpretation: bfe.engine.interpretation,
      calloutCode: (key) => bfe.calloutCode(key),
    };
  }

  /** FWPM_SESSION0, as enumeration shows it. */
  describe(): Session {
    const user = this.#options.token?.user;
    const sid = user === undefined || user === UNKNOWN ? null : user;
    return {
      key: this.key,
      name: this.#options.name ?? "",
      description: "",
      flags: this.#options.dynamic ? SESSION_FLAG.DYNAMIC : 0,
      txnWaitTimeoutInMSec: this.#options.txnWaitTimeoutInMSec ?? 0,
      processId: this.#options.processId ?? 0,
      sid,
      userName: sid === null ? "" : (sidName(sid) ?? ""),
      kernelMode: this.#options.kernelMode ?? false,
    };
  }

  // --- transactions (WFP-SEMANTICS 1.7) ---

  /**
   * FwpmTransactionBegin0.
   * @throws WfpError FWP_E_TXN_IN_PROGRESS inside another transaction of this session, FWP_E_TIMEOUT if the lock stays taken.
   */
  begin(options: { readonly readOnly?: boolean } = {}): void {
    this.#transaction.check();
    const readOnly = options.readOnly ?? false;
    this.#caller.require(readOnly ? "BEGIN_READ_TXN" : "BEGIN_WRITE_TXN");
    this.#transaction.begin(readOnly);
  }

  /** FwpmTransactionCommit0: the filter engine sees all changes at once. */
  commit(): void {
    this.#transaction.commit();
  }

  /** FwpmTransactionAbort0. */
  abort(): void {
    this.#transaction.abort();
  }

  /** FwpmEngineClose0, also what the end of the process amounts to: aborts a transaction, deletes dynamic objects. */
  close(): void {
    if (this.#transaction.close()) this.#bfe.endSession(this.key);
  }

  // --- adding ---

  /** FwpmProviderAdd0; returns the key. */
  addProvider(definition: ProviderDefinition): Guid {
    return this.#transaction.mutate(() => addProvider(this.#author, definition));
  }

  /** FwpmSubLayerAdd0; returns the key. The weight it gets may differ from the one asked for. */
  addSubLayer(definition: SubLayerDefinition): Guid {
    return this.#transaction.mutate(() => addSubLayer(this.#author, definition));
  }

  /** FwpmCalloutAdd0; returns the run-time id. */
  addCallout(definition: CalloutDefinition): number {
    return this.#transaction.mutate(() => addCallout(this.#author, definition));
  }

  /** FwpmProviderContextAdd; returns the run-time id. */
  addProviderContext(definition: ProviderContextDefinition): bigint {
    return this.#transaction.mutate(() => addProviderContext(this.#author, definition));
  }

  /**
   * FwpmFilterAdd0; returns the run-time id.
   * @throws WfpError with the code Windows returns (WFP-SEMANTICS 1.10).
   */
  addFilter(definition: FilterDefinition): bigint {
    return this.#transaction.mutate(() => addFilter(this.#author, definition, this.#bfe.policy.schemaFamily));
  }

  // --- deleting ---

  deleteProvider(key: Guid): void {
    this.#delete("providers", key);
  }

  deleteSubLayer(key: Guid): void {
    this.#delete("subLayers", key);
  }

  deleteCallout(key: Guid): void {
    this.#delete("callouts", key);
  }

  deleteProviderContext(key: Guid): void {
    this.#delete("providerContexts", key);
  }

  deleteFilterByKey(key: Guid): void {
    this.#transaction.mutate(() => deleteFilter(this.#author, this.#bfe.content.filters.get(key), key));
  }

  deleteFilterById(id: bigint): void {
    this.#transaction.mutate(() => deleteFilter(this.#author, this.#bfe.content.filterById(id), String(id)));
  }

  // --- reading ---

  /** FwpmFilterGetById0. */
  getFilterById(id: bigint): Filter {
    return this.#get(() => this.#bfe.content.filterById(id), String(id));
  }

  /** FwpmFilterGetByKey0. */
  getFilterByKey(key: Guid): Filter {
    return this.#get(() => this.#bfe.content.filters.get(key), key);
  }

  /** FwpmFilterEnum0: what the template asks for, of the filters the caller may read. */
  enumFilters(template: FilterEnumTemplate = {}): Filter[] {
    return this.#transaction.read(() => {
      this.#caller.require("ENUM");
      const { content } = this.#bfe;
      const visible = content.filters.entries().filter((entry) => this.#caller.has(entry.security, "READ"));
      return enumerateFilters(
        visible.map((entry) => entry.object),
        template,
        content.toPolicy(),
      );
    });
  }

  /**
   * Fwpm*SetSecurityInfoByKey0: replaces the DACL of one object; null gives it the default of its container back.
   * @throws WfpError FWP_E_TXN_IN_PROGRESS inside an explicit transaction (D:access-control).
   */
  setSecurityInfo(type: StoreName | "filters", key: Guid, security: SecurityDescriptor | null): void {
    this.#transaction.check();
    if (this.#transaction.isOpen) throw new WfpError("FWP_E_TXN_IN_PROGRESS", "security cannot be set inside a transaction");
    this.#transaction.mutate(() => {
      const store = this.#bfe.content[type] as ObjectStore<{ readonly key: Guid }>;
      const entry = store.get(key);
      if (entry === undefined) throw new WfpError(NOT_FOUND[type], `no object ${key}`);
      this.#caller.requireOn(entry.security, "WRITE_DAC");
      requireOwn(this.#author, entry);
      store.put({ ...entry, security });
    });
  }

  #delete(type: StoreName, key: Guid): void {
    this.#transaction.mutate(() => deleteObject(this.#author, type, key));
  }

  #get(find: () => Entry<Filter> | undefined, what: string): Filter {
    return this.#transaction.read(() => {
      const entry = find();
      if (entry === undefined) throw new WfpError("FWP_E_FILTER_NOT_FOUND", `no filter ${what}`);
      this.#caller.requireOn(entry.security, "READ");
      return entry.object;
    });
  }
}
