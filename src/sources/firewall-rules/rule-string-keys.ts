import {
  type IcmpType,
  INTERFACE_KINDS,
  InputError,
  type InterfaceKind,
  isSid,
  parseRuleAddresses,
  parseRulePorts,
  parseSddl,
  type RuleAddress,
  type RulePort,
  type RuleSecurity,
} from "../../model/index.ts";
import { keywordIds } from "./dynamic-keyword.ts";
import { profilesOf, type RuleDraft } from "./rule-draft.ts";
import { protocolOf } from "./rule-properties.ts";

type ReadKey = (value: string, draft: RuleDraft) => void;

const yes = (value: string): boolean => {
  const word = value.trim().toUpperCase();
  if (word !== "TRUE" && word !== "FALSE") throw new InputError("expected TRUE or FALSE");
  return word === "TRUE";
};

function oneOf<T>(value: string, known: Readonly<Record<string, T>>): T {
  const found = Object.entries(known).find(([name]) => name.toLowerCase() === value.trim().toLowerCase());
  if (found === undefined) throw new InputError(`expected ${Object.keys(known).join(" or ")}`);
  return found[1];
}

const ports =
  (member: "localPorts" | "remotePorts"): ReadKey =>
  (value, { rule }) => {
    const read: readonly RulePort[] | undefined = parseRulePorts(value);
    if (read !== undefined) rule[member] = [...(rule[member] ?? []), ...read];
  };

/** Addresses of one family; a keyword is said for that family alone. */
const addresses =
  (member: "localAddresses" | "remoteAddresses", family: 4 | 6): ReadKey =>
  (value, { rule }) => {
    const read = parseRuleAddresses(value) ?? [];
    for (const address of read) {
      if (address.kind === "range" && address.low.family !== family) throw new InputError(`expected IPv${family} addresses`);
    }
    const told = read.map((address): RuleAddress => (address.kind === "keyword" ? { ...address, family } : address));
    rule[member] = [...(rule[member] ?? []), ...told];
  };

const icmp: ReadKey = (value, { rule }) => {
  const [, type, code] = /^\s*(\d{1,3})\s*:\s*(\d{1,3}|\*)\s*$/.exec(value) ?? [];
  if (type === undefined || Number(type) > 255 || (code !== "*" && Number(code) > 255))
    throw new InputError("expected TYPE:CODE or TYPE:*");
  const read: IcmpType = code === "*" ? { type: Number(type) } : { type: Number(type), code: Number(code) };
  rule.icmpTypes = [...(rule.icmpTypes ?? []), read];
};

const text =
  (member: "name" | "description" | "group" | "program" | "service" | "packageFamilyName"): ReadKey =>
  (value, { rule }) => {
    if (value !== "") rule[member] = value;
  };

/** SDDL is checked here, where the line is known. */
const descriptor =
  (member: "localUsers" | "remoteUsers" | "remoteMachines"): ReadKey =>
  (value, { rule }) => {
    if (value === "") return;
    parseSddl(value);
    rule[member] = value;
  };

const extra =
  (name: string): ReadKey =>
  (value, { extras }) => {
    extras.push(`${name}=${value}`);
  };

/** A flag that no filter shows; FALSE says nothing. */
const flag =
  (name: string): ReadKey =>
  (value, { extras }) => {
    if (yes(value)) extras.push(name);
  };

const tuple: ReadKey = (value, { rule }) => {
  rule.trustTuples = [...(rule.trustTuples ?? []), value];
};

const security =
  (known: Readonly<Record<string, RuleSecurity>>): ReadKey =>
  (value, { rule }) => {
    // Security2_9 and Security2 qualify Security, which older versions read, and so come after it.
    rule.security = oneOf(value, known);
  };

const KINDS: Readonly<Record<string, InterfaceKind>> = {
  Lan: "lan",
  Wireless: "wireless",
  RemoteAccess: "remote-access",
  MobileBB: "mobile-broadband",
};

