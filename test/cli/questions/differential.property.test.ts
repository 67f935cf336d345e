import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shadowFindings } from "../../../src/analysis/index.ts";
import { diffFlows } from "../../../src/cli/questions/diff-flows.ts";
import { reachBetween } from "../../../src/cli/questions/reach-between.ts";
import { readPatterns } from "../../../src/cli/questions/read-patterns.ts";
import { searchFlows } from "../../../src/cli/questions/search-flows.ts";
import { flipFlow, holdsFor } from "../../../src/cli/questions/trace-question.ts";
import { FilterEngine } from "../../../src/engine/index.ts";
import {
  appIdBlob,
  type Condition,
  FIELD_KEY,
  type Filter,
  type FlowSpec,
  type FlowTrace,
  type FwpValue,
  type LayerName,
  type MatchType,
  parseFlow,
  parseIpv4,
  range,
  type Sid,
  toAppId,
  uint8,
  uint16,
  uint32,
  type Verdict,
} from "../../../src/model/index.ts";
import { traceFlow } from "../../../src/stack/index.ts";
import {
  A,
  BLOCK,
  BQ,
  calloutObject,
  either,
  filter,
  guid,
  inspection,
  layerNamed,
  PERMIT,
  policy,
  terminating,
  U,
} from "../../engine/policy-lab.ts";

const WINDOWS = { windows: "11" } as const;
const RUNS = { seed: 20260, numRuns: 90 } as const;
const CLEAR_ACTION_RIGHT = 8;
const UNKNOWN_CALLOUT = guid(0x51);

const LAYERS: readonly LayerName[] = [
  "ALE_AUTH_CONNECT_V4",
  "ALE_AUTH_CONNECT_V4",
  "ALE_AUTH_RECV_ACCEPT_V4",
  "ALE_AUTH_RECV_ACCEPT_V4",
  "ALE_RESOURCE_ASSIGNMENT_V4",
  "ALE_AUTH_LISTEN_V4",
  "ALE_FLOW_ESTABLISHED_V4",
  "OUTBOUND_TRANSPORT_V4",
  "INBOUND_TRANSPORT_V4",
];
const ADDRESSES = ["10.0.0.5", "10.0.0.9", "203.0.113.9", "192.168.1.9"];
const PORTS = [53, 80, 443, 5000, 50_000];
const APPS = ["C:\\a.exe", "C:\\b.exe"];
const USER = "S-1-5-21-1-2-3-1001";
const PACKAGE = "S-1-15-2-1-1-1-1-1-1-9";
const SIDS: readonly Sid[] = ["S-1-1-0", "S-1-15-2-1", "S-1-5-32-545", "S-1-5-20", PACKAGE, USER];
const NUMERIC: readonly MatchType[] = [
  "FWP_MATCH_EQUAL",
  "FWP_MATCH_NOT_EQUAL",
  "FWP_MATCH_GREATER",
  "FWP_MATCH_LESS",
  "FWP_MATCH_GREATER_OR_EQUAL",
  "FWP_MATCH_LESS_OR_EQUAL",
  "FWP_MATCH_FLAGS_ALL_SET",
  "FWP_MATCH_FLAGS_ANY_SET",
  "FWP_MATCH_FLAGS_NONE_SET",
];

