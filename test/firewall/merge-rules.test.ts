import { describe, expect, it } from "vitest";
import { configOfRules, DEFAULT_PROFILE_SETTINGS, findMerged, mergeRules, rulesInForce } from "../../src/firewall/index.ts";
import {
  type FirewallImport,
  type FirewallRule,
  type ImportedProfile,
  type ImportedRule,
  parseRuleAddresses,
  type RuleStore,
} from "../../src/model/index.ts";
import { ETHERNET, firewallRule, lab, only } from "./lab.ts";

const OPTIONS = { windows: "11" } as const;

function stored(store: RuleStore, rule: Partial<FirewallRule>, more: Partial<ImportedRule> = {}): ImportedRule {
  return { rule: firewallRule(rule), store, version: "2.31", platforms: [], extras: [], file: "rules.reg", line: 1, policy: null, ...more };
}

const file = (rules: readonly ImportedRule[], profiles: readonly Omit<ImportedProfile, "file" | "line">[] = []): FirewallImport => ({
  source: "rules.reg",
  format: "reg",
  rules,
  profiles: profiles.map((one) => ({ ...one, file: "rules.reg", line: 1 })),
  diagnostics: [],
});

describe("rules of several stores", () => {
  it("add up, whichever store they are in", () => {
    const merged = mergeRules(
      [file([stored("local", { id: "a" })]), file([stored("group-policy", { id: "b" }), stored("mdm", { id: "c" })])],
      OPTIONS,
    );
    expect(rulesInForce(merged).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("keep apart what has one id in two stores", () => {
    const merged = mergeRules([file([stored("local", { id: "a" }), stored("group-policy", { id: "a", protocol: 6 })])], OPTIONS);
    expect(rulesInForce(merged).map(({ id }) => id)).toEqual(["a", "group-policy:a"]);
  });

  it("of a later file replace those of the same store and id, as group policy objects do", () => {
    const first = file([stored("group-policy", { id: "a", name: "Old" }), stored("group-policy", { id: "b" })]);
    const second = file([stored("group-policy", { id: "A", name: "New", protocol: 6 }), stored("local", { id: "b", protocol: 17 })]);
    const merged = mergeRules([first, second], OPTIONS);
    expect(merged.rules.map(({ rule, reason }) => [rule.id, rule.name, reason])).toEqual([
      ["a", "Old", "replaced"],
      ["b", expect.anything(), undefined],
      ["A", "New", undefined],
      ["local:b", expect.anything(), undefined],
    ]);
    expect(rulesInForce(mergeRules([first, structuredClone(first)], OPTIONS)).map(({ id }) => id)).toEqual(["a", "b"]);
    // netsh's text has names in the place of ids, which rules may share.
    const text = { ...first, format: "netsh" } as const;
    expect(mergeRules([text, { ...second, format: "netsh" }], OPTIONS).rules.every(({ reason }) => reason === undefined)).toBe(true);
  });

  it("get the addresses of the lists they refer to, if all of them are known", () => {
    const known = { id: "{1}", name: "Branches", addresses: parseRuleAddresses("10.1.0.0/16") ?? null };
    const resolved = { id: "{2}", name: "name.example", addresses: null };
    const rules = [
      stored("mdm", { id: "known", dynamicAddresses: ["{1}"], remoteAddresses: parseRuleAddresses("192.0.2.1") ?? [] }),
      stored("mdm", { id: "resolved", dynamicAddresses: ["{1}", "{2}"] }),
      stored("mdm", { id: "unknown", dynamicAddresses: ["{3}"] }),
    ];
    const merged = mergeRules([{ ...file(rules), keywords: [known, resolved] }], OPTIONS);
    expect(merged.rules.map(({ rule }) => [rule.remoteAddresses?.length, rule.dynamicAddresses?.length])).toEqual([
      [2, undefined],
      [undefined, 2],
      [undefined, 1],
    ]);
  });

  it("do not become rules for every program where they are for those with a tag", () => {
    const merged = mergeRules([file([stored("mdm", { id: "a" }, { extras: ["PolicyAppId=Tag1"] })])], OPTIONS);
    expect(merged.rules).toMatchObject([{ reason: "not-understood", detail: expect.stringContaining("PolicyAppId (Tag1)") }]);
    expect(rulesInForce(merged)).toEqual([]);
  });

  it("are told from copies of themselves", () => {
    const rules = [
      stored("local", { id: "a", protocol: 6 }),
      stored("group-policy", { id: "b", name: "Copy", protocol: 6 }),
      stored("mdm", { id: "c" }),
    ];
    expect(mergeRules([file(rules)], OPTIONS).rules.map(({ duplicateOf }) => duplicateOf)).toEqual([undefined, "a", undefined]);
  });

  it("of the local store do not count where group policy forbids to merge them, and only there (AllowLocalPolicyMerge)", () => {
    const forbid = { profile: "public", store: "group-policy", settings: {}, allowLocalRules: false } as const;
    const rules = [
      stored("local", { id: "all" }),
      stored("local", { id: "public", profiles: ["public"] }),
      stored("group-policy", { id: "gp" }),
    ];
    const merged = mergeRules([file(rules, [forbid])], OPTIONS);
    expect(merged.rules.map(({ rule, reason }) => [rule.id, reason, rule.profiles])).toEqual([
      ["all", undefined, ["domain", "private"]],
      ["public", "not-merged", []],
      ["gp", undefined, ["domain", "private", "public"]],
    ]);
    expect(merged.profiles.filter(({ allowLocalRules }) => !allowLocalRules).map(({ profile }) => profile)).toEqual(["public"]);
  });

  it("cannot be forbidden by the local store itself", () => {
    const merged = mergeRules(
      [file([stored("local", {})], [{ profile: "public", store: "local", settings: {}, allowLocalRules: false }])],
      OPTIONS,
    );
    expect(rulesInForce(merged)).toHaveLength(1);
  });

  it.each([
    ["for another Windows", { platforms: [{ platform: 2, major: 6, minor: 1, orLater: false }] }, {}, "platform"],
    ["with a variable nobody defines", {}, { program: "%Nowhere%\\app.exe" }, "not-understood"],
    ["for a service and for users", {}, { service: "dnscache", localUsers: "O:LSD:(A;;CC;;;WD)" }, "not-understood"],
  ] as const)("%s: is left out, and said to be", (_, more, rule, reason) => {
    const merged = mergeRules([file([stored("local", rule, more)])], OPTIONS);
    expect(merged.rules[0]?.reason).toBe(reason);
    expect(merged.rules[0]?.detail).toBeTruthy();
    expect(rulesInForce(merged)).toEqual([]);
  });

  it("of AppContainers are not compiled one by one", () => {
    expect(mergeRules([file([stored("app-isolation", {})])], OPTIONS).rules[0]?.reason).toBe("app-isolation");
  });

  it("of services harden them: a block of everything is for all such services, others stand for themselves", () => {
    const rules = [
      stored("service-static", { id: "in", action: "block", service: "w32time" }),
      stored("service-configurable", { id: "out", action: "block", direction: "out", service: "dhcp" }),
      stored("service-static", { id: "udp", direction: "out", service: "dhcp", protocol: 17 }),
      stored("service-static", { id: "off", action: "block", service: "spooler", enabled: false }),
    ];
    const { hardening, rules: merged } = mergeRules([file(rules)], OPTIONS);
    expect(hardening).toMatchObject({ inboundServices: ["w32time"], outboundServices: ["dhcp"] });
    expect(hardening.rules.map(({ id }) => id)).toEqual(["udp"]);
    expect(merged.every(({ reason }) => reason === undefined)).toBe(true);
  });

  it("are found by id or name", () => {
    const merged = mergeRules([file([stored("local", { id: "Web-In", name: "Web server" })])], OPTIONS);
    expect(findMerged(merged, "web-in").rule.id).toBe("Web-In");
    expect(findMerged(merged, "WEB SERVER").rule.id).toBe("Web-In");
    expect(() => findMerged(merged, "Web servr")).toThrow('no rule is called "Web servr" - did you mean "Web server"?');
  });
});

describe("settings of several stores", () => {
  const outbound = (store: "local" | "mdm" | "group-policy", action: "allow" | "block") =>
    ({ profile: "public", store, settings: { defaultOutboundAction: action } }) as const;

  it("are the defaults where nobody says", () => {
    for (const { settings, sources } of mergeRules([file([])], OPTIONS).profiles) {
      expect(settings).toEqual(DEFAULT_PROFILE_SETTINGS);
      expect(new Set(Object.values(sources))).toEqual(new Set(["default"]));
    }
  });

  it("are group policy's before MDM's before local ones, each by itself and in any order of files", () => {
    const stealth = { profile: "public", store: "local", settings: { stealth: false } } as const;
    const settingsOf = (...profiles: Omit<ImportedProfile, "file" | "line">[]) =>
      mergeRules([file([], profiles)], OPTIONS).profiles.find(({ profile }) => profile === "public");
    expect(settingsOf(outbound("group-policy", "block"), outbound("mdm", "allow"), outbound("local", "allow"), stealth)).toMatchObject({
      settings: { defaultOutboundAction: "block", stealth: false, enabled: true },
      sources: { defaultOutboundAction: "group-policy", stealth: "local", enabled: "default" },
    });
    expect(settingsOf(outbound("local", "allow"), outbound("mdm", "block"))?.sources.defaultOutboundAction).toBe("mdm");
  });

  it("become filters, with what the caller says of the machine", () => {
    const rules = [stored("local", { id: "web", protocol: 6, localPorts: only(80) })];
    const merged = mergeRules([file(rules, [outbound("group-policy", "block")])], OPTIONS);
    const config = configOfRules(merged, { ...OPTIONS, profiles: ["public"], interfaces: [ETHERNET] });
    const machine = lab(config);
    expect(machine.verdict("accept", { localPort: 80 })).toBe("permit web");
    expect(machine.ask("connect", { remotePort: 443 }).decision.verdict).toBe("block");
    expect(configOfRules(merged, OPTIONS).activeProfiles).toHaveLength(3);
  });
});
