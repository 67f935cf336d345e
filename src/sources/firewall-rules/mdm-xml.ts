import {
  type FirewallProfile,
  type ImportedKeyword,
  type ImportedProfile,
  type ImportedRule,
  INTERFACE_KINDS,
  InputError,
  isSid,
  type ProfileSettings,
  parseRuleAddresses,
  parseRulePorts,
  parseSddl,
} from "../../model/index.ts";
import { keywordIds, keywordOf } from "./dynamic-keyword.ts";
import { HYPER_V, type Remarks } from "./remarks.ts";
import { finishRule, newDraft, profilesOf, type RuleDraft } from "./rule-draft.ts";
import { icmpTypeOf, protocolOf } from "./rule-properties.ts";
import { childrenOf, readXml, type XmlElement } from "./xml-elements.ts";

export interface MdmPolicy {
  readonly rules: readonly ImportedRule[];
  readonly profiles: readonly ImportedProfile[];
  readonly keywords: readonly ImportedKeyword[];
}

export function isMdmXml(head: string): boolean {
  return /^\s*</.test(head) && /Vendor\/MSFT\/Firewall\/MdmStore/i.test(head);
}

/** One node that a management server sets, by its path below MdmStore. */
interface Node {
  readonly path: readonly string[];
  readonly value: string;
  readonly line: number;
}

const ROOT = /^\s*(?:\.\/)?(?:Device\/)?Vendor\/MSFT\/Firewall\/MdmStore\/(.*?)\/?\s*$/i;

/**
 * Rules and settings that a management server (Intune, MDM) sends: SyncML commands whose items name a node of the Firewall CSP
 * (https://learn.microsoft.com/windows/client-management/mdm/firewall-csp) and its value. What a later command deletes is gone.
 */
export function readMdmXml(text: string, source: string, remarks: Remarks): MdmPolicy {
  const nodes = new Map<string, Node>();
  gather(readXml(text, source), nodes, remarks);
  const rules = new Map<string, Node[]>();
  const settings = new Map<string, Node[]>();
  const keywords = new Map<string, Node[]>();
  for (const node of nodes.values()) {
    const [folder = "", name = ""] = node.path;
    if (/^firewallrules$/i.test(folder)) rules.set(name.toLowerCase(), [...(rules.get(name.toLowerCase()) ?? []), node]);
    else if (/^(?:domain|private|public)profile$/i.test(folder))
      settings.set(folder.toLowerCase(), [...(settings.get(folder.toLowerCase()) ?? []), node]);
    else if (/^dynamickeywords$/i.test(folder)) {
      const id = (node.path[2] ?? "").toLowerCase();
      keywords.set(id, [...(keywords.get(id) ?? []), node]);
    } else if (/^hyperv/i.test(folder)) remarks.warn("hyper-v", HYPER_V, node.line);
    else if (!/^global$/i.test(folder)) remarks.warn("mdm-node", `nothing is known about the node ${node.path.join("/")}`, node.line);
  }
  const read: ImportedRule[] = [];
  for (const own of rules.values()) {
    const line = own[0]?.line ?? 1;
    try {
      read.push(ruleOf(own, source, remarks));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      remarks.error("rule", `${error.message}; the rule is left out`, line);
    }
  }
  const lists = [...keywords.values()].flatMap((own) => keywordAt(own, remarks) ?? []);
  return { rules: read, keywords: lists, profiles: [...settings].map(([folder, own]) => profileOf(folder, own, source, remarks)) };
}

function gather(element: XmlElement, nodes: Map<string, Node>, remarks: Remarks): void {
  for (const item of childrenOf(element, "Item")) {
    const place = [...childrenOf(item, "Target"), ...childrenOf(item, "Source")].flatMap((one) => childrenOf(one, "LocURI"))[0];
    const path = ROOT.exec(place?.text ?? "")?.[1];
    if (path === undefined) {
      remarks.info("mdm-other", "the file also has nodes of other providers, which are no firewall rules", item.line);
      continue;
    }
    const key = path.toLowerCase();
    if (element.name === "Delete") {
      for (const known of nodes.keys()) if (`${known}/`.startsWith(`${key}/`)) nodes.delete(known);
      continue;
    }
    const data = childrenOf(item, "Data")[0];
    // Interior nodes have no value.
    if (data !== undefined)
      nodes.set(key, { path: path.split("/").map(unescaped), value: data.text.trim(), line: place?.line ?? item.line });
  }
  for (const child of element.children) if (child.name !== "Item") gather(child, nodes, remarks);
}

