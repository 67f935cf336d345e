import { describe, expect, it } from "vitest";
import { shadowFindings } from "../../../src/analysis/index.ts";
import { diffFlows } from "../../../src/cli/questions/diff-flows.ts";
import { reachBetween } from "../../../src/cli/questions/reach-between.ts";
import { readPatterns } from "../../../src/cli/questions/read-patterns.ts";
import { searchFlows } from "../../../src/cli/questions/search-flows.ts";
import { holdsFor } from "../../../src/cli/questions/trace-question.ts";
import { proveTest } from "../../../src/cli/suite/prove-test.ts";
import { FilterEngine } from "../../../src/engine/index.ts";
import {
  appIdBlob,
  type Condition,
  FIELD_KEY,
  type Filter,
  type FwpValue,
  type InvariantTest,
  type MatchType,
  parseFlow,
  range,
  type SecurityDescriptor,
  type Sid,
  toAppId,
  uint8,
  uint16,
  uint32,
  type Verdict,
} from "../../../src/model/index.ts";
import { traceFlow } from "../../../src/stack/index.ts";
import { BLOCK, filter, layerNamed, PERMIT, policy } from "../../engine/policy-lab.ts";

const WINDOWS = "11";
const ACCEPT = layerNamed("ALE_AUTH_RECV_ACCEPT_V4");

const engineOf = (...filters: readonly Filter[]) => new FilterEngine(policy(filters));
const on = (fieldKey: Condition["fieldKey"], matchType: MatchType, value: FwpValue): Condition => ({ fieldKey, matchType, value });

function search(engine: FilterEngine, question: string, verdict: Verdict, except: readonly string[] = [], maxNodes?: number) {
  return searchFlows(engine, readPatterns(question), {
    windows: WINDOWS,
    question,
    verdict,
    filters: null,
    decidedBy: null,
    except: except.flatMap(readPatterns),
    classes: 20,
    now: () => 0,
    ...(maxNodes === undefined ? {} : { maxNodes }),
  });
}

const verdictOf = (engine: FilterEngine, flow: string) => traceFlow(engine, parseFlow(flow), { windows: WINDOWS }).verdict;
const granting = (...sids: Sid[]): FwpValue => ({
  type: "FWP_SECURITY_DESCRIPTOR_TYPE",
  value: { dacl: sids.map((sid) => ({ kind: "allow", flags: [], mask: 1, sid })), sddl: sids.join() } satisfies SecurityDescriptor,
});
const app = (path: string): FwpValue => ({ type: "FWP_BYTE_BLOB_TYPE", value: appIdBlob(toAppId(path, {})) });

/** Blocks all that is not said otherwise, with the least weight. */
const blockAll = filter({ id: 1, action: BLOCK, weight: 0n });

