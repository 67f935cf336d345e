import { dirname, isAbsolute, join } from "node:path";

/** Folder of a file; "" for one without. */
export function folderOf(file: string): string {
  const folder = dirname(file);
  return folder === "." && !file.startsWith(".") ? "" : folder;
}

/** `path` as seen from `folder`, unless it is absolute. */
export function inFolder(folder: string, path: string): string {
  return folder === "" || isAbsolute(path) ? path : join(folder, path);
}
