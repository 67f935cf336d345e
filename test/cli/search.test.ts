import { describe, expect, it } from "vitest";
import { seededRandom } from "../../bench/random.ts";
import { defaultPolicy } from "../../src/firewall/index.ts";
import {
  type Condition,
  FIELD_KEY,
  type FwpValue,
  type Guid,
  LAYER_KEY,
  type Policy,
  parseGuid,
  range,
  SUBLAYER_KEY,
  uint16,
  uint32,
} from "../../src/model/index.ts";
import { writeNetsh } from "../../src/sources/index.ts";
import { BLOCK, filter, layerNamed, PERMIT, policy } from "../engine/policy-lab.ts";
import { asked, traced } from "./question-witnesses.ts";
import { runCli } from "./run-cli.ts";

const SERVER = ["--policy", "@server"];
const files = { "state.xml": writeNetsh(defaultPolicy("server")) };
const DUMP = ["--policy", "state.xml"];

function parseGuidOf(text: string): Guid {
  const guid = parseGuid(text);
  if (guid === undefined) throw new Error(`no GUID: ${text}`);
  return guid;
}

function firstOf<T>(list: readonly T[] | null): T {
  const [first] = list ?? [];
  if (first === undefined) throw new Error("expected one at least");
  return first;
}

const server = defaultPolicy("server");
const CALLOUT = parseGuidOf("{aaaaaaaa-0000-4000-8000-000000000001}");

/** Port 8443 is left to a driver's code. */
const withUnknownCallout: Policy = {
  ...server,
  callouts: [
    ...(server.callouts ?? []),
    {
      ...firstOf(server.callouts),
      key: CALLOUT,
      name: "Somebody's callout",
      description: "",
      calloutId: 9999,
      applicableLayer: LAYER_KEY.ALE_AUTH_CONNECT_V4,
    },
  ],
  filters: [
    ...server.filters,
    {
      ...firstOf(server.filters.filter(({ layerKey }) => layerKey === LAYER_KEY.ALE_AUTH_CONNECT_V4)),
      key: parseGuidOf("{aaaaaaaa-0000-4000-8000-000000000002}"),
      name: "Somebody's callout",
      origin: null,
      filterId: 999_999n,
      subLayerKey: SUBLAYER_KEY.UNIVERSAL,
      weight: { type: "FWP_EMPTY" },
      flags: 0,
      namedFlags: [],
      providerContextKey: null,
      conditions: [{ fieldKey: FIELD_KEY.IP_REMOTE_PORT, matchType: "FWP_MATCH_EQUAL", value: uint16(8443) }],
      action: { type: "FWP_ACTION_CALLOUT_TERMINATING", calloutKey: CALLOUT },
    },
  ],
};

/** The one line of an error. */
async function refused(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runCli(["search", ...args]);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  return stderr;
}

