import {
  type IcmpType,
  type ImportedRule,
  INTERFACE_KINDS,
  InputError,
  isSid,
  PROTOCOL_NAMES,
  parseRuleAddresses,
  parseRulePorts,
  parseSddl,
  type RulePlatform,
  type RuleStore,
} from "../../model/index.ts";
import { keywordIds } from "./dynamic-keyword.ts";
import type { Remarks } from "./remarks.ts";
import { finishRule, newDraft, profilesOf, type RuleDraft } from "./rule-draft.ts";

/** Properties of a rule as PowerShell's NetSecurity module names them, by lower-case name; lists joined by commas. */
export type RuleProperties = ReadonlyMap<string, string>;

type Read = (value: string, draft: RuleDraft) => void;

/** Words and numbers of an enumeration; exports to JSON hold the numbers. */
function oneOf<T>(value: string, known: Readonly<Record<string, T>>): T {
  const wanted = value.trim().toLowerCase();
  const found = Object.entries(known).find(([name]) => name.toLowerCase() === wanted);
  if (found === undefined)
    throw new InputError(
      `expected ${Object.keys(known)
        .filter((name) => !/^\d/.test(name))
        .join(", ")}`,
    );
  return found[1];
}

const isAny = (value: string): boolean => /^(?:any|\*|)$/i.test(value.trim());

const descriptor =
  (member: "localUsers" | "remoteUsers" | "remoteMachines"): Read =>
  (value, { rule }) => {
    if (isAny(value)) return;
    parseSddl(value);
    rule[member] = value;
  };

const text =
  (member: "program" | "service"): Read =>
  (value, { rule }) => {
    // "*" is any service, which is not the same as any program (netsh's service=any).
    if (!/^(?:any|)$/i.test(value.trim()) && !(member === "program" && value.trim() === "*")) rule[member] = value.trim();
  };

const flag =
  (name: string): Read =>
  (value, { extras }) => {
    if (oneOf(value === "" ? "False" : value, BOOLEAN)) extras.push(name);
  };

const BOOLEAN = { True: true, False: false, Yes: true, No: false, 1: true, 0: false };

/** PowerShell's InterfaceType; in numbers it is a set of flags. */
const KIND_WORDS = {
  wired: "lan",
  lan: "lan",
  wireless: "wireless",
  remoteaccess: "remote-access",
  mobilebroadband: "mobile-broadband",
  mbb: "mobile-broadband",
} as const;

