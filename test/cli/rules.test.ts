import { describe, expect, it } from "vitest";
import { polBytes } from "../sources/firewall-rules/write-registry.ts";
import { runCli } from "./run-cli.ts";

const LOCAL = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy";
const POLICY = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall";
const reg = (sections: Readonly<Record<string, readonly string[]>>) =>
  `Windows Registry Editor Version 5.00\n${Object.entries(sections)
    .map(([key, values]) => `\n[${key}]\n${values.join("\n")}\n`)
    .join("")}`;
const rule = (id: string, text: string) => `"${id}"="v2.32|Active=TRUE|${text}|"`;

const files = {
  "local.reg": reg({
    [`${LOCAL}\\FirewallRules`]: [
      rule("web", "Action=Allow|Dir=In|Protocol=6|LPort=443|Name=Web"),
      rule("admin", "Action=Allow|Dir=In|Protocol=6|LPort=5985|Profile=Domain|Name=Admin"),
      rule("same", "Action=Allow|Dir=In|Protocol=6|LPort=443|Name=Web again"),
      rule("out", "Action=Allow|Dir=Out|Protocol=6|RPort=25|Name=Mail"),
      `"off"="v2.32|Active=FALSE|Action=Allow|Dir=In|Name=Off|"`,
      rule("old", "Action=Allow|Dir=In|Platform=2:6:1|Name=Old"),
    ],
  }),
  "policy.reg": reg({
    [`${POLICY}\\DomainProfile`]: ['"AllowLocalPolicyMerge"=dword:00000000', '"DefaultOutboundAction"=dword:00000001'],
    [`${POLICY}\\FirewallRules`]: [rule("gp", "Action=Block|Dir=In|Protocol=17|Name=No UDP")],
  }),
};

