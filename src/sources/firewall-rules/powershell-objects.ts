import { FIREWALL_PROFILES, type ImportedKeyword, type ImportedProfile, type ImportedRule, InputError } from "../../model/index.ts";
import { requireFilters } from "./csv-rules.ts";
import { keywordOf } from "./dynamic-keyword.ts";
import type { Remarks } from "./remarks.ts";
import { profileStoreOf, ruleOfProperties } from "./rule-properties.ts";
import { isList, isObject, type TellObject, type Told } from "./told.ts";

/** Rules and profiles as objects of PowerShell's NetSecurity module. */
export interface PowerShellPolicy {
  readonly rules: readonly ImportedRule[];
  readonly profiles: readonly ImportedProfile[];
  readonly keywords: readonly ImportedKeyword[];
}

/** Members of CIM objects that are about the object; their content is no rule's. */
const OF_CIM = /^(?:cim\w*|ps\w+)$/;

const isRule = ({ members }: TellObject): boolean => members.has("direction") && members.has("action");
/** Of `Get-NetFirewallDynamicKeywordAddress`. */
const isKeyword = ({ members }: TellObject): boolean => members.has("keyword") && members.has("autoresolve");
const isProfile = ({ members }: TellObject): boolean => members.has("defaultinboundaction") && members.has("name");

/**
 * Rules of `Get-NetFirewallRule` and what their filters say, in the ways people put them together: one object with all properties, a rule
 * with its filters as members, or rules and filters side by side, which InstanceID joins. Objects of `Get-NetFirewallProfile` are profiles.
 * @throws InputError where rules have come without filters.
 */
export function policyOfObjects(root: Told, source: string, remarks: Remarks): PowerShellPolicy {
  const rules: TellObject[] = [];
  const filters = new Map<string, TellObject[]>();
  const profiles: ImportedProfile[] = [];
  const keywords: ImportedKeyword[] = [];
  const visit = (told: Told): void => {
    if (isList(told)) for (const item of told.items) visit(item);
    if (!isObject(told)) return;
    if (isRule(told)) rules.push(told);
    else if (isProfile(told)) profiles.push(...profileOf(told, source, remarks));
    else if (isKeyword(told)) keywords.push(...keywordsOf(told, remarks));
    else {
      const id = told.members.get("instanceid");
      if (typeof id === "string") filters.set(id.toLowerCase(), [...(filters.get(id.toLowerCase()) ?? []), told]);
      else for (const [name, member] of told.members) if (!OF_CIM.test(name)) visit(member);
    }
  };
  visit(root);
  const joined = rules.map((rule) => ({ rule, properties: propertiesOf(rule, filters) }));
  const names = new Set(joined.flatMap(({ properties }) => [...properties.keys()]));
  if (joined.length > 0) requireFilters(names, source);
  if (joined.length === 0 && profiles.length === 0 && keywords.length === 0) {
    throw new InputError("holds no object with Direction and Action, as Get-NetFirewallRule makes them", { file: source, line: 1 });
  }
  const read: ImportedRule[] = [];
  for (const { rule, properties } of joined) {
    try {
      if (![...FILTER_PROPERTIES].some((name) => properties.has(name)))
        throw new InputError(`rule "${properties.get("name")}" has come without its filters`);
      read.push(ruleOfProperties(properties, { file: source, line: rule.line }, remarks));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      remarks.error("rule", `${error.message}; the rule is left out`, rule.line);
    }
  }
  return { rules: read, profiles, keywords };
}

const FILTER_PROPERTIES = new Set(["protocol", "localport", "remoteaddress", "program"]);

/** All that is said of a rule, its own members before those of its filters. */
function propertiesOf(rule: TellObject, filters: ReadonlyMap<string, readonly TellObject[]>): Map<string, string> {
  const properties = new Map<string, string>();
  const take = ({ members }: TellObject, depth: number): void => {
    const nested: Told[] = [];
    for (const [name, told] of members) {
      if (OF_CIM.test(name)) continue;
      const scalar = textOf(told);
      if (scalar === undefined) nested.push(told);
      else if ((properties.get(name) ?? "") === "") properties.set(name, scalar);
    }
    if (depth > 3) return;
    for (const told of nested.flatMap((one) => (isList(one) ? one.items : [one]))) if (isObject(told)) take(told, depth + 1);
  };
  take(rule, 0);
  const id = rule.members.get("instanceid") ?? rule.members.get("name");
  for (const filter of typeof id === "string" ? (filters.get(id.toLowerCase()) ?? []) : []) take(filter, 1);
  return properties;
}

