/** A piece of a file: bytes `from` up to `to` of `view`, whose byte 0 is byte `base` of the file. */
export interface CaptureWindow {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly from: number;
  readonly to: number;
  readonly base: number;
  /** Nothing follows. */
  readonly isLast: boolean;
}

/** Reads the records of one file format. */
export interface CaptureScanner {
  /** Reads all whole records of the window and returns where the first begins that is not whole. */
  scan(window: CaptureWindow): number;
  /** Bytes that the scanner wants from the place it returned on before it is called again. */
  readonly need: number;
  /** Says what is left over at the end of the file. */
  end(window: CaptureWindow): void;
}

/** Bytes a record may have; longer ones are damage. Wireshark reads blocks up to 16 MiB by default, too. */
export const MOST_RECORD = 16 << 20;

/** Interfaces that a file may have; packets of further ones are left out. Their descriptions are all that is kept of a file. */
export const MOST_INTERFACES = 1 << 16;
