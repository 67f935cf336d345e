/** Where a command's words go. */
export interface TextSink {
  /** False where the reader is behind; `drained` then says when to go on. */
  write(text: string): boolean;
  drained(): Promise<void>;
  readonly isTerminal: boolean;
  /** Width of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
}

/** Everything a command may touch, so that tests run commands without a process. */
export interface CliIo {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @throws InputError that names the file, if it cannot be read. */
  readFile(path: string): Uint8Array;
  readStdin(): Promise<Uint8Array>;
}
