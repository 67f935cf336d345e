import { describe, expect, it } from "vitest";
import { readFirewallRules } from "../../../src/sources/index.ts";

const read = (text: string) => readFirewallRules(new TextEncoder().encode(text), { source: "f" });

const item = (path: string, value?: string) =>
  `<Item><Target><LocURI>./Vendor/MSFT/Firewall/MdmStore/${path}</LocURI></Target>${value === undefined ? "" : `<Meta><Format xmlns="syncml:metinf">chr</Format></Meta><Data>${value}</Data>`}</Item>`;
const add = (nodes: Readonly<Record<string, string>>) =>
  `<Atomic><CmdID>1</CmdID>${Object.entries(nodes)
    .map(([path, value]) => `<Add><CmdID>2</CmdID>\n${item(path, value)}</Add>`)
    .join("")}</Atomic>`;
const syncml = (body: string) =>
  `<?xml version="1.0" encoding="utf-8"?>\n<SyncML xmlns="SYNCML:SYNCML1.2"><SyncBody>${body}</SyncBody></SyncML>`;
const rule = (nodes: Readonly<Record<string, string>>, name = "Web") =>
  add(Object.fromEntries(Object.entries(nodes).map(([path, value]) => [`FirewallRules/${name}/${path}`, value])));

describe("SyncML of the Firewall CSP", () => {
  it("reads every node of a rule", () => {
    const { rules, format, diagnostics } = read(
      syncml(
        rule(
          {
            Enabled: "true",
            Name: "Web server",
            Description: "made up",
            "App/FilePath": "%ProgramFiles%\\web.exe",
            "App/ServiceName": "Web",
            "App/PackageFamilyName": "Contoso.Web_1",
            "App/Fqbn": "O=CONTOSO",
            Protocol: "6",
            LocalPortRanges: "80,8000-8080",
            RemotePortRanges: "1024-65535",
            LocalAddressRanges: "*",
            RemoteAddressRanges: "LocalSubnet,10.0.0.0/8",
            Profiles: "5",
            "Action/Type": "0",
            Direction: "IN",
            InterfaceTypes: "Lan,Wireless",
            EdgeTraversal: "false",
            LocalUserAuthorizedList: "D:(A;;CC;;;BA)",
            PolicyAppId: "7",
            Status: "OK",
          },
          "Web%20server",
        ),
      ),
    );
    expect([format, diagnostics]).toEqual(["mdm-xml", []]);
    expect(rules).toMatchObject([
      {
        store: "mdm",
        line: 3,
        extras: ["Fqbn=O=CONTOSO", "PolicyAppId=7"],
        rule: {
          id: "Web server",
          name: "Web server",
          enabled: true,
          action: "block",
          direction: "in",
          protocol: 6,
          program: "%ProgramFiles%\\web.exe",
          service: "Web",
          packageFamilyName: "Contoso.Web_1",
          profiles: ["domain", "public"],
          interfaceKinds: ["lan", "wireless"],
          localUsers: "D:(A;;CC;;;BA)",
        },
      },
    ]);
    expect(rules[0]?.rule.localAddresses).toBeUndefined();
    expect(rules[0]?.rule.localPorts).toHaveLength(2);
    expect(rules[0]?.rule.remoteAddresses).toHaveLength(2);
  });

  it("has the provider's defaults where a node is absent", () => {
    const { rules, diagnostics } = read(syncml(rule({ Protocol: "17" })));
    expect(rules).toMatchObject([
      { rule: { action: "allow", direction: "out", enabled: true, profiles: ["domain", "private", "public"] } },
    ]);
    expect(diagnostics).toMatchObject([{ severity: "info", code: "mdm-enabled" }]);
  });

  it("reads settings of profiles", () => {
    const { profiles, diagnostics } = read(
      syncml(
        add({
          "DomainProfile/EnableFirewall": "true",
          "DomainProfile/AllowLocalPolicyMerge": "false",
          "DomainProfile/Shielded": "true",
          "PublicProfile/DefaultInboundAction": "1",
          "PublicProfile/DefaultOutboundAction": "1",
          "PublicProfile/DisableStealthMode": "true",
          "PublicProfile/DisableInboundNotifications": "true",
          "PublicProfile/LogFilePath": "x.log",
          "Global/DisableStatefulFtp": "true",
        }),
      ),
    );
    expect(diagnostics).toEqual([]);
    expect(profiles).toMatchObject([
      { profile: "domain", store: "mdm", allowLocalRules: false, settings: { enabled: true, allowInboundRules: false } },
      {
        profile: "public",
        settings: { defaultInboundAction: "block", defaultOutboundAction: "block", stealth: false, notifyOnListen: false },
      },
    ]);
  });

  it("lets later commands replace and delete", () => {
    const body = [
      rule({ Enabled: "true", Direction: "IN" }, "a"),
      rule({ Enabled: "true", Direction: "IN" }, "ab"),
      `<Replace>${item("FirewallRules/ab/Direction", "OUT")}</Replace>`,
      `<Delete>${item("FirewallRules/a")}</Delete>`,
    ].join("");
    // Without the root element, as commands are often handed around.
    for (const text of [syncml(body), body])
      expect(read(text).rules.map(({ rule: { id, direction } }) => [id, direction])).toEqual([["ab", "out"]]);
  });

  it("reports what it does not know, with its line", () => {
    const { rules, diagnostics } = read(
      syncml(
        `${rule({ Enabled: "true", Colour: "blue" }, "a")}${rule({ Protocol: "tcpp" }, "b")}${add({ "Odd/Node": "1", "DomainProfile/Mood": "1", "DomainProfile/EnableFirewall": "perhaps" })}`,
      ),
    );
    expect(rules).toHaveLength(1);
    expect(diagnostics.map(({ severity, code, line }) => [severity, code, line])).toEqual([
      ["warning", "mdm-node", 6],
      ["warning", "mdm-node", 4],
      ["error", "rule", 5],
      ["warning", "mdm-node", 7],
      ["error", "profile-value", 8],
    ]);
  });

  it("names the line where the XML breaks off", () => {
    const text = syncml(rule({ Enabled: "true", Direction: "IN" }));
    expect(() => read(text.slice(0, -40))).toThrow(expect.objectContaining({ position: { file: "f", line: 4 } }));
  });

  it("reads lists of addresses that rules refer to, and reports rules of the Hyper-V firewall", () => {
    const id = "{A1B2C3D4-0000-4000-8000-000000000001}";
    const { keywords, rules, diagnostics } = read(
      syncml(
        rule({ RemoteAddressDynamicKeywords: id, Direction: "OUT", "Action/Type": "1", Enabled: "true" }) +
          add({
            [`DynamicKeywords/Addresses/${id}/Keyword`]: "Branches",
            [`DynamicKeywords/Addresses/${id}/Addresses`]: "10.1.0.0/16,2001:db8::1",
            "DynamicKeywords/Addresses/{A1B2C3D4-0000-4000-8000-000000000002}/Keyword": "update.example",
            "DynamicKeywords/Addresses/{A1B2C3D4-0000-4000-8000-000000000002}/AutoResolve": "true",
            "DynamicKeywords/Addresses/{A1B2C3D4-0000-4000-8000-000000000003}/Addresses": "nowhere",
            "DynamicKeywords/Addresses/{A1B2C3D4-0000-4000-8000-000000000003}/Colour": "blue",
            "HyperVFirewallRules/Web/Direction": "IN",
          }),
      ),
    );
    expect(rules).toMatchObject([{ rule: { dynamicAddresses: [id.toLowerCase()] } }]);
    expect(keywords).toMatchObject([
      { id: id.toLowerCase(), name: "Branches", addresses: [{ kind: "range" }, { kind: "range" }] },
      { id: "{a1b2c3d4-0000-4000-8000-000000000002}", addresses: null },
    ]);
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([
      ["hyper-v", "warning"],
      ["mdm-node", "warning"],
      ["keyword", "error"],
    ]);
  });
});
