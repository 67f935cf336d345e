import assert from "node:assert/strict";
import {
  appIdBlob,
  byteBlob,
  CONDITION_FLAG,
  type Condition,
  EMPTY,
  LAYER_KEY,
  NULL_SID,
  type Policy,
  parseAddress,
  parseFlow,
  parseIpv6,
  parseSddl,
  range,
  securityDescriptor,
  sidValue,
  v4AddrMask,
  v6AddrMask,
  WfpError,
} from "../../../src/model/index.ts";
import { flowFacts, type IndicationFacts, SHIMS, type SocketResult, traceFlow } from "../../../src/stack/index.ts";
import { conforms } from "../check.ts";
import { abbreviationOf, block, condition, equal, ip, Lab, number32, port, protocol } from "../lab.ts";
import { Pair, SERVER, sequence } from "../run.ts";

/** What became of a single BLOCK filter with `conditions` at `layer` when `flow` passes. */
function matches(layer: string, conditions: readonly Condition[], flow: string): boolean {
  const lab = new Lab();
  lab.filter({ layer, conditions, action: block });
  const trace = traceFlow(lab.bfe.engine, parseFlow(flow), { windows: "11" });
  const step = trace.steps.find((visit) => abbreviationOf(visit.layer.name, true) === layer);
  assert.ok(step?.decision, `${layer} was not visited`);
  assert.notEqual(step.decision.verdict, "indeterminate", "the flow leaves the condition unknown");
  return step.decision.verdict === "block";
}

function addFails(layer: string, conditions: readonly Condition[]): string {
  const lab = new Lab();
  try {
    lab.filter({ layer, conditions, action: block });
  } catch (error) {
    if (error instanceof WfpError) return error.code;
    throw error;
  }
  return "added";
}

const tcp = (destination: string, rest = "") => `out tcp 10.0.0.2:49701 > ${destination} ${rest}`;
const webPorts = [equal("IP_REMOTE_PORT", port(80)), equal("IP_REMOTE_PORT", port(443)), equal("IP_PROTOCOL", protocol(6))];
const flags = (match: "ALL" | "ANY" | "NONE", bits: number) => condition("FLAGS", `FWP_MATCH_FLAGS_${match}_SET`, number32(bits));
const sd = (sddl: string) => equal("ALE_USER_ID", securityDescriptor(parseSddl(sddl)));
const user = "S-1-5-21-1-2-3-1001";
const container = "S-1-15-2-11-22-33-44-55-66-77";
const internet = "O:LSD:(A;;CC;;;S-1-15-3-1)(A;;CC;;;WD)(A;;CC;;;AN)";

conforms("B1", () => assert.ok(matches("AC", webPorts, tcp("10.0.0.1:443"))));
conforms("B2", () => assert.ok(!matches("AC", webPorts, "out udp 10.0.0.2:49701 > 10.0.0.1:443")));
conforms("B3", () => {
  const filter = [condition("IP_REMOTE_ADDRESS", "FWP_MATCH_RANGE", range(ip("10.0.0.1"), ip("10.0.0.5")))];
  assert.ok(matches("AC", filter, tcp("10.0.0.5:80")));
  assert.ok(matches("AC", filter, tcp("10.0.0.1:80")));
  assert.ok(!matches("AC", filter, tcp("10.0.0.6:80")));
});
conforms("B4", () => {
  const filter = [equal("IP_REMOTE_ADDRESS", v4AddrMask(0x0a010203, 0xffff0000))];
  assert.ok(matches("AC", filter, tcp("10.1.9.9:80")));
  assert.ok(!matches("AC", filter, tcp("10.2.9.9:80")));
});
conforms("B5", () => {
  const prefix = [equal("IP_REMOTE_ADDRESS", v6AddrMask(parseIpv6("fe80::") ?? new Uint8Array(), 10))];
  assert.ok(matches("AC_V6", prefix, "out tcp [fe80::2]:49701 > [fe80::1]:80"));
  assert.ok(!matches("AC_V6", prefix, "out tcp [2001:db8::2]:49701 > [2001:db8::1]:80"));
});
conforms("B6", () => assert.equal(addFails("AC", [equal("IP_REMOTE_PORT", number32(80))]), "FWP_E_TYPE_MISMATCH"));
conforms("B7", () =>
  assert.equal(addFails("AC", [condition("IP_REMOTE_PORT", "FWP_MATCH_RANGE", range(port(90), port(80)))]), "FWP_E_INVALID_RANGE"),
);
/** The server of a pair whose policy blocks at RESOURCE_ASSIGNMENT under `conditions` binds to 0.0.0.0:80. */
function bindToAny(conditions: readonly Condition[]): SocketResult {
  const lab = new Lab();
  lab.filter({ layer: "RA", action: block, conditions });
  const pair = new Pair(new Lab(), lab);
  return pair.server.socket({ family: 4, process: pair.serverProcess }).bind(parseAddress("0.0.0.0"), 80);
}