describe("search", () => {
  it("knows protocols that a filter tells apart by order", () => {
    const engine = engineOf(
      blockAll,
      filter({
        id: 2,
        action: PERMIT,
        weight: 5n,
        conditions: [on(FIELD_KEY.IP_PROTOCOL, "FWP_MATCH_RANGE", range(uint8(40), uint8(50)))],
      }),
    );
    expect(verdictOf(engine, "out 47 10.0.0.5 > 10.0.0.9 profile=private")).toBe("permit");
    // ICMP errors pass no layer that authorizes.
    const found = search(engine, "out any any > any family=4", "permit").answers.filter(({ heading }) => !heading.includes("icmp"));
    expect([...new Set(found.map(({ witness }) => witness.flow.protocol))]).toEqual([40]);
  });

  it("knows what a host says to itself by its own address", () => {
    const engine = engineOf(
      blockAll,
      filter({ id: 2, action: PERMIT, weight: 5n, conditions: [on(FIELD_KEY.FLAGS, "FWP_MATCH_FLAGS_ALL_SET", uint32(1))] }),
    );
    expect(verdictOf(engine, "out tcp 10.0.0.5:5000 > 10.0.0.5:80 profile=private app=C:\\a.exe package=none")).toBe("permit");
    expect(search(engine, "out tcp 10.0.0.5 > 10.0.0.5", "permit").answers.length).toBeGreaterThan(0);
  });

  it("does not take a question about one address of the host for one about what it says to itself", () => {
    const engine = engineOf(
      blockAll,
      filter({
        id: 2,
        action: PERMIT,
        weight: 5n,
        conditions: [
          on(FIELD_KEY.FLAGS, "FWP_MATCH_FLAGS_NONE_SET", uint32(1)),
          on(FIELD_KEY.IP_LOCAL_ADDRESS, "FWP_MATCH_EQUAL", uint32(0x0a000009)),
          on(FIELD_KEY.IP_REMOTE_ADDRESS, "FWP_MATCH_EQUAL", { type: "FWP_V4_ADDR_MASK", address: 0x0a000008, mask: 0xfffffffe }),
        ],
      }),
    );
    for (const question of [
      "out tcp 10.0.0.9 > any",
      "out tcp any > any family=4",
      "out tcp any > 10.0.0.0/24",
      "out tcp 10.0.0.9 > 10.0.0.8",
    ]) {
      expect([question, search(engine, question, "permit").answers.length]).toEqual([question, 1]);
    }
    expect(search(engine, "out tcp any > 10.0.0.9", "permit").answers).toEqual([]);
  });

  it("looks past its own address, whoever the program is", () => {
    const engine = engineOf(
      filter({
        id: 1,
        action: PERMIT,
        conditions: [
          on(FIELD_KEY.IP_REMOTE_ADDRESS, "FWP_MATCH_FLAGS_NONE_SET", uint32(0x0a000005)),
          on(FIELD_KEY.ALE_USER_ID, "FWP_MATCH_EQUAL", granting("S-1-15-2-1-1-1-1-1-1-9")),
          on(FIELD_KEY.ALE_USER_ID, "FWP_MATCH_EQUAL", granting("S-1-15-2-1", "S-1-5-21-1-2-3-1001", "S-1-5-32-545")),
        ],
      }),
      filter({ id: 2, action: PERMIT }),
    );
    const found = search(engine, "out tcp 203.0.113.9 > any:53 family=4", "permit");
    expect([found.answers.length, found.certainty]).toEqual([1, "proved"]);
  });

  it.each([
    [
      "program",
      on(FIELD_KEY.ALE_APP_ID, "FWP_MATCH_EQUAL", app("C:\\a.exe")),
      on(FIELD_KEY.ALE_APP_ID, "FWP_MATCH_NOT_EQUAL", app("C:\\a.exe")),
    ],
    ["port", on(FIELD_KEY.IP_LOCAL_PORT, "FWP_MATCH_EQUAL", uint16(53)), on(FIELD_KEY.IP_LOCAL_PORT, "FWP_MATCH_NOT_EQUAL", uint16(53))],
  ])("knows that every flow has a %s: what matches one or the other matches all", (_, one, other) => {
    // Conditions on one field are alternatives.
    const engine = engineOf(filter({ id: 1, action: BLOCK, conditions: [one, other] }));
    const found = search(engine, "out tcp 10.0.0.9 > 10.0.0.5:53", "permit");
    expect([found.answers, found.certainty]).toEqual([[], "proved"]);
  });

  it("has the interfaces of one network where any interface is asked about", () => {
    const layer = layerNamed("OUTBOUND_ICMP_ERROR_V4");
    const isPublic = on(FIELD_KEY.NEXTHOP_INTERFACE_PROFILE_ID, "FWP_MATCH_EQUAL", uint32(1));
    const engine = engineOf(filter({ id: 1, layer, action: BLOCK, conditions: [isPublic] }));
    const asked = (profile: string) => search(engine, `out icmp any > any icmp=3/3 profile=${profile} if=any family=4`, "block");
    expect(asked("public").answers.length).toBeGreaterThan(0);
    expect([asked("private").answers, asked("private").certainty]).toEqual([[], "proved"]);
  });

  it("does not take an exception for a program that no filter names for one of all programs", () => {
    const engine = engineOf(filter({ id: 1, action: PERMIT }));
    const found = search(engine, "out tcp any > any family=4", "permit", ['out tcp any > any app="C:\\one.exe"']);
    expect(found.answers.length).toBeGreaterThan(0);
  });

  it("does not take an exception for a program that is like others for one of them all", () => {
    const engine = engineOf(
      filter({ id: 1, action: PERMIT }),
      filter({ id: 2, action: BLOCK, weight: 5n, conditions: [on(FIELD_KEY.ALE_APP_ID, "FWP_MATCH_EQUAL", app("C:\\two.exe"))] }),
    );
    const found = search(engine, "out tcp any > any family=4", "permit", ['out tcp any > any app="C:\\one.exe"']);
    expect(found.answers.length).toBeGreaterThan(0);
  });

  it("does not take an exception for a package that no filter names for one of all packages", () => {
    const P = "S-1-15-2-1-1-1-1-1-1-9";
    const engine = engineOf(
      blockAll,
      filter({
        id: 2,
        action: PERMIT,
        weight: 5n,
        conditions: [on(FIELD_KEY.ALE_USER_ID, "FWP_MATCH_EQUAL", granting("S-1-1-0", "S-1-15-2-1"))],
      }),
      filter({ id: 3, action: BLOCK, weight: 9n, conditions: [on(FIELD_KEY.ALE_USER_ID, "FWP_MATCH_EQUAL", granting("S-1-1-0", P))] }),
    );
    const found = search(engine, "out tcp any > any family=4", "permit", [
      "out tcp any > any package=none",
      "out tcp any > any package=S-1-15-2-8-8-8-8-8-8-8",
    ]);
    expect(found.answers.length).toBeGreaterThan(0);
  });

  it("does not take ICMP's type for the port of an exception", () => {
    const engine = engineOf(
      blockAll,
      filter({
        id: 2,
        layer: ACCEPT,
        action: PERMIT,
        weight: 5n,
        conditions: [on(FIELD_KEY.IP_PROTOCOL, "FWP_MATCH_EQUAL", uint8(1)), on(FIELD_KEY.IP_LOCAL_PORT, "FWP_MATCH_EQUAL", uint16(8))],
      }),
      filter({ id: 3, layer: ACCEPT, action: BLOCK, weight: 0n }),
    );
    expect(verdictOf(engine, "in icmp 10.0.0.9 > 10.0.0.5 icmp=8/0 profile=private")).toBe("permit");
    const found = search(engine, "in icmp any > any", "permit", ["in any any > any:8"]).answers;
    expect(found.map(({ heading }) => heading).filter((heading) => !heading.includes("errors"))).not.toEqual([]);
  });

  it("takes an exception for one message of ICMP where that is asked about", () => {
    const engine = engineOf(filter({ id: 3, layer: ACCEPT, action: PERMIT, weight: 0n }));
    expect(search(engine, "in icmp any > any icmp=8/0", "permit", ["in icmp any > any icmp=8/0"]).answers).toEqual([]);
    expect(search(engine, "in icmp any > any icmp=8/0", "permit", ["in icmp any > any icmp=9/0"]).answers.length).toBeGreaterThan(0);
  });

  it.each([
    [
      "the field names another package",
      on(FIELD_KEY.ALE_PACKAGE_ID, "FWP_MATCH_EQUAL", { type: "FWP_SID", value: "S-1-15-2-1-2-3-4-5-6-8" }),
    ],
    ["the field is not asked for", on(FIELD_KEY.IP_PROTOCOL, "FWP_MATCH_EQUAL", uint8(200))],
  ])("knows programs in packages that nobody names: %s", (_, condition) => {
    const engine = engineOf(
      blockAll,
      filter({
        id: 2,
        action: PERMIT,
        weight: 5n,
        conditions: [on(FIELD_KEY.ALE_USER_ID, "FWP_MATCH_EQUAL", granting("S-1-15-3-1", "S-1-1-0"))],
      }),
      filter({ id: 3, action: BLOCK, weight: 9n, conditions: [condition] }),
    );
    const flow =
      "out tcp 10.0.0.5:5000 > 10.0.0.9:80 profile=private app=C:\\a.exe user=S-1-5-21-1-2-3-1001 groups=none package=S-1-15-2-7-7-7-7-7-7-7 capabilities=S-1-15-3-1";
    expect(verdictOf(engine, flow)).toBe("permit");
    const found = search(engine, "out tcp any > any family=4", "permit", ["out tcp any > any package=none"]);
    expect(found.answers.length).toBeGreaterThan(0);
  });

  it("knows programs in packages that only an access check names", () => {
    const P = "S-1-15-2-1-1-1-1-1-1-9";
    const engine = engineOf(
      blockAll,
      filter({ id: 2, action: PERMIT, weight: 5n, conditions: [on(FIELD_KEY.ALE_USER_ID, "FWP_MATCH_EQUAL", granting(P, "S-1-1-0"))] }),
      filter({
        id: 3,
        action: BLOCK,
        weight: 9n,
        conditions: [on(FIELD_KEY.ALE_PACKAGE_ID, "FWP_MATCH_EQUAL", { type: "FWP_SID", value: "S-1-15-2-1-2-3-4-5-6-8" })],
      }),
      filter({
        id: 4,
        action: BLOCK,
        weight: 8n,
        conditions: [on(FIELD_KEY.ALE_PACKAGE_ID, "FWP_MATCH_EQUAL", { type: "FWP_SID", value: "S-1-0-0" })],
      }),
    );
    const flow = `out tcp 10.0.0.5:5000 > 10.0.0.9:80 profile=private app=C:\\a.exe user=S-1-5-21-1-2-3-1001 groups=none package=${P}`;
    expect(verdictOf(engine, flow)).toBe("permit");
    expect(search(engine, "out tcp any > any family=4", "permit").answers.length).toBeGreaterThan(0);
  });

  it.each([
    ["GREATER", on(FIELD_KEY.IP_REMOTE_PORT, "FWP_MATCH_GREATER", uint16(60_000))],
    ["LESS", on(FIELD_KEY.IP_REMOTE_PORT, "FWP_MATCH_LESS", uint16(20))],
    ["FLAGS_ALL_SET", on(FIELD_KEY.IP_REMOTE_PORT, "FWP_MATCH_FLAGS_ALL_SET", uint16(0x3001))],
  ])("beyond its budget knows ports that a filter tells apart by %s", (_, condition) => {
    const engine = engineOf(blockAll, filter({ id: 2, action: PERMIT, weight: 5n, conditions: [condition] }));
    const whole = search(engine, "out tcp any > any family=4", "permit");
    expect(whole.answers.length).toBeGreaterThan(0);
    const found = search(engine, "out tcp any > any family=4", "permit", [], 8);
    expect(found.answers.length > 0 || found.certainty === "bounded").toBe(true);
  });
});

