import { parseIpv4, parseIpv6 } from "./address.ts";
import { InputError, type InputPosition } from "./errors.ts";
import type { FlowSpec, Profile } from "./flow.ts";
import { parseFlow } from "./flow-notation.ts";
import { FlowErrors, type FlowWord, flowWords } from "./flow-text.ts";
import { didYouMean } from "./near-name.ts";
import { PROFILE_NAMES, PROTOCOL_NAMES } from "./number-names.ts";

/** Whole numbers from `low` to `high`, both included: ports, or addresses of one family in network order. */
export interface NumberRange {
  readonly low: bigint;
  readonly high: bigint;
}

/** Who a flow leaves open: "any" asks for every one, absent takes an ordinary one where that is what is meant. */
export type WhoKey = "app" | "user" | "package" | "if";

/**
 * A set of flows in wfplab's flow notation: lists with commas, ranges, CIDR blocks, named sets of addresses, `any`. A member that is absent
 * is any. One protocol (or "any") and one family per pattern.
 */
export interface FlowPattern {
  readonly text: string;
  readonly position: InputPosition;
  readonly direction: "in" | "out";
  readonly protocol: number | "any";
  readonly family: 4 | 6;
  readonly localAddress?: readonly NumberRange[];
  readonly remoteAddress?: readonly NumberRange[];
  readonly localPort?: readonly NumberRange[];
  readonly remotePort?: readonly NumberRange[];
  readonly profile?: readonly Profile[];
  /** Everything that was told by key=value. */
  readonly told: FlowSpec;
  /** What was told to be any. */
  readonly any: ReadonlySet<WhoKey>;
}

type Ranges = readonly NumberRange[];
const SPACE = { 4: (1n << 32n) - 1n, 6: (1n << 128n) - 1n } as const;

const cidr = (text: string): { family: 4 | 6; range: NumberRange } | undefined => {
  const [host = "", bits, ...rest] = text.split("/");
  const address = numberOfAddress(host);
  if (address === undefined || rest.length > 0) return undefined;
  const width = address.family === 4 ? 32 : 128;
  if (bits === undefined) return { family: address.family, range: { low: address.value, high: address.value } };
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > width) return undefined;
  const size = 1n << BigInt(width - Number(bits));
  const low = (address.value / size) * size;
  return { family: address.family, range: { low, high: low + size - 1n } };
};

function numberOfAddress(text: string): { family: 4 | 6; value: bigint } | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return { family: 4, value: BigInt(v4) };
  const v6 = parseIpv6(text);
  return v6 === undefined ? undefined : { family: 6, value: v6.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) };
}

function blocks(...texts: readonly string[]): Readonly<Record<4 | 6, Ranges>> {
  const list = texts.flatMap((text) => cidr(text) ?? []);
  const of = (family: 4 | 6) => normal(list.filter((entry) => entry.family === family).map(({ range }) => range));
  return { 4: of(4), 6: of(6) };
}

/** Ranges in order, neighbours and overlaps joined. */
export function normal(ranges: Ranges): Ranges {
  const sorted = [...ranges].sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0));
  const joined: NumberRange[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && range.low <= last.high + 1n)
      joined[joined.length - 1] = { low: last.low, high: last.high > range.high ? last.high : range.high };
    else joined.push(range);
  }
  return joined;
}

/** What of 0..`top` is in none of `ranges`. */
export function complement(ranges: Ranges, top: bigint): Ranges {
  const left: NumberRange[] = [];
  let next = 0n;
  for (const { low, high } of normal(ranges)) {
    if (low > next) left.push({ low: next, high: low - 1n });
    next = high + 1n;
  }
  return next <= top ? [...left, { low: next, high: top }] : left;
}

/** Not globally reachable by the registries of special addresses (RFC 6890, IANA), documentation included; multicast too. */
const SPECIAL = blocks(
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"],
  ...["192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3", "2001:db8::/32", "2001::/23", "3fff::/20"],
);
const PRIVATE = blocks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10", "169.254.0.0/16");

/** Sets of addresses by name. */
const NAMED: Readonly<Record<string, Readonly<Record<4 | 6, Ranges>>>> = {
  internet: {
    4: complement(SPECIAL[4], SPACE[4]),
    6: complement([...SPECIAL[6], ...complement(blocks("2000::/3")[6], SPACE[6])], SPACE[6]),
  },
  private: PRIVATE,
  loopback: blocks("127.0.0.0/8", "::1"),
  linklocal: blocks("169.254.0.0/16", "fe80::/10"),
  multicast: blocks("224.0.0.0/4", "ff00::/8"),
};

