import assert from "node:assert/strict";
import { Bfe } from "../../../src/engine/index.ts";
import { compileFirewall, defaultConfig, defaultPolicy, type FirewallRule, ORIGIN, parseRulePorts } from "../../../src/firewall/index.ts";
import { type FlowTrace, LAYER_KEY, type Policy, parseAddress, parseFlow, type Sid, serviceSid } from "../../../src/model/index.ts";
import { traceFlow } from "../../../src/stack/index.ts";
import { conforms } from "../check.ts";
import { abbreviationOf } from "../lab.ts";

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

const internet = (protocol: string, rest: string) =>
  `out ${protocol} 10.0.0.5:49701 > 203.0.113.9:443 ${IDENTITY} package=${PACKAGE} ${rest}`;

conforms("F5", () => {
  const found = trace(desktop(), internet("tcp", "capabilities=S-1-15-3-9"));
  assert.deepEqual(at(found, "AC"), ["block", ORIGIN.uwp]);
  assert.match(found.observed.application, /WSAEACCES/);
});
conforms("F6", () => {
  const found = trace(desktop(), internet("udp", "capabilities=S-1-15-3-9"));
  assert.deepEqual(at(found, "AC"), ["block", ORIGIN.uwp]);
  assert.doesNotMatch(found.observed.application, /WSAEACCES/);
  assert.match(found.observed.application, /succeed/i);
});
conforms("F7", () => assert.equal(trace(desktop(), internet("tcp", "capabilities=S-1-15-3-1")).verdict, "permit"));
conforms("F8", () => {
  const found = trace(desktop([{ direction: "out", action: "block", package: PACKAGE }]), internet("tcp", "capabilities=S-1-15-3-1"));
  assert.deepEqual(at(found, "AC"), ["block", "case-0"]);
  assert.match(found.observed.application, /WSAEACCES/);
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
  // The listen itself goes through: the callout at AUTH_LISTEN only tells the service, which prompts.
  const listening = bfe.policy.filters.filter(
    ({ action, name }) => "calloutKey" in action && action.calloutKey.startsWith("{c3dbed20-0bb6-4bf3-828d-96732e1e0028") && name !== "",
  );
  assert.ok(listening.length > 0);
  assert.ok(listening.every(({ action }) => action.type === "FWP_ACTION_CALLOUT_UNKNOWN"));
});
conforms("F19", () => {
  const policy: Policy = defaultPolicy("desktop");
  assert.ok(policy.filters.length > 0);
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
  assert.equal(trace(bfe, syn(80)).verdict, "permit");
  const closed = trace(bfe, syn(81));
  assert.deepEqual(at(closed, "RX"), ["block", ORIGIN.queryUser]);
  assert.match(closed.observed.peer, /timeout/);
});
conforms("D20", () => assert.deepEqual(at(trace(desktop([web("allow"), web("block")]), syn(80)), "RX"), ["block", "case-1"]));
