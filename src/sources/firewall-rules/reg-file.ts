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
    while (/,\s*\\\s*$/.test(content) && index + 1 < lines.length) content = content.replace(/\\\s*$/, "") + (lines[++index] ?? "").trim();
    // A quoted text may hold line breaks.
    while (/^(?:@|"(?:[^"\\]|\\.)*")="(?:[^"\\]|\\.)*$/.test(content) && index + 1 < lines.length) content += `\n${lines[++index] ?? ""}`;
    const value = /^\s*(?:@|"((?:[^"\\]|\\[\s\S])*)")\s*=\s*([\s\S]*?)\s*$/.exec(content);
    if (value === null) {
      if (line === lines.length || index + 1 >= lines.length) {
        throw new InputError(`the file ends in the middle of a value, found ${JSON.stringify(content.slice(0, 60))}`, {
          file: source,
          line,
        });
      }
      remarks.warn("reg-line", `not a key and not a value: ${JSON.stringify(content.slice(0, 60))}`, line);
      continue;
    }
    if (key === undefined || value[2] === "-") continue;
    const data = dataOf(value[2] ?? "");
    if (data === undefined) remarks.warn("reg-data", `data of an unknown form: ${JSON.stringify((value[2] ?? "").slice(0, 60))}`, line);
    else yield { key, name: unescaped(value[1] ?? ""), data, line };
  }
}

function withoutHive(path: string): string {
  return path.replace(/^(?:HKEY_LOCAL_MACHINE|HKLM)\\/i, "");
}

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, "$1");
}

function dataOf(text: string): RegistryData | undefined {
  const quoted = /^"((?:[^"\\]|\\[\s\S])*)"$/.exec(text);
  if (quoted !== null) return { type: "text", text: unescaped(quoted[1] ?? "") };
  const number = /^dword:([0-9a-f]{1,8})$/i.exec(text);
  if (number !== null) return { type: "number", value: Number.parseInt(number[1] ?? "", 16) };
  const hex = /^hex(?:\(([0-9a-f]{1,8})\))?:([0-9a-f,\s]*)$/i.exec(text);
  if (hex === null) return undefined;
  const parts = (hex[2] ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (!parts.every((part) => /^[0-9a-f]{1,2}$/i.test(part))) return undefined;
  return registryData(
    hex[1] === undefined ? REG.binary : Number.parseInt(hex[1], 16),
    Uint8Array.from(parts, (part) => Number.parseInt(part, 16)),
  );
}