/** Text of a scalar or a list of such; Windows PowerShell wraps some lists and enumerations (`{"value": …, "Count": 2}`). */
function textOf(told: Told): string | undefined {
  if (told === null) return "";
  if (typeof told === "string") return told;
  if (isList(told)) {
    const texts = told.items.map(textOf);
    return texts.every((text) => text !== undefined) ? texts.join(",") : undefined;
  }
  const { members } = told;
  const wraps = [...members.keys()].every((name) => name === "value" || name === "count");
  return wraps && members.has("value") ? textOf(members.get("value") ?? null) : undefined;
}

function keywordsOf({ members, line }: TellObject, remarks: Remarks): ImportedKeyword[] {
  const text = (name: string): string => textOf(members.get(name) ?? null) ?? "";
  const id = text("id") || text("instanceid");
  try {
    return [keywordOf({ id, name: text("keyword"), addresses: text("addresses"), autoResolve: text("autoresolve") })];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    remarks.error("keyword", `list of addresses ${id}: ${error.message}; it is left out`, line);
    return [];
  }
}

/** Members of MSFT_NetFirewallProfile (https://learn.microsoft.com/previous-versions/windows/desktop/wfascimprov/msft-netfirewallprofile). */
function profileOf({ members, line }: TellObject, source: string, remarks: Remarks): ImportedProfile[] {
  const text = (name: string): string => (textOf(members.get(name) ?? null) ?? "").trim().toLowerCase();
  const profile = FIREWALL_PROFILES.find((one) => one === text("name"));
  if (profile === undefined) {
    remarks.warn("profile", `a profile is called "${text("name")}", expected Domain, Private or Public`, line);
    return [];
  }
  const flag = (name: string): boolean | undefined => {
    const value = text(name);
    if (value === "true" || value === "1") return true;
    if (value === "false" || value === "0") return false;
    if (value !== "" && value !== "notconfigured" && value !== "2")
      remarks.warn("profile-value", `${name} of a profile is "${value}"`, line);
    return undefined;
  };
  const action = (name: string): "allow" | "block" | undefined => {
    const value = text(name);
    if (value === "allow" || value === "2") return "allow";
    if (value === "block" || value === "4") return "block";
    if (value !== "" && value !== "notconfigured" && value !== "0")
      remarks.warn("profile-value", `${name} of a profile is "${value}"`, line);
    return undefined;
  };
  const settings = {
    enabled: flag("enabled"),
    defaultInboundAction: action("defaultinboundaction"),
    defaultOutboundAction: action("defaultoutboundaction"),
    allowInboundRules: flag("allowinboundrules"),
    notifyOnListen: flag("notifyonlisten"),
  };
  const told = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const allowLocalRules = flag("allowlocalfirewallrules");
  const store = profileStoreOf(text("policystoresourcetype"));
  return [{ profile, store, settings: told, ...(allowLocalRules === undefined ? {} : { allowLocalRules }), file: source, line }];
}

/** Pairs of members that tell such JSON: of rules, of profiles, of lists of addresses, and of filters, which may come first. */
const TELLING = [
  ["Direction", "Action"],
  ["DefaultInboundAction", "DefaultOutboundAction"],
  ["AutoResolve", "Keyword"],
  ["InstanceID", "LocalPort"],
  ["InstanceID", "RemoteAddress"],
  ["InstanceID", "Program"],
  ["InstanceID", "InterfaceType"],
  ["InstanceID", "InterfaceAlias"],
  ["InstanceID", "OverrideBlockRules"],
  ["InstanceID", "Service"],
];

/** Whether a text looks like JSON of rules or profiles: an object or list with members that no event of a log has. */
export function isRuleJson(head: string): boolean {
  const has = (name: string): boolean => new RegExp(`"${name}"\\s*:`, "i").test(head);
  return /^\s*[[{]/.test(head) && TELLING.some((names) => names.every(has)) && !/"(EventID|EventId|event_id)"\s*:/.test(head);
}
