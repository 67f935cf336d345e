import assert from "node:assert/strict";
import { Bfe, collectTrace } from "../../../src/engine/index.ts";
import {
  compileFirewall,
  DEFAULT_INTERFACE,
  defaultConfig,
  type FirewallRule,
  ORIGIN,
  parseRulePorts,
} from "../../../src/firewall/index.ts";
import {
  CONDITION_FLAG,
  FIELD_KEY,
  type FlowTrace,
  LAYER_KEY,
  parseAddress,
  parseFlow,
  type Sid,
  serviceSid,
} from "../../../src/model/index.ts";
import { desktopProcess, ethernet, Simulation, type SocketResult, traceFlow } from "../../../src/stack/index.ts";
import { conforms } from "../check.ts";
import { abbreviationOf } from "../lab.ts";
import { indications } from "../run.ts";

const PACKAGE: Sid = "S-1-15-2-11-22-33-44-55-66-77";
const IDENTITY = 'app="C:\\Program Files\\WindowsApps\\app.exe" user=S-1-5-21-1-2-3-1001 groups=S-1-5-32-545 profile=private';

function desktop(rules: readonly Partial<FirewallRule>[] = [], phase: "boot" | "running" = "running"): Bfe {
  const config = defaultConfig("desktop");
  const bfe = new Bfe({ windows: config.windows, phase });
  const more = rules.map(
    (rule, index): FirewallRule => ({
      id: `case-${index}`,
      name: `Case ${index}`,
      direction: "in",
      action: "allow",
      enabled: true,
      profiles: ["public", "private", "domain"],
      protocol: 6,
      ...rule,
    }),
  );
  compileFirewall(bfe, { ...config, rules: [...config.rules, ...more] });
  return bfe;
}

const trace = (bfe: Bfe, flow: string): FlowTrace => traceFlow(bfe.engine, parseFlow(flow), { windows: "11" });

/** Verdict and filter origin at one layer of a traced flow. */
function at(found: FlowTrace, layer: string): readonly [string | undefined, string | null | undefined] {
  const step = found.steps.find((visit) => abbreviationOf(visit.layer.name) === layer);
  return [step?.decision?.verdict, step?.decision?.filter?.origin];
}

const deciderAt = (found: FlowTrace, layer: string) =>
  found.steps.find((visit) => abbreviationOf(visit.layer.name) === layer)?.decision?.filter;

const internet = (protocol: string, rest: string) =>
  `out ${protocol} 10.0.0.5:49701 > 203.0.113.9:443 ${IDENTITY} package=${PACKAGE} ${rest}`;

/** A host with the desktop's filters, and one on the Internet that filters nothing and listens on 443. */
function machine(bfe: Bfe) {
  const simulation = new Simulation();
  const { luid, quarantineEpoch: epoch } = DEFAULT_INTERFACE;
  const add = (name: string, owner: Bfe, address: string, more = {}) =>
    simulation.addHost({
      name,
      windows: "11",
      bfe: owner,
      interfaces: [ethernet({ index: 12, profile: "private", addresses: [`${address}/24`], ...more })],
    });
  const host = add("host", bfe, "10.0.0.5", { luid, quarantineEpoch: { 4: epoch, 6: epoch } });
  const peer = add("peer", new Bfe({ windows: "11" }), "203.0.113.9").socket({ family: 4, process: desktopProcess("C:\\peer.exe", 5) });
  peer.bind(null, 443);
  peer.listen();
  return { host, simulation };
}

/** A program in the AppContainer {@link PACKAGE}. */
const container = (capabilities: readonly Sid[]) =>
  desktopProcess("C:\\Program Files\\WindowsApps\\app.exe", 77, { packageSid: PACKAGE, capabilities });

/** How a connect to the Internet ends for a program in the AppContainer {@link PACKAGE}. */
function connectFromContainer(bfe: Bfe, capabilities: readonly Sid[]): SocketResult | undefined {
  const { host, simulation } = machine(bfe);
  const operation = host.socket({ family: 4, process: container(capabilities) }).connect(parseAddress("203.0.113.9"), 443);
  simulation.runUntil(() => operation.done, 60);
  return operation.result;
}

