/** A call that ends later, as overlapped socket calls do. */
export class Operation<T> {
  #result: T | undefined;
  #listeners: ((result: T) => void)[] = [];

  /** undefined as long as the call is pending. */
  get result(): T | undefined {
    return this.#result;
  }

  get done(): boolean {
    return this.#result !== undefined;
  }

  /** Calls `listener` with the result, at once if there is one. */
  onDone(listener: (result: T) => void): void {
    if (this.#result !== undefined) listener(this.#result);
    else this.#listeners.push(listener);
  }

  /** Ends the call; a second end is ignored. */
  complete(result: T): void {
    if (this.#result !== undefined) return;
    this.#result = result;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener(result);
  }
}
