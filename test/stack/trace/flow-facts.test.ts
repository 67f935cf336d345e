import { describe, expect, it } from "vitest";
import { Bfe, FilterEngine } from "../../../src/engine/index.ts";
import { defaultPolicy } from "../../../src/firewall/index.ts";
import { type FlowSpec, LAYER_KEY, type Policy, parseFlow, UNKNOWN } from "../../../src/model/index.ts";
import { flowFacts, flowVisits, IF_TYPE, judgeFlow, judgePacket, judgeReauthorization, traceFlow } from "../../../src/stack/index.ts";

const bare = new Bfe({ windows: "11" }).policy;
const desktop = defaultPolicy("desktop");

const facts = (flow: string | FlowSpec, policy: Policy = bare) =>
  flowFacts(typeof flow === "string" ? parseFlow(flow) : flow, { windows: "11", policy });

/** A flow without the parts that are named. */
function without(flow: string, ...parts: (keyof FlowSpec)[]): FlowSpec {
  return Object.fromEntries(
    Object.entries(parseFlow(flow)).filter(([name]) => !parts.includes(name as keyof FlowSpec)),
  ) as unknown as FlowSpec;
}

// DESIGN "Flow notation": what is left out is unknown, never silently zero; what is taken for granted is said.
describe("what a flow tells, and what is taken for granted", () => {
  it("the IP version follows from the protocol where neither address nor asker tells", () => {
    const assumed = "the flow is IPv4: no address tells";
    const v6 = facts(without("in icmpv6 * > * icmp=128/0", "family"));
    const v4 = facts(without("in icmp * > * icmp=8/0", "family"));
    const tcp = facts(without("in tcp * > *:80", "family"));
    expect([v6, v4, tcp].map(({ facts: { family } }) => family)).toEqual([6, 4, 4]);
    expect([v6, v4, tcp].map(({ assumptions }) => assumptions.some(({ text }) => text === assumed))).toEqual([false, false, true]);
  });

  it("ICMP without its message: type and code are unknown; another protocol has neither", () => {
    const open = facts("in icmp 203.0.113.9 > 10.0.0.5").facts;
    expect([open.localPort, open.remotePort, open.originalIcmpType]).toEqual([UNKNOWN, UNKNOWN, UNKNOWN]);
    const told = facts("in icmp 203.0.113.9 > 10.0.0.5 icmp=8/0").facts;
    expect([told.localPort, told.remotePort, told.originalIcmpType]).toEqual([8, 0, 8]);
    const gre = facts("in 47 203.0.113.9 > 10.0.0.5").facts;
    expect([gre.localPort, gre.remotePort, gre.originalIcmpType]).toEqual([null, null, null]);
    const tcp = facts("in tcp 203.0.113.9 > 10.0.0.5").facts;
    expect([tcp.localPort, tcp.remotePort]).toEqual([UNKNOWN, UNKNOWN]);
  });

  it("two equal addresses are this machine's; a remote one alone is taken for another's, and that is said", () => {
    expect(facts("out tcp 10.0.0.5 > 10.0.0.5:80").facts.isLoopback).toBe(true);
    expect(facts("out tcp 10.0.0.5 > 10.0.0.6:80").facts.isLoopback).toBe(false);
    expect(facts("out tcp 10.0.0.5 > *:80").facts.isLoopback).toBe(UNKNOWN);
    const alone = facts("out tcp * > 10.0.0.6:80");
    expect(alone.facts.isLoopback).toBe(false);
    expect(alone.assumptions.map(({ text }) => text)).toContain("the remote address is not one of this machine's own");
  });

  it("System is LocalSystem outside any AppContainer unless the flow says otherwise", () => {
    const said = "System runs as LocalSystem, outside any AppContainer";
    const system = facts("in tcp 203.0.113.9 > 10.0.0.5:445 app=System");
    expect(system.facts.process.token).toEqual({
      user: "S-1-5-18",
      groups: ["S-1-5-32-544"],
      packageSid: null,
      capabilities: [],
      attributes: {},
    });
    expect(system.assumptions.map(({ text }) => text)).toContain(said);
    const other = facts("in tcp 203.0.113.9 > 10.0.0.5:445 app=System user=S-1-5-19");
    expect(other.facts.process.token.user).toBe("S-1-5-19");
    expect(other.assumptions.map(({ text }) => text)).not.toContain(said);
    const program = facts("in tcp 203.0.113.9 > 10.0.0.5:445 app=C:\\a.exe").facts.process.token;
    expect(program).toEqual({ user: UNKNOWN, groups: UNKNOWN, packageSid: UNKNOWN, capabilities: UNKNOWN, attributes: UNKNOWN });
  });

  it("groups and service are the token's groups; a service alone is said to have no others", () => {
    const groupsOf = (words: string) => facts(`in tcp 203.0.113.9 > 10.0.0.5:445 ${words}`);
    const service = "S-1-5-80-1-2-3-4-5";
    expect(groupsOf(`service=${service}`).facts.process.token.groups).toEqual([service]);
    expect(groupsOf(`service=${service}`).assumptions.some(({ text }) => text.includes("no groups beside"))).toBe(true);
    expect(groupsOf("groups=S-1-5-32-545").facts.process.token.groups).toEqual(["S-1-5-32-545"]);
    const both = groupsOf(`groups=S-1-5-32-545 service=${service}`);
    expect(both.facts.process.token.groups).toEqual(["S-1-5-32-545", service]);
    expect(both.assumptions.some(({ text }) => text.includes("no groups beside"))).toBe(false);
  });

  it("the interface is the policy's own unless told; one told by name or index is taken for it, and that is said", () => {
    const flow = "in tcp 203.0.113.9 > 10.0.0.5:445";
    const usual = facts(flow, desktop);
    const { luid } = usual.networkInterface;
    if (typeof luid !== "bigint") throw new Error("the desktop policy knows no interface");
    expect(usual.assumptions.map(({ text }) => text)).toContain(
      `the interface is LUID ${luid}, which the policy lists as out of quarantine (if=luid:… for another)`,
    );
    const named = facts(`${flow} if=12`, desktop);
    expect(named.networkInterface).toMatchObject({ index: 12, luid, quarantineEpoch: usual.networkInterface.quarantineEpoch });
    expect(named.assumptions.some(({ text }) => text.startsWith('interface "12", whose LUID is not known, is LUID'))).toBe(true);
    const told = facts(`${flow} if=luid:${luid}`, desktop);
    expect(told.networkInterface).toMatchObject({ luid, quarantineEpoch: usual.networkInterface.quarantineEpoch });
    expect(told.assumptions.map(({ text }) => text)).toContain("the interface is not in quarantine");
    // One that the policy does not list is in quarantine or not: nobody knows.
    const strange = facts(`${flow} if=luid:${luid + 0x1000000n}`, desktop);
    expect(strange.networkInterface).toMatchObject({ luid: luid + 0x1000000n, quarantineEpoch: UNKNOWN });
    expect(strange.assumptions.map(({ text }) => text)).not.toContain("the interface is not in quarantine");
    expect(facts(flow).networkInterface).toMatchObject({ luid: UNKNOWN, type: IF_TYPE.ethernet });
  });

  it("a tunnel and an interface type are taken as told", () => {
    const told = facts("in tcp 203.0.113.9 > 10.0.0.5:445 iftype=71 tunnel=13");
    expect(told.networkInterface).toMatchObject({ type: 71, tunnelType: 13 });
    expect(told.assumptions.some(({ text }) => /Ethernet|no tunnel/.test(text))).toBe(false);
    const open = facts("in tcp 203.0.113.9 > 10.0.0.5:445");
    expect(open.networkInterface).toMatchObject({ type: IF_TYPE.ethernet, tunnelType: 0 });
    expect(open.assumptions.filter(({ text }) => /Ethernet|no tunnel/.test(text))).toHaveLength(2);
  });
});

