import { InputError } from "../../model/index.ts";
import { REG, type RegistryData, type RegistryValue, registryData } from "./registry-value.ts";
import type { Remarks } from "./remarks.ts";

const HEADERS = /^(?:Windows Registry Editor Version 5\.00|REGEDIT4)\s*$/;

export function isRegFile(text: string): boolean {
  return HEADERS.test(
    text
      .slice(0, 80)
      .replace(/^\uFEFF/, "")
      .split(/\r?\n/, 1)[0] ?? "",
  );
}

/**
 * Values of a registry export: `[KEY]` lines, `"name"=…` lines under them, a backslash at a line's end continues hex data
 * (https://learn.microsoft.com/windows/win32/sysinfo/registry-files as regedit writes them). Deleted keys and values (`[-…]`, `=-`) hold
 * nothing.
 */
export function* readRegFile(text: string, source: string, remarks: Remarks): Iterable<RegistryValue> {
  const lines = text.split(/\r\n|\n|\r/);
  let key: string | undefined;
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    let content = lines[index] ?? "";
    if (index === 0 || content.trim() === "" || content.trimStart().startsWith(";")) continue;
    const section = /^\[(-?)(.*)\]\s*$/.exec(content);
    if (section !== null) {
      key = section[1] === "-" ? undefined : withoutHive(section[2] ?? "");
      continue;
    }
    const pieces = [content];
    if (CONTINUED.test(content)) {
      while (CONTINUED.test(pieces.at(-1) ?? "") && index + 1 < lines.length) pieces.push((lines[++index] ?? "").trim());
      content = pieces.map((piece) => piece.replace(CONTINUED, ",")).join("");
    } else if (OPEN_TEXT.test(content)) {
      // A quoted text may hold line breaks; what looks like the next value or key is none of it.
      while (index + 1 < lines.length && !STARTS.test(lines[index + 1] ?? "")) {
        pieces.push(lines[++index] ?? "");
        if (!OPEN_REST.test(pieces.at(-1) ?? "")) break;
      }
      content = pieces.join("\n");
    }
    const value = /^\s*(?:@|"((?:[^"\\]|\\[\s\S])*)")\s*=\s*([\s\S]*?)\s*$/.exec(content);
    const data = value === null || value[2] === "-" ? undefined : dataOf(value[2] ?? "");
    if (value === null || (data === undefined && value[2] !== "-")) {
      const found = JSON.stringify(content.slice(0, 60));
      if (lines.slice(index + 1).every((rest) => rest.trim() === ""))
        throw new InputError(`the file ends in the middle of a value, found ${found}`, { file: source, line });
      if (value === null) remarks.error("reg-line", `not a key and not a value: ${found}`, line);
      else remarks.error("reg-data", `data of an unknown form: ${JSON.stringify((value[2] ?? "").slice(0, 60))}`, line);
      continue;
    }
    if (key !== undefined && data !== undefined) yield { key, name: unescaped(value[1] ?? ""), data, line };
  }
}

/** Ends in a backslash: more hex data follows. */
const CONTINUED = /,[ \t]*\\[ \t]*$/;
/** A quoted text that its line does not close. */
const OPEN_TEXT = /^\s*(?:@|"(?:[^"\\]|\\.)*")\s*=\s*"(?:[^"\\]|\\.)*$/;
/** A line of such a text that does not close it either. */
const OPEN_REST = /^(?:[^"\\]|\\.)*$/;
/** What a key or value begins with. */
const STARTS = /^(?:\[-?HKEY_|(?:@|"(?:[^"\\]|\\.)*")=)/i;

function withoutHive(path: string): string {
  return path.replace(/^(?:HKEY_LOCAL_MACHINE|HKLM)\\/i, "");
}

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, "$1");
}

function dataOf(text: string): RegistryData | undefined {
  const quoted = /^"((?:[^"\\]|\\[\s\S])*)"$/.exec(text);
  if (quoted !== null) return { type: "text", text: unescaped(quoted[1] ?? "") };
  const number = /^dword:([0-9a-f]{8})$/i.exec(text);
  if (number !== null) return { type: "number", value: Number.parseInt(number[1] ?? "", 16) };
  const hex = /^hex(?:\(([0-9a-f]{1,8})\))?:([0-9a-f,\s]*)$/i.exec(text);
  if (hex === null) return undefined;
  const parts = (hex[2] ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (!parts.every((part) => /^[0-9a-f]{2}$/i.test(part))) return undefined;
  return registryData(
    hex[1] === undefined ? REG.binary : Number.parseInt(hex[1], 16),
    Uint8Array.from(parts, (part) => Number.parseInt(part, 16)),
  );
}
