/** The versions of Windows between which WFP differs (WFP-SHIMS 4.13). */
export const WINDOWS_VERSIONS = ["vista", "7", "8", "10", "11"] as const;

export type WindowsVersion = (typeof WINDOWS_VERSIONS)[number];

/** Whether something introduced in `since` exists in `version`. */
export function existsIn(since: WindowsVersion, version: WindowsVersion): boolean {
  return WINDOWS_VERSIONS.indexOf(since) <= WINDOWS_VERSIONS.indexOf(version);
}

export function isWindowsVersion(text: string): text is WindowsVersion {
  return (WINDOWS_VERSIONS as readonly string[]).includes(text);
}
