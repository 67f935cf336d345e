/** Writers of what the readers read, for fixtures: a hive with every kind of list, registry.pol, and text of registry exports. */

export interface Key {
  readonly name: string;
  readonly values?: Readonly<Record<string, string | number>>;
  readonly keys?: readonly Key[];
}

/** Kind of the lists of subkeys. */
export type ListKind = "lf" | "lh" | "li" | "ri";

export const utf16 = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < text.length; index++) view.setUint16(index * 2, text.charCodeAt(index), true);
  return bytes;
};

const withBom = (text: string): Uint8Array => Uint8Array.from([0xff, 0xfe, ...utf16(text)]);

export function regBytes(sections: Readonly<Record<string, Readonly<Record<string, string | number>>>>): Uint8Array {
  const escaped = (text: string) => text.replace(/[\\"]/g, "\\$&");
  const lines = Object.entries(sections).flatMap(([key, values]) => [
    "",
    `[HKEY_LOCAL_MACHINE\\${key}]`,
    ...Object.entries(values).map(
      ([name, value]) =>
        `"${escaped(name)}"=${typeof value === "number" ? `dword:${value.toString(16).padStart(8, "0")}` : `"${escaped(value)}"`}`,
    ),
  ]);
  return withBom(`Windows Registry Editor Version 5.00\r\n${lines.join("\r\n")}\r\n`);
}

export function polBytes(entries: readonly (readonly [key: string, name: string, value: string | number])[]): Uint8Array {
  const pieces: number[] = [0x50, 0x52, 0x65, 0x67, 1, 0, 0, 0];
  const number = (value: number) => pieces.push(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255);
  for (const [key, name, value] of entries) {
    const data = typeof value === "number" ? new Uint8Array(new Uint32Array([value]).buffer) : utf16(`${value}\0`);
    pieces.push(...utf16(`[${key}\0;${name}\0;`));
    number(typeof value === "number" ? 4 : 1);
    pieces.push(...utf16(";"));
    number(data.length);
    pieces.push(...utf16(";"), ...data, ...utf16("]"));
  }
  return Uint8Array.from(pieces);
}

export function hiveBytes(root: Key, kind: ListKind = "lh"): Uint8Array {
  const bins: number[] = new Array(32).fill(0);
  const cell = (content: readonly number[]): number => {
    const size = Math.ceil((content.length + 4) / 8) * 8;
    const at = bins.length;
    const head = new Uint8Array(new Int32Array([-size]).buffer);
    bins.push(...head, ...content, ...new Array(size - 4 - content.length).fill(0));
    return at;
  };
  const u16 = (value: number) => [value & 255, (value >> 8) & 255];
  const u32 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255];
  const latin = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
  const signature = (text: string) => latin(text);
  const data = (bytes: readonly number[]): number => {
    if (bytes.length <= 16344) return cell(bytes);
    const segments: number[] = [];
    for (let at = 0; at < bytes.length; at += 16344) segments.push(cell(bytes.slice(at, at + 16344)));
    const list = cell(segments.flatMap(u32));
    return cell([...signature("db"), ...u16(segments.length), ...u32(list)]);
  };
  const value = (name: string, content: string | number): number => {
    const wide = /[^\0-\xff]/.test(name);
    const nameBytes = wide ? [...utf16(name)] : latin(name);
    const [type, size, offset] =
      typeof content === "number" ? [4, 0x80000004, content] : [1, (content.length + 1) * 2, data([...utf16(`${content}\0`)])];
    return cell([
      ...signature("vk"),
      ...u16(nameBytes.length),
      ...u32(size),
      ...u32(offset),
      ...u32(type),
      ...u16(wide ? 0 : 1),
      0,
      0,
      ...nameBytes,
    ]);
  };
  const list = (offsets: readonly number[]): number => {
    if (kind === "li") return cell([...signature("li"), ...u16(offsets.length), ...offsets.flatMap(u32)]);
    if (kind === "ri") {
      const halves = [offsets.slice(0, 1), offsets.slice(1)].filter((half) => half.length > 0);
      const lists = halves.map((half) => cell([...signature("li"), ...u16(half.length), ...half.flatMap(u32)]));
      return cell([...signature("ri"), ...u16(lists.length), ...lists.flatMap(u32)]);
    }
    return cell([...signature(kind), ...u16(offsets.length), ...offsets.flatMap((offset) => [...u32(offset), 0, 0, 0, 0])]);
  };
  const key = ({ name, values = {}, keys = [] }: Key): number => {
    const subkeys = keys.map(key);
    const subkeyList = subkeys.length === 0 ? 0xffffffff : list(subkeys);
    const own = Object.entries(values).map(([label, content]) => value(label, content));
    const valueList = own.length === 0 ? 0xffffffff : cell(own.flatMap(u32));
    const head: number[] = new Array(0x4c).fill(0);
    const put = (at: number, bytes: readonly number[]) => head.splice(at, bytes.length, ...bytes);
    put(0, signature("nk"));
    put(2, u16(0x20));
    put(0x14, u32(subkeys.length));
    put(0x1c, u32(subkeyList));
    put(0x24, u32(own.length));
    put(0x28, u32(valueList));
    put(0x48, u16(name.length));
    return cell([...head, ...latin(name)]);
  };
  const at = key(root);
  const base = new Uint8Array(0x1000);
  base.set(latin("regf"));
  base.set(u32(1), 4);
  base.set(u32(1), 8);
  base.set(u32(at), 0x24);
  base.set(u32(bins.length), 0x28);
  return Uint8Array.from([...base, ...bins]);
}