interface End {
  readonly addresses?: Partial<Record<4 | 6, Ranges>>;
  readonly ports?: Ranges;
}

const EXAMPLE = "in tcp 10.0.0.0/8:* > *:445,3389,5000-5010 profile=public,private app=any";

/**
 * Reads a flow pattern. It may stand for several patterns: one for each protocol of a list and each family that its addresses allow.
 * @throws InputError with the column in the text where `position` has none.
 */
export function parseFlowPatterns(text: string, position: InputPosition = {}): readonly FlowPattern[] {
  const wordErrors: FlowErrors = new FlowErrors({});
  const fail = (column: number, message: string): never => {
    throw new InputError(`flow "${text}", column ${column}: ${message}`, position);
  };
  try {
    const [direction, protocolWord, source, arrow, destination, ...pairs] = flowWords(text, wordErrors);
    const end = text.trimEnd().length + 1;
    for (const [word, what] of [
      [direction, '"in" or "out"'],
      [protocolWord, "a protocol"],
      [source, "the source"],
      [arrow, '">" and the destination'],
      [destination, "the destination"],
    ] as const) {
      if (word === undefined || word.pair !== undefined) fail(word?.column ?? end, `expected ${what}, as in: ${EXAMPLE}`);
    }
    const way = direction?.text.toLowerCase();
    if (way !== "in" && way !== "out") return fail(direction?.column ?? 1, `expected "in" or "out", found "${direction?.text}"`);
    if (arrow?.text !== ">") fail(arrow?.column ?? end, `expected ">" between source and destination, found "${arrow?.text}"`);
    const from = endOf(source, fail);
    const to = endOf(destination, fail);
    const [local, remote] = way === "in" ? [to, from] : [from, to];
    const any = new Set<WhoKey>();
    const profiles = profilesOf(pairs, any, fail);
    const kept = pairs.filter((word) => !isWild(word));
    const list = protocolsOf(protocolWord, fail);
    const told = kept.filter((word) => !(word.pair?.key.toLowerCase() === "profile")).map(({ text: word }) => word);
    const found = list.flatMap((protocol) =>
      familiesOf(protocol, kept, local, remote).flatMap((family): FlowPattern[] => {
        // 253 is kept for experiments (RFC 3692): nobody's conditions name it.
        const spec = parseFlow([way, protocol === "any" ? 253 : protocol, "*", ">", "*", ...told].join(" "));
        return [
          {
            text,
            position,
            direction: way,
            protocol,
            family,
            ...(local.addresses === undefined ? {} : { localAddress: local.addresses[family] ?? [] }),
            ...(remote.addresses === undefined ? {} : { remoteAddress: remote.addresses[family] ?? [] }),
            ...(local.ports === undefined ? {} : { localPort: local.ports }),
            ...(remote.ports === undefined ? {} : { remotePort: remote.ports }),
            ...(profiles === undefined ? {} : { profile: profiles }),
            told: spec,
            any,
          },
        ];
      }),
    );
    if (found.length === 0) fail(source?.column ?? 1, "expected addresses of one family at both ends, and the protocol's");
    return found;
  } catch (error) {
    // What parseFlow found, with the suite's place.
    if (error instanceof InputError && error.position !== position) {
      throw new InputError(
        error.message.startsWith("flow ") ? `flow "${text}": ${error.message.replace(/^flow, column \d+: /, "")}` : error.message,
        position,
      );
    }
    throw error;
  }
}

function isWild({ pair }: FlowWord): boolean {
  return pair !== undefined && !pair.value.quoted && /^(any|\*)$/i.test(pair.value.text);
}

function profilesOf(
  pairs: readonly FlowWord[],
  any: Set<WhoKey>,
  fail: (column: number, message: string) => never,
): readonly Profile[] | undefined {
  let profiles: readonly Profile[] | undefined;
  for (const word of pairs) {
    const key = word.pair?.key.toLowerCase();
    if (isWild(word)) {
      if (key === "app" || key === "user" || key === "package" || key === "if") any.add(key);
      else if (key === "service" || key === "groups") any.add("user");
      else if (key !== "profile") fail(word.column, `expected any with app=, user=, package=, if= or profile= only`);
      continue;
    }
    if (key !== "profile") continue;
    const names: readonly Profile[] = ["none", "public", "private", "domain"];
    profiles = (word.pair?.value.text ?? "")
      .split(",")
      .map(
        (name) =>
          names.find((known) => known === name.trim().toLowerCase()) ??
          fail(
            word.pair?.value.column ?? word.column,
            `profile: expected ${PROFILE_NAMES.names.join(", ")}, found "${name}"${didYouMean(name, PROFILE_NAMES.names)}`,
          ),
      );
  }
  return profiles;
}

