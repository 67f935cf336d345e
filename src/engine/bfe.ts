import {
  FILTER_FLAG,
  type Guid,
  type Interpretation,
  type Policy,
  PROVIDER_FLAG,
  type Token,
  WfpError,
  type WindowsVersion,
} from "../model/index.ts";
import { BfeContent } from "./bfe-content.ts";
import { BfeSession } from "./bfe-session.ts";
import { builtInPolicy } from "./built-in-policy.ts";
import type { Callout } from "./callout.ts";
import { FilterEngine } from "./filter-engine.ts";

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
  /** Services that start by themselves: persistent objects of other services' providers stay disabled at BFE start. */
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
  readonly #autoStart: ReadonlySet<string> | "all";
  readonly #callouts: Map<Guid, Callout>;
  #content: BfeContent;
  #policy: Policy;
  #sessions = new Map<Guid, BfeSession>();
  /** Holders of the one transaction lock: many readers or one writer. */
  readonly #readers = new Set<BfeSession>();
  #writer: BfeSession | null = null;
  #sessionCount = 0;

  constructor(options: BfeOptions = {}) {
    this.windows = options.windows ?? "11";
    this.now = options.now ?? (() => 0);
    this.wait = options.wait ?? (() => undefined);
    this.#autoStart = options.autoStartServices ?? "all";
    this.#policy = options.policy ?? builtInPolicy(this.windows);
    this.#content = new BfeContent(this.#policy);
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

  /** The working state: with the changes of an open transaction. For sessions. */
  get content(): BfeContent {
    return this.#content;
  }

  /**
   * FwpmEngineOpen0.
   * @throws WfpError FWP_E_ALREADY_EXISTS if a session with this key is open, ERROR_ACCESS_DENIED without the right to open.
   */
  openSession(options: SessionOptions = {}): BfeSession {
    this.#sessionCount++;
    const key: Guid = options.key ?? `{77667073-7373-4c00-8000-${this.#sessionCount.toString(16).padStart(12, "0")}}`;
    if (this.#sessions.has(key)) throw new WfpError("FWP_E_ALREADY_EXISTS", `session ${key} is open`);
    const session = new BfeSession(this, { ...options, key });
    this.#sessions.set(key, session);
    return session;
  }

  registerCallout(key: Guid, callout: Callout): void {
    this.#callouts.set(key, callout);
    this.engine.registerCallout(key, callout);
  }

  /** Succeeds while filters refer to the callout; they then act as unregistered (WFP-SEMANTICS 1.5). */
  unregisterCallout(key: Guid): void {
    this.#callouts.delete(key);
    this.engine.unregisterCallout(key);
  }

  calloutCode(key: Guid): Callout | undefined {
    return this.#callouts.get(key);
  }

  /** BFE has initialised: boot-time filters leave the filter engine, the others enter it, at once (WFP-SEMANTICS 1.8). */
  start(): void {
    this.engine.setPhase("running");
  }

  /**
   * BFE stops and starts again: sessions end, dynamic and static objects go. Persistent objects come back unless their provider names a
   * service that does not start by itself; those stay, disabled (WFP-SEMANTICS 1.2).
   */
  restart(): void {
    for (const session of [...this.#sessions.values()]) session.close();
    const content = this.#content;
    const survives = (entry: { lifetime: string }) => entry.lifetime !== "static" && entry.lifetime !== "dynamic";
    content.filters.retain(survives);
    content.providerContexts.retain(survives);
    content.callouts.retain(survives);
    content.subLayers.retain(survives);
    content.providers.retain(survives);
    const disabled = new Set<Guid>();
    for (const entry of [...content.providers.entries()]) {
      const { serviceName, key, flags } = entry.object;
      const off = serviceName !== null && this.#autoStart !== "all" && !this.#autoStart.has(serviceName);
      if (off) disabled.add(key);
      content.providers.put({
        ...entry,
        object: { ...entry.object, flags: off ? flags | PROVIDER_FLAG.DISABLED : flags & ~PROVIDER_FLAG.DISABLED },
      });
    }
    for (const entry of [...content.filters.entries()]) {
      const { providerKey, flags } = entry.object;
      const off = providerKey !== null && disabled.has(providerKey);
      const next = off ? flags | FILTER_FLAG.DISABLED : flags & ~FILTER_FLAG.DISABLED;
      if (next !== flags) content.filters.put({ ...entry, object: { ...entry.object, flags: next } });
    }
    for (const filter of this.#policy.filters) content.touch(filter.layerKey);
    this.publish();
  }

  /**
   * Takes the transaction lock for a session.
   * @throws WfpError FWP_E_TIMEOUT if the holder does not let go within `timeout` ms. Callers here run one after the other, so a holder can
   * only let go inside the `wait` hook.
   */
  lock(session: BfeSession, readOnly: boolean, timeout: number): void {
    if (!this.#isFree(session, readOnly)) {
      this.wait(timeout);
      if (!this.#isFree(session, readOnly)) {
        throw new WfpError("FWP_E_TIMEOUT", `the transaction lock was not free within ${timeout} ms`);
      }
    }
    if (readOnly) this.#readers.add(session);
    else this.#writer = session;
  }

  unlock(session: BfeSession): void {
    this.#readers.delete(session);
    if (this.#writer === session) this.#writer = null;
  }

  #isFree(session: BfeSession, readOnly: boolean): boolean {
    this.#writer?.expire();
    for (const reader of this.#readers) reader.expire();
    if (this.#writer !== null && this.#writer !== session) return false;
    return readOnly || [...this.#readers].every((reader) => reader === session);
  }

  /** Makes the working state the one that classifies, in one step. */
  publish(): void {
    const changed = this.#content.forget();
    this.#policy = { ...this.#content.toPolicy(), sessions: [...this.#sessions.values()].map((session) => session.describe()) };
    this.engine.update(this.#policy, changed);
  }

  /** The end of a session: its dynamic objects go (WFP-SEMANTICS 1.7). */
  endSession(key: Guid): void {
    if (!this.#sessions.delete(key)) return;
    const content = this.#content;
    const keep = (entry: { session: Guid | null }) => entry.session !== key;
    for (const { object } of content.filters.retain(keep)) {
      content.touch(object.layerKey);
      if ("calloutKey" in object.action) this.calloutCode(object.action.calloutKey)?.notify?.("delete-filter", object);
    }
    content.providerContexts.retain(keep);
    // Only the management objects go; a driver's registration stays until the driver takes it back.
    content.callouts.retain(keep);
    content.subLayers.retain(keep);
    content.providers.retain(keep);
    this.publish();
  }
}
