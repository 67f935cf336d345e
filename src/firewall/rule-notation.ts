import {
  didYouMean,
  type EdgeTraversal,
  FIREWALL_PROFILES,
  type FirewallRule,
  formatAddress,
  type IcmpType,
  InputError,
  type InputPosition,
  type InterfaceKind,
  isSid,
  PROTOCOL_NAMES,
  packageSid,
  parseRuleAddresses,
  parseRulePorts,
  parseSid,
  prefixOfRange,
  type RuleAddress,
  type RulePort,
} from "../model/index.ts";
import { type NotationWord, notationWords } from "./rule-notation-words.ts";

const EXAMPLE = "allow in tcp 3389 from 10.0.0.0/8 profile=domain";
const ACTIONS = ["allow", "block", "bypass"] as const;
const EDGES: readonly EdgeTraversal[] = ["block", "allow", "defer-app", "defer-user"];
const KINDS: readonly InterfaceKind[] = ["lan", "wireless", "remote-access"];
const ICMP = new Set<number | "any">([1, 58]);
const WITH_PORTS = new Set<number | "any">([6, 17]);

type Draft = { -readonly [K in keyof FirewallRule]?: FirewallRule[K] };

/** What a notation need not say. */
export interface RuleNotationDefaults {
  /** Id of a rule without `id=`; the text itself where absent. */
  readonly id?: string;
}

interface Key {
  readonly name: string;
  read(text: string, draft: Draft, rule: Pick<FirewallRule, "direction" | "protocol">): void;
  write(rule: FirewallRule): string | undefined;
}

/** A list of words, each one of `known`. */
function words<T extends string>(text: string, known: readonly T[]): readonly T[] {
  return text.split(",").map((part) => {
    const found = known.find((word) => word === part.trim().toLowerCase());
    if (found === undefined) throw new InputError(`expected ${known.join(", ")}, found "${part.trim()}"${didYouMean(part.trim(), known)}`);
    return found;
  });
}

function text(
  name: string,
  member: "name" | "id" | "group" | "description" | "program" | "service" | "localUsers" | "packageFamilyName",
): Key {
  return {
    name,
    read(value, draft) {
      draft[member] = value;
    },
    write: (rule) => rule[member],
  };
}

/** The `key=value` pairs in the order in which they are printed. */
const KEYS: readonly Key[] = [
  {
    name: "source-port",
    read(value, draft, { direction, protocol }) {
      if (!WITH_PORTS.has(protocol)) throw new InputError("expected a rule for tcp or udp: no other protocol has ports here");
      const ports = parseRulePorts(value);
      if (ports !== undefined) draft[direction === "in" ? "remotePorts" : "localPorts"] = ports;
    },
    write: (rule) => formatPorts(rule.direction === "in" ? rule.remotePorts : rule.localPorts),
  },
  {
    name: "profile",
    read(value, draft) {
      if (value.toLowerCase() !== "any")
        draft.profiles = FIREWALL_PROFILES.filter((profile) => words(value, FIREWALL_PROFILES).includes(profile));
    },
    write: ({ profiles }) => (FIREWALL_PROFILES.every((profile) => profiles.includes(profile)) ? undefined : profiles.join(",")),
  },
  text("app", "program"),
  text("service", "service"),
  {
    name: "package",
    read(value, draft) {
      draft.package = isSid(value) ? parseSid(value) : packageSid(value);
    },
    write: (rule) => rule.package,
  },
  text("pfn", "packageFamilyName"),
  text("users", "localUsers"),
  {
    name: "if",
    read(value, draft) {
      draft.interfaces = value.split(",").map((alias) => alias.trim());
    },
    write: ({ interfaces }) => interfaces?.join(","),
  },
  {
    name: "iftype",
    read(value, draft) {
      draft.interfaceKinds = words(value, KINDS);
    },
    write: ({ interfaceKinds }) => interfaceKinds?.join(","),
  },
  {
    name: "edge",
    read(value, draft) {
      const [edge] = words(value, EDGES);
      if (edge !== undefined) draft.edgeTraversal = edge;
    },
    write: ({ edgeTraversal }) => edgeTraversal,
  },
  {
    name: "enabled",
    read(value, draft) {
      draft.enabled = words(value, ["yes", "no"])[0] === "yes";
    },
    write: ({ enabled }) => (enabled ? undefined : "no"),
  },
  text("group", "group"),
  text("name", "name"),
  text("description", "description"),
  text("id", "id"),
];