describe("conditions that Windows would not take, but a file may hold", () => {
  const odd = filter({
    id: 2,
    action: PERMIT,
    weight: 5n,
    conditions: [on(FIELD_KEY.IP_REMOTE_PORT, "FWP_MATCH_NOT_EQUAL", range(uint16(1), uint16(1000)))],
  });

  it("NOT_EQUAL of a range holds for every value, for sets and for shadow as for trace", () => {
    const engine = engineOf(blockAll, odd);
    expect(verdictOf(engine, "out tcp 10.0.0.5:5000 > 10.0.0.9:80 profile=private")).toBe("permit");
    expect(search(engine, "out tcp any > any family=4", "permit").answers.length).toBeGreaterThan(0);
    expect(search(engine, "out tcp any > any:80 family=4 profile=private", "block").answers).toEqual([]);
    expect(shadowFindings(engine).findings.map(({ kind }) => kind)).not.toContain("impossible");
  });
});

describe("what a host says to its own address", () => {
  const loopback = on(FIELD_KEY.FLAGS, "FWP_MATCH_FLAGS_ALL_SET", uint32(1));
  const above = on(FIELD_KEY.IP_REMOTE_ADDRESS, "FWP_MATCH_GREATER", uint32(0xcb007109));
  const below = on(FIELD_KEY.IP_LOCAL_ADDRESS, "FWP_MATCH_GREATER", uint32(0xcb007109));

  it("stands for no other flow where the budget does not suffice", () => {
    const engine = engineOf(
      filter({ id: 1, layer: ACCEPT, action: BLOCK, weight: 9n, conditions: [loopback] }),
      filter({ id: 2, layer: ACCEPT, action: BLOCK, weight: 5n, conditions: [above] }),
      filter({ id: 3, layer: ACCEPT, action: BLOCK, weight: 5n, conditions: [below] }),
    );
    expect(verdictOf(engine, "in tcp 203.0.113.9:80 > 1.2.3.4:5000 profile=public")).toBe("permit");
    const found = search(engine, "in tcp any > any family=4 profile=public", "permit", [], 8);
    expect(found.answers.length > 0 || found.certainty === "bounded").toBe(true);
  });

  it("is asked about by the loopback addresses, whichever they are", () => {
    const engine = engineOf(
      filter({
        id: 1,
        layer: ACCEPT,
        action: BLOCK,
        conditions: [
          on(FIELD_KEY.IP_REMOTE_ADDRESS, "FWP_MATCH_EQUAL", { type: "FWP_V4_ADDR_MASK", address: 0x7f000001, mask: 0xff0000ff }),
        ],
      }),
    );
    expect(verdictOf(engine, "in tcp 127.0.0.1:445 > 127.0.0.1:80")).toBe("block");
    expect(search(engine, "in tcp any:445 > 127.0.0.1:80", "block").answers.length).toBe(1);
  });

  it("is no example of what differs from host to host", () => {
    const before = engineOf(filter({ id: 1, action: PERMIT }));
    const only = on(FIELD_KEY.IP_REMOTE_ADDRESS, "FWP_MATCH_EQUAL", uint32(0x0a000009));
    const after = engineOf(filter({ id: 1, action: PERMIT }), filter({ id: 2, action: BLOCK, weight: 5n, conditions: [only] }));
    const options = { windows: WINDOWS, classes: 20, now: () => 0 } as const;
    const ofOne = diffFlows(before, after, readPatterns("out tcp 10.0.0.9 > any profile=public"), options);
    expect([ofOne.flows, ofOne.certainty]).toEqual([[], "proved"]);
    const ofAll = diffFlows(before, after, readPatterns("out tcp any > any family=4 profile=public"), options);
    expect(ofAll.flows.map(({ change }) => change)).toEqual(["lost"]);
  });
});