conforms("B8", () => {
  assert.equal(bindToAny([equal("IP_LOCAL_ADDRESS", ip("10.0.0.1"))]), "ok");
  assert.equal(bindToAny([equal("IP_LOCAL_PORT", port(80))]), "WSAEACCES", "the port is known");
});
conforms("B9", () => assert.equal(bindToAny([equal("IP_LOCAL_ADDRESS", EMPTY)]), "WSAEACCES"));
conforms("B10", () => {
  const lab = new Lab();
  lab.filter({ layer: "RA", action: block });
  const pair = new Pair(lab);
  const operation = pair.client.socket({ family: 4, process: pair.clientProcess }).connect(SERVER, 80);
  assert.equal(operation.result, "WSAEACCES");
  assert.deepEqual(sequence(pair.records, "client"), ["BR", "RA✗", "RAd"]);
});
conforms("B11", () => {
  assert.ok(matches("AC", [flags("ALL", CONDITION_FLAG.IS_LOOPBACK)], "out tcp 127.0.0.1:49701 > 127.0.0.1:80 package=none"));
  assert.ok(!matches("AC", [flags("ALL", CONDITION_FLAG.IS_LOOPBACK)], tcp("10.0.0.1:80")));
});
conforms("B12", () => {
  assert.ok(matches("AC", [flags("NONE", CONDITION_FLAG.IS_LOOPBACK)], tcp("10.0.0.1:80")));
  assert.ok(!matches("AC", [flags("NONE", CONDITION_FLAG.IS_LOOPBACK)], "out tcp 127.0.0.1:49701 > 127.0.0.1:80 package=none"));
});
conforms("B13", () => {
  assert.ok(matches("AC", [flags("ANY", 3)], tcp("10.0.0.1:80", "flags=IS_IPSEC_SECURED")));
  assert.ok(!matches("AC", [flags("ANY", 3)], tcp("10.0.0.1:80", "flags=IS_REAUTHORIZE")));
});

const programAt = (path: string) => equal("ALE_APP_ID", byteBlob(appIdBlob(path)));
conforms("B14", () =>
  assert.ok(matches("AC", [programAt("\\device\\harddiskvolume3\\tools\\a.exe")], tcp("10.0.0.1:80", 'app="C:\\Tools\\A.EXE"'))),
);
conforms("B15", () =>
  assert.ok(!matches("AC", [programAt("\\Device\\HarddiskVolume3\\Tools\\A.EXE")], tcp("10.0.0.1:80", 'app="C:\\Tools\\A.EXE"'))),
);