describe("many flows (judgeFlow, flowVisits)", () => {
  const OUT = parseFlow("out tcp 10.0.0.5:49701 > 203.0.113.9:443");
  const block = { type: "FWP_ACTION_BLOCK" } as const;

  it("leave binding out: what is on the wire was bound", () => {
    const bfe = new Bfe({ windows: "11" });
    const session = bfe.openSession();
    session.addFilter({ name: "bind", layer: LAYER_KEY.ALE_RESOURCE_ASSIGNMENT_V4, conditions: [], action: block });
    expect(judgeFlow(bfe.engine, OUT, { windows: "11" }).verdict).toBe("permit");
    expect(traceFlow(bfe.engine, OUT, { windows: "11" }).verdict).toBe("block");
    session.addFilter({ name: "connect", layer: LAYER_KEY.ALE_AUTH_CONNECT_V4, conditions: [], action: block });
    const judged = judgeFlow(bfe.engine, OUT, { windows: "11" });
    expect([judged.verdict, judged.decisive?.decision.filter?.name]).toEqual(["block", "connect"]);
  });

  it("visit the layers of traceFlow, with the same values, whether somebody listens or not", () => {
    const bfe = new Bfe({ windows: "11" });
    for (const listener of [undefined, true, false]) {
      for (const flow of [
        OUT,
        parseFlow("in tcp 203.0.113.9:51000 > 10.0.0.5:445"),
        parseFlow("in udp [2001:db8::9]:5 > [2001:db8::1]:53"),
      ]) {
        const options = { windows: "11", ...(listener === undefined ? {} : { listener }) } as const;
        const visits = flowVisits(bfe.engine, flow, options);
        const { steps } = traceFlow(bfe.engine, flow, options);
        expect(visits.map(({ layer, values, event }) => [layer.name, event, values])).toEqual(
          steps.map(({ layer, values, event }) => [layer.name, event, values]),
        );
      }
    }
  });

  it("a Windows without a layer visits it not", () => {
    const vista = new Bfe({ windows: "vista" }).engine;
    const names = [
      ...judgeFlow(vista, OUT, { windows: "vista" }).steps.map(({ layer }) => layer.name),
      ...flowVisits(vista, OUT, { windows: "vista" }).map(({ layer }) => layer.name),
    ];
    expect(names).toContain("FWPM_LAYER_ALE_AUTH_CONNECT_V4");
    expect(names.filter((name) => name.includes("REDIRECT"))).toEqual([]);
  });

  it("a policy that knows no layers decides nothing: everything passes", () => {
    const engine = new FilterEngine({ ...bare, layers: [] });
    const options = { windows: "11" } as const;
    const nothing = { steps: [], decisive: null, verdict: "permit" };
    expect(judgeFlow(engine, OUT, options)).toEqual(nothing);
    expect(judgeReauthorization(engine, OUT, options)).toEqual(nothing);
    expect(judgePacket(engine, OUT, { direction: "outbound", hasData: true }, options)).toEqual(nothing);
    expect(flowVisits(engine, OUT, options)).toEqual([]);
    expect(traceFlow(engine, OUT, options)).toMatchObject({ steps: [], decisive: null, verdict: "permit", code: "NO_MATCH_PERMIT" });
  });

  it("what depends on a callout of others is said to depend on it (WFP-SEMANTICS 5)", () => {
    const bfe = new Bfe({ windows: "11" });
    const session = bfe.openSession();
    const calloutKey = "{ca110000-0000-4000-8000-000000000077}";
    session.addCallout({ key: calloutKey, name: "somebody's", applicableLayer: LAYER_KEY.ALE_AUTH_CONNECT_V4 });
    session.addFilter({
      name: "asks somebody",
      layer: LAYER_KEY.ALE_AUTH_CONNECT_V4,
      conditions: [],
      action: { type: "FWP_ACTION_CALLOUT_TERMINATING", calloutKey },
    });
    // As a policy read from a file: nobody has registered the driver's side, and it is third-party code.
    const { policy } = bfe;
    const opaque = new FilterEngine({ ...policy, callouts: policy.callouts.map((callout) => ({ ...callout, registered: true })) });
    const found = traceFlow(opaque, OUT, { windows: "11" });
    expect(found.verdict).toBe("indeterminate");
    expect(found.dependsOn).toMatchObject([{ kind: "callout", calloutKey }]);
    expect(found.observed.peer).toMatch(/^if permitted: .*; if blocked: /);
    // Where nobody listens the program notices nothing either way, and that is said once.
    const closed = new FilterEngine({
      ...policy,
      callouts: policy.callouts.map((callout) => ({
        ...callout,
        applicableLayer: LAYER_KEY.INBOUND_TRANSPORT_V4_DISCARD,
        registered: true,
      })),
      filters: policy.filters.map((filter) => ({ ...filter, layerKey: LAYER_KEY.INBOUND_TRANSPORT_V4_DISCARD })),
    });
    const refused = traceFlow(closed, parseFlow("in tcp 203.0.113.9:51000 > 10.0.0.5:445"), { windows: "11", listener: false });
    expect(refused.verdict).toBe("indeterminate");
    expect(refused.observed.application).toBe("nothing: no program listens");
    expect(refused.observed.peer).toMatch(/^if permitted: .*refused.*; if blocked: .*suppressed/);
  });
});