const READERS: Readonly<Record<string, Read>> = {
  displayname: (value, { rule }) => {
    if (value !== "") rule.name = value;
  },
  description: (value, { rule }) => {
    if (value !== "") rule.description = value;
  },
  group: (value, { rule }) => {
    if (value !== "") rule.group = value;
  },
  enabled: (value, { rule }) => {
    rule.enabled = oneOf(value, { True: true, False: false, 1: true, 2: false });
  },
  direction: (value, { rule }) => {
    rule.direction = oneOf(value, { Inbound: "in", Outbound: "out", In: "in", Out: "out", 1: "in", 2: "out" });
  },
  action: (value, draft) => {
    // OverrideBlockRules may stand before it.
    const action = oneOf(value, { Allow: "allow", Block: "block", AllowBypass: "bypass", 2: "allow", 4: "block", 3: "bypass" } as const);
    if (draft.rule.action !== "bypass" || action === "block") draft.rule.action = action;
  },
  profile: (value, { rule }) => {
    if (!/^\d+$/.test(value.trim())) rule.profiles = profilesOf(value === "" ? ["any"] : value.split(","));
    else {
      const bits = Number(value);
      const names = [bits & 1 ? "domain" : "", bits & 2 ? "private" : "", bits & 4 ? "public" : ""].filter((name) => name !== "");
      rule.profiles = profilesOf(names.length === 0 ? ["any"] : names);
    }
  },
  platform: (value, { platforms }) => {
    for (const part of value.split(",").filter((one) => one.trim() !== "")) platforms.push(platformOf(part.trim()));
  },
  edgetraversalpolicy: (value, { rule }) => {
    const edge = {
      Block: "block",
      Allow: "allow",
      DeferToUser: "defer-user",
      DeferToApp: "defer-app",
      0: "block",
      1: "allow",
      2: "defer-user",
      3: "defer-app",
    } as const;
    const read = oneOf(value === "" ? "Block" : value, edge);
    if (read !== "block") rule.edgeTraversal = read;
  },
  loosesourcemapping: flag("loose source mapping"),
  localonlymapping: flag("local only mapping"),
  owner: (value, { rule }) => {
    if (isAny(value)) return;
    if (!isSid(value)) throw new InputError("expected the SID of a user");
    rule.owner = value;
  },
  localaddress: (value, { rule }) => {
    const read = isAny(value) ? undefined : parseRuleAddresses(value);
    if (read !== undefined) rule.localAddresses = read;
  },
  remoteaddress: (value, { rule }) => {
    const read = isAny(value) ? undefined : parseRuleAddresses(value);
    if (read !== undefined) rule.remoteAddresses = read;
  },
  protocol: (value, { rule }) => {
    rule.protocol = protocolOf(value);
  },
  program: text("program"),
  service: text("service"),
  package: (value, { rule }) => {
    if (isAny(value)) return;
    if (!isSid(value)) throw new InputError("expected the SID of a package");
    rule.package = value;
  },
  packagefamilyname: (value, { rule }) => {
    if (!isAny(value)) rule.packageFamilyName = value;
  },
  interfacealias: (value, { rule }) => {
    if (!isAny(value)) rule.interfaces = value.split(",").map((alias) => alias.trim());
  },
  interfacetype: (value, { rule }) => {
    if (isAny(value) || value.trim() === "0") return;
    if (/^\d+$/.test(value.trim())) {
      const bits = Number(value);
      rule.interfaceKinds = INTERFACE_KINDS.filter((_, index) => (bits & (1 << index)) !== 0);
      return;
    }
    const kinds = value.split(",").map((part) => oneOf(part.replace(/\s/g, ""), KIND_WORDS));
    rule.interfaceKinds = INTERFACE_KINDS.filter((kind) => kinds.includes(kind));
  },
  localuser: descriptor("localUsers"),
  remoteuser: descriptor("remoteUsers"),
  remotemachine: descriptor("remoteMachines"),
  authentication: (value, { rule }) => {
    const read = oneOf(value === "" ? "NotRequired" : value, {
      NotRequired: undefined,
      Required: "authenticate",
      NoEncap: "authenticate-no-encapsulation",
      0: undefined,
      1: "authenticate",
      2: "authenticate-no-encapsulation",
    } as const);
    if (read !== undefined) rule.security ??= read;
  },
  encryption: (value, { rule }) => {
    const read = oneOf(value === "" ? "NotRequired" : value, {
      NotRequired: undefined,
      Required: "encrypt",
      Dynamic: "negotiate-encryption",
      0: undefined,
      1: "encrypt",
      2: "negotiate-encryption",
    } as const);
    if (read !== undefined) rule.security = read;
  },
  overrideblockrules: (value, { rule }) => {
    if (oneOf(value === "" ? "False" : value, BOOLEAN) && rule.action !== "block") rule.action = "bypass";
  },
  dynamictarget: (value, { rule }) => {
    if (!isAny(value) && value.trim() !== "0") rule.trustTuples = value.split(",").map((part) => part.trim());
  },
  policyappid: (value, { extras }) => {
    if (!isAny(value)) extras.push(`PolicyAppId=${value}`);
  },
  remotedynamickeywordaddresses: (value, { rule }) => {
    if (!isAny(value)) rule.dynamicAddresses = keywordIds(value);
  },
};

const ALIASES: Readonly<Record<string, string>> = {
  profiles: "profile",
  rulegroup: "group",
  localip: "localaddress",
  remoteip: "remoteaddress",
  dynamictransport: "dynamictarget",
};

/** Read apart or said twice. */
const HANDLED = new Set([
  "name",
  "instanceid",
  "localport",
  "remoteport",
  "icmptype",
  "displaygroup",
  "policystoresource",
  "policystoresourcetype",
  "ruleid",
]);

/** Properties that describe the object instead of the rule. */
const IGNORED =
  /^(?:ps\w+|cim\w*|creationclassname|policyrulename|policykeywords|policyroles|policydecisionstrategy|systemcreationclassname|systemname|caption|commonname|conditionlisttype|elementname|enforcementstatus|executionstrategy|generation|mandatory|primarystatus|priority|rulepriority|ruleusage|sequencedactions|status\w*|isnegated|localaddressprefix|remoteaddressprefix|pscomputername|runspaceid|instanceidentifier|appid|edge|__\w+)$/;