function protocolsOf(word: FlowWord | undefined, fail: (column: number, message: string) => never): readonly (number | "any")[] {
  if (word === undefined) return [];
  return word.text.split(",").map((name) => {
    if (name.toLowerCase() === "any" || name === "*") return "any";
    const number = PROTOCOL_NAMES.valueOf(name) ?? (/^\d{1,3}$/.test(name) && Number(name) < 256 ? Number(name) : undefined);
    return (
      number ??
      fail(
        word.column,
        `expected a protocol (any, ${PROTOCOL_NAMES.names.join(", ")}, or 0 to 255), found "${name}"${didYouMean(name, PROTOCOL_NAMES.names)}`,
      )
    );
  });
}

function familiesOf(protocol: number | "any", pairs: readonly FlowWord[], local: End, remote: End): readonly (4 | 6)[] {
  const told = pairs.find(({ pair }) => pair?.key.toLowerCase() === "family")?.pair?.value.text;
  return ([4, 6] as const).filter((family) => {
    if (told !== undefined && told !== String(family)) return false;
    if ((protocol === 58 && family === 4) || (protocol === 1 && family === 6)) return false;
    const has = ({ addresses }: End) => addresses === undefined || (addresses[family]?.length ?? 0) > 0;
    return has(local) && has(remote);
  });
}

/** `ADDRESSES`, `ADDRESSES:PORTS` or `[V6]:PORTS`; both lists with commas; `any` or `*` for either. */
function endOf(word: FlowWord | undefined, fail: (column: number, message: string) => never): End {
  if (word === undefined) return {};
  const { text, column } = word;
  const [addresses, ports] = splitEnd(text);
  return {
    ...(addresses === undefined || /^(any|\*)$/i.test(addresses)
      ? {}
      : { addresses: addressesOf(addresses, (message) => fail(column, message)) }),
    ...(ports === undefined || /^(any|\*)$/i.test(ports) ? {} : { ports: portsOf(ports, (message) => fail(column, message)) }),
  };
}

function splitEnd(text: string): readonly [string | undefined, string | undefined] {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) return [bracketed[1], bracketed[2]];
  const colons = text.split(":").length - 1;
  // More than one colon without brackets is IPv6 addresses without ports.
  if (colons !== 1) return [text, undefined];
  const [addresses, ports] = text.split(":");
  return [addresses, ports];
}

function addressesOf(text: string, fail: (message: string) => never): Partial<Record<4 | 6, Ranges>> {
  const found: Record<4 | 6, NumberRange[]> = { 4: [], 6: [] };
  for (const part of text.split(",").map((item) => item.trim())) {
    const named = NAMED[part.toLowerCase()];
    if (named !== undefined) {
      found[4].push(...named[4]);
      found[6].push(...named[6]);
      continue;
    }
    const [first = "", last, ...rest] = part.split("-");
    const low = numberOfAddress(first);
    const high = last === undefined ? undefined : numberOfAddress(last);
    if (low !== undefined && high !== undefined && low.family === high.family && low.value <= high.value && rest.length === 0) {
      found[low.family].push({ low: low.value, high: high.value });
      continue;
    }
    const block = cidr(part);
    if (block === undefined) {
      return fail(
        `expected addresses (10.0.0.0/8, 10.0.0.1-10.0.0.9, [fe80::/10]:443, ${Object.keys(NAMED).join(", ")}, any), found "${part}"${didYouMean(part, Object.keys(NAMED))}`,
      );
    }
    found[block.family].push(block.range);
  }
  return { ...(found[4].length === 0 ? {} : { 4: normal(found[4]) }), ...(found[6].length === 0 ? {} : { 6: normal(found[6]) }) };
}

function portsOf(text: string, fail: (message: string) => never): Ranges {
  return normal(
    text.split(",").map((part) => {
      const [, first, last = first] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part) ?? [];
      const [low, high] = [Number(first), Number(last)];
      if (first === undefined || low > high || high > 65535) return fail(`expected ports (443, 80,443, 5000-5010, any), found "${part}"`);
      return { low: BigInt(low), high: BigInt(high) };
    }),
  );
}
