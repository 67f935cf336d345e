import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../src/firewall/index.ts";
import { type Condition, FIELD_KEY, type Filter, LAYER_KEY, type Policy, SUBLAYER_KEY, serviceSid, uint16 } from "../../src/model/index.ts";
import { writeNetsh } from "../../src/sources/index.ts";
import { asked, traced } from "./question-witnesses.ts";
import { runCli } from "./run-cli.ts";

const SERVER = ["--policy", "@server"];

async function refused(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runCli(["reach", ...args]);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  return stderr;
}

describe("wfplab reach", () => {
  it("says who can reach a port: which program, for whom, on which networks", async () => {
    const { status, stdout } = await runCli(["reach", "--port", "445", ...SERVER]);
    expect(status).toBe(0);
    expect(stdout).toContain("Question  who can reach port 445 (tcp,udp)?");
    expect(stdout).toMatch(/^in tcp IPv4 private, domain\n {2}program System; remote 10\.0\.0\.0\/24\n/m);
    expect(stdout).not.toMatch(/^in tcp IPv4 public/m);
    const { answers } = await asked(["reach", "--port", "445", ...SERVER]);
    const flows = answers.map(({ witness }) => witness.flow);
    expect(await traced(flows, SERVER)).toEqual(flows.map(() => "permit"));
  });

  it("proves that nobody can, on networks of a category and from addresses", async () => {
    const closed = await asked(["reach", "--port", "445", "--profile", "public", ...SERVER]);
    expect([closed.status, closed.summary.certainty, closed.summary.found]).toEqual([1, "proved", 0]);
    const far = await asked(["reach", "--port", "445", "--from", "172.16.0.0/12", ...SERVER]);
    expect([far.status, far.summary.certainty]).toEqual([1, "proved"]);
    const near = await asked(["reach", "--port", "445", "--from", "10.0.0.128/25", ...SERVER]);
    expect(near.status).toBe(0);
    expect(near.answers[0]?.witness.flow).toMatch(/^in tcp 10\.0\.0\.(12[89]|1[3-9]\d|2\d\d):50000 > /);
  });

  it("says what a program, a service and an account can reach", async () => {
    const app = await asked([
      "reach",
      "--app",
      "C:\\Program Files\\Agent\\agent.exe",
      "--protocol",
      "tcp",
      "--profile",
      "public",
      ...SERVER,
    ]);
    expect(app.answers.map(({ part }) => part)).toEqual(["out tcp IPv4 public", "out tcp IPv6 public"]);
    expect(app.answers[0]?.witness.flow).toContain('app="C:\\Program Files\\Agent\\agent.exe"');

    const service = await asked([
      "reach",
      "--service",
      "W32Time",
      "--protocol",
      "tcp,udp",
      "--profile",
      "public",
      "--to",
      "internet",
      ...SERVER,
    ]);
    const flows = service.answers.map(({ witness }) => witness.flow);
    expect(flows.every((flow) => flow.includes(`service=${serviceSid("W32Time")}`))).toBe(true);
    expect(service.answers.flatMap(({ classes }) => classes.map(({ IP_REMOTE_PORT }) => IP_REMOTE_PORT))).toEqual(["123", "123"]);
    expect(await traced(flows, SERVER)).toEqual(flows.map(() => "permit"));

    const account = await asked(["reach", "--user", "SYSTEM", "--protocol", "tcp", "--profile", "domain", ...SERVER]);
    expect(account.answers[0]?.witness.flow).toContain("user=S-1-5-18");
  });

  it("proves that a service which may receive from one port only cannot be reached at another", async () => {
    expect(
      (await asked(["reach", "--service", "Dhcp", "--port", "8080", "--protocol", "udp", "--from", "internet", ...SERVER])).status,
    ).toBe(1);
    const { answers } = await asked(["reach", "--service", "Dhcp", "--port", "68", "--protocol", "udp", "--from", "internet", ...SERVER]);
    expect(answers.flatMap(({ classes }) => classes.map(({ IP_REMOTE_PORT }) => IP_REMOTE_PORT))).toEqual(answers.map(() => "67"));
  });

  it("asks in a dump as in the policy it is of", async () => {
    const setting = { files: { "state.xml": writeNetsh(defaultPolicy("server")) } };
    const own = await asked(["reach", "--port", "3389", ...SERVER]);
    const dump = await asked(["reach", "--port", "3389", "--policy", "state.xml"], setting);
    expect(dump.answers.map(({ part, classes }) => [part, classes])).toEqual(own.answers.map(({ part, classes }) => [part, classes]));
  });

  it("refuses what it cannot read in one line", async () => {
    expect(await refused()).toContain("expected --app, --service, --user, --port or --to-policy");
    expect(await refused("--port", "99999")).toContain('expected ports (443, 80,443, 5000-5010, any), found "99999"');
    expect(await refused("--port", "80", "--from", "banana")).toContain('found "banana"');
    expect(await refused("--port", "80", "--protocol", "foo")).toContain('found "foo"');
    expect(await refused("--user", "nobody at all")).toContain("expected a SID or a well-known name");
    expect(await refused("--port", "80", "--classes", "0")).toContain("--classes: expected a whole number from 1");
    expect(await refused("--policy", "-", "--to-policy", "-")).toContain("standard input can be one of the two policies only");
    expect(await refused("--port", "80", "--to-policy", "@server", "--to", "127.0.0.1")).toContain("no flow is like that");
  });
});

