import { describe, expect, it } from "vitest";
import { readFirewallRules } from "../../../src/sources/index.ts";

const read = (text: string) => readFirewallRules(new TextEncoder().encode(text), { source: "f" });

const RULE = {
  Name: "web",
  DisplayName: "Web",
  InstanceID: "web",
  Enabled: 1,
  Direction: 1,
  Action: 2,
  Profile: 3,
  PolicyStoreSourceType: 1,
  CimClass: { CimClassName: "x", Direction: 2 },
};
const PORTS = {
  InstanceID: "web",
  Protocol: "TCP",
  LocalPort: ["80", "443"],
  RemotePort: "Any",
  IcmpType: "Any",
  DynamicTarget: 0,
  Caption: null,
};
const ADDRESSES = { InstanceID: "web", LocalAddress: "Any", RemoteAddress: ["10.0.0.0/255.0.0.0", "LocalSubnet"] };
const PROGRAM = { InstanceID: "web", Program: "C:\\web.exe", Package: null };
const WEB = {
  id: "web",
  name: "Web",
  enabled: true,
  direction: "in",
  action: "allow",
  profiles: ["domain", "private"],
  protocol: 6,
  localPorts: [
    { kind: "range", low: 80, high: 80 },
    { kind: "range", low: 443, high: 443 },
  ],
  remoteAddresses: [{ kind: "range" }, { kind: "keyword", keyword: "LocalSubnet" }],
  program: "C:\\web.exe",
};

