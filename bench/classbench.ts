import type { Random } from "./random.ts";

/** A rule over five fields, as the research on packet classification has them (Taylor and Turner, "ClassBench", 2005). */
export interface FiveTuple {
  readonly source: { readonly address: number; readonly length: number };
  readonly destination: { readonly address: number; readonly length: number };
  readonly sourcePort: readonly [low: number, high: number];
  readonly destinationPort: readonly [low: number, high: number];
  /** null: any. */
  readonly protocol: number | null;
}

/** Mixes of rules by what they are for; our own generator after ClassBench's three seeds: access lists, firewalls, IP chains. */
export type RuleMix = "acl" | "fw" | "ipc";

interface Shape {
  /** Shares of prefix lengths: any, short (8 to 16), medium (17 to 24), long (25 to 31), whole addresses. */
  readonly source: readonly number[];
  readonly destination: readonly number[];
  readonly sourcePorts: readonly number[];
  readonly destinationPorts: readonly number[];
  readonly anyProtocol: number;
}

/** Shares of ports: any, above 1023, a range, one. */
const SHAPES: Readonly<Record<RuleMix, Shape>> = {
  acl: {
    source: [0.08, 0.05, 0.3, 0.17, 0.4],
    destination: [0.01, 0.02, 0.17, 0.2, 0.6],
    sourcePorts: [1, 0, 0, 0],
    destinationPorts: [0.1, 0.1, 0.15, 0.65],
    anyProtocol: 0.05,
  },
  fw: {
    source: [0.35, 0.05, 0.15, 0.1, 0.35],
    destination: [0.3, 0.05, 0.15, 0.1, 0.4],
    sourcePorts: [0.6, 0.1, 0.1, 0.2],
    destinationPorts: [0.3, 0.1, 0.2, 0.4],
    anyProtocol: 0.2,
  },
  ipc: {
    source: [0.12, 0.08, 0.25, 0.2, 0.35],
    destination: [0.12, 0.08, 0.25, 0.2, 0.35],
    sourcePorts: [0.7, 0.05, 0.05, 0.2],
    destinationPorts: [0.4, 0.1, 0.1, 0.4],
    anyProtocol: 0.15,
  },
};

const PORTS = [21, 22, 23, 25, 53, 80, 110, 123, 135, 139, 143, 161, 389, 443, 445, 514, 1433, 1521, 3306, 3389, 5432, 8080];

function choice(random: Random, shares: readonly number[]): number {
  let left = random.below(1_000_000) / 1_000_000;
  for (const [index, share] of shares.entries()) {
    left -= share;
    if (left < 0) return index;
  }
  return shares.length - 1;
}

/** Addresses cluster: a few hundred networks hold most of them. */
function prefix(random: Random, shares: readonly number[], networks: readonly number[]): FiveTuple["source"] {
  const kind = choice(random, shares);
  if (kind === 0) return { address: 0, length: 0 };
  const length = kind === 1 ? 8 + random.below(9) : kind === 2 ? 17 + random.below(8) : kind === 3 ? 25 + random.below(7) : 32;
  const address = (random.pick(networks) | random.below(1 << 16)) >>> 0;
  return { address: (address & (length === 32 ? -1 : ~(0xffffffff >>> length))) >>> 0, length };
}

function ports(random: Random, shares: readonly number[]): readonly [number, number] {
  const kind = choice(random, shares);
  if (kind === 0) return [0, 65535];
  if (kind === 1) return [1024, 65535];
  if (kind === 2) {
    const low = random.below(60_000);
    return [low, low + 1 + random.below(4000)];
  }
  const port = random.chance(0.8) ? random.pick(PORTS) : random.below(65536);
  return [port, port];
}

/** `count` different rules, the first one asked first. */
export function classBenchRules(mix: RuleMix, count: number, random: Random): readonly FiveTuple[] {
  const shape = SHAPES[mix];
  const networks = Array.from({ length: Math.max(16, count >> 5) }, () => (random.below(1 << 16) << 16) >>> 0);
  const rules: FiveTuple[] = [];
  const seen = new Set<string>();
  while (rules.length < count) {
    const rule: FiveTuple = {
      source: prefix(random, shape.source, networks),
      destination: prefix(random, shape.destination, networks),
      sourcePort: ports(random, shape.sourcePorts),
      destinationPort: ports(random, shape.destinationPorts),
      protocol: random.chance(shape.anyProtocol) ? null : random.pick([6, 6, 6, 17, 17, 1]),
    };
    const text = JSON.stringify(rule);
    if (seen.has(text)) continue;
    // Rule sets have few rules for everything, and those last: the seeds have shadowed rules by the hundred, not by the thousand.
    const bits = 64 - rule.source.length - rule.destination.length;
    const isWide = bits > 36 || (bits > 28 && rule.destinationPort[1] - rule.destinationPort[0] > 20_000);
    if (isWide && (rules.length < count * 0.98 || random.chance(0.5))) continue;
    seen.add(text);
    rules.push(rule);
  }
  return rules;
}