const on = (name: keyof typeof FIELD_KEY, matchType: MatchType, value: FwpValue): Condition => ({
  fieldKey: FIELD_KEY[name],
  matchType,
  value,
});
const equal = fc.constantFrom<MatchType>("FWP_MATCH_EQUAL", "FWP_MATCH_EQUAL", "FWP_MATCH_NOT_EQUAL");
const portField = fc.constantFrom("IP_LOCAL_PORT" as const, "IP_REMOTE_PORT" as const);
const addressField = fc.constantFrom("IP_LOCAL_ADDRESS" as const, "IP_REMOTE_ADDRESS" as const);
const address = fc.constantFrom(...ADDRESSES).map((text) => parseIpv4(text) ?? 0);
const numeric = fc.constantFrom(...NUMERIC);
const numberedPort = fc.constantFrom(...PORTS);

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.tuple(portField, numeric, numberedPort).map(([name, match, port]) => on(name, match, uint16(port))),
  fc
    .tuple(portField, fc.constantFrom<MatchType>("FWP_MATCH_RANGE", "FWP_MATCH_NOT_EQUAL"), numberedPort, fc.nat(500))
    .map(([name, match, low, more]) => on(name, match, range(uint16(low), uint16(low + more)))),
  fc.tuple(addressField, numeric, address).map(([name, match, value]) => on(name, match, uint32(value))),
  fc
    .tuple(addressField, equal, address, fc.constantFrom(0xff000000, 0xfffffffe, 0xff0000ff))
    .map(([name, match, value, mask]) => on(name, match, { type: "FWP_V4_ADDR_MASK", address: value, mask })),
  fc.tuple(numeric, fc.constantFrom(6, 17, 47)).map(([match, protocol]) => on("IP_PROTOCOL", match, uint8(protocol))),
  fc.tuple(numeric, fc.constantFrom(1, 2, 3)).map(([match, profile]) => on("CURRENT_PROFILE_ID", match, uint32(profile))),
  fc.tuple(numeric, fc.constantFrom(1, 32, 0x100000)).map(([match, flags]) => on("FLAGS", match, uint32(flags))),
  fc
    .tuple(equal, fc.constantFrom(...APPS))
    .map(([match, path]) => on("ALE_APP_ID", match, { type: "FWP_BYTE_BLOB_TYPE", value: appIdBlob(toAppId(path)) })),
  fc
    .tuple(equal, fc.constantFrom<Sid>(PACKAGE, "S-1-0-0"))
    .map(([match, value]) => on("ALE_PACKAGE_ID", match, { type: "FWP_SID", value })),
  fc
    .tuple(equal, fc.array(fc.tuple(fc.constantFrom("allow" as const, "deny" as const), fc.constantFrom(...SIDS)), { maxLength: 3 }))
    .map(([match, aces]) => {
      const dacl = aces.map(([kind, sid]) => ({ kind, flags: [], mask: 1, sid }));
      return on("ALE_USER_ID", match, { type: "FWP_SECURITY_DESCRIPTOR_TYPE", value: { dacl, sddl: JSON.stringify(dacl) } });
    }),
);

