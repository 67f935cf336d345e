import type { CaptureBlock, CaptureHandler, CaptureInterface, NameRecord } from "./capture-handler.ts";
import { PacketBatch } from "./packet-batch.ts";

/** Collects what scanners find and hands it on in order: packets in batches, everything else behind the packets before it. */
export class RecordSink {
  readonly batch = new PacketBatch();
  readonly interfaces: CaptureInterface[] = [];
  readonly #handler: CaptureHandler;
  #delivered = 0;

  constructor(handler: CaptureHandler) {
    this.#handler = handler;
  }

  get packetCount(): number {
    return this.#delivered + this.batch.count;
  }

  /** Hands the batch on. */
  flush(): void {
    const { batch } = this;
    if (batch.count === 0) return;
    batch.firstNumber = this.#delivered + 1;
    this.#delivered += batch.count;
    try {
      this.#handler.packets(batch);
    } finally {
      batch.count = 0;
    }
  }

  problem(fileOffset: number, message: string, resumedAt?: number): void {
    this.flush();
    this.#handler.problem({ fileOffset, message, packetNumber: this.#delivered, resumedAt });
  }

  interface(added: Omit<CaptureInterface, "index">): CaptureInterface {
    this.flush();
    const found = { ...added, index: this.interfaces.length };
    this.interfaces.push(found);
    this.#handler.interface?.(found);
    return found;
  }

  get wantsNames(): boolean {
    return this.#handler.names !== undefined;
  }

  names(record: NameRecord): void {
    this.flush();
    this.#handler.names?.(record);
  }

  block(block: CaptureBlock): void {
    this.flush();
    this.#handler.block?.(block);
  }
}