describe("diff", () => {
  const options = { windows: WINDOWS, classes: 20, now: () => 0 } as const;

  it("shows a change by flows that change so, or says that it is not settled", () => {
    // A field that no flow tells: what remains after the change is open for trace.
    const untold = filter({
      id: 2,
      action: BLOCK,
      weight: 5n,
      conditions: [on(FIELD_KEY.NEXTHOP_SUB_INTERFACE_INDEX, "FWP_MATCH_EQUAL", uint32(7))],
    });
    const { flows, certainty } = diffFlows(
      engineOf(blockAll),
      engineOf(untold),
      readPatterns("out tcp any > any family=4 profile=public"),
      options,
    );
    expect(flows).toEqual([]);
    expect(certainty).toBe("bounded");
  });

  it("asks about protocols with ports only where it is asked about ports", () => {
    const { flows } = diffFlows(engineOf(blockAll), engineOf(), readPatterns("out any any > any:443 family=4 profile=public"), options);
    expect([...new Set(flows.map(({ before }) => before.flow.protocol))].sort()).toEqual([17, 6]);
  });
});

describe("classes in words", () => {
  it("say of values that bits tell apart that one stands for others", () => {
    const mask = on(FIELD_KEY.IP_REMOTE_PORT, "FWP_MATCH_FLAGS_ALL_SET", uint16(1));
    const engine = engineOf(blockAll, filter({ id: 2, action: PERMIT, weight: 5n, conditions: [mask] }));
    const [answer] = search(engine, "out tcp any > any family=4 profile=public", "permit").answers;
    expect(answer?.classes.map(({ fields }) => fields)).toEqual([[{ name: "IP_REMOTE_PORT", text: "443 and its like" }]]);
    const trace = traceFlow(engine, parseFlow("out tcp 10.0.0.5:5000 > 10.0.0.9:80 profile=public"), { windows: WINDOWS });
    expect(holdsFor(engine, trace, { windows: WINDOWS })?.fields).toContainEqual({
      name: "IP_REMOTE_PORT",
      text: "80 and its like",
    });
  });
});