conforms("F5", () => {
  const found = trace(desktop(), internet("tcp", "capabilities=S-1-15-3-9"));
  assert.deepEqual(at(found, "AC"), ["block", ORIGIN.uwp]);
  assert.equal(deciderAt(found, "AC")?.name, "Block Outbound Default Rule");
  assert.equal(connectFromContainer(desktop(), ["S-1-15-3-9"]), "WSAEACCES");
});
conforms("F6", () => {
  const found = trace(desktop(), internet("udp", "capabilities=S-1-15-3-9"));
  assert.deepEqual(at(found, "AC"), ["block", ORIGIN.uwp]);
  assert.doesNotMatch(found.observed.application, /WSAEACCES/);
  assert.match(found.observed.application, /succeed/i);
  const { host, simulation } = machine(desktop());
  const socket = host.udpSocket({ family: 4, process: container(["S-1-15-3-9"]) });
  for (let datagram = 0; datagram < 3; datagram++) {
    assert.equal(socket.sendTo(new Uint8Array(4), parseAddress("203.0.113.9"), 443), "ok");
  }
  const verdicts = indications(simulation.records, "host").filter(({ layer }) => abbreviationOf(layer.name) === "AC");
  assert.deepEqual(
    verdicts.map(({ decision }) => [decision.verdict, decision.filter?.origin]),
    Array.from({ length: 3 }, () => ["block", ORIGIN.uwp]),
  );
});
conforms("F7", () => {
  assert.equal(trace(desktop(), internet("tcp", "capabilities=S-1-15-3-1")).verdict, "permit");
  assert.equal(connectFromContainer(desktop(), ["S-1-15-3-1"]), "ok");
});
conforms("F8", () => {
  const bfe = desktop([{ direction: "out", action: "block", package: PACKAGE }]);
  assert.deepEqual(at(trace(bfe, internet("tcp", "capabilities=S-1-15-3-1")), "AC"), ["block", "case-0"]);
  assert.equal(connectFromContainer(bfe, ["S-1-15-3-1"]), "WSAEACCES");
});
conforms("F9", () => {
  const loopback = parseAddress("127.0.0.1");
  const rule: Partial<FirewallRule> = {
    direction: "out",
    action: "block",
    remotePorts: parseRulePorts("47613"),
    remoteAddresses: [{ kind: "range", low: loopback, high: loopback }],
  };
  const found = trace(desktop([rule]), `out tcp 127.0.0.1:49701 > 127.0.0.1:47613 ${IDENTITY} package=none`);
  assert.equal(at(found, "AC")[0], "permit");
  // The permit for loopback stands above every rule in the rules' own sublayer.
  const rules = found.steps.find((visit) => abbreviationOf(visit.layer.name) === "AC")?.subLayers ?? [];
  const winner = rules.find((entry) => entry.subLayerName.includes("MPSSVC_WF"))?.filter;
  assert.equal(winner?.action.type, "FWP_ACTION_PERMIT");
  assert.equal(winner.effectiveWeight, 0xffff_ffff_ffff_ffffn);
  assert.deepEqual(winner.conditions, [
    { fieldKey: FIELD_KEY.FLAGS, matchType: "FWP_MATCH_FLAGS_ALL_SET", value: { type: "FWP_UINT32", value: CONDITION_FLAG.IS_LOOPBACK } },
  ]);
});

const inbound =
  'in tcp 203.0.113.9:51000 > 10.0.0.5:8080 app="C:\\Program Files\\Server\\server.exe" user=S-1-5-18 groups=none package=none profile=public';

