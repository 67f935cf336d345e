/**
 * Writes `examples/rules/gpo-backup/`: what the backup of a group policy object has that tells of firewall rules.
 *
 *     npx tsx scripts/generate-gpo-example.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";

const BACKUP = "examples/rules/gpo-backup/{5C0D1A52-7E6B-4F0B-9B0C-2A1D3E4F5A01}";
const KEY = "SOFTWARE\\Policies\\Microsoft\\WindowsFirewall";
const VALUES: readonly (readonly [key: string, name: string, value: string | number])[] = [
  [KEY, "PolicyVersion", 0x21f],
  [`${KEY}\\DomainProfile`, "EnableFirewall", 1],
  [`${KEY}\\DomainProfile`, "AllowLocalPolicyMerge", 0],
  [`${KEY}\\PublicProfile`, "EnableFirewall", 1],
  [`${KEY}\\PublicProfile`, "DefaultOutboundAction", 1],
  [
    `${KEY}\\FirewallRules`,
    "{0B8E2F11-64B7-4F7E-8C1D-5B3A9D2C7E01}",
    "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|LPort=5985|RA4=10.20.0.0/255.255.0.0|App=System|Name=Remote management from the help desk|",
  ],
  [
    `${KEY}\\FirewallRules`,
    "{0B8E2F11-64B7-4F7E-8C1D-5B3A9D2C7E02}",
    "v2.31|Action=Allow|Active=TRUE|Dir=Out|Protocol=6|Profile=Public|RPort=443|App=C:\\Program Files\\Tunnel\\tunnel.exe|Name=Tunnel|",
  ],
];

const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");
const dword = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
const REG_SZ = 1;
const REG_DWORD = 4;

const entries = VALUES.flatMap(([key, name, value]) => {
  const data = typeof value === "number" ? dword(value) : utf16(`${value}\0`);
  const type = dword(typeof value === "number" ? REG_DWORD : REG_SZ);
  return [utf16(`[${key}\0;${name}\0;`), type, utf16(";"), dword(data.length), utf16(";"), data, utf16("]")];
});
const machine = `${BACKUP}/DomainSysvol/GPO/Machine`;
mkdirSync(machine, { recursive: true });
writeFileSync(`${machine}/registry.pol`, Buffer.concat([Buffer.from("PReg"), dword(1), ...entries]));
writeFileSync(
  `${BACKUP}/bkupInfo.xml`,
  `<BackupInst xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest"><GPOGuid><![CDATA[{5C0D1A52-7E6B-4F0B-9B0C-2A1D3E4F5A02}]]></GPOGuid><GPODomain><![CDATA[corp.example]]></GPODomain><GPODisplayName><![CDATA[Laptops]]></GPODisplayName><Comment><![CDATA[Made for the examples of wfplab]]></Comment></BackupInst>\n`,
);