/**
 * The rule that properties of PowerShell's objects amount to: of `Get-NetFirewallRule` and its filters, or a line of
 * `Export-FirewallRules`.
 * @throws InputError for a value its property cannot have.
 */
export function ruleOfProperties(
  properties: RuleProperties,
  place: { readonly file: string; readonly line: number | null },
  remarks: Remarks,
): ImportedRule {
  const id = properties.get("name") || properties.get("instanceid") || properties.get("ruleid") || properties.get("displayname") || "";
  if (id === "") throw new InputError("a rule has no name, expected Name or InstanceID");
  const draft = newDraft();
  const where = (property: string, value: string, read: () => void) => {
    try {
      read();
    } catch (error) {
      if (error instanceof InputError) throw new InputError(`rule "${id}", ${property} "${value}": ${error.message}`);
      throw error;
    }
  };
  for (const [property, value] of properties) {
    const reader = READERS[ALIASES[property] ?? property];
    if (reader !== undefined) where(property, value, () => reader(value, draft));
    else if (!HANDLED.has(property) && !IGNORED.test(property) && value !== "") {
      remarks.warn("rule-property", `rules have the unknown property "${property}"`, place.line);
    }
  }
  const { protocol = "any" } = draft.rule;
  // Every rule has ports in these exports; they mean something for TCP and UDP.
  if (protocol === 6 || protocol === 17) {
    const local = properties.get("localport") ?? "";
    const remote = properties.get("remoteport") ?? "";
    where("LocalPort", local, () => {
      const read = isAny(local) ? undefined : parseRulePorts(local);
      if (read !== undefined) draft.rule.localPorts = read;
    });
    where("RemotePort", remote, () => {
      const read = isAny(remote) ? undefined : parseRulePorts(remote);
      if (read !== undefined) draft.rule.remotePorts = read;
    });
  }
  const icmp = properties.get("icmptype") ?? "";
  if ((protocol === 1 || protocol === 58) && !isAny(icmp))
    where("IcmpType", icmp, () => (draft.rule.icmpTypes = icmp.split(",").map(icmpTypeOf)));
  const store = storeOf(properties.get("policystoresourcetype") ?? "");
  const policy = properties.get("policystoresource") ?? "";
  if (store === "group-policy" && policy !== "") draft.policy = policy;
  return finishRule(draft, { ...place, id, store });
}

/** `3`, `3:4` or `3:*`. */
export function icmpTypeOf(text: string): IcmpType {
  const [, type, code] = /^\s*(\d{1,3})(?:\s*:\s*(\d{1,3}|\*|any))?\s*$/i.exec(text) ?? [];
  if (type === undefined || Number(type) > 255) throw new InputError("expected TYPE or TYPE:CODE");
  if (code === undefined || !/^\d/.test(code)) return { type: Number(type) };
  if (Number(code) > 255) throw new InputError("expected a code up to 255");
  return { type: Number(type), code: Number(code) };
}

export function protocolOf(text: string): number | "any" {
  const word = text.trim();
  if (isAny(word) || word === "256") return "any";
  const number = /^\d{1,3}$/.test(word) ? Number(word) : (PROTOCOL_NAMES.valueOf(word) ?? (/^icmpv4$/i.test(word) ? 1 : undefined));
  if (number === undefined || number > 255) throw new InputError("expected a protocol: TCP, UDP, ICMPv4, ICMPv6, Any or 0 to 255");
  return number;
}

/** `6.2+` is that version or later, `10.0` that version. */
function platformOf(text: string): RulePlatform {
  const [, major, minor, later] = /^(\d{1,3})\.(\d{1,3})(\+?)$/.exec(text) ?? [];
  if (major === undefined) throw new InputError("expected MAJOR.MINOR or MAJOR.MINOR+");
  return { platform: 2, major: Number(major), minor: Number(minor), orLater: later === "+" };
}

/** PolicyStoreSourceType of the WMI class MSFT_NetFirewallRule. */
function storeOf(text: string): RuleStore {
  switch (text.trim().toLowerCase()) {
    case "grouppolicy":
    case "2":
      return "group-policy";
    case "mdm":
    case "6":
      return "mdm";
    case "hardcoded":
    case "5":
      return "service-static";
    default:
      return "local";
  }
}

/** The store of a profile's settings, by the same property. */
export function profileStoreOf(text: string): "local" | "group-policy" | "mdm" {
  const store = storeOf(text);
  return store === "group-policy" || store === "mdm" ? store : "local";
}
