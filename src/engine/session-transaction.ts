import { WfpError } from "../model/index.ts";
import type { Bfe } from "./bfe.ts";

/** D:object-management: how long a session waits for the transaction lock, and how long a user-mode one may hold it, in ms. */
const DEFAULT_WAIT = 15_000;
const MAX_TRANSACTION = 3_600_000;

export interface TransactionOptions {
  /** Milliseconds to wait for the lock; 0: the default. */
  readonly wait: number;
  readonly kernelMode: boolean;
}

/** The transactions of one session (WFP-SEMANTICS 1.7): at most one at a time; calls outside one make their own. */
export class SessionTransaction {
  readonly #bfe: Bfe;
  readonly #options: TransactionOptions;
  #open: { readonly readOnly: boolean; readonly since: number } | null = null;
  /** Set when the lock was taken away; the next call tells. */
  #wasAborted = false;
  #isClosed = false;

  constructor(bfe: Bfe, options: TransactionOptions) {
    this.#bfe = bfe;
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#open !== null;
  }

  /** @throws WfpError FWP_E_SESSION_ABORTED after the session's end, FWP_E_TXN_ABORTED once after a forced abort. */
  check(): void {
    if (this.#isClosed) throw new WfpError("FWP_E_SESSION_ABORTED", "the session is closed");
    this.expire();
    if (!this.#wasAborted) return;
    this.#wasAborted = false;
    throw new WfpError("FWP_E_TXN_ABORTED", "the transaction held the lock for an hour and was aborted");
  }

  begin(readOnly: boolean): void {
    if (this.#open !== null) throw new WfpError("FWP_E_TXN_IN_PROGRESS", "this session has a transaction open");
    this.#enter(readOnly);
  }

  commit(): void {
    if (!this.#required().readOnly) this.#bfe.publish();
    this.#leave();
  }

  abort(): void {
    this.#required();
    this.#rollBack();
  }

  /** Takes the lock away after an hour; kernel callers keep it (D:object-management). */
  expire(): void {
    if (this.#open === null || this.#options.kernelMode) return;
    if (this.#bfe.now() - this.#open.since < MAX_TRANSACTION) return;
    this.#rollBack();
    this.#wasAborted = true;
  }

  /** The end of the session aborts what is open. Returns false if it has ended before. */
  close(): boolean {
    if (this.#isClosed) return false;
    if (this.#open !== null) this.#rollBack();
    this.#isClosed = true;
    return true;
  }

  /**
   * Runs a change inside the open transaction, or in one of its own. A failure leaves earlier changes pending (D:object-management).
   * @throws WfpError FWP_E_INCOMPATIBLE_TXN in a read-only transaction, FWP_E_TIMEOUT while another session holds the lock.
   */
  mutate<R>(change: () => R): R {
    this.check();
    if (this.#open !== null) {
      if (this.#open.readOnly) throw new WfpError("FWP_E_INCOMPATIBLE_TXN", "the transaction is read-only");
      return change();
    }
    this.#enter(false);
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

  /** Runs a query in the open transaction, or in a read-only one of its own: it never sees what others have not committed. */
  read<R>(query: () => R): R {
    this.check();
    if (this.#open !== null) return query();
    this.#enter(true);
    try {
      return query();
    } finally {
      this.#leave();
    }
  }

  #required(): { readonly readOnly: boolean } {
    this.check();
    if (this.#open === null) throw new WfpError("FWP_E_NO_TXN_IN_PROGRESS", "this session has no transaction open");
    return this.#open;
  }

  #enter(readOnly: boolean): void {
    this.#bfe.lock(this, readOnly, this.#options.wait === 0 ? DEFAULT_WAIT : this.#options.wait);
    this.#open = { readOnly, since: this.#bfe.now() };
  }

  #rollBack(): void {
    if (this.#open?.readOnly === false) this.#bfe.content.undo();
    this.#leave();
  }

  #leave(): void {
    this.#open = null;
    this.#bfe.unlock(this);
  }
}
