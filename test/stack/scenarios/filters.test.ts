import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../../src/firewall/index.ts";
import { HEAD, play } from "./playing.ts";

/** The client with these sublayers and filters. */
const withFilters = (text: string) => HEAD.replace("  client:\n", `  client:\n${text}`);

const CONNECT = `
  - connect: c
    to: server:9
`;

describe("filters of a scenario (docs/scenarios.md, Filters)", () => {
  it("stand in sublayers of the host or of Windows; the heavier one is asked first (WFP-SEMANTICS 6)", async () => {
    const head = withFilters(`    sublayers: [{ name: mine, weight: 0xfff0 }, { name: light, weight: 1 }]
    filters:
      - { name: soft, layer: ALE_AUTH_CONNECT, action: permit, sublayer: light }
      - { name: no, layer: ALE_AUTH_CONNECT, action: block, sublayer: mine, hard: true }
      - { name: unused, layer: ALE_AUTH_CONNECT, action: permit, sublayer: FWPM_SUBLAYER_UNIVERSAL }
`);
    const { records, outcomes } = await play(CONNECT, {}, head);
    expect(outcomes).toEqual(["client connect WSAEACCES"]);
    const decision = records.flatMap((record) =>
      record.type === "indication" && record.layer.name === "FWPM_LAYER_ALE_AUTH_CONNECT_V4" ? [record.decision] : [],
    );
    expect(decision.map(({ filter }) => filter?.name)).toEqual(["no"]);
  });

  it("a hard permit of a heavy sublayer is not overruled, a soft one is (WFP-SEMANTICS 6.3)", async () => {
    const head = (hard: boolean) =>
      withFilters(`    sublayers: [{ name: heavy, weight: 9 }, { name: light, weight: 1 }]
    filters:
      - { name: yes, layer: ALE_AUTH_CONNECT, action: permit, sublayer: heavy, hard: ${hard} }
      - { name: no, layer: ALE_AUTH_CONNECT, action: block, sublayer: light }
`);
    expect((await play(CONNECT, {}, head(false))).outcomes).toEqual(["client connect WSAEACCES"]);
    expect((await play(CONNECT, {}, head(true))).outcomes).toEqual(["client connect WSAECONNREFUSED"]);
  });

  it("a sublayer that nobody has is an error with its place", async () => {
    const head = withFilters("    filters: [{ name: no, layer: ALE_AUTH_CONNECT, action: block, sublayer: nobody }]\n");
    await expect(play(CONNECT, {}, head)).rejects.toMatchObject({
      message: expect.stringContaining('found "nobody"'),
      position: { file: "test.yaml", line: 7 },
    });
  });

  it("weights: up to 15 a range, above the weight itself; the heavier one of a sublayer decides", async () => {
    const steps = (first: string, second: string) => `
  - addFilter: client
    filter: { name: yes, layer: ALE_AUTH_CONNECT, action: permit, weight: ${first} }
  - addFilter: client
    filter: { name: no, layer: ALE_AUTH_CONNECT, action: block, weight: ${second} }
${CONNECT}`;
    expect((await play(steps("15", "14"))).outcomes).toEqual(["client connect WSAECONNREFUSED"]);
    expect((await play(steps("1", "2"))).outcomes).toEqual(["client connect WSAEACCES"]);
    // Range 1 begins at 2^60 (WFP-SEMANTICS 3.3): heavier than the weight 16.
    expect((await play(steps("1", "16"))).outcomes).toEqual(["client connect WSAECONNREFUSED"]);
    expect((await play(steps("1", '"0xf000000000000000"'))).outcomes).toEqual(["client connect WSAEACCES"]);
  });

  it.each([
    ["permit", "WSAECONNREFUSED", "ALE_AUTH_CONNECT permit"],
    ["continue", "WSAECONNREFUSED", "ALE_AUTH_CONNECT permit"],
    ["block", "WSAEACCES", "ALE_AUTH_CONNECT_DISCARD"],
  ] as const)("a callout that says %s", async (does, result, includes) => {
    const { outcomes, unmetTexts } = await play(
      `${CONNECT}    expect: { includes: client ${includes} }\n`,
      {},
      withFilters(`    filters: [{ name: asked, layer: ALE_AUTH_CONNECT, action: callout, callout: ${does} }]\n`),
    );
    expect([outcomes, unmetTexts]).toEqual([[`client connect ${result}`], []]);
  });

  it("a block with absorb is silent: no discard layer, no event (WFP-SHIMS 4.10)", async () => {
    const steps = `${CONNECT}    expect:
      includes: client ALE_AUTH_CONNECT block
      never: client ALE_AUTH_CONNECT_DISCARD
      events: [client netevent CLASSIFY_DROP]
`;
    const head = (absorb: boolean) =>
      withFilters(
        `    filters: [{ name: asked, layer: ALE_AUTH_CONNECT, action: callout, callout: { does: block, absorb: ${absorb} } }]\n`,
      );
    expect((await play(steps, {}, head(true))).unmetTexts).toEqual(["client netevent CLASSIFY_DROP | no such event of client"]);
    expect((await play(steps, {}, head(false))).unmetTexts).toEqual([
      "never client ALE_AUTH_CONNECT_DISCARD | client connect out ALE_AUTH_CONNECT_V4_DISCARD",
    ]);
  });

  it("a callout's hard permit takes the right to change it (WFP-SEMANTICS 6.3)", async () => {
    const head = (hard: boolean) =>
      withFilters(`    sublayers: [{ name: heavy, weight: 9 }, { name: light, weight: 1 }]
    filters:
      - { name: yes, layer: ALE_AUTH_CONNECT, action: callout, callout: { does: permit, hard: ${hard} }, sublayer: heavy }
      - { name: no, layer: ALE_AUTH_CONNECT, action: block, sublayer: light }
`);
    expect((await play(CONNECT, {}, head(false))).outcomes).toEqual(["client connect WSAEACCES"]);
    expect((await play(CONNECT, {}, head(true))).outcomes).toEqual(["client connect WSAECONNREFUSED"]);
  });

  it("are removed once; the callout of one that has pended nothing completes nothing", async () => {
    const { records } = await play(
      `
  - complete: client
    filter: later
    with: permit
    id: completed
  - note: nothing was pended, but noted
    host: client
    needs: completed
  - removeFilter: client
    name: later
    id: once
  - removeFilter: client
    name: later
    id: twice
  - note: removed
    host: client
    needs: once
  - note: removed again
    host: client
    needs: twice
`,
      {},
      withFilters("    filters: [{ name: later, layer: ALE_AUTH_CONNECT, action: callout, callout: pend }]\n"),
    );
    expect(records.flatMap((record) => (record.type === "note" ? [record.text] : []))).toEqual(["removed"]);
  });

  it("a pended connect goes on as a step says (WFP-SHIMS 4.7); a layer without pending is not held back", async () => {
    const head = (layer: string) => withFilters(`    filters: [{ name: later, layer: ${layer}, action: callout, callout: pend }]\n`);
    const steps = (decision: string) => `
  - connect: c
    to: server:9
    background: true
    id: connecting
  - wait: 5
  - complete: client
    filter: later
    with: ${decision}
  - await: connecting
`;
    expect((await play(steps("permit"), {}, head("ALE_AUTH_CONNECT"))).outcomes).toEqual(["client connect WSAECONNREFUSED"]);
    expect((await play(steps("block"), {}, head("ALE_AUTH_CONNECT"))).outcomes).toEqual(["client connect WSAEACCES"]);
    expect((await play(CONNECT, {}, head("OUTBOUND_TRANSPORT"))).outcomes).toEqual(["client connect WSAECONNREFUSED"]);
  });

  it("what is judged again cannot be pended (STATUS_FWP_CANNOT_PEND): it goes on", async () => {
    const { outcomes, unmetTexts } = await play(`
  - bind: su
    port: 53
  - send: cu
    to: server:53
    text: one
    arrivesAt: su
  - addFilter: client
    filter: { name: later, layer: ALE_AUTH_CONNECT, action: callout, callout: pend }
  - send: cu
    to: server:53
    text: two
    arrivesAt: su
    result: ok
    expect: { includes: 'client ALE_AUTH_CONNECT permit reauthorize by "later"' }
`);
    expect(unmetTexts).toEqual([]);
    expect(outcomes.filter((text) => text === "server receive ok")).toHaveLength(2);
  });

  it("redirect a connection, and a bind (WFP-SHIMS 4.8)", async () => {
    const { unmetTexts, outcomes } = await play(
      `
  - bind: su
    port: 5353
  - bind: cu
    port: 0
  - connect: c
    to: server:80
    expect: { packets: ["client > server:81 S", "server:81 > client R."] }
  - send: cu
    to: server:5353
    text: hi
    arrivesAt: su
    expect: { packets: ["client:6000 > server:5353 udp"] }
`,
      {},
      withFilters(`    filters:
      - { name: other, layer: ALE_CONNECT_REDIRECT, action: callout, callout: { redirect: "server:81" }, conditions: ["IP_PROTOCOL = 6"] }
      - { name: port, layer: ALE_BIND_REDIRECT, action: callout, callout: { redirect: "client:6000" }, conditions: ["IP_PROTOCOL = 17"] }
`),
    );
    expect(outcomes).toContain("client connect WSAECONNREFUSED");
    expect(unmetTexts).toEqual([]);
  });

  it("options of flows are Windows' own callout: a short lifetime ends the flow sooner (WFP-SHIMS 4.5)", async () => {
    const filter = (layer: string) => `{ name: short, layer: ${layer}, action: callout, callout: { options: { UNICAST_LIFETIME: 5 } } }`;
    const steps = (expected: string) => `
  - send: cu
    to: server:53
    text: one
  - wait: 6
  - send: cu
    to: server:53
    text: two
    expect: { ${expected}: client ALE_AUTH_CONNECT first }
`;
    const lasting = withFilters("    filters: []\n");
    expect((await play(steps("never"), {}, lasting)).unmetTexts).toEqual([]);
    const short = withFilters(`    filters: [${filter("ALE_AUTH_CONNECT")}]\n`);
    expect((await play(steps("includes"), {}, short)).unmetTexts).toEqual([]);
    // A policy of a real machine may have the callout already, and a second filter finds the first one's.
    const twice = withFilters(`    filters: [${filter("ALE_AUTH_CONNECT")}, ${filter("ALE_AUTH_CONNECT").replace("short", "again")}]\n`);
    expect((await play(steps("includes"), {}, twice)).unmetTexts).toEqual([]);
    const versioned = withFilters(`    filters: [${filter("ALE_AUTH_CONNECT_V4")}]\n`);
    expect((await play(steps("includes"), { policies: new Map([["client", defaultPolicy("desktop")]]) }, versioned)).unmetTexts).toEqual(
      [],
    );
    const wrong = withFilters(`    filters: [${filter("ALE_AUTH_LISTEN")}]\n`);
    await expect(play(steps("includes"), {}, wrong)).rejects.toMatchObject({
      message: expect.stringContaining("expected layer ALE_AUTH_CONNECT or ALE_AUTH_RECV_ACCEPT, found ALE_AUTH_LISTEN"),
      position: { file: "test.yaml", line: 7 },
    });
  });

  it("one that Windows would refuse is an error with its place and Windows' own code", async () => {
    const head = withFilters("    filters: [{ name: odd, layer: ALE_AUTH_LISTEN, action: block, conditions: [IP_REMOTE_PORT = 5] }]\n");
    await expect(play(CONNECT, {}, head)).rejects.toMatchObject({
      message: expect.stringMatching(/filter "odd" cannot be added: .*IP_REMOTE_PORT|filter "odd" cannot be added: .*no field/),
      position: { file: "test.yaml", line: 7 },
    });
  });

  it("a filter without a callout that pends has nothing to complete", async () => {
    const { records } = await play(
      `
  - complete: client
    filter: plain
    with: permit
    id: completed
  - note: completed
    host: client
    needs: completed
`,
      {},
      withFilters("    filters: [{ name: plain, layer: ALE_AUTH_CONNECT, action: permit }]\n"),
    );
    expect(records).toEqual([]);
  });

  it("a redirection to this machine names the process that serves it (WFP-SHIMS 4.8)", async () => {
    const head = withFilters(
      `    filters: [{ name: proxy, layer: ALE_CONNECT_REDIRECT, action: callout, callout: { redirect: "client:3128", process: 777 } }]\n`,
    );
    const { records } = await play(CONNECT, {}, head);
    const authorized = records.filter((record) => record.type === "indication" && record.layer.name === "FWPM_LAYER_ALE_AUTH_CONNECT_V4");
    expect(authorized).toMatchObject([{ flow: { remote: "198.51.100.20:3128" }, metadata: { localRedirectTargetPid: 777 } }]);
  });

  it("a layer of the other IP version is added as it is; one that has no such version is an error", async () => {
    const steps = (layer: string) => `
  - addFilter: client
    filter: { name: no, layer: ${layer}, action: block }
${CONNECT}`;
    expect((await play(steps("ALE_AUTH_CONNECT_V6"))).outcomes).toEqual(["client connect WSAECONNREFUSED"]);
    expect((await play(steps("ALE_AUTH_CONNECT_V6"), { family: 6 })).outcomes).toEqual(["client connect WSAEACCES"]);
    expect((await play(steps("OUTBOUND_MAC_FRAME_NATIVE"))).outcomes).toEqual(["client connect WSAETIMEDOUT"]);
  });
});