/** Names of rules stand in a URI. */
function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const isOn = (value: string): boolean => {
  if (/^(?:true|1)$/i.test(value)) return true;
  if (/^(?:false|0)$/i.test(value)) return false;
  throw new InputError("expected true or false");
};

const whole = (value: string, most: number): number => {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number <= most)) throw new InputError(`expected a number up to ${most}`);
  return number;
};

type Take = (value: string, draft: RuleDraft) => void;

const text =
  (member: "name" | "description" | "program" | "service" | "packageFamilyName"): Take =>
  (value, { rule }) => {
    if (value !== "") rule[member] = value;
  };
const ports =
  (member: "localPorts" | "remotePorts"): Take =>
  (value, { rule }) => {
    const read = value === "" ? undefined : parseRulePorts(value);
    if (read !== undefined) rule[member] = read;
  };
const addresses =
  (member: "localAddresses" | "remoteAddresses"): Take =>
  (value, { rule }) => {
    const read = value === "" ? undefined : parseRuleAddresses(value);
    if (read !== undefined) rule[member] = read;
  };

/** Nodes of a rule by lower-case path below it. */
const RULE_NODES: Readonly<Record<string, Take>> = {
  name: text("name"),
  description: text("description"),
  "app/filepath": text("program"),
  "app/servicename": text("service"),
  "app/packagefamilyname": text("packageFamilyName"),
  "app/fqbn": (value, { extras }) => {
    if (value !== "") extras.push(`Fqbn=${value}`);
  },
  policyappid: (value, { extras }) => {
    if (value !== "") extras.push(`PolicyAppId=${value}`);
  },
  protocol: (value, { rule }) => {
    rule.protocol = value === "" ? "any" : protocolOf(value);
  },
  localportranges: ports("localPorts"),
  remoteportranges: ports("remotePorts"),
  localaddressranges: addresses("localAddresses"),
  remoteaddressranges: addresses("remoteAddresses"),
  remoteaddressdynamickeywords: (value, { rule }) => {
    if (value !== "") rule.dynamicAddresses = keywordIds(value);
  },
  icmptypesandcodes: (value, { rule }) => {
    if (value !== "" && value !== "*") rule.icmpTypes = value.split(",").map(icmpTypeOf);
  },
  enabled: (value, { rule }) => {
    rule.enabled = isOn(value);
  },
  profiles: (value, { rule }) => {
    // FW_PROFILE_TYPE (MS-FASP 2.2.2): any combination, or 0x7FFFFFFF for all.
    const bits = whole(value, 0x7fffffff);
    const names = [bits & 1 ? "domain" : "", bits & 2 ? "private" : "", bits & 4 ? "public" : ""].filter((name) => name !== "");
    if (names.length === 0) throw new InputError("expected 1 (domain), 2 (private), 4 (public) or a sum of these");
    rule.profiles = profilesOf(names);
  },
  "action/type": (value, { rule }) => {
    rule.action = whole(value, 1) === 1 ? "allow" : "block";
  },
  direction: (value, { rule }) => {
    if (!/^(?:in|out)$/i.test(value)) throw new InputError("expected IN or OUT");
    rule.direction = value.toLowerCase() === "in" ? "in" : "out";
  },
  interfacetypes: (value, { rule }) => {
    const words = value.split(",").map((word) => word.trim().toLowerCase());
    if (value === "" || words.includes("all")) return;
    const known = { lan: "lan", wireless: "wireless", remoteaccess: "remote-access", mobilebroadband: "mobile-broadband" } as const;
    const kinds = words.map((word) => {
      const found = Object.entries(known).find(([name]) => name === word);
      if (found === undefined) throw new InputError("expected RemoteAccess, Wireless, Lan, MobileBroadband or All");
      return found[1];
    });
    rule.interfaceKinds = INTERFACE_KINDS.filter((kind) => kinds.includes(kind));
  },
  edgetraversal: (value, { rule }) => {
    if (isOn(value)) rule.edgeTraversal = "allow";
  },
  localuserauthorizedlist: users,
  localuserauthorizationlist: users,
  status: () => {},
};