describe("wfplab reach --to-policy", () => {
  const BETWEEN = ["--policy", "@desktop", "--to-policy", "@server"];

  it("follows what leaves one host into the other; both ends of each example are confirmed by trace", async () => {
    const { status, answers, summary } = await asked(["reach", ...BETWEEN, "--to", "10.0.0.1", "--protocol", "tcp,udp,icmp"]);
    expect(status).toBe(0);
    expect(summary).toMatchObject({
      certainty: "proved",
      policy: expect.stringContaining("desktop"),
      toPolicy: expect.stringContaining("server"),
    });
    expect(answers.map(({ part }) => part)).toContain("out tcp IPv4 public, private, domain, then in tcp IPv4 private");
    const sent = answers.flatMap(({ sent: witness }) => witness?.flow ?? []);
    const arrived = answers.map(({ witness }) => witness.flow);
    expect(sent).toHaveLength(arrived.length);
    expect(await traced(sent, ["--policy", "@desktop"])).toEqual(sent.map(() => "permit"));
    expect(await traced(arrived, SERVER)).toEqual(arrived.map(() => "permit"));
    // The same packet: its ends in the same order at both hosts.
    const ends = (flow: string) => flow.split(" ").slice(1, 5).join(" ");
    expect(sent.map(ends)).toEqual(arrived.map(ends));
  });

  it("lists what the second host lets in of what the first lets out, and nothing else", async () => {
    // The sender may not speak to port 443, nor from ports below 1024.
    const desktop = defaultPolicy("desktop");
    const own = desktop.filters.find(({ layerKey }) => layerKey === LAYER_KEY.ALE_AUTH_CONNECT_V4);
    if (own === undefined) throw new RangeError("no filter to begin with");
    const block = (filterId: number, condition: Condition): Filter => ({
      ...own,
      key: `{aaaaaaaa-0000-4000-8000-${String(filterId).padStart(12, "0")}}`,
      name: "No such traffic",
      origin: null,
      filterId: BigInt(filterId),
      subLayerKey: SUBLAYER_KEY.UNIVERSAL,
      weight: { type: "FWP_EMPTY" },
      flags: 0,
      namedFlags: [],
      providerContextKey: null,
      conditions: [condition],
      action: { type: "FWP_ACTION_BLOCK" },
    });
    const client: Policy = {
      ...desktop,
      filters: [
        ...desktop.filters,
        block(900_001, { fieldKey: FIELD_KEY.IP_REMOTE_PORT, matchType: "FWP_MATCH_EQUAL", value: uint16(443) }),
        block(900_002, { fieldKey: FIELD_KEY.IP_LOCAL_PORT, matchType: "FWP_MATCH_LESS", value: uint16(1024) }),
      ],
    };
    const files = { "client.xml": writeNetsh(client) };
    const args = ["--policy", "client.xml", "--to-policy", "@server", "--to", "10.0.0.1", "--port", "443,445", "--profile", "private"];
    const { answers, summary } = await asked(["reach", ...args], { files });
    expect(summary.certainty).toBe("proved");
    expect(answers.map(({ part }) => part)).toEqual(["out tcp IPv4 private, then in tcp IPv4 private"]);
    expect(answers[0]?.classes).toEqual([
      {
        ALE_APP_ID: "System",
        IP_REMOTE_ADDRESS: "10.0.0.0/24",
        IP_LOCAL_PORT: "445",
        IP_REMOTE_PORT: "1024-65535",
        dependsOn: ["ALE_USER_ID"],
        usual: true,
      },
    ]);
    const sent = answers.flatMap(({ sent: witness }) => witness?.flow ?? []);
    expect(await traced(sent, ["--policy", "client.xml"], { files })).toEqual(["permit"]);
    const closed = await asked(["reach", ...args.map((word) => (word === "443,445" ? "443" : word))], { files });
    expect([closed.status, closed.summary.certainty]).toEqual([1, "proved"]);
  });

  it("proves that nothing gets through where one of the two blocks", async () => {
    const { status, stdout } = await runCli(["reach", ...BETWEEN, "--port", "25"]);
    expect(status).toBe(1);
    expect(stdout).toContain("Question  what gets from this host to the other one, to port 25 (tcp,udp)?");
    expect(stdout).toMatch(/^Answer {4}none: proved for all flows \(21 cases\)/m);
    expect(stdout).toMatch(/^Assumed {3}there, a program listens/m);
  });

  it("leaves out loopback, which gets to no other host", async () => {
    const { answers } = await asked(["reach", ...BETWEEN]);
    expect(answers.some(({ part }) => part.includes("loopback"))).toBe(false);
  });

  it("says what is not settled where the budget does not suffice, with status 3", async () => {
    const { status, stdout } = await runCli(["reach", ...BETWEEN, "--port", "25", "--max-nodes", "1000"]);
    expect(status).toBe(3);
    expect(stdout).toContain("none found, which is no proof");
    expect(stdout).toContain("more than 1,000 nodes would be needed");
    expect(stdout).not.toContain("proved for all");
  });
});
