import {
  type ImportedRule,
  INTERFACE_KINDS,
  InputError,
  parseRuleAddresses,
  parseRulePorts,
  parseSddl,
  type RuleStore,
} from "../../model/index.ts";
import { lettersOf, NETSH_LANGUAGES, type NetshLabel, netshLabel, netshMeans, netshOneOf } from "./netsh-words.ts";
import type { Remarks } from "./remarks.ts";
import { finishRule, newDraft, profilesOf, type RuleDraft } from "./rule-draft.ts";
import { icmpTypeOf, protocolOf } from "./rule-properties.ts";

const RULE_LINE = /^-{20,}\s*$/;

/** `Label:   value`; the French console has a space before the colon, the Chinese a wide one. */
const PAIR = /^(\S[^:：]{0,40}?)\s*[:：](?:\s+(.*?)|)\s*$/;

export function isNetshRules(text: string): boolean {
  const lines = text.slice(0, 4000).split(/\r?\n/);
  return lines.some((line, index) => RULE_LINE.test(line) && PAIR.test(lines[index - 1] ?? ""));
}

/** How many lines of a text have known labels and words, by which code pages are told apart. */
export function knownWords(text: string): number {
  let known = 0;
  for (const line of text.split(/\r?\n/)) {
    const [, label, value = ""] = PAIR.exec(line) ?? [];
    const told = label === undefined ? undefined : netshLabel(label);
    if (told === undefined) continue;
    known++;
    if (told === "profiles") known += value.split(",").filter((part) => netshOneOf(part, ["domain", "private", "public"])).length;
    if (told === "enabled" && netshOneOf(value, ["yes", "no"]) !== undefined) known++;
  }
  return known;
}

interface Block {
  readonly line: number;
  readonly pairs: { readonly label: string; readonly values: string[]; readonly line: number }[];
}

/**
 * Rules of `netsh advfirewall firewall show rule name=all [verbose]`. Without `verbose` the text lacks programs, services, interface types
 * and IPsec, of which the reader is warned: such rules then count for every program.
 * @throws InputError for text in a language whose words are not known.
 */
export function readNetshRules(text: string, source: string, remarks: Remarks): readonly ImportedRule[] {
  const blocks = blocksOf(text.split(/\r\n|\n|\r/), remarks);
  const rules: ImportedRule[] = [];
  const names = new Map<string, number>();
  let verbose = false;
  for (const [number, { line, pairs }] of blocks.entries()) {
    const name = pairs[0]?.values[0] ?? "";
    try {
      const draft = newDraft();
      let store: RuleStore = "local";
      const known = new Map<NetshLabel, readonly string[]>();
      for (const [index, pair] of pairs.entries()) {
        // The first line is the name's in every language.
        const label = index === 0 ? "name" : netshLabel(pair.label);
        if (label === undefined)
          remarks.warn("netsh-label", `"${pair.label}" is no label that is known here, in ${NETSH_LANGUAGES}`, pair.line);
        else if (index > 0 && label === "name") throw new InputError(`it breaks off in line ${pair.line}`);
        else known.set(label, pair.values);
      }
      if (!known.has("direction") && !known.has("action") && number === 0) {
        throw new InputError(`the language of the text is not known: "${pairs[1]?.label ?? ""}" is no label of ${NETSH_LANGUAGES}`, {
          file: source,
          line,
        });
      }
      verbose ||= known.has("program") || known.has("security") || known.has("interfaceTypes");
      for (const [label, values] of known) {
        const one = take(label, values, known, draft);
        if (one !== undefined) store = one;
      }
      // Names need not differ; ids must.
      const count = (names.get(name) ?? 0) + 1;
      names.set(name, count);
      rules.push(finishRule(draft, { id: count === 1 ? name : `${name} (${count})`, store, file: source, line }));
    } catch (error) {
      if (!(error instanceof InputError) || error.position.file !== undefined) throw error;
      remarks.error("rule", `rule "${name}": ${error.message}; the rule is left out`, line);
    }
  }
  const first = remarks.list.find(({ code }) => code === "rule");
  if (rules.length === 0 && first !== undefined)
    throw new InputError(`none of ${blocks.length} rules can be read: ${first.message}`, {
      file: source,
      ...(first.line === undefined ? {} : { line: first.line }),
    });
  if (!verbose && rules.length > 0) {
    remarks.warn(
      "netsh-brief",
      "the list was made without verbose, so that it lacks programs, services and IPsec: every rule is taken to be for any program",
      null,
    );
  }
  return rules;
}

/** What stands under the last rule, in any language. */
const END = /^\s*(?:\S{1,12}[.。]|OK)\s*$/i;

function blocksOf(lines: readonly string[], remarks: Remarks): readonly Block[] {
  const blocks: Block[] = [];
  for (const [index, content] of lines.entries()) {
    if (RULE_LINE.test(content)) continue;
    const ruled = RULE_LINE.test(lines[index + 1] ?? "");
    const pair = PAIR.exec(content);
    const block = blocks.at(-1);
    if (pair?.[1] !== undefined) {
      const entry = { label: pair[1], values: [pair[2] ?? ""], line: index + 1 };
      if (ruled) blocks.push({ line: index + 1, pairs: [entry] });
      else block?.pairs.push(entry);
    } else if (/^\s+\S/.test(content)) block?.pairs.at(-1)?.values.push(content.trim());
    else if (block !== undefined && content.trim() !== "" && !END.test(content))
      remarks.error("netsh-line", `no line of a rule: ${JSON.stringify(content.slice(0, 60))}`, index + 1);
  }
  return blocks;
}