describe("wfplab search", () => {
  it("proves that nothing reaches a port that no rule opens", async () => {
    const { status, stdout } = await runCli(["search", "in tcp from internet to :3389", "--verdict", "permit"]);
    expect(status).toBe(1);
    expect(stdout).toContain("Question  in tcp from internet to :3389: is any permitted?");
    expect(stdout).toContain("Answer    none: proved for all flows (6 cases)");
    expect(stdout).toMatch(/^Assumed {3}a program listens/m);
    expect(stdout).toContain("no policy was given: this is one that ships with wfplab");
  });

  it("names the programs, services and ports that are open, with an example that trace confirms", async () => {
    const { status, stdout } = await runCli(["search", "in tcp from internet to :3389", "--verdict", "permit", ...SERVER]);
    expect(status).toBe(0);
    expect(stdout).toContain("program C:\\windows\\system32\\svchost.exe; account NT SERVICE\\TermService");
    expect(stdout).toMatch(
      / {2}for example in tcp 8\.8\.8\.8:50000 > 10\.0\.0\.5:3389 .*service=TermService package=none profile=domain\n/,
    );
    expect(stdout).toMatch(/PERMIT at ALE_AUTH_RECV_ACCEPT_V4 by #\d+ \(0x[0-9a-f]+\) "Remote desktop \(TCP\)"/);
    expect(stdout).toContain("Answer    yes, in 2 of 6 cases");
  });

  it.each([
    ["in any any > any", "permit"],
    ["in any any > any", "block"],
    ["out any any > any", "permit"],
    ["out any any > any", "block"],
  ])("%s %s: every witness has that verdict by trace, on the policy and on its dump", async (question, verdict) => {
    for (const policy of [SERVER, DUMP]) {
      const { status, answers, summary } = await asked(["search", question, "--verdict", verdict, ...policy], { files });
      expect(status).toBe(answers.length > 0 ? 0 : 1);
      expect(summary).toMatchObject({ certainty: "proved", unsettled: [], verdict, question });
      const flows = answers.map(({ witness }) => witness.flow);
      const expected = answers.map(() => verdict);
      expect(await traced(flows, policy, { files })).toEqual(expected);
    }
  });

  it("has witnesses that people know: ordinary ports and addresses, ping, the kernel as LocalSystem, services by name", async () => {
    const { answers } = await asked(["search", "in any any > any", "--verdict", "permit", ...SERVER]);
    const flows = answers.map(({ witness }) => witness.flow);
    expect(flows).toContain("in tcp 203.0.113.9:50000 > 10.0.0.5:443 app=System user=S-1-5-18 groups=none package=none profile=public");
    expect(flows.some((flow) => flow.startsWith("in icmp 10.0.0.9 > 10.0.0.5 icmp=8/0 "))).toBe(true);
    expect(flows.some((flow) => flow.includes("\\device\\"))).toBe(false);
  });

  it("asks about blocks too, and says what verdict the question has", async () => {
    const { answers, summary } = await asked(["search", "out tcp any > internet:443", "--verdict", "block", ...SERVER]);
    expect(summary.verdict).toBe("block");
    // Only services that are confined to their own ports.
    expect(answers.map(({ decidedBy }) => decidedBy?.filterName)).toEqual([
      "Hardened services send nothing else",
      "Hardened services send nothing else",
    ]);
    expect(answers[0]?.classes).toEqual([{ dependsOn: ["ALE_APP_ID", "ALE_USER_ID"], usual: false }]);
  });

  it("leaves out what is excepted, by port, profile, address and program", async () => {
    const ask = async (...except: readonly string[]) => {
      const flags = except.flatMap((flows) => ["--except", flows]);
      return (await asked(["search", "in tcp internet > any family=4", "--verdict", "permit", ...flags, ...SERVER])).answers;
    };
    const ports = (answers: Awaited<ReturnType<typeof ask>>) =>
      answers.flatMap(({ part, classes }) => classes.map(({ IP_LOCAL_PORT }) => `${part}: ${IP_LOCAL_PORT}`));
    expect(ports(await ask())).toEqual([
      "in tcp IPv4 public, private: 80, 443",
      "in tcp IPv4 public, private: 8080",
      "in tcp IPv4 domain: 80, 443, 5985",
      "in tcp IPv4 domain: 8080",
      "in tcp IPv4 domain: 135",
      "in tcp IPv4 domain: 3389",
    ]);
    expect(ports(await ask("in tcp any > any:80,443,5985,135,3389"))).toEqual(["in tcp IPv4 public, private, domain: 8080"]);
    expect(ports(await ask("in tcp any > any profile=domain", "in tcp any > any:80 profile=public,private"))).toEqual([
      "in tcp IPv4 public, private: 443",
      "in tcp IPv4 public, private: 8080",
    ]);
    expect(
      ports(await ask("in tcp any > any app=System", "in tcp any > any service=TermService", "in tcp any > any service=RpcSs")),
    ).toEqual(["in tcp IPv4 public, private, domain: 8080"]);
    const { status, summary } = await asked([
      ...["search", "in tcp internet > any:80", "--verdict", "permit", "--except", "in tcp any > any:1-1023"],
      ...SERVER,
    ]);
    expect([status, summary.certainty, summary.found]).toEqual([1, "proved", 0]);
  });

  it("finds what a filter decides, by id, key, name and rule, also where an earlier sublayer permits first", async () => {
    const byName = await asked(["search", "in any any > any", "--by", "Remote desktop (TCP)", ...SERVER]);
    expect(byName.status).toBe(0);
    expect(byName.answers.map(({ part }) => part)).toEqual(["in tcp IPv4 domain", "in tcp IPv6 domain"]);
    for (const { witness, decidedBy } of byName.answers) {
      expect(witness.verdict).toBe("permit");
      expect(decidedBy?.filterName).toBe("Remote desktop (TCP)");
    }
    const id = byName.answers[0]?.decidedBy?.filterId ?? "";
    const byId = await asked(["search", "in any any > any", "--by", `0x${BigInt(id).toString(16)}`, ...SERVER]);
    expect(byId.answers).toEqual(byName.answers.slice(0, 1));
    expect(byId.summary.decidedBy).toBe(`0x${BigInt(id).toString(16)}`);
  });

  it("proves that a filter never decides as asked", async () => {
    const { status, stdout } = await runCli([
      "search",
      "in any any > any",
      "--by",
      "Remote desktop (TCP)",
      "--verdict",
      "block",
      ...SERVER,
    ]);
    expect(status).toBe(1);
    expect(stdout).toContain("is any blocked and decided by Remote desktop (TCP)?");
    expect(stdout).toMatch(/^Answer {4}none: proved for all flows/m);
  });

  it("tells indeterminate flows: those of a callout that nobody knows, and none where all are known", async () => {
    const none = await asked(["search", "out tcp any > internet", "--verdict", "indeterminate", ...SERVER]);
    expect([none.status, none.summary.certainty]).toEqual([1, "proved"]);
    const { answers, status, summary } = await asked(["search", "out tcp any > internet", "--verdict", "indeterminate", ...DUMP], {
      files: { "state.xml": writeNetsh(withUnknownCallout) },
    });
    expect([status, summary.certainty]).toEqual([0, "proved"]);
    expect(answers.map(({ part }) => part)).toEqual(["out tcp IPv4 public, private, domain"]);
    expect(answers[0]?.witness).toMatchObject({ verdict: "indeterminate", flow: expect.stringContaining(":8443 ") });
    expect(answers[0]?.decidedBy?.filterName).toBe("Somebody's callout");
    const rest = await asked(["search", "out tcp any > any:8443", "--verdict", "permit", "--by", "Somebody's callout", ...DUMP], {
      files: { "state.xml": writeNetsh(withUnknownCallout) },
    });
    expect([rest.status, rest.summary.certainty]).toEqual([1, "proved"]);
  });

  it("has no port with protocols that have none, and takes any with a port for those that have some", async () => {
    const { answers } = await asked(["search", "in any loopback > loopback:443", "--verdict", "permit", ...SERVER]);
    expect(answers.map(({ part }) => part)).toEqual([
      "in tcp IPv4 loopback",
      "in udp IPv4 loopback",
      "in tcp IPv6 loopback",
      "in udp IPv6 loopback",
    ]);
    expect(await refused("in icmp any > any:80", "--verdict", "permit")).toContain("expected no port with icmp; icmp=TYPE/CODE");
  });

  it("tells messages of ICMP from errors, which take another way, and settles both", async () => {
    const { answers, summary } = await asked(["search", "in icmp any > any", "--verdict", "permit", ...SERVER]);
    expect(summary.certainty).toBe("proved");
    expect(answers.map(({ part }) => part)).toContain("in icmp IPv4 errors loopback");
    const ping = answers.find(({ part }) => part === "in icmp IPv4 unicast, multicast, broadcast private, domain");
    // But for services that receive nothing.
    expect(ping?.classes).toEqual([{ IP_REMOTE_ADDRESS: "10.0.0.0/24", ICMP_TYPE: "8", dependsOn: ["ALE_USER_ID"], usual: true }]);
  });

  it("prints the whole trace of each witness and what it cost with --explain", async () => {
    const { stdout } = await runCli(["search", "in tcp from internet to :3389", "--verdict", "permit", "--explain", ...SERVER]);
    expect(stdout.match(/^ {4}Verdict {3}PERMIT/gm)).toHaveLength(2);
    expect(stdout).toMatch(/^Cost {6}[\d,]+ nodes at most/m);
  });

  it("lists as many classes as asked and says that there are more", async () => {
    const one = (await runCli(["search", "in tcp any > any profile=domain", "--verdict", "permit", "--classes", "1", ...SERVER])).stdout;
    expect(one).toContain("and more classes (--classes N lists more)");
    const { answers } = await asked(["search", "in tcp any > any profile=domain", "--verdict", "permit", "--classes", "1", ...SERVER]);
    expect(answers.map(({ classes, more }) => [classes.length, more])).toEqual(answers.map(() => [1, true]));
    const all = await asked(["search", "in tcp any > any profile=domain", "--verdict", "permit", "--classes", "50", ...SERVER]);
    expect(all.answers.every(({ more }) => more === false)).toBe(true);
  });

  it("refuses what it cannot read in one line", async () => {
    expect(await refused("in tcp any > any")).toContain("expected --verdict permit, block or indeterminate, --by FILTER, or both");
    expect(await refused("", "--verdict", "permit")).toContain("expected flows, as in: in tcp from internet to :3389");
    expect(await refused("in tcpp from internet", "--verdict", "permit")).toMatch(
      /^wfplab: flow "in tcpp from internet": expected a protocol .* did you mean "tcp"\?$/m,
    );
    expect(await refused("in tcp fromm internet", "--verdict", "permit")).toContain('found "fromm"');
    expect(await refused("in tcp any > any:99999", "--verdict", "permit")).toContain("column 14: expected ports");
    expect(await refused("in tcp any > any", "--verdict", "maybe")).toContain("expected permit or block or indeterminate");
    expect(await refused("in tcp any > any", "--by", "nobody")).toContain('has no filter or rule "nobody"');
    expect(await refused("in tcp any > any", "--verdict", "permit", "--classes", "x")).toContain(
      "--classes: expected a whole number from 0",
    );
    expect(await refused("in tcp any > any", "--verdict", "permit", "--max-nodes", "5")).toContain("from 1,000 to 100,000,000");
    expect(await refused("in tcp any > any", "--verdict", "permit", "--except", "out foo")).toContain("expected a protocol");
    expect(await refused("in tcp any > any", "--verdict", "permit", "--policy", "nowhere.xml")).toContain("nowhere.xml: no such file");
    expect(await refused("in tcp loopback > any profile=public", "--verdict", "permit")).toContain("no flow is like that");
  });
});

describe("wfplab search beyond its budget", () => {
  const SMALL = ["--max-nodes", "1,000"];

  it("asks trace instead: an example that holds, and what is not settled", async () => {
    const { status, answers, summary } = await asked(["search", "in tcp any > any", "--verdict", "permit", ...SMALL, ...SERVER]);
    expect([status, summary.certainty]).toEqual([0, "bounded"]);
    expect(JSON.stringify(summary.unsettled)).toContain("an example, but not all classes: more than 1,000 nodes would be needed");
    const flows = answers.map(({ witness }) => witness.flow);
    expect(flows.length).toBeGreaterThan(0);
    expect(await traced(flows, SERVER)).toEqual(flows.map(() => "permit"));
  });

  it("still proves that there is none where trace can be asked for all parts", async () => {
    const { status, summary } = await asked(["search", "in tcp internet > any:25", "--verdict", "permit", ...SMALL, ...SERVER]);
    expect([status, summary.certainty, summary.found]).toEqual([1, "proved", 0]);
  });

  it("ends within its budget, with a clear statement, for a policy made to explode", { timeout: 30_000 }, async () => {
    // Ranges of four fields that overlap at random have no small decision diagram.
    const random = seededRandom(7);
    const span = (bits: number) => [random.below(2 ** bits), random.below(2 ** bits)].sort((a, b) => a - b) as [number, number];
    const between = (fieldKey: Guid, [low, high]: readonly [number, number], of: (value: number) => FwpValue): Condition => ({
      fieldKey,
      matchType: "FWP_MATCH_RANGE",
      value: range(of(low), of(high)),
    });
    const filters = Array.from({ length: 600 }, (_, index) =>
      filter({
        id: index + 1,
        layer: layerNamed("ALE_AUTH_RECV_ACCEPT_V4"),
        action: index % 2 === 0 ? PERMIT : BLOCK,
        weight: BigInt(index),
        conditions: [
          between(FIELD_KEY.IP_LOCAL_ADDRESS, span(32), uint32),
          between(FIELD_KEY.IP_REMOTE_ADDRESS, span(32), uint32),
          between(FIELD_KEY.IP_LOCAL_PORT, span(16), uint16),
          between(FIELD_KEY.IP_REMOTE_PORT, span(16), uint16),
        ],
      }),
    );
    const setting = { files: { "explodes.xml": writeNetsh(policy(filters)) } };
    const { status, stdout, stderr } = await runCli(
      ["search", "in tcp any > any family=4", "--verdict", "indeterminate", "--max-nodes", "100,000", "--policy", "explodes.xml"],
      setting,
    );
    expect([status, stderr]).toEqual([3, ""]);
    expect(stdout).toContain("none found, which is no proof: not all of 4 cases could be settled");
    expect(stdout).toMatch(/^Unsettled in tcp IPv4 public, private, domain: more than 100,000 nodes would be needed$/m);
    expect(stdout).not.toContain("proved");
  });

  it("ends with status 3 and never says that there is none where nothing is settled", async () => {
    const args = ["search", "in tcp internet > any:25", "--verdict", "permit", "--except", "in tcp any > any:26", ...SMALL, ...SERVER];
    const { status, stdout } = await runCli(args);
    expect(status).toBe(3);
    expect(stdout).toContain("none found, which is no proof: not all of 6 cases could be settled");
    expect(stdout).toMatch(/^Unsettled in tcp IPv4 public, private, domain: more than 1,000 nodes would be needed/m);
    expect(stdout).not.toContain("proved");
  });
});