describe("JSON of Get-NetFirewallRule", () => {
  it("is known where lists of filters come first, however long", () => {
    const ports = Array.from({ length: 400 }, (_, index) => ({ ...PORTS, InstanceID: `p${index}` }));
    const { rules, format } = read(
      JSON.stringify({ ports: [...ports, PORTS], addresses: [ADDRESSES], programs: [PROGRAM], rules: [RULE] }),
    );
    expect(format).toBe("powershell-json");
    expect(rules).toMatchObject([{ rule: WEB }]);
  });

  it("reads lists of addresses (Get-NetFirewallDynamicKeywordAddress), also alone", () => {
    const keyword = { Id: "{A1B2C3D4-0000-4000-8000-000000000001}", Keyword: "Branches", Addresses: "10.1.0.0/16", AutoResolve: false };
    const { keywords, diagnostics } = read(JSON.stringify([keyword, { ...keyword, Keyword: "name.example", AutoResolve: true }]));
    expect(diagnostics).toEqual([]);
    expect(keywords).toMatchObject([{ name: "Branches", addresses: [{ kind: "range" }] }, { addresses: null }]);
  });

  it("keeps the tag of App Control, by which a rule is for some programs only", () => {
    const { rules, diagnostics } = read(JSON.stringify([{ ...RULE, ...PORTS, ...ADDRESSES, PolicyAppId: "Tag1" }]));
    expect(diagnostics).toEqual([]);
    expect(rules).toMatchObject([{ extras: ["PolicyAppId=Tag1"] }]);
  });

  it.each([
    ["one object with all properties", [{ ...RULE, ...PORTS, ...ADDRESSES, ...PROGRAM }]],
    ["a single object", { ...RULE, ...PORTS, ...ADDRESSES, ...PROGRAM }],
    ["a rule with its filters as members", [{ ...RULE, AddressFilter: ADDRESSES, PortFilter: PORTS, ApplicationFilter: [PROGRAM] }]],
    ["a rule beside its filters", [{ Rule: RULE, Address: ADDRESSES, Port: PORTS, App: PROGRAM }]],
    ["lists side by side", { rules: [RULE], ports: [PORTS], addresses: { value: [ADDRESSES], Count: 1 }, programs: [PROGRAM] }],
    [
      "words instead of numbers",
      [
        {
          ...RULE,
          ...PORTS,
          ...ADDRESSES,
          ...PROGRAM,
          Enabled: "True",
          Direction: "Inbound",
          Action: "Allow",
          Profile: "Domain, Private",
          LocalPort: { value: ["80", "443"], Count: 2 },
        },
      ],
    ],
  ])("reads %s", (_name, objects) => {
    const { rules, format, diagnostics } = read(JSON.stringify(objects, null, 2));
    expect(format).toBe("powershell-json");
    expect(diagnostics).toEqual([]);
    expect(rules).toHaveLength(1);
    expect(rules[0]?.rule).toMatchObject(WEB);
  });

  it("knows every number of the enumerations", () => {
    const rule = (members: object) => read(JSON.stringify([{ ...RULE, ...PORTS, ...members }])).rules[0];
    expect(rule({ Enabled: 2, Direction: 2, Action: 4, Profile: 0 })?.rule).toMatchObject({
      enabled: false,
      direction: "out",
      action: "block",
      profiles: ["domain", "private", "public"],
    });
    expect(rule({ EdgeTraversalPolicy: 3, InterfaceType: 2, Authentication: 1, Encryption: 2 })?.rule).toMatchObject({
      edgeTraversal: "defer-app",
      interfaceKinds: ["wireless"],
      security: "negotiate-encryption",
    });
    expect(rule({ PolicyStoreSourceType: 2, PolicyStoreSource: "Servers" })).toMatchObject({ store: "group-policy", policy: "Servers" });
    expect(rule({ PolicyStoreSourceType: 6 })?.store).toBe("mdm");
    expect(rule({ OverrideBlockRules: true })?.rule.action).toBe("bypass");
  });

  it("reads profiles of Get-NetFirewallProfile", () => {
    const { rules, profiles } = read(
      JSON.stringify([
        {
          Name: "Domain",
          Enabled: 1,
          DefaultInboundAction: 4,
          DefaultOutboundAction: 2,
          AllowInboundRules: 0,
          AllowLocalFirewallRules: 0,
          NotifyOnListen: 2,
        },
        {
          Name: "Public",
          Enabled: "False",
          DefaultInboundAction: "NotConfigured",
          DefaultOutboundAction: "Block",
          AllowInboundRules: "True",
          AllowLocalFirewallRules: "NotConfigured",
          NotifyOnListen: "True",
        },
      ]),
    );
    expect(rules).toEqual([]);
    expect(profiles).toMatchObject([
      {
        profile: "domain",
        store: "local",
        allowLocalRules: false,
        settings: { enabled: true, defaultInboundAction: "block", defaultOutboundAction: "allow", allowInboundRules: false },
      },
      { profile: "public", settings: { enabled: false, defaultOutboundAction: "block", allowInboundRules: true, notifyOnListen: true } },
    ]);
    expect(profiles[1]?.settings).not.toHaveProperty("defaultInboundAction");
  });

  it("refuses rules without filters, wholly or in part", () => {
    expect(() => read(JSON.stringify([RULE]))).toThrow(/docs\/rules\.md/);
    const { rules, diagnostics } = read(JSON.stringify({ rules: [RULE, { ...RULE, Name: "b", InstanceID: "b" }], ports: [PORTS] }));
    expect(rules).toHaveLength(1);
    expect(diagnostics).toMatchObject([{ severity: "error", message: expect.stringContaining('rule "b"') }]);
  });

  it("names line and column of what is no JSON", () => {
    const text = JSON.stringify([{ ...RULE, ...PORTS }], null, 2);
    expect(() => read(text.slice(0, -20))).toThrow(
      expect.objectContaining({ position: { file: "f", line: expect.any(Number), column: expect.any(Number) } }),
    );
    expect(() => read(text.replace('"Enabled": 1', '"Enabled" 1'))).toThrow(/expected ":"/);
    expect(() => read(`${text}x`)).toThrow(/expected the end/);
    expect(() => read(`${"[".repeat(5000)}{"Direction": 1, "Action": 2}`)).toThrow(/levels/);
  });

  it("gives each rule its line", () => {
    const { rules, diagnostics } = read(
      `[\n${JSON.stringify({ ...RULE, ...PORTS })},\n\n${JSON.stringify({ ...RULE, ...PORTS, Name: "b", Action: 9 })}]`,
    );
    expect(rules[0]?.line).toBe(2);
    expect(diagnostics).toMatchObject([{ severity: "error", line: 4 }]);
  });
});

