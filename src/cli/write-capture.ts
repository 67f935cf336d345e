import { type CaptureBlock, CaptureCopy, type CaptureInterface, type PacketBatch } from "../wire/index.ts";
import type { ByteWriter } from "./io.ts";

/** A copy of a capture whose packets carry what was found out about them, so that Wireshark shows it. */
export class AnnotatedCopy {
  readonly #create: () => ByteWriter;
  readonly #copy: CaptureCopy;
  #file: ByteWriter | undefined;
  /** Comments of the packets that are still to be written, in order. */
  #comments: string[] = [];

  /** @param create makes the file, once there is something to write: by then the capture is open, so that it is not overwritten. */
  constructor(create: () => ByteWriter) {
    this.#create = create;
    this.#copy = new CaptureCopy((bytes) => this.#open().write(bytes), "wfplab");
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
    this.#open().close();
  }

  #open(): ByteWriter {
    this.#file ??= this.#create();
    return this.#file;
  }
}
