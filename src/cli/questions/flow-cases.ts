import {
  complement,
  type FlowPattern,
  type FlowSpec,
  type IpAddress,
  type NumberRange,
  normal,
  type Profile,
  parseAddress,
  sameAddress,
} from "../../model/index.ts";
import { ICMP_ERRORS } from "../../stack/index.ts";
import { addressNumber, addressOf } from "../suite/value-classes.ts";

type Ranges = readonly NumberRange[];

/** Flows of a pattern that the stack treats alike, so that the fields it derives (types of addresses, flags) have one value for all. */
export interface FlowCase {
  readonly pattern: FlowPattern;
  /** One of them, with every part that is open filled in. */
  readonly flow: FlowSpec;
  readonly localAddress: Ranges;
  readonly remoteAddress: Ranges;
  /** Of ICMP that is not told: errors and other messages take different ways through the layers. */
  readonly icmp?: { readonly kind: "messages" | "errors" } & IcmpRanges;
}

/** Types and codes of ICMP messages. */
export interface IcmpRanges {
  readonly types: Ranges;
  readonly codes: Ranges;
}

const BYTES: Ranges = [{ low: 0n, high: 255n }];

const TOP = { 4: (1n << 32n) - 1n, 6: (1n << 128n) - 1n } as const;
const number = (text: string) => addressNumber(parseAddress(text));
const span = (low: string, high: string): NumberRange => ({ low: number(low), high: number(high) });

const LOOPBACK = { 4: [span("127.0.0.0", "127.255.255.255")], 6: [span("::1", "::1")] } as const;
const MULTICAST = {
  4: [span("224.0.0.0", "239.255.255.255")],
  6: [span("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")],
} as const;
const BROADCAST = { 4: [span("255.255.255.255", "255.255.255.255")], 6: [] } as const;
/** Nobody's: unspecified, and the rest of 0/8 and 240/4. */
const NOBODY = {
  4: [span("0.0.0.0", "0.255.255.255"), span("240.0.0.0", "255.255.255.254")],
  6: [span("::", "::")],
} as const;

/** Addresses of the machine that is asked about, where nobody tells. */
const OWN = { 4: "10.0.0.5", 6: "2001:db8::5" } as const;
const ORDINARY = {
  4: ["203.0.113.9", "10.0.0.9", "192.168.1.9", "172.16.0.9", "8.8.8.8"],
  6: ["2001:db8:ffff::9", "2606:4700::9", "fe80::9", "fd00::9"],
} as const;

function unicast(family: 4 | 6): Ranges {
  return complement([...LOOPBACK[family], ...MULTICAST[family], ...BROADCAST[family], ...NOBODY[family]], TOP[family]);
}

function both(a: Ranges, b: Ranges): Ranges {
  return normal(
    a.flatMap((one) =>
      b.flatMap((other) => {
        const low = one.low > other.low ? one.low : other.low;
        const high = one.high < other.high ? one.high : other.high;
        return low <= high ? [{ low, high }] : [];
      }),
    ),
  );
}

/** An address that people know of a set, else one from its inside; not `besides` if there is another one. */
function memberOf(ranges: Ranges, family: 4 | 6, preferred: readonly string[], besides?: IpAddress): IpAddress {
  if (besides !== undefined) {
    const taken = addressNumber(besides);
    const others = both(ranges, complement([{ low: taken, high: taken }], TOP[family]));
    if (others.length > 0) return memberOf(others, family, preferred);
  }
  const known = preferred.map(number).find((value) => ranges.some(({ low, high }) => low <= value && value <= high));
  const widest = ranges.reduce(
    (best, range) => (range.high - range.low > best.high - best.low ? range : best),
    ranges[0] ?? { low: 0n, high: 0n },
  );
  return addressOf(known ?? (widest.high - widest.low > 9n ? widest.low + 9n : widest.low), family);
}

/** One flow's ends: two addresses where there are two, for what a host says to its own address is loopback. */
function endsOf(local: Ranges, remote: Ranges, family: 4 | 6, isLoopback: boolean): readonly [IpAddress, IpAddress] {
  const here = memberOf(local, family, [OWN[family], ...ORDINARY[family]]);
  const there = memberOf(remote, family, ORDINARY[family], isLoopback ? undefined : here);
  if (isLoopback || !sameAddress(here, there)) return [here, there];
  return [memberOf(local, family, [OWN[family], ...ORDINARY[family]], there), there];
}

