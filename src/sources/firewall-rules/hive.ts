import { InputError } from "../../model/index.ts";
import { type RegistryValue, registryData } from "./registry-value.ts";
import type { Remarks } from "./remarks.ts";

/** Cells begin behind the base block; offsets in the file count from here. */
const BINS = 0x1000;
const NO_CELL = 0xffffffff;
const ROOT_CELL = 0x24;
/** Data of more bytes is cut into segments of as many. */
const SEGMENT = 16344;
/** Registry keys are at most 512 deep. */
const DEEPEST = 512;

export function isHive(bytes: Uint8Array): boolean {
  return bytes[0] === 0x72 && bytes[1] === 0x65 && bytes[2] === 0x67 && bytes[3] === 0x66;
}

/**
 * Values of a registry hive ("regf"), as `netsh advfirewall export` writes its `.wfw`: key cells (nk) with lists of subkeys (lf, lh, li, ri)
 * and of values (vk, db). Keys are given without the name of the root. Every offset is checked: a damaged hive ends with an error, not
 * with fewer rules.
 * Layout as in https://github.com/msuhanov/regf/blob/master/Windows%20registry%20file%20format%20specification.md.
 * @throws InputError with the byte where the file cannot be right.
 */
export function readHive(bytes: Uint8Array, source: string, remarks: Remarks): readonly RegistryValue[] {
  return new HiveReader(bytes, source, remarks).values();
}

class HiveReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #source: string;
  readonly #remarks: Remarks;
  readonly #seen = new Set<number>();
  readonly #found: RegistryValue[] = [];

  constructor(bytes: Uint8Array, source: string, remarks: Remarks) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#source = source;
    this.#remarks = remarks;
  }

  values(): readonly RegistryValue[] {
    this.#need(0, BINS, "its first block");
    const [first, second] = [this.#view.getUint32(4, true), this.#view.getUint32(8, true)];
    if (first !== second) {
      this.#remarks.warn("hive-dirty", "the hive was not written to its end: what its log files (.LOG1, .LOG2) hold is missing here", null);
    }
    this.#key(this.#view.getUint32(ROOT_CELL, true), undefined, 0);
    return this.#found;
  }

  #key(offset: number, parent: string | undefined, depth: number): void {
    const cell = this.#cell(offset, 0x4c, "a key");
    if (this.#signature(cell) !== "nk") this.#damaged(cell, "expected a key (nk)");
    if (this.#seen.has(cell) || depth > DEEPEST) this.#damaged(cell, "a key that lies within itself");
    this.#seen.add(cell);
    const compressed = (this.#view.getUint16(cell + 2, true) & 0x20) !== 0;
    const name = this.#text(cell + 0x4c, this.#view.getUint16(cell + 0x48, true), compressed);
    const path = parent === undefined ? "" : parent === "" ? name : `${parent}\\${name}`;
    const values = this.#view.getUint32(cell + 0x24, true);
    if (values > 0) this.#values(this.#view.getUint32(cell + 0x28, true), values, path);
    const count = this.#view.getUint32(cell + 0x14, true);
    if (count === 0) return;
    const subkeys = this.#subkeys(this.#view.getUint32(cell + 0x1c, true), 0);
    if (subkeys.length !== count) this.#damaged(cell, `a key has ${count} subkeys, of which its lists name ${subkeys.length}`);
    for (const subkey of subkeys) this.#key(subkey, path, depth + 1);
  }

  #subkeys(offset: number, depth: number): number[] {
    const cell = this.#cell(offset, 4, "a list of keys");
    const kind = this.#signature(cell);
    const count = this.#view.getUint16(cell + 2, true);
    const step = kind === "lf" || kind === "lh" ? 8 : kind === "li" || kind === "ri" ? 4 : this.#damaged(cell, "expected a list of keys");
    this.#need(cell + 4, count * step, "a list of keys");
    const entries = Array.from({ length: count }, (_, index) => this.#view.getUint32(cell + 4 + index * step, true));
    if (kind !== "ri") return entries;
    if (depth > 0) this.#damaged(cell, "a list of lists of keys within another");
    return entries.flatMap((entry) => this.#subkeys(entry, depth + 1));
  }

  #values(offset: number, count: number, key: string): void {
    const list = this.#cell(offset, 0, "a list of values");
    this.#need(list, count * 4, "a list of values");
    for (let index = 0; index < count; index++) this.#value(this.#view.getUint32(list + index * 4, true), key);
  }

  #value(offset: number, key: string): void {
    const cell = this.#cell(offset, 0x14, "a value");
    if (this.#signature(cell) !== "vk") this.#damaged(cell, "expected a value (vk)");
    const nameSize = this.#view.getUint16(cell + 2, true);
    const name = this.#text(cell + 0x14, nameSize, (this.#view.getUint16(cell + 0x10, true) & 1) !== 0);
    const size = this.#view.getUint32(cell + 4, true);
    const type = this.#view.getUint32(cell + 0xc, true);
    this.#found.push({ key, name, data: registryData(type, this.#data(cell, size)), line: null });
  }

  #data(cell: number, size: number): Uint8Array {
    // Up to four bytes stand in the offset's place, which the highest bit of the size tells.
    if (size >= 0x80000000) {
      const inline = size - 0x80000000;
      if (inline > 4) this.#damaged(cell, `a value holds ${inline} bytes where 4 have room`);
      return this.#bytes.subarray(cell + 8, cell + 8 + inline);
    }
    if (size === 0) return this.#bytes.subarray(0, 0);
    const data = this.#cell(this.#view.getUint32(cell + 8, true), 0, "a value's data");
    if (size > SEGMENT && this.#signature(data) === "db") return this.#segments(data, size);
    this.#need(data, size, "a value's data");
    return this.#bytes.subarray(data, data + size);
  }

  #segments(cell: number, size: number): Uint8Array {
    this.#need(cell, 8, "a value's segments");
    const count = this.#view.getUint16(cell + 2, true);
    if (count !== Math.ceil(size / SEGMENT)) this.#damaged(cell, `${size} bytes of a value in ${count} segments`);
    const list = this.#cell(this.#view.getUint32(cell + 4, true), count * 4, "a value's segments");
    const whole = new Uint8Array(size);
    for (let index = 0; index < count; index++) {
      const length = Math.min(SEGMENT, size - index * SEGMENT);
      const segment = this.#cell(this.#view.getUint32(list + index * 4, true), length, "a segment of a value");
      whole.set(this.#bytes.subarray(segment, segment + length), index * SEGMENT);
    }
    return whole;
  }

  /** Where the content of a cell begins, of which at least `needed` bytes are there; the cell's own size stands before it. */
  #cell(offset: number, needed: number, what: string): number {
    if (offset === NO_CELL || offset % 8 !== 0) this.#damaged(BINS, `${what} at the impossible offset ${offset}`);
    const at = BINS + offset;
    this.#need(at, 4, what);
    const size = -this.#view.getInt32(at, true);
    if (size < 8) this.#damaged(at, `${what} in a cell that is not in use`);
    if (size - 4 < needed) this.#damaged(at, `${what} in a cell of ${size} bytes`);
    this.#need(at, size, what);
    return at + 4;
  }

  #need(at: number, length: number, what: string): void {
    if (at + length > this.#bytes.length) this.#damaged(Math.min(at, this.#bytes.length), `the file ends within ${what}`);
  }

  #signature(cell: number): string {
    return String.fromCharCode(this.#bytes[cell] ?? 0, this.#bytes[cell + 1] ?? 0);
  }

  /** Names are kept in one byte a letter where Latin 1 has all of them. */
  #text(at: number, size: number, compressed: boolean): string {
    this.#need(at, size, "a name");
    const bytes = this.#bytes.subarray(at, at + size);
    return compressed ? Array.from(bytes, (byte) => String.fromCharCode(byte)).join("") : new TextDecoder("utf-16le").decode(bytes);
  }

  #damaged(offset: number, what: string): never {
    throw new InputError(`the registry hive is damaged: ${what}`, { file: this.#source, offset });
  }
}