conforms("F14", () => assert.deepEqual(at(trace(desktop([], "boot"), inbound), "RX"), ["block", ORIGIN.bootTime]));
conforms("F15", () => {
  const found = trace(desktop([], "boot"), "out tcp 10.0.0.5:49701 > 203.0.113.9:443 profile=public");
  assert.equal(found.verdict, "permit");
  assert.equal(found.code, "NO_MATCH_PERMIT");
});
conforms("F18", () => {
  const bfe = desktop();
  const unruled =
    'in tcp 203.0.113.9:51000 > 10.0.0.5:9999 app="C:\\Games\\game.exe" user=S-1-5-21-1-2-3-1001 groups=none package=none profile=private';
  assert.deepEqual(at(trace(bfe, unruled), "RX"), ["block", ORIGIN.queryUser]);
  const { host, simulation } = machine(bfe);
  const socket = host.socket({ family: 4, process: desktopProcess("C:\\Games\\game.exe", 99) });
  assert.equal(socket.bind(null, 9999), "ok");
  assert.equal(socket.listen(), "ok", "the callout only tells the service, which prompts");
  const listen = indications(simulation.records).find(({ event }) => event === "listen");
  assert.ok(listen !== undefined);
  const { filters } = collectTrace(bfe.engine, listen.layer, listen.values, { metadata: {} }, { filters: true });
  const told = filters.filter(
    ({ filter, truth, consulted }) => truth === "true" && consulted && filter.action.type === "FWP_ACTION_CALLOUT_UNKNOWN",
  );
  assert.ok(told.length > 0, "the query-user callout was asked");
});
conforms("F19", () => {
  const dhcp = serviceSid("Dhcp");
  const found = trace(
    desktop(),
    `out tcp 10.0.0.5:49701 > 203.0.113.9:443 app="C:\\Windows\\System32\\svchost.exe" user=S-1-5-19 groups=${dhcp} package=none profile=private`,
  );
  assert.deepEqual(at(found, "AC"), ["block", ORIGIN.serviceHardening]);
  const rules = found.steps.find((visit) => abbreviationOf(visit.layer.name) === "AC")?.subLayers ?? [];
  assert.equal(rules.find((entry) => entry.subLayerName.includes("MPSSVC_WF"))?.action, "permit", "although the rules permit it");
});

const QUARANTINED = "FWPM_CONDITION_INTERFACE_QUARANTINE_EPOCH=7";

conforms("F10", () => {
  const found = trace(desktop(), `${inbound.replace(":8080", ":9999")} ${QUARANTINED}`);
  assert.deepEqual(at(found, "RX"), ["block", ORIGIN.quarantine]);
  const blockers = found.steps
    .find((visit) => abbreviationOf(visit.layer.name) === "RX")
    ?.subLayers.filter((entry) => entry.action === "block")
    .map((entry) => entry.subLayerName.replace("FWPM_SUBLAYER_MPSSVC_", ""));
  assert.deepEqual(blockers, ["QUARANTINE", "WF"]);
});
conforms("F11", () => {
  const flow = inbound.replace("203.0.113.9", "127.0.0.1").replace("10.0.0.5", "127.0.0.1");
  assert.deepEqual(at(trace(desktop(), `${flow} ${QUARANTINED}`), "RX")[0], "permit");
});
conforms("F12", () => {
  const flow = `out tcp 10.0.0.5:49701 > 203.0.113.9:443 app="C:\\Program Files\\Client\\client.exe" user=S-1-5-18 groups=none package=none profile=public ${QUARANTINED}`;
  assert.equal(at(trace(desktop(), flow), "AC")[0], "permit");
});
conforms("F13", () => {
  assert.equal(at(trace(desktop(), inbound), "RX")[0], "permit", "a rule allows it");
  assert.deepEqual(at(trace(desktop(), `${inbound} ${QUARANTINED}`), "RX"), ["block", ORIGIN.quarantine]);
});
conforms("F16", () => {
  const flow = parseFlow("in udp 203.0.113.9:51000 > 10.0.0.5:9999 profile=public");
  const found = traceFlow(desktop().engine, flow, { windows: "11", listener: false });
  assert.deepEqual(at(found, "OE"), ["block", ORIGIN.stealth]);
});
conforms("F17", () => {
  const found = trace(desktop(), "out icmp 10.0.0.5 > 203.0.113.9 icmp=3/4 profile=public");
  assert.equal(at(found, "OE")[0], "permit");
});

const web = (action: FirewallRule["action"]): Partial<FirewallRule> => ({ action, localPorts: parseRulePorts("80") });
const syn = (port: number) => inbound.replace(":8080", `:${port}`);

conforms("D19", () => {
  const bfe = desktop([web("allow")]);
  const session = bfe.openSession({ name: "third party" });
  const subLayer = session.addSubLayer({ name: "A", weight: 0x9000 });
  const action = { type: "FWP_ACTION_PERMIT" } as const;
  session.addFilter({ name: "opens everything", layer: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4, subLayer, action });
  const open = trace(bfe, syn(80));
  assert.equal(open.verdict, "permit");
  assert.deepEqual(at(open, "RX")[0], "permit");
  const closed = trace(bfe, syn(81));
  assert.deepEqual(at(closed, "RX"), ["block", ORIGIN.queryUser]);
  assert.match(closed.observed.peer, /timeout/);
});
conforms("D20", () => assert.deepEqual(at(trace(desktop([web("allow"), web("block")]), syn(80)), "RX"), ["block", "case-1"]));