/**
 * Reads a firewall rule in one line: `allow in tcp 3389 from 10.0.0.0/8 profile=domain`. Action, direction, protocol; then the destination's
 * ports (at icmp the types, `8` or `3/4`), `from` and `to` addresses as the packet has them, and `key=value` (docs/what-if.md). What is left
 * out is any.
 * @throws InputError with the column and what was expected there.
 */
export function parseRuleNotation(notation: string, defaults: RuleNotationDefaults = {}, position: InputPosition = {}): FirewallRule {
  const fail = (column: number, message: string): never => {
    throw new InputError(
      position.line === undefined ? `rule, column ${column}: ${message}` : `rule "${notation}", column ${column}: ${message}`,
      position,
    );
  };
  const list = notationWords(notation, fail);
  const end = notation.trimEnd().length + 1;
  let at = 0;
  const plain = (what: string): NotationWord => {
    const word = list[at];
    if (word === undefined || word.key !== undefined) return fail(word?.column ?? end, `expected ${what}, as in: ${EXAMPLE}`);
    at++;
    return word;
  };
  const guarded = <T>(word: NotationWord, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (error instanceof InputError) return fail(word.column, `${word.key === undefined ? "" : `${word.key}: `}${error.message}`);
      throw error;
    }
  };
  const oneOf = <T extends string>(known: readonly T[]): T => {
    const word = plain(known.join(", "));
    return guarded(word, () => words(word.text, known)[0] ?? fail(word.column, `expected ${known.join(", ")}`));
  };

  const action = oneOf(ACTIONS);
  const direction = oneOf(["in", "out"] as const);
  const protocolWord = plain("a protocol");
  const protocol = protocolOf(protocolWord, fail);
  const draft: Draft = {};
  const [near, far] =
    direction === "in" ? (["localAddresses", "remoteAddresses"] as const) : (["remoteAddresses", "localAddresses"] as const);
  for (; at < list.length && list[at]?.key === undefined; ) {
    const word = plain("from, to, ports or key=value");
    if (word.text === "from" || word.text === "to") {
      const member = word.text === "from" ? far : near;
      if (draft[member] !== undefined) fail(word.column, `expected "${word.text}" once`);
      const value = plain(`addresses after "${word.text}"`);
      const addresses = guarded(value, () => parseRuleAddresses(value.text));
      if (addresses !== undefined) draft[member] = addresses;
    } else if (at === 4) {
      guarded(word, () => destination(word.text, protocol, direction, draft));
    } else fail(word.column, `expected "from", "to" or key=value, found "${word.text}"`);
  }
  const seen = new Set<string>();
  for (const word of list.slice(at)) {
    const key = KEYS.find(({ name }) => name === word.key?.toLowerCase());
    if (key === undefined) {
      const names = KEYS.map(({ name }) => name);
      const found = word.key ?? word.text;
      fail(word.column, `expected ${names.join("=, ")}=, found "${found}"${didYouMean(found, names)}`);
      continue;
    }
    if (seen.has(key.name)) fail(word.column, `expected ${key.name}= once`);
    seen.add(key.name);
    guarded(word, () => key.read(word.text, draft, { direction, protocol }));
  }
  return {
    id: defaults.id ?? notation,
    name: notation,
    action,
    direction,
    enabled: true,
    profiles: FIREWALL_PROFILES,
    protocol,
    ...draft,
  };
}

