import type { TextSink } from "./io.ts";

const WIDTH = 30;

/** A progress bar on the terminal's stderr; on anything else, and for short work, silent. */
export class Progress {
  readonly #sink: TextSink;
  readonly #label: string;
  readonly #total: number;
  readonly #visible: boolean;
  #shown = -1;

  constructor(sink: TextSink, label: string, total: number, worthShowing: number) {
    this.#sink = sink;
    this.#label = label;
    this.#total = total;
    this.#visible = sink.isTerminal && total >= worthShowing;
  }

  /** `done` of the total. */
  update(done: number): void {
    if (!this.#visible) return;
    const percent = Math.min(100, Math.floor((done / this.#total) * 100));
    if (percent === this.#shown) return;
    this.#shown = percent;
    const filled = Math.round((percent / 100) * WIDTH);
    this.#sink.write(`\r${this.#label} [${"#".repeat(filled)}${"-".repeat(WIDTH - filled)}] ${String(percent).padStart(3)} %`);
  }

  /** Wipes the bar. */
  end(): void {
    if (this.#shown < 0) return;
    this.#shown = -1;
    this.#sink.write("\r\u001b[2K");
  }
}
