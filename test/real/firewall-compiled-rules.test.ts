import { describe, expect, it } from "vitest";
import { FIREWALL_PROFILES, type FirewallRule, PROVIDER_KEY, packageSid, parseSid, type Sid } from "../../src/model/index.ts";
import {
  compareShapes,
  filtersAt,
  HAVE_RECORDINGS,
  profileChange,
  type RecordedEvent,
  recordedEvents,
  type Shape,
  shapeText,
  text,
} from "./recorded-filters.ts";
import {
  compiledHardening,
  compiledRules,
  domainRules,
  isOfRules,
  listedRules,
  machineConfig,
  recordedMachine,
  registryRules,
} from "./recorded-rules.ts";

/** Windows 10 starts: events say which rules there are, which do not apply, and every filter that comes and goes. */
describe.skipIf(!HAVE_RECORDINGS)("rules of a recorded Windows 10 and the filters it made of them", () => {
  const events = HAVE_RECORDINGS ? recordedEvents() : [];
  const known = HAVE_RECORDINGS ? registryRules() : new Map();
  const { rules, unknown } = listedRules(events, known);
  const names = new Set(rules.map(({ name }) => name));
  const ofListed = (shape: Shape) => isOfRules(shape) && names.has(shape.name);
  const machine = HAVE_RECORDINGS ? recordedMachine(events) : { interfaces: [], volume: "" };
  /** The first of the filters that the change from public to domain brings. */
  const change = profileChange(events);
  const settled = Number(events.find(({ EventID }) => EventID === 4956)?.RecordNumber ?? 0);

  it("knows 105 of the 122 rules that the service listed", () => {
    expect([rules.length, unknown.length]).toEqual([105, 17]);
    // The others are of packages, but for one that an administrator wrote.
    expect(unknown.filter(({ name }) => !name.startsWith("@{")).map(({ name }) => name.replace(/\W.*/, ""))).toEqual([
      "windows_ie_ac_001",
      "ALL",
      "Shell",
    ]);
  });

  it("public profile: all 263 filters of the rules are equal, and there are no others", () => {
    const recorded = filtersAt(events, change).filter(ofListed);
    const { shapes, skipped } = compiledRules(machineConfig(rules, { ...machine, profile: "public" }));
    expect(compareShapes(recorded, shapes)).toEqual({ recorded: 263, equal: 263, missing: [], extra: [] });
    const reasons = [...skipped.values()];
    expect(reasons.filter((reason) => reason === "default-permits")).toHaveLength(38);
    expect(reasons.filter((reason) => reason === "nothing-to-match")).toHaveLength(28);
  });

  it("and order them as Windows does: of two filters of one layer the same weighs more", () => {
    const recorded = filtersAt(events, change).filter(ofListed);
    const pairs = pairShapes(recorded, compiledRules(machineConfig(rules, { ...machine, profile: "public" })).shapes);
    let compared = 0;
    const wrong: string[] = [];
    for (const [index, [left, ours]] of pairs.entries()) {
      for (const [other, others] of pairs.slice(index + 1)) {
        if (left.layer !== other.layer) continue;
        compared++;
        if (order(left, other) !== order(ours, others)) wrong.push(`${left.name} and ${other.name}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(compared).toBe(11_995);
    // The layers of that Windows have other fields than those whose schemas are known, so that most weights are not the same number.
    expect(pairs.filter(([left, ours]) => left.weight === ours.weight)).toHaveLength(30);
  });

  it("domain profile: all 217 filters of the rules with the same names are equal, and there are no others", () => {
    const recorded = filtersAt(events, settled).filter(ofListed);
    const { shapes } = compiledRules(machineConfig(domainRules(rules, known), { ...machine, profile: "domain" }));
    expect(compareShapes(recorded, shapes)).toEqual({ recorded: 217, equal: 217, missing: [], extra: [] });
  });

  it("rules that Windows says do not apply (4957) are those with nothing to match, the announced ones apart", () => {
    const said = new Set(events.filter(({ EventID }) => EventID === 4957).map((event) => text(event, "RuleId")));
    const { skipped } = compiledRules(machineConfig(rules, { ...machine, profile: "public" }));
    const empty = rules.filter(({ id, trustTuples }) => skipped.get(id) === "nothing-to-match" && trustTuples === undefined);
    expect(empty.map(({ id }) => id).sort()).toEqual([...said].filter((id) => rules.some((rule) => rule.id === id)).sort());
  });

  it("the administrator's own rule on all of ICMP makes the two recorded filters", () => {
    const name = unknown.find((rule) => rule.name.startsWith("ALL"))?.name ?? "";
    const recorded = filtersAt(events, change).filter((shape) => isOfRules(shape) && shape.name === name);
    const rule: FirewallRule = { ...ANY_RULE, id: "icmp", name, protocol: 1 };
    const { shapes } = compiledRules(machineConfig([rule], { ...machine, profile: "public" }));
    expect(compareShapes(recorded, shapes)).toEqual({ recorded: 2, equal: 2, missing: [], extra: [] });
  });

  it("packages: of 82 rules added (2004) two have filters, 24 of 24 equal", () => {
    const added = events.filter(({ EventID }) => EventID === 2004);
    const packageNames = new Set(added.map((event) => text(event, "RuleName")));
    const recorded = filtersAt(events, Number.POSITIVE_INFINITY).filter((shape) => isOfRules(shape) && packageNames.has(shape.name));
    // Windows keeps what capabilities open apart; of the firewall's own store are what goes out, and what comes in through tunnels.
    const own = added.filter((event) => text(event, "Direction") === "2" || text(event, "EdgeTraversal") === "1");
    const { shapes } = compiledRules(machineConfig(own.filter(isPermit).map(packageRule), { ...machine, profile: "domain" }));
    expect(added).toHaveLength(82);
    expect(compareShapes(recorded, shapes)).toEqual({ recorded: 24, equal: 24, missing: [], extra: [] });
  });

  it("hardened services: rules of the same name make equal filters, those that Windows refused apart", () => {
    const recorded = filtersAt(events, change).filter(({ provider }) => provider === PROVIDER_KEY.MPSSVC_WSH);
    const refused = new Set(events.filter(({ EventID }) => EventID === 4953).map((event) => text(event, "RuleId")));
    const { shapes, ruleNames } = compiledHardening(known, refused, { ...machine, profile: "public" });
    const both = (list: readonly Shape[]) => list.filter(({ name }) => ruleNames.has(name) && recorded.some((one) => one.name === name));
    const { recorded: count, equal, missing, extra } = compareShapes(both(recorded), both(shapes));
    const named = (list: readonly string[]) => [...new Set(list.map((line) => line.split(": ")[0]))].sort();
    expect([count, equal, missing.length, extra.length]).toEqual([186, 178, 8, 2]);
    // The other machine's Windows 11 lacks one of two services for grouping and says other ports for the second; LOM is a socket option.
    expect(named(missing)).toEqual([
      "Allow Grouping to receive from port 3587",
      "Allow Grouping to send to port 3587",
      "Allow TCP traffic from lpasvc",
      "TermServiceLOM",
    ]);
    expect(named(extra)).toEqual(["Allow TCP traffic from lpasvc"]);
  });
});

const order = (a: Shape, b: Shape): number => Number((a.weight ?? 0n) > (b.weight ?? 0n)) - Number((a.weight ?? 0n) < (b.weight ?? 0n));

/** Every recorded filter with the compiled one of its name and shape. */
function pairShapes(recorded: readonly Shape[], compiled: readonly Shape[]): [Shape, Shape][] {
  const left = [...compiled];
  return recorded.flatMap((shape) => {
    const index = left.findIndex((other) => other.name === shape.name && shapeText(other) === shapeText(shape));
    return index < 0 ? [] : left.splice(index, 1).map((other): [Shape, Shape] => [shape, other]);
  });
}

const ANY_RULE: Omit<FirewallRule, "id" | "name"> = {
  direction: "in",
  action: "allow",
  enabled: true,
  profiles: FIREWALL_PROFILES,
  protocol: "any",
};

const OWNER: Sid = parseSid("S-1-5-21-1-2-3-1001");

const isPermit = (event: RecordedEvent): boolean => text(event, "Action") === "3";

/** A rule of event 2004, which tells direction and tunnels, but the package by its name alone. */
function packageRule(event: RecordedEvent): FirewallRule {
  const name = text(event, "RuleName");
  const [family = "", , , , publisher = ""] = name.slice(2).split("?")[0]?.split("_") ?? [];
  return {
    ...ANY_RULE,
    id: text(event, "RuleId"),
    name,
    direction: text(event, "Direction") === "1" ? "in" : "out",
    package: packageSid(`${family}_${publisher}`),
    owner: OWNER,
    edgeTraversal: text(event, "EdgeTraversal") === "1" ? "allow" : "block",
  };
}