const LISTS = new Set<NetshLabel>(["profiles", "localAddress", "remoteAddress", "localPort", "remotePort", "interfaceTypes"]);

/** Takes one line, or a list of lines, into the draft; the store where the line says it. */
function take(
  label: NetshLabel,
  values: readonly string[],
  all: ReadonlyMap<NetshLabel, readonly string[]>,
  draft: RuleDraft,
): RuleStore | undefined {
  const { rule } = draft;
  // Lists may go on in further lines.
  const parts = LISTS.has(label) ? values.flatMap((one) => one.split(",").map((part) => part.trim())) : values.slice(0, 1);
  const value = parts
    .filter((part) => part !== "")
    .join(",")
    .trim();
  const any = value === "" || netshMeans(value, "any");
  const expected = (what: string): never => {
    throw new InputError(`expected ${what}, found "${value}"`);
  };
  switch (label) {
    case "name":
      rule.name = value;
      return undefined;
    case "description":
      if (value !== "") rule.description = values.join(" ");
      return undefined;
    case "group":
      if (value !== "") rule.group = value;
      return undefined;
    case "enabled":
      rule.enabled = (netshOneOf(value, ["yes", "no"]) ?? expected("yes or no")) === "yes";
      return undefined;
    case "direction":
      rule.direction = netshOneOf(value, ["in", "out"]) ?? expected("in or out");
      return undefined;
    case "action":
      rule.action = netshOneOf(value, ["allow", "block", "bypass"]) ?? expected("allow, block or bypass");
      return undefined;
    case "profiles":
      rule.profiles = profilesOf(any ? ["any"] : value.split(",").map((part) => netshOneOf(part, ["domain", "private", "public"]) ?? part));
      return undefined;
    case "localAddress":
    case "remoteAddress": {
      const read = any ? undefined : parseRuleAddresses(value);
      if (read !== undefined) rule[label === "localAddress" ? "localAddresses" : "remoteAddresses"] = read;
      return undefined;
    }
    case "localPort":
    case "remotePort": {
      const read = any ? undefined : parseRulePorts(value);
      if (read !== undefined) rule[label === "localPort" ? "localPorts" : "remotePorts"] = read;
      return undefined;
    }
    case "protocol": {
      rule.protocol = any ? "any" : protocolOf(value);
      // Under the protocol stands a table of types and codes, its heading first.
      const types = values.slice(2).map((line) => line.split(/\s{2,}/).map((part) => part.trim()));
      const read = types
        .filter(([type = ""]) => /^\d/.test(type))
        .map(([type = "", code = ""]) => icmpTypeOf(/^\d/.test(code) ? `${type}:${code}` : type));
      if (read.length > 0) rule.icmpTypes = read;
      return undefined;
    }
    case "edge": {
      const edge = netshOneOf(value, ["yes", "no", "deferUser", "deferApp"]) ?? expected("yes, no or deferral");
      if (edge !== "no") rule.edgeTraversal = edge === "yes" ? "allow" : edge === "deferUser" ? "defer-user" : "defer-app";
      return undefined;
    }
    case "program":
      if (!any) rule.program = value;
      return undefined;
    case "service":
      // A program comes with "any", a rule for any service with a star.
      if (!any) rule.service = value;
      return undefined;
    case "interfaceTypes": {
      if (any) return undefined;
      const words = value
        .split(",")
        .map((part) => netshOneOf(part, ["lan", "wireless", "remoteAccess"]) ?? expected("LAN, Wireless or RAS"));
      rule.interfaceKinds = INTERFACE_KINDS.filter((kind) =>
        words.some((word) => word === kind || (word === "remoteAccess" && kind === "remote-access")),
      );
      return undefined;
    }
    case "security": {
      if (any || netshMeans(value, "notRequired")) return undefined;
      const found = netshOneOf(value, ["authenticate", "encrypt", "negotiate", "noEncapsulation"]) ?? expected("a security requirement");
      rule.security =
        found === "negotiate" ? "negotiate-encryption" : found === "noEncapsulation" ? "authenticate-no-encapsulation" : found;
      return undefined;
    }
    case "remoteComputers":
    case "remoteUsers":
      if (any) return undefined;
      parseSddl(value);
      rule[label === "remoteComputers" ? "remoteMachines" : "remoteUsers"] = value;
      return undefined;
    case "source": {
      if (lettersOf(value).length === 0 || netshMeans(value, "local")) return undefined;
      // "Group Policy Setting" with the policy's name behind it on some versions.
      draft.policy = /[:：]\s*(.+)$/.exec(all.get("source")?.join(" ") ?? "")?.[1] ?? null;
      return "group-policy";
    }
  }
}
