import { type FlowPattern, type FlowSpec, type NumberRange, type Profile, parseAddress, type Sid } from "../../model/index.ts";
import type { PolicyConstants } from "./policy-constants.ts";
import { addressNumber, addressOf, classesOf, difference } from "./value-classes.ts";

type Ranges = readonly NumberRange[];

/** What a flow pattern may leave open, in the order in which it is settled. */
export const DIMENSIONS = [
  "profile",
  "localPort",
  "remotePort",
  "icmp",
  "remoteAddress",
  "localAddress",
  "if",
  "app",
  "package",
  "user",
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** One way to settle a dimension. */
export interface Choice {
  /** What the flow then says. */
  readonly spec: Partial<FlowSpec>;
  /** The values it stands for, where they are numbers. */
  readonly ranges?: Ranges;
  /** The value it stands for, where it is none. */
  readonly value?: string;
  /** False where the choices do not exhaust what there is. */
  readonly exhaustive: boolean;
}

export interface DimensionContext {
  readonly pattern: FlowPattern;
  readonly constants: PolicyConstants;
  /** Patterns at whose edges classes must end: the exceptions of an invariant. */
  readonly edges: readonly FlowPattern[];
}

const ALL_PORTS: NumberRange = { low: 0n, high: 65535n };
const TOP = { 4: (1n << 32n) - 1n, 6: (1n << 128n) - 1n } as const;
const number = (text: string) => addressNumber(parseAddress(text));
const block = (low: string, high: string): NumberRange => ({ low: number(low), high: number(high) });
const one = (text: string): NumberRange => block(text, text);

/** Addresses that the stack itself treats in ways of their own (WFP-SHIMS 4.1: address types, loopback). */
const OWN_WAYS = {
  4: [one("0.0.0.0"), block("127.0.0.0", "127.255.255.255"), block("224.0.0.0", "239.255.255.255"), one("255.255.255.255")],
  6: [
    one("::"),
    one("::1"),
    block("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    block("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
  ],
} as const;

const LOOPBACK = { 4: [block("127.0.0.0", "127.255.255.255")], 6: [one("::1")] } as const;
const NO_SENDER = {
  4: [block("0.0.0.0", "0.255.255.255"), ...LOOPBACK[4], block("224.0.0.0", "255.255.255.255")],
  6: [one("::"), ...LOOPBACK[6], block("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")],
} as const;
const NO_RECEIVER = { 4: [one("0.0.0.0"), ...LOOPBACK[4]], 6: [one("::"), ...LOOPBACK[6]] } as const;

const KNOWN_PORTS = [443n, 445n, 3389n, 80n, 53n, 22n, 135n, 5985n, 8080n, 50_000n];
const KNOWN_ADDRESSES = {
  4: ["203.0.113.9", "10.0.0.9", "192.168.1.9", "172.16.0.9", "8.8.8.8", "127.0.0.1", "169.254.7.9", "224.0.0.251"].map(number),
  6: ["2001:db8:ffff::9", "2001:db8::9", "2606:4700::9", "fe80::9", "::1", "fd00::9", "ff02::fb"].map(number),
} as const;

/** An account of nobody's, outside all groups; a program of nobody's; a package of nobody's; an interface of nobody's. */
export const ORDINARY_USER: Sid = "S-1-5-21-1-2-3-1001";
/** NETWORK SERVICE, as which most services run that the network reaches. */
export const SERVICE_USER: Sid = "S-1-5-20";
const OTHER_PROGRAM = "\\device\\harddiskvolume3\\any other program.exe";
const OTHER_PACKAGE: Sid = "S-1-15-2-1-2-3-4-5-6-7";
const OTHER_LUID = 0x0006_00ff_ff00_0000n;
const LUIDS = ["IP_LOCAL_INTERFACE", "IP_ARRIVAL_INTERFACE", "IP_NEXTHOP_INTERFACE"] as const;
/** internetClient, internetClientServer, privateNetworkClientServer. */
const NETWORK_CAPABILITIES: readonly Sid[] = ["S-1-15-3-1", "S-1-15-3-2", "S-1-15-3-3"];

/** The values that `dimension` may have by the pattern: undefined where it is settled or does not exist for the protocol. */
export function openValues(dimension: Dimension, context: DimensionContext): (() => readonly Choice[]) | undefined {
  const values = valuesOf(dimension, context);
  if (values === undefined) return undefined;
  // Every part of a pattern has the same ones.
  let known: readonly Choice[] | undefined;
  return () => {
    known ??= values();
    return known;
  };
}

function valuesOf(dimension: Dimension, { pattern, constants, edges }: DimensionContext): (() => readonly Choice[]) | undefined {
  const { family, direction, told, any } = pattern;
  const hasPorts = pattern.protocol === 6 || pattern.protocol === 17;
  switch (dimension) {
    case "localPort":
    case "remotePort": {
      if (!hasPorts) return undefined;
      const field = dimension === "localPort" ? "IP_LOCAL_PORT" : "IP_REMOTE_PORT";
      const set = pattern[dimension] ?? [ALL_PORTS];
      const cuts = [...constants.ranges(field, family), ...edges.flatMap((edge) => edge[dimension] ?? [])];
      return () =>
        classesOf(set, cuts, KNOWN_PORTS).map(({ ranges, representative }) => ({
          spec: { [dimension]: Number(representative) },
          ranges,
          exhaustive: constants.isExact(field, family),
        }));
    }
    case "localAddress":
    case "remoteAddress": {
      const field = dimension === "localAddress" ? "IP_LOCAL_ADDRESS" : "IP_REMOTE_ADDRESS";
      const sends = (direction === "in") === (dimension === "remoteAddress");
      const all = difference([{ low: 0n, high: TOP[family] }], sends ? NO_SENDER[family] : NO_RECEIVER[family], TOP[family]);
      const set = pattern[dimension] ?? all;
      const other = dimension === "localAddress" ? pattern.remoteAddress : pattern.localAddress;
      const cuts = [
        ...constants.ranges(field, family),
        ...OWN_WAYS[family],
        ...(other ?? []).filter(({ low, high }) => low === high),
        ...edges.filter((edge) => edge.family === family).flatMap((edge) => edge[dimension] ?? []),
      ];
      return () =>
        classesOf(set, cuts, KNOWN_ADDRESSES[family]).map(({ ranges, representative }) => ({
          spec: { [dimension]: addressOf(representative, family) },
          ranges,
          exhaustive: constants.isExact(field, family),
        }));
    }
    case "icmp": {
      if ((pattern.protocol !== 1 && pattern.protocol !== 58) || told.icmp !== undefined) return undefined;
      const bytes = [{ low: 0n, high: 255n }];
      const typeFields = ["IP_LOCAL_PORT", "ORIGINAL_ICMP_TYPE"] as const;
      const types = classesOf(
        bytes,
        typeFields.flatMap((field) => constants.ranges(field, family)),
        [],
      );
      const codes = classesOf(bytes, constants.ranges("IP_REMOTE_PORT", family), []);
      const exhaustive = [...typeFields, "IP_REMOTE_PORT" as const].every((field) => constants.isExact(field, family));
      return () =>
        types.flatMap((type) =>
          codes.map((code) => ({
            spec: { icmp: { type: Number(type.representative), code: Number(code.representative) } },
            exhaustive,
          })),
        );
    }
    case "profile": {
      if (told.profile !== undefined) return undefined;
      const profiles: readonly Profile[] = pattern.profile ?? ["public", "private", "domain"];
      return () => profiles.map((profile) => ({ spec: { profile }, value: profile, exhaustive: true }));
    }
    case "app":
      if (told.app !== undefined) return undefined;
      return () =>
        [...constants.apps, OTHER_PROGRAM].map((app) => ({
          spec: { app },
          value: app,
          exhaustive: constants.isExact("ALE_APP_ID", family),
        }));
    case "package":
      return told.package === undefined ? () => packages(constants) : undefined;
    case "user":
      if (told.user !== undefined || told.groups !== undefined || told.service !== undefined) return undefined;
      return () => users(constants);
    case "if":
      if (told.interface !== undefined || !any.has("if")) return undefined;
      return () =>
        [...constants.interfaces, OTHER_LUID].map((luid) => ({
          spec: { interface: { luid } },
          value: String(luid),
          exhaustive: LUIDS.every((field) => constants.isExact(field, family)),
        }));
  }
}

/** Packages and their capabilities are too many to try each: the ones that filters name, and a stranger without and with capabilities. */
function packages(constants: PolicyConstants): readonly Choice[] {
  const inside = (sid: Sid, capabilities: readonly Sid[]): Choice => ({
    spec: { package: sid, capabilities },
    value: sid,
    exhaustive: false,
  });
  return [
    { spec: { package: null }, value: "none", exhaustive: false },
    inside(OTHER_PACKAGE, []),
    inside(OTHER_PACKAGE, NETWORK_CAPABILITIES),
    ...constants.packages.map((sid) => inside(sid, NETWORK_CAPABILITIES)),
  ];
}

/** Tokens are too many to try each: nobody in particular, and every account, group and service that filters name. */
function users(constants: PolicyConstants): readonly Choice[] {
  const accounts = constants.accounts.filter((sid) => !sid.startsWith("S-1-15-") && sid !== "S-1-1-0");
  return [
    { spec: { user: ORDINARY_USER, groups: [] }, value: "ordinary", exhaustive: false },
    ...accounts.map((sid): Choice => {
      if (sid.startsWith("S-1-5-80-")) return { spec: { service: sid, user: SERVICE_USER, groups: [] }, value: sid, exhaustive: false };
      const isUser = /^S-1-5-(18|19|20|21-.*)$/.test(sid);
      return { spec: isUser ? { user: sid, groups: [] } : { user: ORDINARY_USER, groups: [sid] }, value: sid, exhaustive: false };
    }),
  ];
}
