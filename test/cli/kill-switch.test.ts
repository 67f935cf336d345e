import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { readyPolicy } from "../../src/cli/suite/suite-policies.ts";
import type { Policy } from "../../src/model/index.ts";
import { openSuite, writeNetsh } from "../../src/sources/index.ts";
import { runCli } from "./run-cli.ts";

const SUITE = "examples/suites/known-troubles.yaml";
const TUNNEL = "14918173765664768";
/** Any interface: what is proved holds whichever way a packet would leave. */
const ANYWHERE = "out any any > any if=any";
/** What may leave outside the tunnel, as WireGuard for Windows documents it (tunnel/firewall/blocker.go): */
const ALLOWED = [
  // its own service, which carries the tunnel,
  'out any any > any if=any app="C:\\Program Files\\WireGuard\\wireguard.exe"',
  // what goes through the tunnel, to its DNS server and to the machine itself,
  `out any any > any if=luid:${TUNNEL}`,
  "out tcp,udp any > 10.64.0.1:53 if=any",
  "out any any > loopback if=any",
  // and what it takes to have a network at all: DHCP, and the discovery of neighbours.
  "out udp any:68 > 255.255.255.255:67 if=any",
  "out icmpv6 any > [ff02::/16] icmp=135/0 if=any",
];

let killSwitch: Policy;
beforeAll(async () => {
  const { policies } = await openSuite(readFileSync(SUITE, "utf8"), {
    file: SUITE,
    readText: (path) => readFileSync(`examples/suites/${path}`, "utf8"),
  });
  const wanted = policies.get("WireGuard kill switch");
  if (wanted === undefined) throw new RangeError("the suite has lost its kill switch");
  const io = { stderr: { write: () => true } } as unknown as Parameters<typeof readyPolicy>[0];
  killSwitch = (await readyPolicy(io, wanted, false)).policy;
});

/** Traffic that leaves outside the tunnel though it may not. */
async function leaks(policy: Policy, allowed: readonly string[] = ALLOWED) {
  const file = writeNetsh({ ...policy, completeness: "state" });
  const except = allowed.flatMap((text) => ["--except", text]);
  const args = ["search", ANYWHERE, "--verdict", "permit", "--policy", "vpn.xml", "--json", ...except];
  const records = (await runCli(args, { files: { "vpn.xml": file } })).records();
  const answers = records.filter(({ type }) => type === "answer");
  return {
    // The stack's own ICMP errors pass no ALE layer: to stop them takes a filter at OUTBOUND_ICMP_ERROR, which this VPN does not add.
    errors: answers.filter(({ part }) => / errors /.test(String(part))),
    answers: answers.filter(({ part }) => !/ errors /.test(String(part))),
    summary: records.at(-1),
  };
}

const without = (...names: string[]): Policy => ({
  ...killSwitch,
  filters: killSwitch.filters.filter(({ name }) => !names.includes(name)),
});

describe("a VPN's kill switch, as WireGuard for Windows documents it", () => {
  it("has no leak: proved for all packets, protocols, families, programs and interfaces", async () => {
    const { answers, errors, summary } = await leaks(killSwitch);
    expect(answers).toEqual([]);
    expect(summary).toMatchObject({ type: "summary", certainty: "proved", unsettled: [] });
    expect(new Set(errors.map(({ part }) => String(part).split(" ")[1]))).toEqual(new Set(["icmp", "icmpv6"]));
    for (const { decidedBy } of errors) expect(decidedBy).toBeNull();
  });

  it("is not proved trivially: each thing that it lets through is found where it is not excepted", async () => {
    for (const [index, text] of ALLOWED.entries()) {
      const { answers } = await leaks(
        killSwitch,
        ALLOWED.filter((_, at) => at !== index),
      );
      expect([text, answers.length > 0]).toEqual([text, true]);
    }
  });

  it("with the filter gone that blocks IPv6, the leak is found and shown, and trace confirms it", async () => {
    const blocks = killSwitch.filters.filter(({ name }) => name === "Block all");
    expect(blocks).toHaveLength(2);
    for (const gone of blocks) {
      const leaking = { ...killSwitch, filters: killSwitch.filters.filter((filter) => filter !== gone) };
      const { answers } = await leaks(leaking);
      const families = new Set(answers.map(({ part }) => /IPv[46]/.exec(String(part))?.[0]));
      const layer = killSwitch.layers.find(({ key }) => key === gone.layerKey)?.name;
      expect([...families]).toEqual([layer?.endsWith("V6") ? "IPv6" : "IPv4"]);
      expect(answers.length).toBeGreaterThan(2);
      for (const { witness } of answers) {
        const { flow, verdict } = witness as { readonly flow: string; readonly verdict: string };
        expect(verdict).toBe("permit");
        const file = writeNetsh({ ...leaking, completeness: "state" });
        const traced = await runCli(["trace", flow, "--policy", "vpn.xml", "--expect", "permit"], { files: { "vpn.xml": file } });
        expect([flow, traced.status]).toEqual([flow, 0]);
        const whole = writeNetsh({ ...killSwitch, completeness: "state" });
        expect((await runCli(["trace", flow, "--policy", "vpn.xml", "--expect", "block"], { files: { "vpn.xml": whole } })).status).toBe(0);
      }
    }
  });

  it("without its block of other DNS servers nothing leaks but within the tunnel, where names are asked of anybody", async () => {
    const { answers, summary } = await leaks(without("No other DNS"));
    expect([answers, summary?.certainty]).toEqual([[], "proved"]);
    const dns = ALLOWED.filter((text) => !text.includes(TUNNEL));
    const inside = async (policy: Policy) => {
      const file = writeNetsh({ ...policy, completeness: "state" });
      const except = dns.flatMap((text) => ["--except", text]);
      return runCli(["search", "out udp any > internet:53 if=any", "--verdict", "permit", "--policy", "vpn.xml", ...except], {
        files: { "vpn.xml": file },
      });
    };
    expect((await inside(killSwitch)).status).toBe(1);
    expect((await inside(without("No other DNS"))).status).toBe(0);
  });

  it("loopback is open to every program, in an AppContainer or not, as the flags of no other traffic can be there", async () => {
    const file = writeNetsh({ ...killSwitch, completeness: "state" });
    const args = ["search", "out tcp any > loopback if=any", "--verdict", "permit", "--policy", "vpn.xml", "--json"];
    const answers = (await runCli(args, { files: { "vpn.xml": file } })).records().filter(({ type }) => type === "answer");
    expect(answers).toHaveLength(2);
    for (const { classes } of answers) for (const each of classes as object[]) expect(each).not.toHaveProperty("dependsOn");
    // Only DNS is left: the block of other servers comes before.
    const blocked = [...args.slice(0, 2), "--verdict", "block", ...args.slice(4)];
    const [first] = (await runCli(blocked, { files: { "vpn.xml": file } })).records();
    expect(first?.classes).toMatchObject([{ IP_REMOTE_PORT: "53" }]);
  });
});
