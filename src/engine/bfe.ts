import {
  FILTER_FLAG,
  type Guid,
  type Interpretation,
  type Policy,
  PROVIDER_FLAG,
  type Session,
  type Token,
  WfpError,
  type WindowsVersion,
  ZERO_GUID,
} from "../model/index.ts";
import { BfeContent } from "./bfe-content.ts";
import { BfeSession } from "./bfe-session.ts";
import { builtInPolicy } from "./built-in-policy.ts";
import type { Callout } from "./callout.ts";
import { FilterEngine } from "./filter-engine.ts";
import { notifyDeleted } from "./notify-callout.ts";
import type { Entry } from "./object-store.ts";
import type { SessionTransaction } from "./session-transaction.ts";

export interface BfeOptions {
  /** What the engine holds at first, e.g. a dump; an empty Windows where absent. */
  readonly policy?: Policy;
  /** 11 where absent. */
  readonly windows?: WindowsVersion;
  readonly interpretation?: Partial<Interpretation>;
  readonly callouts?: ReadonlyMap<Guid, Callout>;
  /** Milliseconds; a clock that stands still where absent. */
  readonly now?: () => number;
  /** Lets time pass while a session waits for the transaction lock, so that its holder may let go. */
  readonly wait?: (milliseconds: number) => void;
  readonly phase?: "boot" | "running";
  /**
   * Services that start by themselves: persistent objects of other services' providers stay disabled at BFE start. Where absent, providers
   * keep the DISABLED flag they have: a dump's tell which services of its machine do not start.
   */
  readonly autoStartServices?: ReadonlySet<string> | "all";
}

export interface SessionOptions {
  readonly key?: Guid;
  readonly name?: string;
  readonly dynamic?: boolean;
  /** Milliseconds to wait for the transaction lock; 0 or absent: 15 s (D:object-management). */
  readonly txnWaitTimeoutInMSec?: number;
  readonly processId?: number;
  readonly kernelMode?: boolean;
  /** Whose rights count; an administrator's where absent. */
  readonly token?: Token;
}

/** The Base Filtering Engine: objects, sessions and transactions in front of the filter engine (WFP-SEMANTICS 1). */
export class Bfe {
  readonly engine: FilterEngine;
  readonly windows: WindowsVersion;
  readonly now: () => number;
  readonly wait: (milliseconds: number) => void;
  /** The working state: with the changes of an open transaction. For sessions. */
  readonly content: BfeContent;
  readonly #autoStart: ReadonlySet<string> | "all" | undefined;
  readonly #callouts: Map<Guid, Callout>;
  #policy: Policy;
  /** Sessions that the initial policy lists: facts about its machine, over when BFE restarts. */
  #listedSessions: readonly Session[];
  readonly #sessions = new Map<Guid, BfeSession>();
  /** Sessions that ended while another held the lock: their objects go when it lets go. */
  readonly #ended = new Set<Guid>();
  /** Holders of the one transaction lock: many readers or one writer. */
  readonly #readers = new Set<SessionTransaction>();
  #writer: SessionTransaction | null = null;
  #sessionCount = 0;

  constructor(options: BfeOptions = {}) {
    this.windows = options.windows ?? "11";
    this.now = options.now ?? (() => 0);
    this.wait = options.wait ?? (() => undefined);
    this.#autoStart = options.autoStartServices;
    this.#policy = options.policy ?? builtInPolicy(this.windows);
    this.#listedSessions = this.#policy.sessions;
    this.content = new BfeContent(this.#policy);
    this.#callouts = new Map(options.callouts);
    this.engine = new FilterEngine(this.#policy, {
      ...(options.interpretation === undefined ? {} : { interpretation: options.interpretation }),
      ...(options.callouts === undefined ? {} : { callouts: options.callouts }),
      phase: options.phase ?? "running",
    });
  }

  /** What the filter engine classifies with: the committed state. */
  get policy(): Policy {
    return this.#policy;
  }