describe("holds for", () => {
  it("does not take a program that another field shows for any program", () => {
    const engine = engineOf(
      filter({ id: 1, action: PERMIT }),
      filter({
        id: 2,
        action: BLOCK,
        weight: 5n,
        conditions: [on(FIELD_KEY.ALE_ORIGINAL_APP_ID, "FWP_MATCH_EQUAL", app("\\device\\harddiskvolume3\\a.exe"))],
      }),
    );
    const trace = traceFlow(engine, parseFlow("out tcp 10.0.0.5:5000 > 10.0.0.9:80 profile=public app=C:\\a.exe"), { windows: WINDOWS });
    expect(trace.verdict).toBe("block");
    expect(holdsFor(engine, trace, { windows: WINDOWS })?.fields).toEqual([
      { name: "ALE_ORIGINAL_APP_ID", text: "\\device\\harddiskvolume3\\a.exe" },
    ]);
  });
});

describe("proofs of suites", () => {
  it("prove nothing of flows that no case is about", () => {
    const test: InvariantTest = {
      kind: "invariant",
      invariant: "blocked",
      name: "from nobody's addresses",
      position: {},
      description: null,
      source: null,
      policy: null,
      skip: null,
      flows: readPatterns("out icmp 250.0.0.1 > 10.0.0.9"),
      verdict: "block",
      except: [],
      pairs: [],
    };
    expect(proveTest(engineOf(), test, { windows: WINDOWS, now: () => 0 })?.isProved).toBe(false);
  });
});

describe("reach from host to host", () => {
  it.each([
    ["flags of the port", on(FIELD_KEY.IP_REMOTE_PORT, "FWP_MATCH_FLAGS_ALL_SET", uint16(0x3001))],
    [
      "a mask with holes",
      on(FIELD_KEY.IP_REMOTE_ADDRESS, "FWP_MATCH_EQUAL", { type: "FWP_V4_ADDR_MASK", address: 0x0a000009, mask: 0xff0000ff }),
    ],
  ])("follows what the first host tells apart by %s", (_, condition) => {
    const from = engineOf(blockAll, filter({ id: 2, action: PERMIT, weight: 5n, conditions: [condition] }));
    const to = engineOf(filter({ id: 1, layer: ACCEPT, action: PERMIT }));
    const question = "out tcp any > any family=4";
    const result = reachBetween(from, to, readPatterns(question), {
      windows: WINDOWS,
      question,
      verdict: "permit",
      filters: null,
      decidedBy: null,
      except: [],
      classes: 20,
      now: () => 0,
      there: { windows: WINDOWS },
    });
    expect(result.answers.length > 0 || result.certainty === "bounded").toBe(true);
  });
});
