import type { ImportedRule, WindowsVersion } from "../model/index.ts";

/** Version numbers of Windows and the schema of rules that it knows: at least that of its first release. */
const VERSIONS: Readonly<Record<WindowsVersion, { readonly major: number; readonly minor: number; readonly schema: number }>> = {
  vista: { major: 6, minor: 0, schema: 1 },
  "7": { major: 6, minor: 1, schema: 10 },
  "8": { major: 6, minor: 3, schema: 22 },
  "10": { major: 10, minor: 0, schema: 24 },
  "11": { major: 10, minor: 0, schema: 32 },
};

/** Undefined where the rule is for this version of Windows (MS-FASP 2.2.30), else why it is not. */
export function platformMatches({ platforms, extras }: ImportedRule, windows: WindowsVersion): string | undefined {
  const { major, minor, schema } = VERSIONS[windows];
  const skip = extras.find((one) => one.startsWith("SkipVer="))?.slice("SkipVer=".length);
  if (skip !== undefined && Number(skip.split(".")[0]) === 2 && schema <= Number(skip.split(".")[1])) {
    return `Windows ${windows} is to ignore it, as it reads rules up to v${skip}`;
  }
  if (platforms.length === 0) return undefined;
  const matches = platforms.some((one) => {
    if (one.orLater) return major > one.major || (major === one.major && minor >= one.minor);
    return major === one.major && minor === one.minor;
  });
  if (matches) return undefined;
  const wanted = platforms.map((one) => `${one.major}.${one.minor}${one.orLater ? " or later" : ""}`).join(", ");
  return `it is for version ${wanted}, Windows ${windows} is ${major}.${minor}`;
}

/** The version of Windows that files with these rules come from, by the schema they are in; undefined where no rule tells. */
export function windowsOfRules(rules: readonly ImportedRule[]): WindowsVersion | undefined {
  let newest = -1;
  for (const { version } of rules) {
    const [, minor] = /^2\.(\d+)$/.exec(version ?? "") ?? [];
    if (minor !== undefined) newest = Math.max(newest, Number(minor));
  }
  if (newest < 0) return undefined;
  if (newest >= 32) return "11";
  if (newest >= 24) return "10";
  if (newest >= 20) return "8";
  return newest >= 10 ? "7" : "vista";
}
