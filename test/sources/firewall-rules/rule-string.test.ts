import { describe, expect, it } from "vitest";
import { readFirewallRules } from "../../../src/sources/index.ts";
import { regBytes } from "./write-registry.ts";

const KEY = "SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules";

function readOne(fields: string, version = "2.33") {
  const { rules, diagnostics } = readFirewallRules(regBytes({ [KEY]: { id: `v${version}|Action=Allow|Active=TRUE|Dir=In|${fields}` } }), {
    source: "f",
  });
  return { one: rules[0], rule: rules[0]?.rule, diagnostics };
}

describe("rule strings", () => {
  it.each([
    ["Profile=Domain|Profile=Public|", { profiles: ["domain", "public"] }],
    [
      "Protocol=17|LPort=53|LPort2_10=1000-2000|RPort=RPC|",
      {
        localPorts: [
          { kind: "range", low: 53, high: 53 },
          { kind: "range", low: 1000, high: 2000 },
        ],
      },
    ],
    ["Protocol=6|LPort=RPC-EPMap|", { localPorts: [{ kind: "keyword", keyword: "RPC-EPMap" }] }],
    ["Protocol=6|LPort2_20=TcpCDPSvc|", { localPorts: [{ kind: "keyword", keyword: "TcpCDPSvc" }] }],
    ["Protocol=17|LPort2_24=mDNS|", { localPorts: [{ kind: "keyword", keyword: "mDNS" }] }],
    [
      "RA42=Internet|RA62=Internet|",
      {
        remoteAddresses: [
          { kind: "keyword", keyword: "Internet", family: 4 },
          { kind: "keyword", keyword: "Internet", family: 6 },
        ],
      },
    ],
    ["Protocol=1|ICMP4=8:*|ICMP4=3:4|", { icmpTypes: [{ type: 8 }, { type: 3, code: 4 }] }],
    ["IFType=Lan|IFType2_23=MobileBB|", { interfaceKinds: ["lan", "mobile-broadband"] }],
    ["Security=Authenticate|", { security: "authenticate" }],
    ["Security=AuthenticateEncrypt|", { security: "encrypt" }],
    ["Security=Authenticate|Security2_9=An-NoEncap|", { security: "authenticate-no-encapsulation" }],
    ["Security=Authenticate|Security2=AnE-Nego|", { security: "negotiate-encryption" }],
    ["Edge=TRUE|", { edgeTraversal: "allow" }],
    ["Edge=TRUE|Defer=App|", { edgeTraversal: "defer-app" }],
    ["AuthByPassOut=TRUE|", { action: "bypass" }],
    ["App=System|Svc=Fax|", { program: "System", service: "Fax" }],
    ["AppPkgId=S-1-15-2-1|LUOwn=S-1-5-18|", { package: "S-1-15-2-1", owner: "S-1-5-18" }],
    ["PFN=Contoso.App_8wekyb3d8bbwe|", { packageFamilyName: "Contoso.App_8wekyb3d8bbwe" }],
    [
      "LUAuth=D:(A;;CC;;;S-1-5-18)|RUAuth=D:(A;;CC;;;BA)|RMauth=D:(A;;CC;;;BU)|",
      { localUsers: "D:(A;;CC;;;S-1-5-18)", remoteUsers: "D:(A;;CC;;;BA)" },
    ],
    ["TTK2_22=WFDPrint|TTK=ProxSharing|", { trustTuples: ["WFDPrint", "ProxSharing"] }],
    ["NNm=Office, Lab|ComptId=2|", { networks: ["Office", "Lab"], compartment: 2 }],
    ["IF={0A1B2C3D-0000-0000-0000-000000000000}|", { interfaces: ["{0A1B2C3D-0000-0000-0000-000000000000}"] }],
    ["RemDynKwAddr={4C5D6E7F-0000-0000-0000-000000000000}|", { dynamicAddresses: ["{4c5d6e7f-0000-0000-0000-000000000000}"] }],
    ["Name=@FirewallAPI.dll,-1|EmbedCtxt=Tools|Desc=x|", { name: "id", group: "Tools", description: "x" }],
  ])("understand %s", (fields, expected) => {
    const { rule, diagnostics } = readOne(fields);
    expect(diagnostics).toEqual([]);
    expect(rule).toMatchObject(expected);
  });

  it("keep platforms, and what no filter shows", () => {
    const { one, diagnostics } = readOne("Platform=2:6:1|Platform2=GTEQ|SkipVer=2.10|LSM=TRUE|LOM=FALSE|PCross=TRUE|SecurityRealmId=7|");
    expect(diagnostics).toEqual([]);
    expect(one?.platforms).toEqual([{ platform: 2, major: 6, minor: 1, orLater: true }]);
    expect(one?.extras).toEqual(["SkipVer=2.10", "loose source mapping", "profile crossing", "SecurityRealmId=7"]);
  });

  it("are off without Active, and of any version", () => {
    for (const version of ["2.0", "2.1", "2.10", "2.20", "2.22", "2.24", "2.26", "2.27", "2.29", "2.30", "2.32", "2.33"]) {
      const { rules } = readFirewallRules(regBytes({ [KEY]: { id: `v${version}|Action=Block|Dir=Out|` } }), { source: "f" });
      expect(rules).toMatchObject([{ version, rule: { enabled: false, action: "block", direction: "out", protocol: "any" } }]);
    }
  });

  it.each([
    "Protocol=tcp|",
    "LPort=99999|Protocol=6|",
    "RA4=fe80::1|",
    "LUAuth=nonsense|",
    "Profile=Home|",
    "Active=Yes|",
    "Platform2=GTEQ|",
    "LUAuth2_24=%%|",
  ])("leave a rule out, with its line, for %s", (fields) => {
    const { one, diagnostics } = readOne(fields);
    expect(one).toBeUndefined();
    expect(diagnostics).toMatchObject([{ severity: "error", code: "rule", line: 4 }]);
  });

  it("leave out a rule that says no action or direction", () => {
    const { rules, diagnostics } = readFirewallRules(
      regBytes({ [KEY]: { a: "v2.31|Dir=In|", b: "v2.31|Action=Allow|", c: "no rule", d: "" } }),
      { source: "f" },
    );
    expect(rules).toEqual([]);
    expect(diagnostics).toHaveLength(4);
  });
});
