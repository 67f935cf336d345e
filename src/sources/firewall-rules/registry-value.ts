/** A value of a registry, whichever file it was kept in. */
export interface RegistryValue {
  /** Without the hive's name (`HKEY_LOCAL_MACHINE`) where the file has one; backslashes between the parts. */
  readonly key: string;
  readonly name: string;
  /** Text of REG_SZ and REG_EXPAND_SZ, number of REG_DWORD and REG_QWORD, lines of REG_MULTI_SZ, else bytes. */
  readonly data: RegistryData;
  /** From 1; null in binary files. */
  readonly line: number | null;
}

export type RegistryData =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "list"; readonly texts: readonly string[] }
  | { readonly type: "bytes"; readonly bytes: Uint8Array };

/** Types of registry values (winnt.h). */
export const REG = { none: 0, sz: 1, expandSz: 2, binary: 3, dword: 4, dwordBigEndian: 5, multiSz: 7, qword: 11 } as const;

/** UTF-16LE up to the first NUL. */
export function utf16Text(bytes: Uint8Array): string {
  const text = new TextDecoder("utf-16le").decode(bytes.subarray(0, bytes.length & ~1));
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

/** What the bytes of a value mean by its type; bytes that are too few stay bytes. */
export function registryData(type: number, bytes: Uint8Array): RegistryData {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === REG.sz || type === REG.expandSz) return { type: "text", text: utf16Text(bytes) };
  if (type === REG.dword && bytes.length >= 4) return { type: "number", value: view.getUint32(0, true) };
  if (type === REG.dwordBigEndian && bytes.length >= 4) return { type: "number", value: view.getUint32(0, false) };
  if (type === REG.qword && bytes.length >= 8) return { type: "number", value: Number(view.getBigUint64(0, true)) };
  if (type === REG.multiSz) {
    const text = new TextDecoder("utf-16le").decode(bytes.subarray(0, bytes.length & ~1));
    return { type: "list", texts: text.split("\0").filter((part) => part !== "") };
  }
  return { type: "bytes", bytes };
}
