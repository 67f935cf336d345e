import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readFirewallRules } from "../../src/sources/index.ts";

const FOLDER = "../shared/data/firewall-rules/";

function read(name: string) {
  const { rules, profiles, diagnostics, format } = readFirewallRules(readFileSync(FOLDER + name), { source: name });
  const stores: Record<string, number> = {};
  for (const { store } of rules) stores[store] = (stores[store] ?? 0) + 1;
  return { rules, profiles, format, stores, codes: diagnostics.map(({ code, count }) => [code, count]) };
}

describe.skipIf(!existsSync(FOLDER))("recorded firewall rules", () => {
  it("are read from a registry export, every key of every rule", () => {
    const { rules, format, stores, codes, profiles } = read("FirewallPolicy.reg");
    expect(format).toBe("reg");
    expect(stores).toEqual({ local: 599, "app-isolation": 809, "service-configurable": 3, "service-static": 200 });
    // One of 1,612 has a name where a protocol's number must be; of it recorded machines have no filter.
    expect(codes).toEqual([["rule", 1]]);
    expect(rules.every(({ rule }) => rule.name !== "")).toBe(true);
    expect(profiles.map(({ profile, settings }) => [profile, settings.enabled])).toEqual([
      ["domain", false],
      ["public", false],
      ["private", false],
    ]);
  });

  it("are read from a .wfw, in which nothing is unknown", () => {
    const { format, stores, codes, profiles } = read("win11.wfw");
    expect([format, stores, codes]).toEqual(["hive", { local: 428 }, []]);
    expect(profiles.map(({ settings }) => settings)).toEqual(Array(3).fill({ enabled: true, notifyOnListen: true }));
  });

  it("are read from netsh's text and from Export-FirewallRules", () => {
    const netsh = read("netsh-show-rule-all.txt");
    expect([netsh.format, netsh.stores, netsh.codes]).toEqual(["netsh", { local: 504 }, [["netsh-brief", 1]]]);
    const csv = read("export-firewallrules.csv");
    expect([csv.format, csv.stores, csv.codes]).toEqual(["csv", { local: 366 }, []]);
  });
});
