/** Where a command's words go. */
export interface TextSink {
  /** False where the reader is behind; `drained` then says when to go on. */
  write(text: string): boolean;
  drained(): Promise<void>;
  readonly isTerminal: boolean;
  /** Width of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
}

/** Bytes in order, read when asked for, so that a file of any size takes constant memory. A file that is gzip is read as what it holds. */
export interface ByteReader {
  /** For messages: the path, or `stdin`. */
  readonly name: string;
  /** Bytes of the file as it lies on the disk; undefined where nobody knows, as with a pipe. */
  readonly size: number | undefined;
  /** How many of those have been read; with `size` what a progress bar needs. */
  readonly position: number;
  /**
   * Puts the next bytes at the start of `into` and says how many; 0 at the end.
   * @throws InputError with the offset in the file where reading failed; everything before has been handed out.
   */
  read(into: Uint8Array): number;
  close(): void;
}

/** Bytes out, in order; what has been written may be reused at once. */
export interface ByteWriter {
  /** @throws InputError that names the file, if it cannot be written. */
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Everything a command may touch, so that tests run commands without a process. */
export interface CliIo {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @throws InputError that names the file, if it cannot be read. */
  readFile(path: string): Uint8Array;
  /** What a path leads to; undefined where there is nothing, or nobody may look. */
  kindOf(path: string): "file" | "folder" | undefined;
  /** Names in a folder, in their order. @throws InputError that names the folder, if it cannot be read. */
  namesIn(folder: string): readonly string[];
  readStdin(): Promise<Uint8Array>;
  /** A file, or standard input for `-`, unpacked if it is gzip. @throws InputError that names the file, if it cannot be opened. */
  openFile(path: string): ByteReader;
  /** Makes a file anew, or writes to standard output for `-`. @throws InputError, also where the file is an input of the command. */
  createFile(path: string): ByteWriter;
}