/** Messages and errors of ICMP, where the type is open; else nothing to tell apart. */
function icmpKinds(
  { protocol, told }: FlowPattern,
  { types, codes }: IcmpRanges,
): readonly (Pick<FlowCase, "icmp"> & { readonly spec: Pick<FlowSpec, "icmp"> })[] {
  if (told.icmp !== undefined || (protocol !== 1 && protocol !== 58)) return [{ spec: {} }];
  const errors = [...ICMP_ERRORS[protocol]].map((type): NumberRange => ({ low: BigInt(type), high: BigInt(type) }));
  const kinds = { messages: both(types, complement(errors, 255n)), errors: both(types, normal(errors)) };
  return (["messages", "errors"] as const).flatMap((kind) => {
    const [first] = kinds[kind];
    return first === undefined ? [] : [{ icmp: { kind, types: kinds[kind], codes }, spec: { icmp: { type: Number(first.low), code: 0 } } }];
  });
}

/** The cases of a pattern: by network profile, by the kind of its addresses, and by the way through the layers. */
export function* flowCases(pattern: FlowPattern, asked: IcmpRanges = { types: BYTES, codes: BYTES }): Generator<FlowCase> {
  const { family, direction, told } = pattern;
  const all: Ranges = [{ low: 0n, high: TOP[family] }];
  const [local, remote] = [pattern.localAddress ?? all, pattern.remoteAddress ?? all];
  const own = unicast(family);
  const isMany = pattern.protocol !== 6;
  const kinds: readonly (readonly [local: Ranges, remote: Ranges])[] = [
    [own, own],
    [LOOPBACK[family], LOOPBACK[family]],
    // What is sent to many has no other receiver than many; TCP has one.
    ...(isMany
      ? [MULTICAST[family], BROADCAST[family]].map((many): [Ranges, Ranges] => (direction === "out" ? [own, many] : [many, own]))
      : []),
  ];
  const profiles: readonly Profile[] = told.profile !== undefined ? [told.profile] : (pattern.profile ?? ["public", "private", "domain"]);
  for (const [ofLocal, ofRemote] of kinds) {
    const localAddress = both(local, ofLocal);
    const remoteAddress = both(remote, ofRemote);
    if (localAddress.length === 0 || remoteAddress.length === 0) continue;
    const isLoopback = ofLocal === LOOPBACK[family];
    // The loopback interface is on no network, so those who ask about networks of a category do not ask about it.
    if (isLoopback && told.profile === undefined && pattern.profile?.includes("none") === false) continue;
    for (const { icmp, spec: message } of icmpKinds(pattern, asked)) {
      for (const profile of isLoopback ? [told.profile ?? ("none" as const)] : profiles) {
        const [here, there] = endsOf(localAddress, remoteAddress, family, isLoopback);
        const spec: FlowSpec = {
          ...told,
          ...message,
          direction,
          family,
          protocol: pattern.protocol === "any" ? told.protocol : pattern.protocol,
          localAddress: here,
          remoteAddress: there,
          ...(isLoopback && told.profile === undefined && pattern.profile === undefined ? {} : { profile }),
        };
        yield { pattern, flow: spec, localAddress, remoteAddress, ...(icmp === undefined ? {} : { icmp }) };
      }
    }
  }
}

/** Whether a case is about what a host says to itself. */
export function isLoopbackCase({ pattern: { family }, localAddress }: FlowCase): boolean {
  return both(localAddress, LOOPBACK[family]).length > 0;
}

/** Cases about the same addresses, which differ in the network's profile only. */
export function groupsOf(cases: Iterable<FlowCase>): readonly (readonly FlowCase[])[] {
  const groups = new Map<string, FlowCase[]>();
  for (const flowCase of cases) {
    const ranges = [...flowCase.localAddress, ...flowCase.remoteAddress, ...(flowCase.icmp?.types ?? [])];
    const text = ranges.map(({ low, high }) => `${low}-${high}`).join(" ");
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [flowCase]);
    else group.push(flowCase);
  }
  return [...groups.values()];
}

/** Whether a flow is what the host says to its own address, in a case about what goes from host to host. */
export function isOutside(flowCase: FlowCase, { localAddress, remoteAddress }: FlowSpec): boolean {
  const { flow: own } = flowCase;
  if (isLoopbackCase(flowCase)) return false;
  const isSelf = (a: IpAddress | undefined, b: IpAddress | undefined) => a !== undefined && b !== undefined && sameAddress(a, b);
  return isSelf(localAddress, remoteAddress) && !isSelf(own.localAddress, own.remoteAddress);
}
