import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/model/index.ts";
import { firewallFormatOf, readFirewallRules } from "../../../src/sources/index.ts";
import { hiveBytes, polBytes, regBytes } from "./write-registry.ts";

const KEY = "SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy";
const rule = (name: string) =>
  `v2.31|Action=Allow|Active=TRUE|Dir=In|Profile=Public|Protocol=6|LPort=443|RA4=LocalSubnet|App=C:\\a.exe|Name=${name}|`;
const bytes = (text: string) => new TextEncoder().encode(text);
const LINE = "-".repeat(70);
const POWERSHELL = [1, 2, 3].map((number) => ({
  Name: `r${number}`,
  Enabled: 1,
  Direction: 1,
  Action: 2,
  PortFilter: { Protocol: "TCP", LocalPort: ["80", "443"] },
}));

/** Three rules in each form. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  reg: regBytes({
    [`${KEY}\\FirewallRules`]: { a: rule("A"), b: rule("B"), c: rule("C") },
    [`${KEY}\\PublicProfile`]: { EnableFirewall: 1 },
  }),
  hive: hiveBytes({
    name: "R",
    keys: [
      { name: "FirewallRules", values: { a: rule("A"), b: rule("B"), c: rule("C") } },
      { name: "PublicProfile", values: { EnableFirewall: 1 } },
    ],
  }),
  "registry.pol": polBytes(
    ["a", "b", "c"].map((id) => ["Software\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules", id, rule(id)] as const),
  ),
  netsh: bytes(
    ["A", "B", "C"]
      .map(
        (name) =>
          `Rule Name:   ${name}\n${LINE}\nEnabled:   Yes\nDirection:   In\nProfiles:   Public\nProtocol:   TCP\nLocalPort:   443\nProgram:   C:\\a.exe\nAction:   Allow\n\n`,
      )
      .join(""),
  ),
  csv: bytes(
    `"Name","Direction","Action","Protocol","LocalPort"\n${["a", "b", "c"].map((name) => `"${name}","Inbound","Allow","TCP","443"\n`).join("")}`,
  ),
  "powershell-json": bytes(JSON.stringify(POWERSHELL, null, 1)),
  clixml: bytes(
    `<Objs Version="1.1.0.1">${POWERSHELL.map(({ Name }) => `<Obj RefId="${Name}"><MS><S N="Name">${Name}</S><S N="Direction">Inbound</S><S N="Action">Allow</S><S N="Protocol">TCP</S></MS></Obj>\n`).join("")}</Objs>`,
  ),
  "mdm-xml": bytes(
    `<SyncML>${["a", "b", "c"].map((name) => `<Add><Item><Target><LocURI>./Vendor/MSFT/Firewall/MdmStore/FirewallRules/${name}/Direction</LocURI></Target><Data>IN</Data></Item></Add>\n`).join("")}</SyncML>`,
  ),
};

/** Bytes after which a file is cut between two rules. */
const BETWEEN: Readonly<Record<string, number>> = { reg: 8, "registry.pol": 2, netsh: 6, csv: 6 };

/** The rules and remarks, or nothing where the file is refused with a place in it. Anything else that is thrown fails the test. */
function attempt(content: Uint8Array) {
  try {
    return readFirewallRules(content, { source: "f" });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.position.file).toBe("f");
    return undefined;
  }
}

describe.each(Object.keys(FILES))("%s", (format) => {
  const whole = FILES[format] ?? new Uint8Array();

  it("is known and read whole", () => {
    expect(firewallFormatOf(whole)).toBe(format);
    expect(attempt(whole)?.rules).toHaveLength(3);
  });

  it("is refused or remarked upon where it is cut, but for cuts between rules", () => {
    let unnoticed = 0;
    for (let length = 1; length < whole.length; length++) {
      const read = attempt(whole.subarray(0, length));
      if (read !== undefined && read.rules.length < 3 && read.diagnostics.length === 0) unnoticed++;
    }
    // A file that ends where a rule does cannot be told from a whole one; the line breaks behind it may come too.
    expect(unnoticed).toBeLessThanOrEqual(BETWEEN[format] ?? 0);
  });

  it("never breaks the reader where bytes are garbled", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(whole.length),
        fc.uint8Array({ maxLength: 8 }),
        (changes, at, inserted) => {
          const garbled = Uint8Array.from(whole);
          for (const [place, value] of changes) garbled[place] = value;
          attempt(garbled);
          attempt(Uint8Array.from([...garbled.subarray(0, at), ...inserted, ...garbled.subarray(at)]));
        },
      ),
      { numRuns: 150 },
    );
  });
});

it("never breaks on any bytes at all", () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(FILES)), fc.uint8Array({ maxLength: 300 }), (file, tail) => {
      attempt(tail);
      attempt(Uint8Array.from([...file.subarray(0, 60), ...tail]));
    }),
    { numRuns: 300 },
  );
});
