import { InputError } from "../../model/index.ts";
import { type RegistryValue, registryData } from "./registry-value.ts";
import type { Remarks } from "./remarks.ts";

const SEMICOLON = 0x3b;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const HEADER = 8;

export function isRegistryPol(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x52 && bytes[2] === 0x65 && bytes[3] === 0x67;
}

/**
 * Values of a `registry.pol` of a group policy object, or of a backup of one: `PReg`, version 1, then `[key;value;type;size;data]` in
 * UTF-16LE (https://learn.microsoft.com/previous-versions/windows/desktop/policy/registry-policy-file-format). Names that begin with `**`
 * are orders to delete; they set nothing, and what they take away from values before them is taken away.
 * @throws InputError with the byte where the file cannot be right.
 */
export function readRegistryPol(bytes: Uint8Array, source: string, remarks: Remarks): readonly RegistryValue[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = HEADER;
  const damaged = (what: string, offset = at): never => {
    throw new InputError(`the policy file is damaged: ${what}`, { file: source, offset: Math.min(offset, bytes.length) });
  };
  const unit = (what: string): number => {
    if (at + 2 > bytes.length) damaged(`the file ends where ${what} is expected`);
    const value = view.getUint16(at, true);
    at += 2;
    return value;
  };
  const mark = (wanted: number): void => {
    const found = unit(JSON.stringify(String.fromCharCode(wanted)));
    if (found !== wanted)
      damaged(`expected ${JSON.stringify(String.fromCharCode(wanted))}, found ${JSON.stringify(String.fromCharCode(found))}`, at - 2);
  };
  const text = (what: string): string => {
    const start = at;
    while (unit(what) !== 0);
    return new TextDecoder("utf-16le").decode(bytes.subarray(start, at - 2));
  };
  const number = (what: string): number => {
    if (at + 4 > bytes.length) damaged(`the file ends within ${what}`);
    at += 4;
    return view.getUint32(at - 4, true);
  };
  if (bytes.length < HEADER) damaged("the file ends within its header", bytes.length);
  if (view.getUint32(4, true) !== 1) damaged(`expected version 1, found ${view.getUint32(4, true)}`, 4);
  let found: RegistryValue[] = [];
  while (at < bytes.length) {
    mark(OPEN);
    const key = text("a key");
    mark(SEMICOLON);
    const name = text("a name");
    mark(SEMICOLON);
    const type = number("a type");
    mark(SEMICOLON);
    const size = number("a size");
    mark(SEMICOLON);
    if (at + size > bytes.length) damaged(`the file ends within ${size} bytes of data`);
    const data = registryData(type, bytes.subarray(at, at + size));
    at += size;
    mark(CLOSE);
    if (name.startsWith("**")) found = without(found, key, name, data.type === "text" ? data.text : "", remarks);
    else found.push({ key, name, data, line: null });
  }
  return found;
}

function without(found: RegistryValue[], key: string, order: string, names: string, remarks: Remarks): RegistryValue[] {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const listed = names.split(";").map((name) => name.toLowerCase());
  const [, one] = /^\*\*del\.(.*)$/is.exec(order) ?? [];
  if (one !== undefined) return found.filter((value) => !(same(value.key, key) && same(value.name, one)));
  if (/^\*\*delvals/i.test(order)) return found.filter((value) => !same(value.key, key));
  if (/^\*\*deletevalues/i.test(order))
    return found.filter((value) => !(same(value.key, key) && listed.includes(value.name.toLowerCase())));
  if (/^\*\*deletekeys/i.test(order)) {
    const gone = listed.map((name) => `${key}\\${name}`.toLowerCase());
    return found.filter((value) => !gone.some((path) => `${value.key.toLowerCase()}\\`.startsWith(`${path}\\`)));
  }
  if (!/^\*\*securekey/i.test(order))
    remarks.warn("policy-order", `an unknown order ${JSON.stringify(order.slice(0, 40))} in a policy file`, null);
  return found;
}
