import { describe, expect, it } from "vitest";
import { runCli } from "../run-cli.ts";

const KEY = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy";
const POLICY = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall";
const RULES = `Windows Registry Editor Version 5.00

[${KEY}\\PublicProfile]
"DoNotAllowExceptions"=dword:00000001

[${KEY}\\FirewallRules]
"proxy"="v2.31|Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=8080|Name=Proxy|"
"admin"="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=5985|Name=Admin|"
"telnet"="v2.31|Action=Block|Active=FALSE|Dir=Out|Protocol=6|RPort=23|Name=No Telnet|"
"old"="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=9100|Platform=2:6:1|Name=Old|"

[${POLICY}\\DomainProfile]
"AllowLocalPolicyMerge"=dword:00000000
`;

/** What a test says of rules that are not in force. */
async function told(flow: string, expected: string, policy = "rules.reg"): Promise<unknown> {
  const suite = `policy: ${policy}\ntests:\n  - { name: t, flow: '${flow}', expect: ${expected} }\n`;
  const { records, status } = await runCli(["test", "suite.yaml", "--json"], { files: { "suite.yaml": suite, "rules.reg": RULES } });
  expect(status).toBe(1);
  const [finding] = (records()[0]?.findings as readonly Record<string, unknown>[] | undefined) ?? [];
  return finding?.rulesNotInForce;
}

describe("a test that fails names the rules that are not in force", () => {
  it.each([
    ["switched off", "in tcp 192.0.2.1 > any:8080 profile=private", "permit", "Proxy", "it is switched off", 7],
    ["left out by AllowLocalPolicyMerge", "in tcp 192.0.2.1 > any:5985 profile=domain", "permit", "Admin", "local rules do not count", 8],
    ["left out by shields up", "in tcp 192.0.2.1 > any:5985 profile=public", "permit", "Admin", "blocked whatever the rules", 8],
    ["for another Windows", "in tcp 192.0.2.1 > any:9100 profile=private", "permit", "Old", "it is for version 6.1", 10],
    ["that would block", "out tcp any > 192.0.2.1:23 profile=private", "block", "No Telnet", "it is switched off", 9],
  ])("%s", async (_, flow, expected, name, why, line) => {
    expect(await told(flow, expected)).toEqual([{ name, why: expect.stringContaining(why), place: `rules.reg:${line}` }]);
  });

  it("and none where none would change the verdict, or another product's filters decide too", async () => {
    expect(await told("in tcp 192.0.2.1 > any:81 profile=private", "permit")).toBeUndefined();
    expect(await told("in tcp 192.0.2.1 > any:5985 profile=private", "block")).toBeUndefined();
    const inline = "{ from: rules.reg, filters: [{ name: Mine, layer: ALE_AUTH_RECV_ACCEPT, action: block }] }";
    expect(await told("in tcp 192.0.2.1 > any:8080 profile=private", "permit", inline)).toBeUndefined();
  });

  it("and none that a hardened service may not use anyway", async () => {
    const svc = "App=%SystemRoot%\\\\System32\\\\svchost.exe|Svc=W32Time";
    const files = {
      "hard.reg": `${RULES}
[${KEY}\\FirewallRules]
"time"="v2.31|Action=Allow|Active=FALSE|Dir=In|Protocol=17|LPort=123|${svc}|Name=Time|"

[${KEY}\\RestrictedServices\\Static\\System]
"hard"="v2.31|Action=Block|Dir=In|${svc}|Name=Nothing to the time service|"
`,
      "suite.yaml": `policy: hard.reg
tests:
  - name: time
    flow: in udp 192.0.2.1 > any:123 profile=private app=C:\\Windows\\System32\\svchost.exe service=W32Time
    expect: permit
`,
    };
    const { stdout } = await runCli(["test", "suite.yaml"], { files });
    expect(stdout).toContain("1 failed");
    expect(stdout).not.toContain("rules not in force");
    const soft = { ...files, "hard.reg": files["hard.reg"].replace("Action=Block|Dir=In", "Action=Block|Dir=Out") };
    expect((await runCli(["test", "suite.yaml"], { files: soft })).stdout).toContain('"Time" would permit, but it is switched off');
  });

  it("in the text, and after a change of the command line", async () => {
    const suite = "policy: rules.reg\ntests:\n  - { name: t, flow: 'in tcp 192.0.2.1 > any:5985 profile=private', expect: permit }\n";
    const { stdout } = await runCli(["test", "suite.yaml", "--disable", "admin"], { files: { "suite.yaml": suite, "rules.reg": RULES } });
    expect(stdout).toContain('rules not in force\n          "Admin" would permit, but it is switched off (rules.reg:8)');
  });

  it("of a suite's own rules too", async () => {
    const suite = `tests:
  - name: t
    policy:
      settings: { domain: { local rules: ignore } }
      rules: [allow in tcp 3389 name=RDP]
    flow: in tcp any > any:3389 profile=domain
    expect: permit
`;
    const { stdout } = await runCli(["test", "suite.yaml"], { files: { "suite.yaml": suite } });
    expect(stdout).toContain('"RDP" would permit, but local rules do not count in profile domain (AllowLocalPolicyMerge)');
  });
});