const action = fc.constantFrom<Filter["action"]>(
  ...Array.from({ length: 4 }, () => [PERMIT, BLOCK]).flat(),
  terminating(UNKNOWN_CALLOUT),
  inspection(UNKNOWN_CALLOUT),
  either(UNKNOWN_CALLOUT),
);
const filters = fc
  .array(
    fc.record({
      layer: fc.constantFrom(...LAYERS).map(layerNamed),
      subLayer: fc.constantFrom(A, BQ, U),
      action,
      weight: fc.bigInt(0n, 5n),
      flags: fc.constantFrom(0, 0, 0, CLEAR_ACTION_RIGHT),
      conditions: fc.array(condition, { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((sketches) =>
    sketches.map(({ conditions, ...sketch }, index) => {
      // A file's conditions are about fields that the layer has.
      const known = new Set(sketch.layer.fields.map(({ key }) => key));
      return filter({ ...sketch, id: index + 1, conditions: conditions.filter(({ fieldKey }) => known.has(fieldKey)) });
    }),
  );

/** A flow of which everything is told, with questions that it is among the flows of. */
const flow = fc
  .record({
    direction: fc.constantFrom("in", "out"),
    protocol: fc.constantFrom("tcp", "udp"),
    ends: fc.shuffledSubarray(ADDRESSES, { minLength: 2, maxLength: 2 }),
    ports: fc.tuple(numberedPort, numberedPort),
    app: fc.constantFrom(...APPS, "C:\\other.exe"),
    user: fc.constantFrom(USER, "S-1-5-20"),
    groups: fc.constantFrom("none", "S-1-5-32-545"),
    container: fc.constantFrom("none", PACKAGE, "S-1-15-2-3-3-3-3-3-3-3"),
    profile: fc.constantFrom("public", "private"),
    wide: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
  })
  .map(({ direction, protocol, ends: [source, destination], ports: [from, to], app, user, groups, container, profile, wide }) => {
    const own = container === "none" ? "" : " capabilities=none";
    const told = `family=4 profile=${profile}`;
    return {
      spec: parseFlow(
        `${direction} ${protocol} ${source}:${from} > ${destination}:${to} app=${app} user=${user} groups=${groups} package=${container}${own} profile=${profile}`,
      ),
      question: `${direction} ${protocol} ${wide[0] ? "any" : source} > ${wide[1] ? "any" : `${destination}/31`}${wide[2] ? "" : `:${to}`} ${told}`,
    };
  });

const engineOf = (list: readonly Filter[]) => new FilterEngine(policy(list, [calloutObject(UNKNOWN_CALLOUT, null)]));
const budgets = fc.constantFrom(undefined, undefined, 8, 60, 300);

function search(
  engine: FilterEngine,
  question: string,
  verdict: Verdict | null,
  extra: { filters?: readonly Filter[]; maxNodes?: number },
) {
  return searchFlows(engine, readPatterns(question), {
    ...WINDOWS,
    question,
    verdict,
    filters: null,
    decidedBy: null,
    except: [],
    classes: 20,
    now: () => 0,
    ...extra,
  });
}

/** A flow's ends as the host at the other end sees them. */
const turned = ({ localAddress, remoteAddress, localPort, remotePort }: Partial<FlowSpec>) => ({
  ...{ localAddress: remoteAddress, remoteAddress: localAddress, localPort: remotePort, remotePort: localPort },
});

const isAbout = ({ steps }: FlowTrace, own: Filter) =>
  steps.some(({ decision }) => decision?.filter === own || decision?.alternatives.some((end) => end.filter === own) === true);

describe("questions on random policies, judged by trace", () => {
  it("search: an empty answer that is proved has no flow, and every example has the verdict", () => {
    fc.assert(
      fc.property(filters, flow, budgets, (list, { spec, question }, maxNodes) => {
        const engine = engineOf(list);
        const own = traceFlow(engine, spec, WINDOWS);
        for (const verdict of ["permit", "block", "indeterminate"] as const) {
          const { answers, certainty } = search(engine, question, verdict, maxNodes === undefined ? {} : { maxNodes });
          for (const { witness } of answers) expect(traceFlow(engine, witness.flow, WINDOWS).verdict).toBe(verdict);
          if (own.verdict === verdict && answers.length === 0) expect(certainty).toBe("bounded");
          // Policies this small are within the usual budget: an open answer would be a witness that trace refused.
          if (maxNodes === undefined) expect(certainty).toBe("proved");
        }
        const decider = own.decisive?.decision?.filter ?? undefined;
        if (decider !== undefined) expect(search(engine, question, null, { filters: [decider] }).answers).not.toEqual([]);
      }),
      { ...RUNS, numRuns: 400 },
    );
  });

  it("diff: a flow that changes is in an answer of that change, and examples change so", () => {
    fc.assert(
      fc.property(filters, filters, fc.nat(6), flow, budgets, (list, others, kept, { spec, question }, maxNodes) => {
        const [before, after] = [engineOf(list), engineOf([...list.slice(0, kept), ...others.slice(0, 2)])];
        const options = { ...WINDOWS, classes: 20, now: () => 0, ...(maxNodes === undefined ? {} : { maxNodes }) };
        const { flows, certainty } = diffFlows(before, after, readPatterns(question), options);
        const verdicts = (each: typeof spec) => [before, after].map((engine) => traceFlow(engine, each, WINDOWS).verdict).join(" ");
        const changes = flows.map((answer) => verdicts(answer.before.flow));
        expect(changes.filter((change) => new Set(change.split(" ")).size === 1)).toEqual([]);
        const own = verdicts(spec);
        if (/permit block|block permit/.test(own) && certainty === "proved") expect(changes).toContain(own);
      }),
      RUNS,
    );
  });

  it("holds for: other ports, addresses and programs of the class have the same verdict; every flip is one", () => {
    const widened = ["localPort", "remotePort", "localAddress", "remoteAddress", "app"] as const;
    fc.assert(
      fc.property(filters, flow, flow, fc.subarray([...widened]), (list, { spec }, { spec: other }, taken) => {
        const engine = engineOf(list);
        const own = traceFlow(engine, spec, WINDOWS);
        const holds = holdsFor(engine, own, WINDOWS);
        for (const flip of flipFlow(engine, own, WINDOWS)) {
          expect(traceFlow(engine, flip.trace.flow, WINDOWS).verdict).not.toBe(own.verdict);
        }
        // Fields that are not listed may be anything.
        const names = { localPort: "IP_LOCAL_PORT", remotePort: "IP_REMOTE_PORT", app: "ALE_APP_ID" } as const;
        const free = taken.filter((key) => key in names && holds?.fields.every(({ name }) => name !== names[key as keyof typeof names]));
        const changed = { ...spec, ...Object.fromEntries(free.map((key) => [key, other[key]])) };
        if (holds !== null) expect(traceFlow(engine, changed, WINDOWS).verdict).toBe(own.verdict);
      }),
      RUNS,
    );
  });

  it("reach from host to host: what leaves the one and enters the other is found, and every example does both", () => {
    fc.assert(
      fc.property(filters, filters, flow, flow, budgets, (list, others, { spec, question }, { spec: listener }, maxNodes) => {
        if (spec.direction !== "out") return;
        const [from, to] = [engineOf(list), engineOf(others)];
        const { app, user, groups, package: container } = listener;
        const arriving = {
          ...spec,
          ...{ direction: "in" as const, app, user, groups, package: container },
          ...turned(spec),
        };
        const { answers, certainty } = reachBetween(from, to, readPatterns(question), {
          ...WINDOWS,
          question,
          verdict: "permit",
          filters: null,
          decidedBy: null,
          except: [],
          classes: 20,
          now: () => 0,
          there: WINDOWS,
          ...(maxNodes === undefined ? {} : { maxNodes }),
        });
        for (const { witness, sent } of answers) {
          expect(sent === undefined ? "nothing sent" : traceFlow(from, sent.flow, WINDOWS).verdict).toBe("permit");
          expect(traceFlow(to, witness.flow, WINDOWS).verdict).toBe("permit");
          expect(sent === undefined ? null : turned(turned(sent.flow))).toEqual(turned(witness.flow));
        }
        const verdicts = [traceFlow(from, spec, WINDOWS).verdict, traceFlow(to, arriving, WINDOWS).verdict];
        if (verdicts.join() === "permit,permit" && answers.length === 0) expect(certainty).toBe("bounded");
      }),
      RUNS,
    );
  });

  it("shadow: a filter that never decides decides no flow", () => {
    fc.assert(
      fc.property(filters, fc.array(flow, { minLength: 8, maxLength: 8 }), budgets, (list, flows, maxNodes) => {
        const engine = engineOf(list);
        const traces = flows.map(({ spec }) => traceFlow(engine, spec, WINDOWS));
        for (const { kind, filter: own } of shadowFindings(engine, maxNodes === undefined ? {} : { maxNodes }).findings) {
          if (kind !== "impossible" && kind !== "shadowed" && kind !== "overruled") continue;
          expect([kind, traces.some((trace) => isAbout(trace, own))]).toEqual([kind, false]);
        }
      }),
      RUNS,
    );
  });
});