function users(value: string, { rule }: RuleDraft): void {
  if (value === "") return;
  const descriptor = isSid(value) ? `D:(A;;CC;;;${value})` : value;
  parseSddl(descriptor);
  rule.localUsers = descriptor;
}

function ruleOf(nodes: readonly Node[], source: string, remarks: Remarks): ImportedRule {
  const id = nodes[0]?.path[1] ?? "";
  const draft = newDraft();
  for (const { path, value, line } of nodes) {
    const below = path.slice(2).join("/").toLowerCase();
    const take = Object.hasOwn(RULE_NODES, below) ? RULE_NODES[below] : undefined;
    if (take === undefined) {
      remarks.warn("mdm-node", `rules have the unknown node ${path.slice(2).join("/")}`, line);
      continue;
    }
    try {
      take(value, draft);
    } catch (error) {
      if (error instanceof InputError) throw new InputError(`rule "${id}", ${path.slice(2).join("/")} "${value}": ${error.message}`);
      throw error;
    }
  }
  const line = nodes[0]?.line ?? null;
  if (draft.rule.enabled === undefined)
    remarks.info("mdm-enabled", "rules that do not say Enabled are taken to be on, as the Firewall CSP's page has it", line);
  // Defaults of the Firewall CSP.
  draft.rule.action ??= "allow";
  draft.rule.direction ??= "out";
  return finishRule(draft, { id, store: "mdm", file: source, line });
}

/** Below `DynamicKeywords/Addresses/{id}`. */
function keywordAt(nodes: readonly Node[], remarks: Remarks): ImportedKeyword | undefined {
  const told = { id: nodes[0]?.path[2] ?? "", name: "", addresses: "", autoResolve: "" };
  for (const { path, value, line } of nodes) {
    const below = path.slice(3).join("/").toLowerCase();
    if (below === "keyword") told.name = value;
    else if (below === "addresses") told.addresses = value;
    else if (below === "autoresolve") told.autoResolve = value;
    else remarks.warn("mdm-node", `lists of addresses have the unknown node ${path.slice(3).join("/")}`, line);
  }
  try {
    return keywordOf(told);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    remarks.error("keyword", `list of addresses ${told.id}: ${error.message}; it is left out`, nodes[0]?.line ?? null);
    return undefined;
  }
}

type Settings = { -readonly [K in keyof ProfileSettings]?: ProfileSettings[K] };

/** Settings that no filter shows. */
const OTHER_SETTINGS =
  /^(?:disableunicastresponsestomulticastbroadcast|authappsallowuserprefmerge|globalportsallowuserprefmerge|allowlocalipsecpolicymerge|disablestealthmodeipsecsecuredpacketexemption|enablelog\w+|log\w+)$/;

function profileOf(folder: string, nodes: readonly Node[], source: string, remarks: Remarks): ImportedProfile {
  const profile = folder.replace("profile", "") as FirewallProfile;
  const settings: Settings = {};
  let allowLocalRules: boolean | undefined;
  for (const { path, value, line } of nodes) {
    const name = path.slice(1).join("/").toLowerCase();
    try {
      if (name === "enablefirewall") settings.enabled = isOn(value);
      else if (name === "disablestealthmode") settings.stealth = !isOn(value);
      else if (name === "shielded") settings.allowInboundRules = !isOn(value);
      else if (name === "disableinboundnotifications") settings.notifyOnListen = !isOn(value);
      else if (name === "allowlocalpolicymerge") allowLocalRules = isOn(value);
      else if (name === "defaultinboundaction") settings.defaultInboundAction = isOn(value) ? "block" : "allow";
      else if (name === "defaultoutboundaction") settings.defaultOutboundAction = isOn(value) ? "block" : "allow";
      else if (!OTHER_SETTINGS.test(name)) remarks.warn("mdm-node", `a profile has the unknown node ${path.slice(1).join("/")}`, line);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      remarks.error("profile-value", `${path.join("/")} "${value}": ${error.message}; it is left out`, line);
    }
  }
  const line = nodes[0]?.line ?? null;
  return { profile, store: "mdm", settings, ...(allowLocalRules === undefined ? {} : { allowLocalRules }), file: source, line };
}
