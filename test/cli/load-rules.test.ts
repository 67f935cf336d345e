import { describe, expect, it } from "vitest";
import { runCli } from "./run-cli.ts";

const KEY = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy";

const REG = `Windows Registry Editor Version 5.00

[${KEY}\\DomainProfile]
"EnableFirewall"=dword:00000000

[${KEY}\\PublicProfile]
"EnableFirewall"=dword:00000001

[${KEY}\\StandardProfile]
"EnableFirewall"=dword:00000001

[${KEY}\\FirewallRules]
"Files-In"="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Private|LPort=445|RA4=LocalSubnet|App=System|Name=Files|"
"Web-In"="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=8080|App=C:\\\\Tools\\\\web.exe|Name=Web|"
"No-Telnet"="v2.31|Action=Block|Active=TRUE|Dir=Out|Protocol=6|RPort=23|Name=No Telnet|"
"Off"="v2.31|Action=Block|Active=FALSE|Dir=In|Protocol=6|LPort=8080|Name=Off|"
`;
const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le"));
const files = { "rules.reg": utf16(REG) };

const told = "user=SYSTEM groups=none package=none flags=none iftype=ethernet tunnel=none local-type=unicast";
const FILES = `in tcp 10.0.0.9:51000 > 10.0.0.5:445 app=System profile=private ${told}`;
const WEB = `in tcp 198.51.100.9:51000 > 10.0.0.5:8080 app=C:\\Tools\\web.exe profile=public ${told}`;
const TELNET =
  "out tcp 10.0.0.5:51000 > 198.51.100.9:23 app=C:\\Tools\\telnet.exe user=SYSTEM groups=none package=none profile=public flags=none";

async function verdict(flow: string, ...more: string[]): Promise<unknown> {
  const { records } = await runCli(["trace", flow, "--policy", "rules.reg", "--json", ...more], { files });
  return records().at(-1)?.verdict;
}