function protocolOf(word: NotationWord, fail: (column: number, message: string) => never): number | "any" {
  if (word.text.toLowerCase() === "any") return "any";
  const number =
    PROTOCOL_NAMES.valueOf(word.text) ?? (/^\d{1,3}$/.test(word.text) && Number(word.text) <= 255 ? Number(word.text) : undefined);
  const names = ["any", ...PROTOCOL_NAMES.names];
  return (
    number ??
    fail(word.column, `expected a protocol (${names.join(", ")}, or 0 to 255), found "${word.text}"${didYouMean(word.text, names)}`)
  );
}

/** The word after the protocol: ports of the destination, or ICMP types. */
function destination(value: string, protocol: number | "any", direction: "in" | "out", draft: Draft): void {
  if (value.toLowerCase() === "any" || value === "*") return;
  if (ICMP.has(protocol)) {
    draft.icmpTypes = value.split(",").map(icmpType);
    return;
  }
  if (!WITH_PORTS.has(protocol))
    throw new InputError(`expected "from", "to" or key=value, found "${value}": only tcp and udp rules have ports`);
  const ports = parseRulePorts(value);
  if (ports !== undefined) draft[direction === "in" ? "localPorts" : "remotePorts"] = ports;
}

function icmpType(value: string): IcmpType {
  const [, type, code] = /^\s*(\d{1,3})(?:\/(\d{1,3}))?\s*$/.exec(value) ?? [];
  if (type === undefined || Number(type) > 255 || Number(code ?? 0) > 255)
    throw new InputError(`expected ICMP types, as in 8 or 3/4,11, found "${value}"`);
  return code === undefined ? { type: Number(type) } : { type: Number(type), code: Number(code) };
}

/** The rule in one line, as {@link parseRuleNotation} reads it; a name and id that are the line itself are left out. */
export function formatRuleNotation(rule: FirewallRule): string {
  const [near, far] = rule.direction === "in" ? [rule.localAddresses, rule.remoteAddresses] : [rule.remoteAddresses, rule.localAddresses];
  const ports = rule.direction === "in" ? rule.localPorts : rule.remotePorts;
  const head = [
    rule.action,
    rule.direction,
    rule.protocol === "any" ? "any" : (PROTOCOL_NAMES.nameOf(rule.protocol) ?? String(rule.protocol)),
    rule.icmpTypes?.map(({ type, code }) => (code === undefined ? String(type) : `${type}/${code}`)).join(",") ?? formatPorts(ports),
    ...(far === undefined ? [] : ["from", far.map(formatRuleAddress).join(",")]),
    ...(near === undefined ? [] : ["to", near.map(formatRuleAddress).join(",")]),
  ].filter((part) => part !== undefined);
  const pairs = (keys: readonly Key[]) =>
    keys.flatMap((key) => {
      const value = key.write(rule);
      return value === undefined ? [] : [`${key.name}=${quote(value)}`];
    });
  const bare = [...head, ...pairs(KEYS.filter(({ name }) => name !== "name" && name !== "id"))].join(" ");
  const named = KEYS.filter(({ name }) => (name === "name" && rule.name !== bare) || (name === "id" && rule.id !== bare));
  return [bare, ...pairs(named)].join(" ");
}

function formatPorts(ports: readonly RulePort[] | undefined): string | undefined {
  return ports
    ?.map((port) => (port.kind === "keyword" ? port.keyword : port.low === port.high ? String(port.low) : `${port.low}-${port.high}`))
    .join(",");
}

function formatRuleAddress(address: RuleAddress): string {
  if (address.kind === "keyword") return address.keyword;
  const prefix = prefixOfRange(address.low, address.high);
  const low = formatAddress(address.low);
  if (prefix === undefined) return `${low}-${formatAddress(address.high)}`;
  return prefix === (address.low.family === 4 ? 32 : 128) ? low : `${low}/${prefix}`;
}

function quote(value: string): string {
  return /^[^\s"]+$/.test(value) ? value : `"${value.replaceAll('"', '""')}"`;
}