const CLIXML = `<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
  <Obj RefId="0">
    <TN RefId="0"><T>Selected.Microsoft.Management.Infrastructure.CimInstance</T><T>System.Object</T></TN>
    <MS>
      <S N="Name">web</S>
      <S N="DisplayName">Web_x0021_</S>
      <Obj N="Enabled" RefId="1"><TN RefId="1"><T>Enabled</T></TN><ToString>True</ToString><U16>1</U16></Obj>
      <Obj N="Direction" RefId="2"><TN RefId="2"><T>Direction</T></TN><ToString>Inbound</ToString><U16>1</U16></Obj>
      <Obj N="Action" RefId="3"><TN RefId="3"><T>Action</T></TN><ToString>Block</ToString><U16>4</U16></Obj>
      <Nil N="Description" />
      <Obj N="PortFilter" RefId="4"><Props><S N="Protocol">UDP</S><Obj N="LocalPort" RefId="5"><TN RefId="3"><T>System.String[]</T></TN><LST><S>53</S><S>5353</S></LST></Obj></Props></Obj>
      <B N="LocalOnlyMapping">true</B>
    </MS>
  </Obj>
  <Obj RefId="6">
    <TNRef RefId="0" />
    <MS><S N="Name">two</S><Ref N="Enabled" RefId="1" /><Ref N="Direction" RefId="2" /><S N="Action">Allow</S><Ref N="PortFilter" RefId="4" /></MS>
  </Obj>
</Objs>`;

describe("CliXml of Export-Clixml", () => {
  it("reads members, enumerations, lists and references", () => {
    const { rules, format, diagnostics } = read(CLIXML);
    expect(format).toBe("clixml");
    expect(diagnostics).toEqual([]);
    const ports = [
      { kind: "range", low: 53, high: 53 },
      { kind: "range", low: 5353, high: 5353 },
    ];
    expect(rules).toMatchObject([
      {
        line: 2,
        extras: ["local only mapping"],
        rule: { id: "web", name: "Web!", action: "block", direction: "in", protocol: 17, localPorts: ports },
      },
      { line: 15, rule: { id: "two", action: "allow", direction: "in", protocol: 17, localPorts: ports } },
    ]);
  });

  it("reads UTF-16 with a declaration", () => {
    const text = `<?xml version="1.0" encoding="utf-16"?>\r\n${CLIXML}`;
    const bytes = Uint8Array.from([0xff, 0xfe, ...[...text].flatMap((letter) => [letter.charCodeAt(0) & 255, letter.charCodeAt(0) >> 8])]);
    expect(readFirewallRules(bytes, { source: "f" }).rules).toHaveLength(2);
  });

  it("names the line where it breaks off or is no CliXml", () => {
    expect(() => read(CLIXML.slice(0, 900))).toThrow(expect.objectContaining({ position: { file: "f", line: expect.any(Number) } }));
    expect(() => read(CLIXML.replace("<B N", "<Q N").replace("true</B>", "true</Q>"))).toThrow(/found <Q>/);
  });
});

describe("CSV", () => {
  const HEAD = '"Name";"DisplayName";"Enabled";"Direction";"Action";"Profile";"Protocol";"LocalPort";"RemoteAddress"';

  it("reads semicolons, commas and tabs, quotes and line breaks", () => {
    const row = '"web";"Web; ""one""\nline";"True";"Inbound";"Allow";"Any";"TCP";"80,443";"LocalSubnet"';
    for (const delimiter of [";", ",", "\t"]) {
      const text = `${HEAD.replaceAll('";"', `"${delimiter}"`)}\r\n${row.replaceAll('";"', `"${delimiter}"`)}\r\n`;
      const { rules, format, diagnostics } = read(`\ufeff#TYPE Selected\r\n${text}`);
      expect([format, diagnostics]).toEqual(["csv", []]);
      expect(rules).toMatchObject([{ line: 3, rule: { id: "web", name: 'Web; "one"\nline', protocol: 6 } }]);
      expect(rules[0]?.rule.localPorts).toHaveLength(2);
    }
  });

  it("reports rows that cannot be read with their line", () => {
    const { rules, diagnostics } = read(
      `${HEAD}\n"a";"A";"True";"Inbound";"Allow";"Any";"TCP";"x";"Any"\n"b";"B"\n"c";"C";"Maybe";"Inbound";"Allow";"Any";"TCP";"1";"Any"\n`,
    );
    expect(rules).toEqual([]);
    expect(diagnostics.map(({ code, line }) => [code, line])).toEqual([
      ["rule", 2],
      ["csv-row", 3],
      ["rule", 4],
    ]);
    expect(() => read(`${HEAD}\n"a;b`)).toThrow(/never closed/);
    expect(() => read('"Name","Direction","Action"\n"a","Inbound","Allow"\n')).toThrow(/docs\/rules\.md/);
  });
});