describe("wfplab rules", () => {
  it("merges the stores, and says of every rule what becomes of it", async () => {
    const { records, status } = await runCli(["rules", "local.reg", "policy.reg", "--json"], { files });
    expect(status).toBe(0);
    const all = records();
    const rules = Object.fromEntries(
      all
        .filter(({ type }) => type === "rule")
        .map(({ id, inert, effectiveProfiles }) => [id, (inert as { reason: string } | null)?.reason ?? effectiveProfiles]),
    );
    expect(rules).toEqual({
      web: ["private", "public"],
      admin: "not-merged",
      same: "duplicate",
      out: "default-permits",
      off: "disabled",
      old: "platform",
      gp: ["domain", "private", "public"],
    });
    expect(all.find(({ type, profile }) => type === "profile" && profile === "domain")).toMatchObject({
      allowLocalRules: false,
      settings: { defaultOutboundAction: "block" },
      sources: { defaultOutboundAction: "group-policy", enabled: "default" },
    });
    expect(all.at(-1)).toMatchObject({ type: "summary", windows: "11", rules: 7, inForce: 2, shown: 7 });
  });

  it("shows the rules in force, or with --inert the others", async () => {
    const inForce = await runCli(["rules", "local.reg", "policy.reg"], { files });
    expect(inForce.stdout).toMatch(/^Web +in +allow +pri,pub +tcp 443 +any +any program +local, local\.reg:4$/m);
    expect(inForce.stdout).toMatch(/^No UDP +in +block +all +udp +any +any program +group-policy, policy\.reg:8$/m);
    expect(inForce.stdout).toMatch(/2 in force, 5 that do nothing/);
    expect(inForce.stdout).not.toMatch(/^Admin/m);
    const inert = await runCli(["rules", "local.reg", "policy.reg", "--inert"], { files });
    expect(inert.stdout).toMatch(/^Old .*version 6\.1, Windows 11 is 10\.0$/m);
    expect(inert.stdout).not.toMatch(/^Web {2}/m);
  });

  it("takes one profile", async () => {
    const { records } = await runCli(["rules", "local.reg", "policy.reg", "--json", "--profile", "domain"], { files });
    expect(
      records()
        .filter(({ inForce }) => inForce === true)
        .map(({ id }) => id),
    ).toEqual(["gp"]);
    expect(records().filter(({ type }) => type === "profile")).toHaveLength(1);
  });

  it("tells all about the rules of a name, and fails where there is none", async () => {
    const { stdout, status } = await runCli(["rules", "local.reg", "--name", "web"], { files });
    expect(status).toBe(0);
    expect(stdout).toContain("Id        web");
    expect(stdout).toContain("local.reg:4, v2.32");
    expect(stdout).toContain("does nothing: web says the same");
    expect((await runCli(["rules", "local.reg", "--name", "nothing like it"], { files })).status).toBe(1);
  });

  it("names what it does not understand, and refuses it with --strict", async () => {
    const odd = { "odd.reg": files["local.reg"].replace("Name=Web|", "Name=Web|Colour=Blue|") };
    const lenient = await runCli(["rules", "odd.reg"], { files: odd });
    expect(lenient.stderr).toBe('odd.reg:4: warning: rule "web" has the unknown key "Colour"\n');
    expect(lenient.status).toBe(0);
    const strict = await runCli(["rules", "odd.reg", "--strict"], { files: odd });
    expect([strict.status, strict.stderr]).toEqual([2, expect.stringMatching(/odd\.reg:4: /)]);
    const other = await runCli(["rules", "-"], { stdin: "nothing of the kind" });
    expect([other.status, other.stderr]).toEqual([2, expect.stringMatching(/stdin: holds no firewall rules/)]);
    expect((await runCli(["rules", "-"], { stdin: files["local.reg"] })).status).toBe(0);
  });

  it("takes the folder of a GPO backup for its registry.pol, and names the object", async () => {
    const pol = polBytes([
      ["Software\\Policies\\Microsoft\\WindowsFirewall\\DomainProfile", "AllowLocalPolicyMerge", 0],
      [
        "Software\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules",
        "gp",
        "v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=17|Name=No UDP|",
      ],
    ]);
    const info = (name: string) => `<BackupInst><GPODisplayName><![CDATA[${name}]]></GPODisplayName></BackupInst>`;
    const backup = {
      "backup/{1}/DomainSysvol/GPO/Machine/Registry.pol": pol,
      "backup/{1}/bkupInfo.xml": info("Laptops"),
      "backup/manifest.xml": "<Backups/>",
      "empty/{2}/Backup.xml": "<x/>",
      "empty/bkupInfo.xml": info("Nothing"),
    };
    for (const folder of ["backup/{1}", "backup", "backup/{1}/DomainSysvol/GPO"]) {
      const { stdout, status } = await runCli(["rules", "local.reg", folder], { files: { ...files, ...backup } });
      expect(status).toBe(0);
      expect(stdout).toMatch(folder.endsWith("GPO") ? /^No UDP .*group-policy, Registry\.pol$/m : /^No UDP .*group-policy "Laptops"$/m);
      expect(stdout).toMatch(/^domain .*left out/m);
    }
    const two = { ...backup, "backup/{3}/DomainSysvol/GPO/Machine/registry.pol": pol };
    const both = await runCli(["rules", "backup"], { files: two });
    expect([both.status, both.stderr]).toEqual([
      2,
      expect.stringMatching(/^backup: holds 2 group policy objects \(\{1\} "Laptops", \{3\}\): /),
    ]);
    const none = await runCli(["rules", "empty"], { files: backup });
    expect(none.stderr).toMatch(/^empty: is a GPO backup without DomainSysvol/);
    expect((await runCli(["rules", "src"])).stderr).toMatch(/^src: is a folder without group policy in it/);
  });

  it("says of a rule that overrides blocks that it counts where outbound is open", async () => {
    const { records } = await runCli(["rules", "one.reg", "--json"], {
      files: { "one.reg": reg({ [`${LOCAL}\\FirewallRules`]: [rule("by", "Action=ByPass|Dir=Out|Protocol=6|Name=By")] }) },
    });
    expect(records().find(({ type }) => type === "rule")).toMatchObject({
      inForce: true,
      effectiveProfiles: ["domain", "private", "public"],
    });
  });
});