  /**
   * FwpmEngineOpen0.
   * @throws WfpError FWP_E_ALREADY_EXISTS if a session with this key is open, ERROR_ACCESS_DENIED without the right to open.
   */
  openSession(options: SessionOptions = {}): BfeSession {
    this.#sessionCount++;
    const wanted = options.key === ZERO_GUID ? undefined : options.key;
    const key: Guid = wanted ?? `{77667073-7373-4c00-8000-${this.#sessionCount.toString(16).padStart(12, "0")}}`;
    if (this.#sessions.has(key) || this.#ended.has(key)) throw new WfpError("FWP_E_ALREADY_EXISTS", `session ${key} is open`);
    const session = new BfeSession(this, { ...options, key });
    this.#sessions.set(key, session);
    return session;
  }

  registerCallout(key: Guid, callout: Callout): void {
    this.#callouts.set(key, callout);
    this.engine.registerCallout(key, callout);
    this.#markRegistered(key, true);
  }

  /** Succeeds while filters refer to the callout; they then act as unregistered (WFP-SEMANTICS 1.5). */
  unregisterCallout(key: Guid): void {
    this.#callouts.delete(key);
    this.engine.unregisterCallout(key);
    this.#markRegistered(key, false);
  }

  calloutCode(key: Guid): Callout | undefined {
    return this.#callouts.get(key);
  }

  /**
   * BFE has initialised: boot-time filters leave the filter engine, the others enter it, at once (WFP-SEMANTICS 1.8), except those of
   * providers whose service does not start by itself (1.2).
   */
  start(): void {
    if (this.engine.phase === "running") return;
    this.#applyServiceRule();
    this.publish();
    this.engine.setPhase("running");
  }

  /**
   * BFE stops and starts again: sessions end, dynamic and static objects go. Persistent objects come back unless their provider names a
   * service that does not start by itself; those stay, disabled (WFP-SEMANTICS 1.2). Filters get new ids (1.1).
   */
  restart(): void {
    for (const session of [...this.#sessions.values()]) session.close();
    this.#listedSessions = [];
    this.#retain((entry) => entry.lifetime !== "static" && entry.lifetime !== "dynamic");
    this.content.renumberFilters();
    this.#applyServiceRule();
    this.publish();
    this.engine.setPhase("running");
  }

  /**
   * Takes the transaction lock for a session.
   * @throws WfpError FWP_E_TIMEOUT if the holder does not let go within `timeout` ms. Callers here run one after the other, so a holder can
   * only let go inside the `wait` hook.
   */
  lock(holder: SessionTransaction, readOnly: boolean, timeout: number): void {
    if (!this.#isFree(readOnly)) {
      this.wait(timeout);
      if (!this.#isFree(readOnly)) {
        throw new WfpError("FWP_E_TIMEOUT", `the transaction lock was not free within ${timeout} ms`);
      }
    }
    if (readOnly) this.#readers.add(holder);
    else this.#writer = holder;
  }

  unlock(holder: SessionTransaction): void {
    this.#readers.delete(holder);
    if (this.#writer === holder) this.#writer = null;
    this.#runDown();
  }

  #isFree(readOnly: boolean): boolean {
    this.#writer?.expire();
    for (const reader of [...this.#readers]) reader.expire();
    return this.#writer === null && (readOnly || this.#readers.size === 0);
  }

  /** Makes the working state the one that classifies, in one step. */
  publish(): void {
    const { changed, afterwards } = this.content.forget();
    const sessions = [...this.#listedSessions, ...[...this.#sessions.values()].map((session) => session.describe())];
    this.#policy = { ...this.content.toPolicy(), sessions };
    this.engine.update(this.#policy, changed);
    for (const action of afterwards) action();
  }

  /** The end of a session: its dynamic objects go (WFP-SEMANTICS 1.7), once nobody else is in a transaction. */
  endSession(key: Guid): void {
    if (!this.#sessions.delete(key)) return;
    this.#ended.add(key);
    this.#runDown();
  }

  #runDown(): void {
    if (this.#ended.size === 0 || this.#writer !== null || this.#readers.size > 0) return;
    const ended = new Set(this.#ended);
    this.#ended.clear();
    this.#retain((entry) => entry.session === null || !ended.has(entry.session));
    this.publish();
  }

  /**
   * Deletes what `keep` refuses. Of callouts only the management objects go: a driver's registration stays until the driver takes it back.
   */
  #retain(keep: (entry: Omit<Entry<unknown>, "object">) => boolean): void {
    const { content } = this;
    for (const { object } of content.retainFilters(keep)) content.whenFinal(() => notifyDeleted(this, object));
    content.providerContexts.retain(keep);
    content.callouts.retain(keep);
    content.subLayers.retain(keep);
    content.providers.retain(keep);
  }

  /** Disables providers whose service does not start by itself, and their persistent filters (WFP-SEMANTICS 1.2). */
  #applyServiceRule(): void {
    const { providers, filters } = this.content;
    const disabled = new Set<Guid>();
    for (const entry of providers.entries()) {
      const { serviceName, key, flags } = entry.object;
      const off = this.#autoStart === undefined ? (flags & PROVIDER_FLAG.DISABLED) !== 0 : !this.#startsItself(serviceName);
      if (off) disabled.add(key);
      const next = off ? flags | PROVIDER_FLAG.DISABLED : flags & ~PROVIDER_FLAG.DISABLED;
      if (next !== flags) providers.put({ ...entry, object: { ...entry.object, flags: next } });
    }
    for (const entry of filters.entries()) {
      if (entry.lifetime !== "persistent") continue;
      const { providerKey, flags, layerKey } = entry.object;
      const off = providerKey !== null && disabled.has(providerKey);
      const next = off ? flags | FILTER_FLAG.DISABLED : flags & ~FILTER_FLAG.DISABLED;
      if (next === flags) continue;
      filters.put({ ...entry, object: { ...entry.object, flags: next } });
      this.content.touch(layerKey);
    }
  }

  #startsItself(serviceName: string | null): boolean {
    return serviceName === null || this.#autoStart === "all" || this.#autoStart?.has(serviceName) === true;
  }

  /** A registration is the driver's doing: no transaction delays it or takes it back. */
  #markRegistered(key: Guid, registered: boolean): void {
    this.content.callouts.amend(key, (callout) => ({ ...callout, registered }));
    const callouts = this.#policy.callouts.map((callout) => (callout.key === key ? { ...callout, registered } : callout));
    this.#policy = { ...this.#policy, callouts };
    this.engine.update(this.#policy, new Set());
  }
}
