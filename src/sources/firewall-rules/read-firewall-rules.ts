import {
  type FirewallFormat,
  type FirewallImport,
  type ImportedKeyword,
  type ImportedProfile,
  type ImportedRule,
  InputError,
} from "../../model/index.ts";
import { decodeText } from "../decode-text.ts";
import { isCliXml, readCliXml } from "./clixml.ts";
import { decodeConsoleText } from "./console-text.ts";
import { isRuleCsv, readRuleCsv } from "./csv-rules.ts";
import { isHive, readHive } from "./hive.ts";
import { readJson } from "./json-text.ts";
import { isMdmXml, readMdmXml } from "./mdm-xml.ts";
import { isNetshRules, knownWords, readNetshRules } from "./netsh-rules.ts";
import { isRuleJson, policyOfObjects } from "./powershell-objects.ts";
import { isRegFile, readRegFile } from "./reg-file.ts";
import { isRegistryPol, readRegistryPol } from "./registry-pol.ts";
import { haveFullPaths, readRegistryPolicy } from "./registry-policy.ts";
import { Remarks } from "./remarks.ts";

export interface ReadRulesOptions {
  /** What messages call the file. */
  readonly source: string;
}

interface Found {
  readonly rules: readonly ImportedRule[];
  readonly profiles?: readonly ImportedProfile[];
  readonly keywords?: readonly ImportedKeyword[];
}

interface Reader<Content> {
  readonly format: FirewallFormat;
  readonly is: (content: Content) => boolean;
  readonly read: (content: Content, source: string, remarks: Remarks) => Found;
}

/** Formats in bytes, each with how it is known and read. */
const BINARY_FORMATS: readonly Reader<Uint8Array>[] = [
  {
    format: "hive",
    is: isHive,
    read: (bytes, source, remarks) => {
      const values = readHive(bytes, source, remarks);
      return readRegistryPolicy(values, source, remarks, haveFullPaths(values) ? undefined : "local");
    },
  },
  {
    format: "registry.pol",
    is: isRegistryPol,
    read: (bytes, source, remarks) => readRegistryPolicy(readRegistryPol(bytes, source, remarks), source, remarks),
  },
];

/** Formats in text. */
const TEXT_FORMATS: readonly Reader<string>[] = [
  {
    format: "reg",
    is: isRegFile,
    read: (text, source, remarks) => readRegistryPolicy(readRegFile(text, source, remarks), source, remarks),
  },
  { format: "netsh", is: isNetshRules, read: (text, source, remarks) => ({ rules: readNetshRules(text, source, remarks) }) },
  {
    format: "clixml",
    is: isCliXml,
    read: (text, source, remarks) => policyOfObjects(readCliXml(text, source), source, remarks),
  },
  { format: "mdm-xml", is: isMdmXml, read: readMdmXml },
  {
    format: "powershell-json",
    is: isRuleJson,
    read: (text, source, remarks) => policyOfObjects(readJson(text, source), source, remarks),
  },
  { format: "csv", is: isRuleCsv, read: (text, source, remarks) => ({ rules: readRuleCsv(text, source, remarks) }) },
];

/** The format of firewall rules that `bytes` are in; undefined for anything else. */
export function firewallFormatOf(bytes: Uint8Array): FirewallFormat | undefined {
  const binary = BINARY_FORMATS.find(({ is }) => is(bytes));
  if (binary !== undefined) return binary.format;
  const text = decodeText(bytes.subarray(0, HEAD)).replace(/^\uFEFF/, "");
  return TEXT_FORMATS.find(({ is }) => is(text))?.format;
}

function textOf(bytes: Uint8Array, format: FirewallFormat, remarks: Remarks): string {
  const text = (format === "netsh" ? decodeConsoleText(bytes, knownWords) : decodeText(bytes)).replace(/^\uFEFF/, "");
  const line = text.includes("\uFFFD") ? text.slice(0, text.indexOf("\uFFFD")).split("\n").length : null;
  if (line !== null) remarks.warn("encoding", "is neither UTF-8 nor UTF-16: letters of names and paths are lost", line);
  return text;
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
  const remarks = new Remarks();
  const binary = BINARY_FORMATS.find((one) => one.format === format);
  const textual = TEXT_FORMATS.find((one) => one.format === format);
  const found = binary?.read(bytes, source, remarks) ?? textual?.read(textOf(bytes, textual.format, remarks), source, remarks);
  if (format === undefined || found === undefined) {
    throw new InputError(
      "holds no firewall rules in a known form: a registry export, .wfw, registry.pol, netsh text, CSV, JSON, CliXml or MDM XML",
      { file: source },
    );
  }
  if (found.rules.length === 0 && (found.profiles ?? []).length === 0 && (found.keywords ?? []).length === 0 && remarks.list.length === 0)
    remarks.warn("no-rules", "holds neither rules nor settings of profiles", null);
  const { rules, profiles = [], keywords } = found;
  return { source, format, rules, profiles, ...(keywords === undefined ? {} : { keywords }), diagnostics: remarks.list };
}
