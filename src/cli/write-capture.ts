import { type CaptureBlock, CaptureCopy, type CaptureInterface, type PacketBatch } from "../wire/index.ts";
import type { ByteWriter } from "./io.ts";

/** A copy of a capture whose packets carry what was found out about them, so that Wireshark shows it. */
export class AnnotatedCopy {
  readonly #file: ByteWriter;
  readonly #copy: CaptureCopy;
  /** Comments of the packets that are still to be written, in order. */
  #comments: string[] = [];

  constructor(file: ByteWriter) {
    this.#file = file;
    this.#copy = new CaptureCopy((bytes) => file.write(bytes), "wfplab");
  }

  interface(added: CaptureInterface): void {
    this.#copy.interface(added);
  }

  block(block: CaptureBlock): void {
    this.#copy.block(block);
  }

  /** What is to be said of the next packet. */
  comment(text: string): void {
    this.#comments.push(text);
  }

  /** The packets that the last comments are about. */
  batch(batch: PacketBatch): void {
    for (let index = 0; index < batch.count; index++) {
      const comment = this.#comments[index];
      this.#copy.packet(batch, index, comment === undefined ? [] : [comment]);
    }
    this.#comments = [];
  }

  end(): void {
    this.#copy.flush();
    this.#file.close();
  }
}