describe("a policy from firewall rules", () => {
  it("answers as the filters that Windows makes of the rules", async () => {
    expect(await verdict(FILES)).toBe("permit");
    expect(await verdict(FILES.replace("10.0.0.9", "198.51.100.9"))).toBe("block");
    expect(await verdict(FILES.replace("profile=private", "profile=public"))).toBe("block");
    expect(await verdict(WEB)).toBe("permit");
    expect(await verdict(TELNET)).toBe("block");
  });

  it("takes the settings of profiles from the file: off lets everything in", async () => {
    const anything = WEB.replace(":8080", ":9999");
    expect(await verdict(anything)).toBe("block");
    expect(await verdict(anything.replace("profile=public", "profile=domain"))).toBe("permit");
  });

  it("says what it was compiled from and what it took for granted", async () => {
    const { stdout } = await runCli(["trace", WEB, "--policy", "rules.reg"], { files });
    expect(stdout).toMatch(/^Policy {4}rules\.reg \(made by wfplab, [\d,]+ filters\)$/m);
    const flat = stdout.replace(/\s+/g, " ");
    expect(flat).toContain("compiled from 4 rules, 3 of which have filters (1 switched off)");
    expect(flat).toContain("the firewall is off in profile domain");
    expect(flat).toContain("one interface, 10.0.0.5/24 and 2001:db8::5/64, which is what LocalSubnet means");
    expect(stdout).not.toContain("no policy was given");
  });

  it("reads rules from standard input", async () => {
    const { stdout, status } = await runCli(["trace", WEB, "--policy", "-", "--expect", "permit"], { stdin: files["rules.reg"] });
    expect(status).toBe(0);
    expect(stdout).toContain("Policy    stdin");
  });

  it("can be changed by rule and profile", async () => {
    expect(await verdict(WEB, "--disable", "Web")).toBe("block");
    expect(await verdict(WEB, "--enable", "Off")).toBe("block");
    expect(await verdict(TELNET, "--without", "No-Telnet")).toBe("permit");
    expect(await verdict(WEB.replace("profile=public ", ""), "--disable", "Web", "--profile", "domain")).toBe("permit");
  });

  it("shows and plays them like a dump", async () => {
    expect((await runCli(["show", "rules.reg", "--filters", "--layer", "ALE_AUTH_RECV_ACCEPT_V4"], { files })).stdout).toContain('"Web"');
    const { stdout } = await runCli(["session", "tcp-connect", "--server-policy", "rules.reg", "--server-app", "C:\\Tools\\web.exe"], {
      files,
    });
    expect(stdout).toContain("ALE_AUTH_LISTEN_V4          permit");
    expect(stdout).toContain("server: compiled from 4 rules");
  });

  it("reports what it cannot read with its line, and refuses it with --strict", async () => {
    const bad = { "rules.reg": utf16(REG.replace("Protocol=6|RPort=23", "Protocol=telnet|RPort=23")) };
    const { stderr, status } = await runCli(["trace", WEB, "--policy", "rules.reg"], { files: bad });
    expect(status).toBe(0);
    expect(stderr).toMatch(/^rules\.reg:15: error: /m);
    const strict = await runCli(["trace", WEB, "--policy", "rules.reg", "--strict"], { files: bad });
    expect(strict.status).toBe(2);
    expect(strict.stderr).toMatch(/rules\.reg:15: /);
  });

  it("asks of authenticated computers what the interpretation says (Q11)", async () => {
    const secure =
      'Secure="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=9000|Security=Authenticate|RMauth=O:LSD:(A;;CC;;;BA)|Name=Secure|"';
    const more = { "rules.reg": utf16(`${REG}"${secure.replace("=", '"=')}\n`) };
    const flow = WEB.replace(":8080", ":9000").concat(" FWPM_CONDITION_ALE_REMOTE_MACHINE_ID=SYSTEM+BA");
    const ask = async (...args: string[]) =>
      (await runCli(["trace", flow, "--policy", "rules.reg", "--json", ...args], { files: more })).records().at(-1)?.verdict;
    expect(await ask()).toBe("block");
    // What the other end's token holds beyond the group is not told, and may forbid.
    expect(await ask("--interpretation", "authenticatedRules=identity")).toBe("indeterminate");
  });

  it("puts several files of one machine together: local rules, group policy, MDM", async () => {
    const policy = `Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\PublicProfile]
"AllowLocalPolicyMerge"=dword:00000000

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules]
"gp"="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=9000|App=C:\\\\Tools\\\\web.exe|Colour=Blue|Name=GP|"
`;
    const many = { ...files, "policy.reg": policy, "a,b.reg": files["rules.reg"] };
    const ask = async (source: string, flow: string, ...more: string[]) =>
      (await runCli(["trace", flow, "--policy", source, "--json", ...more], { files: many })).records().at(-1)?.verdict;
    const gp = WEB.replace(":8080", ":9000");
    expect(await ask("rules.reg", WEB)).toBe("permit");
    expect(await ask("rules.reg,policy.reg", WEB)).toBe("block");
    expect(await ask("rules.reg,policy.reg", FILES)).toBe("permit");
    expect(await ask("rules.reg", gp)).toBe("block");
    expect(await ask("rules.reg, policy.reg", gp)).toBe("permit");
    expect(await ask("rules.reg,policy.reg", gp, "--without", "GP")).toBe("block");
    // A file whose name has a comma is one file.
    expect(await ask("a,b.reg", WEB)).toBe("permit");
    const { stdout, stderr } = await runCli(["trace", gp, "--policy", "rules.reg,policy.reg"], { files: many });
    expect(stdout).toContain("Policy    rules.reg, policy.reg (made by wfplab");
    expect(stderr).toContain('policy.reg:7: warning: rule "gp" has the unknown key "Colour"');
    const mixed = await runCli(["trace", gp, "--policy", "rules.reg,dump.xml"], { files: { ...many, "dump.xml": "<wfpstate/>" } });
    expect([mixed.status, mixed.stderr]).toEqual([2, expect.stringMatching(/^dump\.xml: holds no firewall rules in a known form/)]);
    expect((await runCli(["trace", gp, "--policy", "rules.reg,@desktop"], { files: many })).stderr).toMatch(/found "@desktop"/);
  });

  it("takes them in a suite as a list, from the suite's folder", async () => {
    const suite = `policy: [rules.reg, more/policy.reg]
tests:
  - { name: web, flow: '${WEB}', expect: block }
  - { name: the list of the command line, flow: '${WEB}', expect: permit, policy: { from: "rules.reg,more/local.reg" } }
`;
    const policy = `Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\PublicProfile]
"AllowLocalPolicyMerge"=dword:00000000
`;
    const { stdout, status } = await runCli(["test", "s/suite.yaml"], {
      files: { "s/suite.yaml": suite, "s/rules.reg": files["rules.reg"], "s/more/policy.reg": policy, "s/more/local.reg": REG },
    });
    expect(stdout).toMatch(/2 passed/);
    expect(status).toBe(0);
  });
});
