import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../bench/random.ts";
import { runCli } from "./run-cli.ts";

const [BEFORE, AFTER] = ["examples/rules/server.csv", "examples/rules/server-after.csv"];
type Record_ = Record<string, unknown>;
interface Witness {
  readonly flow: string;
  readonly verdict: string;
}

const differencesOf = (records: readonly Record_[]) => records.filter(({ type }) => type === "difference");
const filtersOf = (records: readonly Record_[]) => records.filter(({ type }) => type === "filter");
const nameOf = (filter: unknown) => (filter as { readonly filterName: string }).filterName;

/** What `trace` says of a flow, policy by policy. */
async function traced(policy: string, flow: string, files: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const records = (await runCli(["trace", flow, "--policy", policy, "--json"], { files })).records();
  return records.find(({ type }) => type === "verdict")?.verdict;
}

describe("wfplab diff", () => {
  it("of a policy and itself is empty, and a proof", async () => {
    const { stdout, stderr, status } = await runCli(["diff", "@server", "@server"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Filters +0 added, 0 removed, 0 changed; 383 the same by key, 0 by shape$/m);
    expect(stdout).toMatch(/^Traffic +the same: proved for all flows \(\d+ cases\)$/m);
  });

  it("of one changed rule names that rule's filter and the traffic, and nothing else", async () => {
    const { stdout, status } = await runCli(["diff", BEFORE, AFTER]);
    expect(status).toBe(1);
    const records = (await runCli(["diff", BEFORE, AFTER, "--json"])).records();
    expect(filtersOf(records).map(({ change, after, differences }) => [change, nameOf(after), differences])).toEqual([
      ["changed", "Database", ["conditions"]],
    ]);
    // 10.1.0.0/16 was open; now all of 10.0.0.0/8 is.
    expect(differencesOf(records)).toMatchObject([
      {
        part: "in tcp IPv4 domain",
        change: "gained",
        classes: [{ ALE_APP_ID: "C:\\data\\db.exe", IP_REMOTE_ADDRESS: "10.0.0.0/16, 10.2.0.0-10.255.255.255", IP_LOCAL_PORT: "1433" }],
        more: false,
        decidedBefore: { filterName: "Inbound is closed unless a rule allows it" },
        decidedAfter: { filterName: "Database", rule: "db" },
      },
    ]);
    expect(records.at(-1)).toMatchObject({ type: "summary", differences: 1, changed: 1, added: 0, removed: 0, certainty: "proved" });
    expect(stdout).toMatch(/^gained: blocked before, permitted now\n {2}in tcp IPv4 domain$/m);
    expect(stdout).toMatch(/^ {4}- remote address in 10\.1\.0\.0\/16\n {4}\+ remote address in 10\.0\.0\.0\/8$/m);
  });

  it("turned round, what was gained is lost", async () => {
    const [there] = differencesOf((await runCli(["diff", BEFORE, AFTER, "--json"])).records());
    const [back] = differencesOf((await runCli(["diff", AFTER, BEFORE, "--json"])).records());
    expect(back).toMatchObject({ change: "lost", part: there?.part, classes: there?.classes, decidedAfter: there?.decidedBefore });
  });

  it("shows each difference with a flow of which trace says the same on both sides", async () => {
    const records = (await runCli(["diff", "@desktop", "@server", "--json"])).records();
    const found = differencesOf(records);
    expect(found.length).toBeGreaterThan(20);
    for (const { change, before, after } of found) {
      const [was, is] = [before as Witness, after as Witness];
      expect(was.flow).toBe(is.flow);
      expect([was.verdict, is.verdict]).toEqual(change === "gained" ? ["block", "permit"] : ["permit", "block"]);
      expect([await traced("@desktop", was.flow), await traced("@server", is.flow)]).toEqual([was.verdict, is.verdict]);
    }
    expect(records.at(-1)).toMatchObject({ certainty: "proved", unsettled: [], differences: found.length });
  }, 60_000);

  it("misses no flow that two policies treat differently, and tells of each once", async () => {
    const differences = differencesOf((await runCli(["diff", "@desktop", "@server", "--json", "--classes", "50"])).records());
    const random = seededRandom(7);
    const ports = [22, 53, 80, 135, 137, 139, 443, 445, 1900, 3389, 3702, 5353, 5357, 5985, 7680, 8080];
    const programs = ["System", "C:\\windows\\system32\\svchost.exe", "C:\\x.exe"];
    const services = ["", "service=TermService", "service=DoSvc", "service=SSDPSRV", "service=RpcSs"];
    const asked = Array.from({ length: 400 }, () => {
      const [protocol, profile] = [random.pick(["tcp", "udp"]), random.pick(["public", "private", "domain"])];
      const [remote, port, app] = [random.pick(["10.0.0.9", "203.0.113.9"]), random.pick(ports), random.pick(programs)];
      const who = app.endsWith("svchost.exe") ? random.pick(services) : "";
      const flow = `in ${protocol} ${remote}:50000 > 10.0.0.5:${port} app=${app} user=SYSTEM groups=none ${who} package=none profile=${profile}`;
      return { flow, protocol, profile, remote, port, app };
    });
    const verdicts = async (policy: string) => {
      const list = asked.map(({ flow }) => flow).join("\n");
      const records = (await runCli(["trace", "--flows", "-", "--policy", policy, "--json"], { stdin: list })).records();
      return records.filter(({ type }) => type === "verdict").map(({ verdict }) => verdict);
    };
    const [before, after] = [await verdicts("@desktop"), await verdicts("@server")];
    expect(before).toHaveLength(asked.length);
    let different = 0;
    for (const [index, { flow, protocol, profile, remote, port, app }] of asked.entries()) {
      const change = before[index] === after[index] ? null : after[index] === "permit" ? "gained" : "lost";
      const covering = differences
        .filter(({ part }) => String(part).startsWith(`in ${protocol} IPv4 `) && String(part).split(";")[0]?.includes(profile))
        .flatMap(({ change: told, classes }) => (classes as Record_[]).map((each) => ({ told, each })))
        .filter(({ each }) => has(each.IP_LOCAL_PORT, port) && (each.ALE_APP_ID ?? app) === app && isIn(each.IP_REMOTE_ADDRESS, remote))
        .filter(({ each }) => each.ALE_USER_ID === undefined || flow.includes(`service=${String(each.ALE_USER_ID).split("\\").at(-1)}`));
      if (change !== null) different++;
      expect([flow, covering.map(({ told }) => told)]).toEqual([flow, change === null ? [] : [change]]);
    }
    expect(different).toBeGreaterThan(20);
  }, 60_000);

  it("--only narrows the traffic: connect stands for all that is outbound", async () => {
    const out = (await runCli(["diff", BEFORE, AFTER, "--only", "connect", "--json"])).records();
    expect([differencesOf(out), filtersOf(out).length]).toEqual([[], 1]);
    const accept = (await runCli(["diff", BEFORE, AFTER, "--only", "accept", "--json"])).records();
    expect(differencesOf(accept)).toHaveLength(1);
    const flows = (await runCli(["diff", BEFORE, AFTER, "--only", "in tcp any > any:80", "--json"])).records();
    expect(differencesOf(flows)).toEqual([]);
  });

  it("--ignore leaves a rule out of both: nothing differs any more, status 0", async () => {
    const { stdout, status } = await runCli(["diff", BEFORE, AFTER, "--ignore", "Database"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Traffic +the same/m);
    expect((await runCli(["diff", BEFORE, AFTER, "--ignore", "db"])).status).toBe(0);
  });

  it("a rule that is hidden is a difference of filters and not of traffic", async () => {
    const text = readFileSync("examples/rules/troubled.csv", "utf8");
    const off = text.replace('"ssh";"SSH for the help desk";"True"', '"ssh";"SSH for the help desk";"False"');
    const records = (await runCli(["diff", "examples/rules/troubled.csv", "-", "--json"], { stdin: off })).records();
    expect(differencesOf(records)).toEqual([]);
    expect(new Set(filtersOf(records).map(({ change, before }) => `${change} ${nameOf(before)}`))).toEqual(
      new Set(["removed SSH for the help desk"]),
    );
  });

  it("matches filters by shape where keys and names are another machine's", async () => {
    const dump = (key: string, name: string, port: number) =>
      DUMP.replace("@key", key).replace("@name", name).replace("@port", String(port));
    const files = { "a.xml": dump("1", "Telnet", 23), "b.xml": dump("2", "Fernzugriff", 23), "c.xml": dump("1", "Telnet", 2323) };
    const same = (await runCli(["diff", "a.xml", "b.xml", "--json"], { files })).records();
    expect(same.at(-1)).toMatchObject({ sameKey: 0, sameShape: 1, differences: 0 });
    const changed = (await runCli(["diff", "a.xml", "c.xml", "--json"], { files })).records();
    expect(filtersOf(changed)).toMatchObject([{ change: "changed", differences: ["conditions"] }]);
    const ports = differencesOf(changed).map(({ change, classes }) => [change, (classes as Record_[])[0]?.IP_REMOTE_PORT]);
    expect(new Set(ports.map(String))).toEqual(new Set(["gained,23", "lost,2323"]));
  });

  it("without a budget nothing is claimed: status 3 where no difference was found", async () => {
    const { stdout, status } = await runCli(["diff", "@server", "@server", "--max-nodes", "1000"]);
    expect(status).toBe(3);
    expect(stdout).toMatch(/^Unsettled/m);
    expect(stdout).toMatch(/^Traffic +no difference found$/m);
  });

  it("--filters and --classes say how much is listed; --explain what it cost", async () => {
    const { stdout } = await runCli(["diff", "@desktop", "@server", "--only", "connect", "--filters", "--explain"]);
    expect(stdout.match(/^ {2}(added|removed|changed) /gm)).toHaveLength(100);
    expect(stdout).not.toMatch(/and \d+ more/);
    expect(stdout).toMatch(/^Cost /m);
  });

  it.each([
    [["diff", "-", "-"], /standard input can be one of the two policies only/],
    [["diff", "@desktop", "@server", "--classes", "x"], /--classes: expected a number/],
    [["diff", "@desktop", "@server", "--ignore", "nobody"], /--ignore: neither policy has a filter or rule "nobody"/],
    [["diff", "@desktop", "@server", "--only", "sideways"], /sideways/],
    [["diff", "@desktop", "missing.xml"], /missing\.xml/],
  ])("%j: one line, status 2", async (args, message) => {
    const { stderr, status } = await runCli(args);
    expect([status, stderr.trim().split("\n").length]).toEqual([2, 1]);
    expect(stderr).toMatch(message);
  });
});

/** Whether a list of values and ranges has a number; nothing listed is everything. */
function has(list: unknown, number: number): boolean {
  if (list === undefined) return true;
  return String(list)
    .split(", ")
    .some((part) => {
      const [low = "", high = low] = part.split("-");
      return Number(low) <= number && number <= Number(high);
    });
}

function isIn(list: unknown, address: string): boolean {
  const number = (text: string) => text.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  if (list === undefined) return true;
  return String(list)
    .split(", ")
    .some((part) => {
      const [block = "", bits] = part.split("/");
      if (bits !== undefined)
        return Math.floor(number(address) / 2 ** (32 - Number(bits))) === Math.floor(number(block) / 2 ** (32 - Number(bits)));
      const [low = "", high = low] = part.split("-");
      return number(low) <= number(address) && number(address) <= number(high);
    });
}

/** A file of `netsh wfp show filters` with one filter, which blocks a port. */
const DUMP = `<?xml version="1.0" encoding="UTF-8"?>
<wfpdiag>
  <filters numItems="1">
    <item>
      <filterKey>{11111111-2222-3333-4444-00000000000@key}</filterKey>
      <displayData><name>@name</name><description/></displayData>
      <flags/>
      <providerKey/>
      <providerData/>
      <layerKey>FWPM_LAYER_ALE_AUTH_CONNECT_V4</layerKey>
      <subLayerKey>FWPM_SUBLAYER_UNIVERSAL</subLayerKey>
      <weight><type>FWP_EMPTY</type></weight>
      <filterCondition numItems="2">
        <item>
          <fieldKey>FWPM_CONDITION_IP_PROTOCOL</fieldKey>
          <matchType>FWP_MATCH_EQUAL</matchType>
          <conditionValue><type>FWP_UINT8</type><uint8>6</uint8></conditionValue>
        </item>
        <item>
          <fieldKey>FWPM_CONDITION_IP_REMOTE_PORT</fieldKey>
          <matchType>FWP_MATCH_EQUAL</matchType>
          <conditionValue><type>FWP_UINT16</type><uint16>@port</uint16></conditionValue>
        </item>
      </filterCondition>
      <action><type>FWP_ACTION_BLOCK</type><filterType/></action>
      <rawContext>0</rawContext>
      <reserved/>
      <filterId>70001</filterId>
      <effectiveWeight><type>FWP_UINT64</type><uint64>7</uint64></effectiveWeight>
    </item>
  </filters>
</wfpdiag>
`;
