/** ALE_APP_ID of endpoints that belong to the kernel. */
export const SYSTEM_APP_ID = "System";

/**
 * The ALE_APP_ID blob of an NT device path: UTF-16LE with the terminating NUL (WFP-SEMANTICS 2.1). The path is taken as it is;
 * lower-casing is the shim's part, see {@link toAppId}.
 */
export function appIdBlob(path: string): Uint8Array {
  const blob = new Uint8Array((path.length + 1) * 2);
  for (let index = 0; index < path.length; index++) {
    const unit = path.charCodeAt(index);
    blob[index * 2] = unit & 0xff;
    blob[index * 2 + 1] = unit >>> 8;
  }
  return blob;
}

/** The path in an ALE_APP_ID blob, without the terminating NUL. */
export function appIdPath(blob: Uint8Array): string {
  let text = "";
  for (let index = 0; index + 1 < blob.length; index += 2) {
    text += String.fromCharCode((blob[index] ?? 0) | ((blob[index + 1] ?? 0) << 8));
  }
  return text.endsWith("\0") ? text.slice(0, -1) : text;
}

/**
 * The app id that ALE gives a program started as `path`: the lower-case NT device path. DOS paths are mapped by `volumes`
 * ("c:" → "\device\harddiskvolume3"); a drive that is not listed keeps its letter as `\device\<letter>:`.
 */
export function toAppId(path: string, volumes: Readonly<Record<string, string>> = DEFAULT_VOLUMES): string {
  if (path.toLowerCase() === "system") return SYSTEM_APP_ID;
  const lower = path.replaceAll("/", "\\").toLowerCase();
  const drive = /^([a-z]:)\\/.exec(lower)?.[1];
  if (drive === undefined) return lower;
  return (volumes[drive] ?? `\\device\\${drive}`) + lower.slice(2);
}

/** Where drive C: lives on most machines; a policy's own filters may show another volume. */
export const DEFAULT_VOLUMES: Readonly<Record<string, string>> = { "c:": "\\device\\harddiskvolume3" };
