import { type FirewallFormat, type FirewallImport, type ImportedProfile, type ImportedRule, InputError } from "../../model/index.ts";
import { decodeText } from "../decode-text.ts";
import { isRuleCsv, readRuleCsv } from "./csv-rules.ts";
import { isNetshRules, readNetshRules } from "./netsh-rules.ts";
import { isRegFile, readRegFile } from "./reg-file.ts";
import { readRegistryPolicy } from "./registry-policy.ts";
import { Remarks } from "./remarks.ts";

export interface ReadRulesOptions {
  /** What messages call the file. */
  readonly source: string;
}

interface Found {
  readonly rules: readonly ImportedRule[];
  readonly profiles?: readonly ImportedProfile[];
}

type TextReader = (text: string, source: string, remarks: Remarks) => Found;

/** Formats in text, each with how it is known and read. */
const TEXT_FORMATS: readonly { readonly format: FirewallFormat; readonly is: (text: string) => boolean; readonly read: TextReader }[] = [
  {
    format: "reg",
    is: isRegFile,
    read: (text, source, remarks) => readRegistryPolicy(readRegFile(text, source, remarks), source, remarks),
  },
  { format: "netsh", is: isNetshRules, read: (text, source, remarks) => ({ rules: readNetshRules(text, source, remarks) }) },
  { format: "csv", is: isRuleCsv, read: (text, source, remarks) => ({ rules: readRuleCsv(text, source, remarks) }) },
];

/** The format of firewall rules that `bytes` are in; undefined for anything else. */
export function firewallFormatOf(bytes: Uint8Array): FirewallFormat | undefined {
  const text = decodeText(bytes.subarray(0, HEAD));
  return TEXT_FORMATS.find(({ is }) => is(text))?.format;
}

/** How much of a file its format is told by. */
const HEAD = 1 << 14;

/**
 * Firewall rules and profile settings of a file, whichever of the known formats it is in. What was not understood is among the
 * diagnostics, with its line.
 * @throws InputError for a file in none of the formats, or one that breaks off.
 */
export function readFirewallRules(bytes: Uint8Array, { source }: ReadRulesOptions): FirewallImport {
  const format = firewallFormatOf(bytes);
  const reader = TEXT_FORMATS.find((one) => one.format === format);
  if (format === undefined || reader === undefined) {
    throw new InputError(
      "holds no firewall rules in a known form: a registry export, .wfw, registry.pol, netsh text, CSV, JSON, CliXml or MDM XML",
      { file: source },
    );
  }
  const remarks = new Remarks();
  const { rules, profiles = [] } = reader.read(decodeText(bytes), source, remarks);
  return { source, format, rules, profiles, diagnostics: remarks.list };
}
