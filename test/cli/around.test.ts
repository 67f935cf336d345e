import { describe, expect, it } from "vitest";
import { traced } from "./question-witnesses.ts";
import { runCli } from "./run-cli.ts";

const SERVER = ["--policy", "@server"];
const BLOCKED = "in tcp 203.0.113.9:50000 > 10.0.0.5:445 app=System profile=public";
const ALLOWED =
  "in tcp 203.0.113.9:50000 > 10.0.0.5:3389 app=C:\\windows\\system32\\svchost.exe user=S-1-5-20 groups=none service=TermService package=none profile=domain";

async function around(flow: string, ...flags: readonly string[]) {
  const { status, stderr, records } = await runCli(["trace", flow, ...SERVER, "--json", ...flags]);
  expect(stderr).toBe("");
  const all = records();
  expect(all.at(-1)?.type).toBe("summary");
  return {
    status,
    holds: all.find(({ type }) => type === "holds-for"),
    flips: all.filter(({ type }) => type === "flip") as Record<string, unknown>[],
    unsettled: all.filter(({ type }) => type === "unsettled"),
  };
}

/** Flows that differ from one in the port or the program alone. */
const withPort = (flow: string, port: number) => flow.replace(/:\d+ app=/, `:${port} app=`);

describe("trace --holds-for", () => {
  it("tells the largest class with the same verdict; inside it trace agrees, at its edges it does not", async () => {
    const { status, holds } = await around(BLOCKED, "--holds-for");
    expect(status).toBe(0);
    expect(holds?.class).toEqual({ IP_LOCAL_PORT: "all but 80, 443", ALE_APP_ID: "all but C:\\program files\\server\\server.exe" });
    const inside = [1, 79, 81, 139, 442, 444, 3389, 8080, 65_535].map((port) => withPort(BLOCKED, port));
    expect(await traced(inside, SERVER)).toEqual(inside.map(() => "block"));
    const programs = ["C:\\tools\\nc.exe", "C:\\windows\\system32\\svchost.exe"].map((app) => BLOCKED.replace("System", app));
    expect(await traced(programs, SERVER)).toEqual(programs.map(() => "block"));
    const outside = [withPort(BLOCKED, 80), withPort(BLOCKED, 443)];
    expect(await traced(outside, SERVER)).toEqual(["permit", "permit"]);
  });

  it("keeps what the verdict needs: the program and port of a permit", async () => {
    const { holds } = await around(ALLOWED, "--holds-for");
    expect(holds?.class).toEqual({ IP_LOCAL_PORT: "3389", ALE_APP_ID: "C:\\windows\\system32\\svchost.exe" });
  });

  it("says that it cannot tell where the flow leaves open what its class depends on", async () => {
    const { holds } = await around("in tcp 203.0.113.9:50000 > 10.0.0.5:445 app=System", "--holds-for");
    expect(holds?.class).toBeNull();
    const { stdout } = await runCli(["trace", "in tcp 203.0.113.9:50000 > 10.0.0.5:445 app=System", ...SERVER, "--holds-for"]);
    expect(stdout).toMatch(/^Holds for this flow only as far as is known/m);
  });
});

describe("trace --flip", () => {
  it("names the other values of one field that turn the verdict, with a flow that trace confirms", async () => {
    const { flips } = await around(BLOCKED, "--flip");
    const [port] = flips;
    expect(port).toMatchObject({ change: "flow", field: "IP_LOCAL_PORT", values: "80, 443" });
    expect(port?.after).toMatchObject({ verdict: "permit", flow: withPort(BLOCKED, 443) });
    expect(await traced([withPort(BLOCKED, 443)], SERVER)).toEqual(["permit"]);
  });

  it("names the filters without which the verdict is another one, as --without confirms", async () => {
    const { flips } = await around(ALLOWED, "--flip");
    const filters = flips.filter(({ change }) => change === "policy");
    expect(filters.map(({ without }) => (without as { filterName: string }).filterName)).toEqual([
      "Interface out of quarantine",
      "Remote desktop (TCP)",
    ]);
    for (const { without, after } of filters) {
      const { filterKey } = without as { filterKey: string };
      const { stdout } = await runCli(["trace", ALLOWED, ...SERVER, "--without", filterKey]);
      expect(stdout).toMatch(/^After {5}BLOCK/m);
      expect((after as { verdict: string }).verdict).toBe("block");
    }
  });

  it("prints who decides then: a rule rather than what lets every rule decide", async () => {
    const { stdout } = await runCli(["trace", BLOCKED, ...SERVER, "--flip"]);
    expect(stdout).toMatch(/^Flips {5}PERMIT with local port 80, 443$/m);
    expect(stdout.replace(/\s+/g, " ")).toContain('"Web server (HTTPS)" at ALE_AUTH_RECV_ACCEPT_V4)');
  });

  it("says that nothing single changes the verdict", async () => {
    const { stdout } = await runCli(["trace", BLOCKED, "--policy", "@desktop", "--flip"]);
    expect(stdout).toMatch(/^Flips {5}no single field and no single filter changes the verdict$/m);
  });
});

describe("the budget of --holds-for and --flip", () => {
  it("ends with a statement and status 3; filters are asked of trace, which needs no budget", async () => {
    const { status, holds, flips, unsettled } = await around(ALLOWED, "--holds-for", "--flip", "--max-nodes", "1000");
    expect([status, holds]).toEqual([3, undefined]);
    expect(unsettled).toEqual([
      { v: 1, type: "unsettled", trace: 1, question: "holds-for", maxNodes: 1000 },
      { v: 1, type: "unsettled", trace: 1, question: "flip", maxNodes: 1000 },
    ]);
    expect(flips.every(({ change }) => change === "policy")).toBe(true);
    const { stdout } = await runCli(["trace", ALLOWED, ...SERVER, "--holds-for", "--max-nodes", "1000"]);
    expect(stdout).toMatch(/^Holds for not settled: more than 1,000 nodes would be needed \(--max-nodes\)$/m);
  });

  it("does not hide what --expect says", async () => {
    const { status } = await around(BLOCKED, "--holds-for", "--max-nodes", "1000", "--expect", "permit");
    expect(status).toBe(1);
  });

  it("refuses a budget that is none", async () => {
    const { status, stderr } = await runCli(["trace", BLOCKED, "--holds-for", "--max-nodes", "x"]);
    expect([status, stderr]).toEqual([2, 'wfplab: --max-nodes: expected a whole number from 1,000 to 100,000,000, found "x"\n']);
  });
});