const KEYS: Readonly<Record<string, ReadKey>> = {
  Action: (value, { rule }) => {
    // SecureServer and the like are of connection security rules, which the same keys hold.
    rule.action = oneOf(value, { Allow: "allow", Block: "block", ByPass: "bypass" });
  },
  Active: (value, { rule }) => {
    rule.enabled = yes(value);
  },
  Dir: (value, { rule }) => {
    rule.direction = oneOf(value, { In: "in", Out: "out" });
  },
  Profile: (value, { rule }) => {
    const before = rule.profiles ?? [];
    rule.profiles = profilesOf([...before, value]);
  },
  Protocol: (value, { rule }) => {
    // A number alone: of the one rule that Windows ships with a name in its place, recorded machines have no filter.
    if (!/^\s*\d{1,3}\s*$/.test(value)) throw new InputError("expected 0 to 255, or 256 for any");
    rule.protocol = protocolOf(value);
  },
  LPort: ports("localPorts"),
  LPort2_10: ports("localPorts"),
  LPort2_20: ports("localPorts"),
  LPort2_24: ports("localPorts"),
  LPort2_25: ports("localPorts"),
  LPort2_29: ports("localPorts"),
  RPort: ports("remotePorts"),
  RPort2_10: ports("remotePorts"),
  RPort2_25: ports("remotePorts"),
  RPort2_28: ports("remotePorts"),
  LA4: addresses("localAddresses", 4),
  LA6: addresses("localAddresses", 6),
  RA4: addresses("remoteAddresses", 4),
  RA42: addresses("remoteAddresses", 4),
  RA43: addresses("remoteAddresses", 4),
  RA6: addresses("remoteAddresses", 6),
  RA62: addresses("remoteAddresses", 6),
  RA63: addresses("remoteAddresses", 6),
  ICMP4: icmp,
  ICMP6: icmp,
  IF: (value, { rule }) => {
    rule.interfaces = [...(rule.interfaces ?? []), value];
  },
  IFType: (value, { rule }) => {
    const kinds = [...(rule.interfaceKinds ?? []), oneOf(value, KINDS)];
    rule.interfaceKinds = INTERFACE_KINDS.filter((kind) => kinds.includes(kind));
  },
  App: text("program"),
  Svc: text("service"),
  Name: text("name"),
  Desc: text("description"),
  EmbedCtxt: text("group"),
  PFN: text("packageFamilyName"),
  AppPkgId: (value, { rule }) => {
    if (!isSid(value)) throw new InputError("expected the SID of a package");
    rule.package = value;
  },
  LUOwn: (value, { rule }) => {
    if (!isSid(value)) throw new InputError("expected the SID of a user");
    rule.owner = value;
  },
  LUAuth: descriptor("localUsers"),
  LUAuth2_24: (value, draft) => descriptor("localUsers")(base64Text(value), draft),
  RUAuth: descriptor("remoteUsers"),
  RMauth: descriptor("remoteMachines"),
  Security: security({ Authenticate: "authenticate", AuthenticateEncrypt: "encrypt" }),
  Security2_9: security({ "An-NoEncap": "authenticate-no-encapsulation" }),
  Security2: security({ "AnE-Nego": "negotiate-encryption" }),
  AuthByPassOut: (value, { rule }) => {
    if (yes(value)) rule.action = "bypass";
  },
  Edge: (value, { rule }) => {
    // Defer= may stand before it.
    if (yes(value)) rule.edgeTraversal ??= "allow";
  },
  Defer: (value, { rule }) => {
    rule.edgeTraversal = oneOf(value, { App: "defer-app", User: "defer-user" });
  },
  Platform: (value, { platforms }) => {
    const [, platform, major, minor] = /^(\d{1,3}):(\d{1,3}):(\d{1,3})$/.exec(value) ?? [];
    if (platform === undefined) throw new InputError("expected PLATFORM:MAJOR:MINOR");
    platforms.push({ platform: Number(platform), major: Number(major), minor: Number(minor), orLater: false });
  },
  Platform2: (value, { platforms }) => {
    oneOf(value, { GTEQ: true });
    const last = platforms.pop();
    if (last === undefined) throw new InputError("expected Platform= before it");
    platforms.push({ ...last, orLater: true });
  },
  TTK: tuple,
  TTK2_22: tuple,
  TTK2_27: tuple,
  TTK2_28: tuple,
  NNm: (value, { rule }) => {
    rule.networks = [...(rule.networks ?? []), ...value.split(",").map((name) => name.trim())];
  },
  ComptId: (value, { rule }) => {
    if (!/^\d{1,9}$/.test(value)) throw new InputError("expected the number of a compartment");
    rule.compartment = Number(value);
  },
  RemDynKwAddr: dynamic,
  RADynKwd: dynamic,
  RADynKey: dynamic,
  LSM: flag("loose source mapping"),
  LOM: flag("local only mapping"),
  PCross: flag("profile crossing"),
  SkipVer: extra("SkipVer"),
  SecurityRealmId: extra("SecurityRealmId"),
};

function dynamic(value: string, { rule }: RuleDraft): void {
  rule.dynamicAddresses = [...(rule.dynamicAddresses ?? []), ...keywordIds(value)];
}

/** Readers of a rule string's keys, by lower-case key: files vary in it (`Rport2_10`). */
export const RULE_KEYS: ReadonlyMap<string, ReadKey> = new Map([
  ...Object.entries(KEYS).map(([key, read]): [string, ReadKey] => [key.toLowerCase(), read]),
  ["iftype2_23", KEYS.IFType ?? extra("IFType")],
]);

/** UTF-16LE text behind base64, as LUAuth2_24 has it for descriptors with conditional entries. */
function base64Text(value: string): string {
  let binary: string;
  try {
    binary = atob(value.replace(/\s/g, ""));
  } catch {
    throw new InputError("expected base64");
  }
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return new TextDecoder("utf-16le").decode(bytes).replace(/\0+$/, "");
}

/**
 * Edge=FALSE with Defer= is no traversal, whatever the order.

 */
export function settleEdge({ rule }: RuleDraft, fields: readonly string[]): void {
  if (fields.some((field) => /^edge=false$/i.test(field.trim()))) delete rule.edgeTraversal;
}
