import { describe, expect, it } from "vitest";
import type { SearchAnswer, SearchResult } from "../../src/model/index.ts";
import { PolicyNames, searchJson, searchText } from "../../src/report/index.ts";
import { BLOCKED, FIDELITY, filter, policy, TEXT, trace } from "./records.ts";

const options = {
  ...TEXT,
  about: [["Policy", "somebody's"]] as const,
  names: new PolicyNames(policy()),
  fidelity: FIDELITY,
  explain: false,
};
const witness = { flow: trace(BLOCKED).flow, trace: trace(BLOCKED) };

const ANSWER: SearchAnswer = {
  heading: "in tcp IPv4 public",
  classes: [
    { heading: "", fields: [{ name: "ALE_APP_ID", text: "System" }], dependsOn: ["ALE_USER_ID"], isUsual: true },
    { heading: "", fields: [{ name: "IP_LOCAL_PORT", text: "80, 443" }], dependsOn: ["ALE_USER_ID", "ALE_PACKAGE_ID"] },
    { heading: "", fields: [] },
    { heading: "", fields: [], dependsOn: ["FLAGS"], isUsual: false },
  ],
  more: true,
  witness,
  decidedBy: filter(7, "The rule"),
};

const NONE: SearchResult = {
  question: "in tcp any > any:445",
  verdict: "block",
  decidedBy: null,
  answers: [],
  certainty: "proved",
  unsettled: [],
  found: 0,
  assumptions: ["a program listens", "nothing else"],
  cost: { nodes: 12345, cases: 4, seconds: 0 },
};
const SOME: SearchResult = { ...NONE, answers: [ANSWER], found: 3 };

describe("searchText", () => {
  it("says that none is a proof, and under which assumptions", () => {
    expect(searchText(NONE, options)).toBe(`\
Question  in tcp any > any:445: is any blocked?
Policy    somebody's

Answer    none: proved for all flows (4 cases)
Assumed   a program listens
          nothing else
`);
  });

  it("never calls it a proof when parts are not settled", () => {
    const text = searchText({ ...NONE, certainty: "bounded", unsettled: ["in tcp IPv4: too much", "in tcp IPv6: too much"] }, options);
    expect(text).toContain("Answer    none found, which is no proof: not all of 4 cases could be settled\n");
    expect(text).toContain("Unsettled in tcp IPv4: too much\n          in tcp IPv6: too much\n");
    expect(text).not.toContain("proved");
    expect(text).not.toContain("Assumed");
  });

  it("lists classes, for whom they hold, and an example with its filter", () => {
    expect(searchText(SOME, options)).toBe(`\
Question  in tcp any > any:445: is any blocked?
Policy    somebody's

in tcp IPv4 public
  program System
  local port 80, 443; some of these, by account, package
  whatever the rest is
  some, by flags
  and more classes (--classes N lists more)
  for example in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public
    BLOCK at ALE_AUTH_RECV_ACCEPT_V4 by #7 (0x7) "The rule"

Answer    yes, in 3 of 4 cases
`);
  });

  it("shows a flow between two hosts as each sees it", () => {
    const text = searchText({ ...SOME, answers: [{ ...ANSWER, sent: witness }] }, options);
    expect(text).toMatch(/^ {2}for example in tcp .*\n {4}BLOCK at .* by #71234 .*\n {2}there seen as in tcp .*\n {4}BLOCK at .* by #7 /m);
  });

  it("wraps long classes and explains on demand", () => {
    const programs = Array.from({ length: 6 }, (_, index) => `C:\\program files\\vendor ${index}\\agent.exe`).join(", ");
    const text = searchText(
      { ...SOME, answers: [{ ...ANSWER, classes: [{ heading: "", fields: [{ name: "ALE_APP_ID", text: programs }] }] }] },
      { ...options, explain: true },
    );
    const listed = text.split("\n").slice(4, 8);
    expect(listed.every((line) => line.length <= 120)).toBe(true);
    expect(text).toContain("    Verdict   BLOCK  FILTER_BLOCK");
    expect(text).toContain("Assumed   a program listens");
    expect(text).toMatch(/^Cost {6}12,345 nodes/m);
  });

  it("asks in words what the question is", () => {
    const head = (result: Partial<SearchResult>) => searchText({ ...NONE, ...result }, options).split("\n")[0];
    expect(head({ decidedBy: "71234" })).toBe("Question  in tcp any > any:445: is any blocked and decided by 71234?");
    expect(head({ verdict: null, decidedBy: "A rule" })).toBe("Question  in tcp any > any:445: is any decided by A rule?");
    expect(head({ question: "who can reach port 445 (tcp)?" })).toBe("Question  who can reach port 445 (tcp)?");
  });
});

describe("searchJson", () => {
  it("has a record per part and a summary", () => {
    const [answer, summary, ...rest] = searchJson(SOME, policy());
    expect(rest).toEqual([]);
    expect(answer).toMatchObject({
      v: 1,
      type: "answer",
      part: "in tcp IPv4 public",
      classes: [
        { ALE_APP_ID: "System", dependsOn: ["ALE_USER_ID"], usual: true },
        { IP_LOCAL_PORT: "80, 443", dependsOn: ["ALE_USER_ID", "ALE_PACKAGE_ID"], usual: false },
        {},
        { dependsOn: ["FLAGS"], usual: false },
      ],
      more: true,
      witness: { verdict: "block", flow: "in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public" },
      decidedBy: { filterId: "7", filterName: "The rule" },
    });
    expect(answer).not.toHaveProperty("sent");
    expect(summary).toEqual({
      v: 1,
      type: "summary",
      question: "in tcp any > any:445",
      verdict: "block",
      decidedBy: null,
      policy: "wfpstate.xml",
      answers: 1,
      found: 3,
      cases: 4,
      certainty: "proved",
      unsettled: [],
      assumptions: ["a program listens", "nothing else"],
      nodes: 12345,
    });
  });

  it("names the policy at the other end", () => {
    const [, summary] = searchJson({ ...SOME, answers: [{ ...ANSWER, sent: witness, decidedBy: null }] }, policy(), {
      ...policy(),
      source: "there.xml",
    });
    expect(summary).toMatchObject({ policy: "wfpstate.xml", toPolicy: "there.xml" });
  });
});
