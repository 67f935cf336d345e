import { describe, expect, it } from "vitest";
import { Bfe, FilterEngine } from "../../src/engine/index.ts";
import { compileFirewall, configOfRules, mergeRules } from "../../src/firewall/index.ts";
import { parseFlow } from "../../src/model/index.ts";
import { readFirewallRules } from "../../src/sources/index.ts";
import { traceFlow } from "../../src/stack/index.ts";

const COUNT = 7000;
const KEY = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules";

/** A registry export with rules of many kinds, as machines collect them over the years: programs, ports, addresses, subnets, services. */
function manyRules(): Uint8Array {
  const lines = Array.from({ length: COUNT }, (_, index) => {
    const kinds = [
      `Dir=In|Protocol=6|LPort=${1024 + index}|Name=Port ${index}`,
      `Dir=In|Protocol=17|App=C:\\\\Programs\\\\app${index}.exe|Name=Program ${index}`,
      `Dir=In|Protocol=6|LPort=445|RA4=10.${index % 250}.${(index >> 3) % 250}.0/255.255.255.0|App=System|Name=Branch ${index}`,
      `Dir=Out|Protocol=6|RPort=${1024 + index}|RA4=198.51.100.${index % 250}|Name=Outbound ${index}`,
      `Dir=In|Protocol=6|LPort=RPC|RA4=LocalSubnet|RA6=LocalSubnet|App=%SystemRoot%\\\\System32\\\\svchost.exe|Svc=svc${index}|Name=Service ${index}`,
    ];
    const action = index % 10 === 3 ? "Block" : "Allow";
    return `"rule-${index}"="v2.31|Action=${action}|Active=TRUE|${kinds[index % kinds.length]}|"`;
  });
  return new TextEncoder().encode(`Windows Registry Editor Version 5.00\r\n\r\n[${KEY}]\r\n${lines.join("\r\n")}\r\n`);
}

describe("a registry export of 7,000 rules", () => {
  // A hundred times what it takes would still be too slow for nobody to notice: the limit is there for what grows with the square.
  it("is read, compiled and asked", { timeout: 30_000 }, () => {
    const imported = readFirewallRules(manyRules(), { source: "many.reg" });
    expect(imported.rules).toHaveLength(COUNT);
    const windows = "11";
    const bfe = new Bfe({ windows, phase: "running" });
    const { skipped, byOrigin } = compileFirewall(bfe, configOfRules(mergeRules([imported], { windows }), { windows }));
    expect([...new Set(skipped.values())]).toEqual(["default-permits"]);
    expect(byOrigin.size).toBeGreaterThan(COUNT - skipped.size);
    expect(bfe.policy.filters.length).toBeGreaterThan(20_000);

    const engine = new FilterEngine(bfe.policy);
    const told = "user=SYSTEM groups=none package=none flags=none iftype=ethernet tunnel=none local-type=unicast profile=private";
    for (let index = 0; index < 100; index++) {
      const answer = traceFlow(engine, parseFlow(`in tcp 203.0.113.9:51000 > 10.0.0.5:${1024 + index * 5} app=C:\\x.exe ${told}`), {
        windows,
      });
      expect(answer.verdict).toBe("permit");
    }
  });
});
