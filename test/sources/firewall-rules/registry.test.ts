import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/model/index.ts";
import { firewallFormatOf, readFirewallRules } from "../../../src/sources/index.ts";
import { hiveBytes, type Key, type ListKind, polBytes, regBytes } from "./write-registry.ts";

const LOCAL = "SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy";
const POLICY = "SOFTWARE\\Policies\\Microsoft\\WindowsFirewall";
const WEB = "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=443|Name=Web|";
const read = (bytes: Uint8Array) => readFirewallRules(bytes, { source: "f" });

describe("registry exports", () => {
  it("tells the stores by their keys", () => {
    const { rules, profiles, diagnostics, format } = read(
      regBytes({
        [`${LOCAL}\\FirewallRules`]: { web: WEB },
        [`${LOCAL}\\Mdm\\FirewallRules`]: { web: WEB },
        [`${LOCAL}\\RestrictedServices\\Static\\System`]: {
          s: "V2.0|Action=Block|Dir=In|App=%SystemRoot%\\system32\\svchost.exe|Svc=Fax|Name=Fax|",
        },
        [`${LOCAL}\\RestrictedServices\\Configurable\\System`]: { c: WEB },
        [`${LOCAL}\\RestrictedServices\\AppIso\\FirewallRules`]: { a: WEB },
        [`${POLICY}\\FirewallRules`]: { web: WEB },
        [`${POLICY}\\DomainProfile`]: { EnableFirewall: 1, DefaultInboundAction: 1, AllowLocalPolicyMerge: 0 },
        [`${LOCAL}\\StandardProfile`]: { EnableFirewall: 0, DoNotAllowExceptions: 1, DisableNotifications: 1 },
        [`${LOCAL}\\PublicProfile\\Logging`]: { LogFileSize: 4096 },
        [`${LOCAL}\\DynamicKeywords\\Addresses`]: {},
      }),
    );
    expect(format).toBe("reg");
    expect(rules.map(({ store }) => store)).toEqual([
      "local",
      "mdm",
      "service-static",
      "service-configurable",
      "app-isolation",
      "group-policy",
    ]);
    expect(rules[0]).toMatchObject({ line: 4, version: "2.31", rule: { id: "web", name: "Web", protocol: 6, direction: "in" } });
    expect(rules[2]?.rule.enabled).toBe(true);
    expect(profiles).toMatchObject([
      { profile: "domain", store: "group-policy", allowLocalRules: false, settings: { enabled: true, defaultInboundAction: "block" } },
      { profile: "private", store: "local", settings: { enabled: false, allowInboundRules: false, notifyOnListen: false } },
    ]);
    expect(diagnostics).toEqual([]);
  });

  it("reads UTF-8 and UTF-16 alike", () => {
    const utf16 = regBytes({ [`${LOCAL}\\FirewallRules`]: { größe: WEB } });
    const text = new TextDecoder("utf-16le").decode(utf16);
    for (const bytes of [utf16, new TextEncoder().encode(text), new TextEncoder().encode(text.replace("\ufeff", ""))]) {
      expect(read(bytes).rules.map(({ rule }) => rule.id)).toEqual(["größe"]);
    }
  });

  it("remarks on keys, values and data it does not know", () => {
    const { diagnostics, rules } = read(
      regBytes({
        [`${LOCAL}\\FirewallRules`]: { a: `${WEB}Colour=Blue|`, b: "v2.31|Action=Allow|Dir=In|Protocol=tcp|", c: 7 },
        [`${LOCAL}\\Strange`]: { x: 1 },
        [`${LOCAL}\\DomainProfile`]: { Mood: 1 },
      }),
    );
    expect(rules).toHaveLength(1);
    expect(rules[0]?.extras).toEqual(["Colour=Blue"]);
    expect(diagnostics.map(({ severity, code, line }) => [severity, code, line])).toEqual([
      ["warning", "rule-key", 4],
      ["error", "rule", 5],
      ["warning", "rule-type", 6],
      ["warning", "registry-key", 9],
      ["warning", "profile-value", 12],
    ]);
  });

  it("names the line of a value that breaks off", () => {
    const text = 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\X]\n"a"="v2.31|Act';
    expect(() => read(new TextEncoder().encode(text))).toThrow(expect.objectContaining({ position: { file: "f", line: 4 } }));
  });

  it("reads 7,000 rules in less than two seconds", () => {
    const values = Object.fromEntries(
      Array.from({ length: 7000 }, (_, index): [string, string] => [
        `{${index}}`,
        `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=${1 + index}|LPort=50000|RA4=10.0.${index % 256}.0/255.255.255.0|App=%ProgramFiles%\\App ${index}\\app.exe|Name=Rule ${index}|Desc=Made for a test|`,
      ]),
    );
    const bytes = regBytes({ [`${LOCAL}\\FirewallRules`]: values });
    const before = performance.now();
    expect(read(bytes).rules).toHaveLength(7000);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});

describe("firewall exports (.wfw)", () => {
  const long = `v2.31|Action=Block|Active=TRUE|Dir=Out|Name=Long|Desc=${"x".repeat(40_000)}|`;
  const root: Key = {
    name: "ROOT",
    keys: [
      { name: "DomainProfile", values: { EnableFirewall: 0 }, keys: [{ name: "Logging", values: { LogFileSize: 1 } }] },
      { name: "FirewallRules", values: { web: WEB, длинный: long } },
      { name: "PublicProfile", values: { DefaultOutboundAction: 1 } },
    ],
  };

  it.each<ListKind>(["lf", "lh", "li", "ri"])("reads a hive with lists of kind %s, and data in segments", (kind) => {
    const { rules, profiles, format, diagnostics } = read(hiveBytes(root, kind));
    expect(format).toBe("hive");
    expect(diagnostics).toEqual([]);
    expect(rules.map(({ rule, store, line }) => [rule.id, rule.name, store, line])).toEqual([
      ["web", "Web", "local", null],
      ["длинный", "Long", "local", null],
    ]);
    expect(rules[1]?.rule.description).toHaveLength(40_000);
    expect(profiles).toMatchObject([
      { profile: "domain", settings: { enabled: false } },
      { profile: "public", settings: { defaultOutboundAction: "block" } },
    ]);
  });

  it("finds the policy in the hive of a whole system", () => {
    const nest = (path: string, leaf: { name: string; values: Record<string, string> }) =>
      path.split("\\").reduceRight<object>((inner, name) => ({ name, keys: [inner] }), leaf) as { name: string };
    const system = nest("ROOT\\ControlSet001\\Services\\SharedAccess\\Parameters\\FirewallPolicy", {
      name: "FirewallRules",
      values: { web: WEB },
    });
    expect(read(hiveBytes(system)).rules).toMatchObject([{ store: "local", rule: { name: "Web" } }]);
  });

  it("says at which byte a hive is damaged", () => {
    const bytes = hiveBytes(root);
    expect(() => read(bytes.subarray(0, 0x1100))).toThrow(/is damaged: the file ends within/);
    const view = new DataView(bytes.buffer);
    view.setUint32(0x24, 0x70000000, true);
    expect(() => read(bytes)).toThrow(InputError);
  });

  it("does not follow a key that lies within itself", () => {
    const bytes = hiveBytes({ name: "ROOT", keys: [{ name: "FirewallRules" }] });
    const view = new DataView(bytes.buffer);
    const rootCell = view.getUint32(0x24, true);
    const list = view.getUint32(0x1000 + rootCell + 4 + 0x1c, true);
    view.setUint32(0x1000 + list + 8, rootCell, true);
    expect(() => read(bytes)).toThrow(/lies within itself/);
  });

  it("warns of a hive that was not written to its end", () => {
    const bytes = hiveBytes(root);
    bytes[4] = 2;
    expect(read(bytes).diagnostics).toMatchObject([{ severity: "warning", code: "hive-dirty" }]);
  });
});

describe("registry.pol", () => {
  const key = "SOFTWARE\\Policies\\Microsoft\\WindowsFirewall";

  it("reads rules and profiles of group policy", () => {
    const bytes = polBytes([
      [key, "PolicyVersion", 543],
      [`${key}\\FirewallRules`, "web", WEB],
      [`${key}\\DomainProfile`, "AllowLocalPolicyMerge", 0],
      ["SOFTWARE\\Policies\\Microsoft\\Windows\\Update", "Other", 1],
    ]);
    expect(firewallFormatOf(bytes)).toBe("registry.pol");
    const { rules, profiles, diagnostics } = read(bytes);
    expect(rules).toMatchObject([{ store: "group-policy", rule: { name: "Web" } }]);
    expect(profiles).toMatchObject([{ profile: "domain", store: "group-policy", allowLocalRules: false }]);
    expect(diagnostics).toEqual([]);
  });

  it("takes away what orders delete", () => {
    const rules = `${key}\\FirewallRules`;
    const ids = (order: string, data = " ") =>
      read(
        polBytes([
          [rules, "a", WEB],
          [rules, "b", WEB],
          [order.startsWith("**DeleteKeys") ? key : rules, order, data],
          [rules, "c", WEB],
        ]),
      ).rules.map(({ rule }) => rule.id);
    expect(ids("**del.a")).toEqual(["b", "c"]);
    expect(ids("**delvals.")).toEqual(["c"]);
    expect(ids("**DeleteValues", "A;B")).toEqual(["c"]);
    expect(ids("**DeleteKeys", "FirewallRules")).toEqual(["c"]);
    expect(ids("**SecureKey", "1")).toEqual(["a", "b", "c"]);
  });

  it("reports exceptions of the older kind, rules of the Hyper-V firewall and lists of addresses, which it does not read", () => {
    const { diagnostics } = read(
      polBytes([
        [`${key}\\DomainProfile\\GloballyOpenPorts\\List`, "80:TCP", "80:TCP:*:enabled:Web"],
        [`${key}\\DomainProfile\\Services\\RemoteDesktop`, "Enabled", 0],
        [`${key}\\HyperVFirewallRules`, "web", WEB],
        [`${key}\\DynamicKeywords\\Addresses\\NonAutoResolve`, "{01234567-89ab-cdef-0123-456789abcdef}", "10.0.0.1"],
        [`${key}\\FirewallRules`, "web", WEB],
      ]),
    );
    expect(diagnostics).toMatchObject([
      { code: "old-policy", message: expect.stringContaining("GloballyOpenPorts"), count: 1 },
      { code: "hyper-v", count: 1 },
      { code: "keyword", message: expect.stringContaining("Get-NetFirewallDynamicKeywordAddress"), count: 1 },
    ]);
  });

  it("says at which byte it breaks off", () => {
    const bytes = polBytes([[`${key}\\FirewallRules`, "web", WEB]]);
    for (let length = 9; length < bytes.length; length += 7)
      expect(() => read(bytes.subarray(0, length))).toThrow(/policy file is damaged/);
  });
});