const packaged = [condition("ALE_PACKAGE_ID", "FWP_MATCH_NOT_EQUAL", sidValue(NULL_SID))];
conforms("B16", () => assert.ok(!matches("AC", packaged, tcp("10.0.0.1:80", "package=none"))));
conforms("B17", () => assert.ok(matches("AC", packaged, tcp("10.0.0.1:80", `package=${container}`))));
conforms("B18", () => {
  const filter = [sd(`D:(A;;CC;;;${user})`)];
  assert.ok(matches("AC", filter, tcp("10.0.0.1:80", `user=${user} groups=S-1-5-32-545 package=none`)));
  assert.ok(!matches("AC", filter, tcp("10.0.0.1:80", "user=S-1-5-21-1-2-3-1002 groups=S-1-5-32-545 package=none")));
});
const identity = `user=${user} groups=S-1-5-32-545`;
conforms("B19", () =>
  assert.ok(!matches("AC", [sd(internet)], tcp("10.0.0.1:80", `${identity} package=${container} capabilities=S-1-15-3-9`))),
);
conforms("B20", () =>
  assert.ok(matches("AC", [sd(internet)], tcp("10.0.0.1:80", `${identity} package=${container} capabilities=S-1-15-3-1`))),
);
conforms("B21", () => assert.ok(matches("AC", [sd(internet)], tcp("10.0.0.1:80", `${identity} package=none`))));
conforms("B22", () => {
  const filter = [equal("IP_LOCAL_PORT", port(8)), equal("IP_PROTOCOL", protocol(1))];
  assert.ok(matches("AC", filter, "out icmp 10.0.0.2 > 10.0.0.1 icmp=8/0"));
});
conforms("B23", () => assert.ok(!matches("AC", [equal("ORIGINAL_ICMP_TYPE", port(8))], tcp("10.0.0.1:80"))));
conforms("B24", () => {
  const filter = [
    condition("IP_REMOTE_PORT", "FWP_MATCH_NOT_EQUAL", port(80)),
    condition("IP_REMOTE_PORT", "FWP_MATCH_NOT_EQUAL", port(443)),
  ];
  assert.ok(matches("AC", filter, tcp("10.0.0.1:80")));
});
conforms("B25", () => assert.equal(addFails("OI", [equal("IP_REMOTE_PORT", port(80))]), "FWP_E_CONDITION_NOT_FOUND"));
conforms("B26", () => {
  const lab = new Lab();
  // The suffix as a blob of UTF-16 text without the terminating NUL would not be the end of an app id, so the id carries it too.
  lab.filter({ layer: "AC", action: block, conditions: [condition("ALE_APP_ID", "FWP_MATCH_PREFIX", byteBlob(appIdBlob(".exe")))] });
  const verdict = (app: string) => traceFlow(lab.bfe.engine, parseFlow(tcp("10.0.0.1:80", `app="${app}"`)), { windows: "11" }).verdict;
  assert.equal(verdict("\\device\\abc.exe"), "block");
  assert.equal(verdict("\\device\\abc.com"), "permit");
});
conforms("B27", () =>
  assert.equal(addFails("AC", [condition("ALE_PACKAGE_ID", "FWP_MATCH_GREATER", sidValue(NULL_SID))]), "FWP_E_MATCH_TYPE_MISMATCH"),
);
conforms("B28", () => {
  const lab = new Lab();
  lab.filter({ layer: "AC", action: block, conditions: [equal("IP_REMOTE_PORT", port(80))] });
  const verdict = (flow: string) => traceFlow(lab.bfe.engine, parseFlow(flow), { windows: "11" }).verdict;
  assert.equal(verdict("out tcp [2001:db8::2]:49701 > [2001:db8::1]:80"), "permit");
  assert.equal(verdict(tcp("10.0.0.1:80")), "block");
});

/** FWP_DIRECTION_INBOUND. */
const inboundDirection = [equal("DIRECTION", number32(1))];

conforms("B29", () => {
  // The final ACK of an inbound connection against the SYN-ACK, an inbound packet too, of an outbound one.
  assert.ok(matches("FE", inboundDirection, "in tcp 10.0.0.2:49701 > 10.0.0.1:80"));
  assert.ok(!matches("FE", inboundDirection, tcp("10.0.0.1:80")));
});
conforms("B30", () => {
  const lab = new Lab();
  lab.filter({ layer: "DG", action: block, conditions: inboundDirection });
  const { engine } = lab.bfe;
  const layer = engine.layer(LAYER_KEY.DATAGRAM_DATA_V4);
  assert.ok(layer !== undefined);
  const reply = { ...datagramFacts(engine.policy), direction: "inbound", flowDirection: "outbound" } as const;
  assert.equal(engine.classify(layer, SHIMS.datagramData.values(reply, layer)).verdict, "block");
  const request = { ...reply, direction: "outbound" } as const;
  assert.equal(engine.classify(layer, SHIMS.datagramData.values(request, layer)).verdict, "permit");
});

function datagramFacts(policy: Policy): IndicationFacts {
  return flowFacts(parseFlow("out udp 10.0.0.2:49701 > 10.0.0.1:53"), { windows: "11", policy }).facts;
}
