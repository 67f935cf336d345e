import { InputError, SYSTEM_APP_ID, toAppId } from "../../model/index.ts";
import type { FirewallConfig } from "../settings.ts";

/** Where Windows and its programs live unless the configuration says otherwise. */
const DEFAULT_ENVIRONMENT: Readonly<Record<string, string>> = {
  systemdrive: "C:",
  systemroot: "C:\\Windows",
  windir: "C:\\Windows",
  programfiles: "C:\\Program Files",
  "programfiles(x86)": "C:\\Program Files (x86)",
  programdata: "C:\\ProgramData",
  allusersprofile: "C:\\ProgramData",
  programw6432: "C:\\Program Files",
  commonprogramfiles: "C:\\Program Files\\Common Files",
  "commonprogramfiles(x86)": "C:\\Program Files (x86)\\Common Files",
  public: "C:\\Users\\Public",
};

/**
 * The app id of a rule's program: variables expanded, the DOS path mapped to its NT device path, lower case.
 * @throws InputError for a variable that nobody defined.
 */
export function programAppId(program: string, { environment = {}, volumes }: Pick<FirewallConfig, "environment" | "volumes">): string {
  if (program.toLowerCase() === "system") return SYSTEM_APP_ID;
  const path = program.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = environment[name.toLowerCase()] ?? DEFAULT_ENVIRONMENT[name.toLowerCase()];
    if (value === undefined) throw new InputError(`program "${program}" names the variable %${name}%, which has no value here`);
    return value;
  });
  return toAppId(path, volumes);
}
