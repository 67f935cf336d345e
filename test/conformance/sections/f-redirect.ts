import assert from "node:assert/strict";
import { appIdPath, parseAddress } from "../../../src/model/index.ts";
import { conforms } from "../check.ts";
import { block, equal, ip, Lab, program } from "../lab.ts";
import { indications, Pair, SERVER, sequence } from "../run.ts";

/** A client whose connections a callout at CONNECT_REDIRECT sends elsewhere. */
function redirecting(address: string, port: number, localRedirectTargetPid?: number): Lab {
  const lab = new Lab();
  const calloutKey = lab.callout("CR", {
    classify(request, out) {
      request.stack?.redirectConnect?.({
        address: parseAddress(address),
        port,
        ...(localRedirectTargetPid === undefined ? {} : { localRedirectTargetPid }),
      });
      out.action = "permit";
    },
  });
  lab.filter({ layer: "CR", action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey } });
  return lab;
}

const authorizations = (pair: Pair) =>
  indications(pair.records, "client").filter(({ layer }) => layer.name === "FWPM_LAYER_ALE_AUTH_CONNECT_V4");

conforms("F1", () => {
  const pair = new Pair(redirecting("127.0.0.1", 8080, 777));
  pair.connect();
  const [only, ...more] = authorizations(pair);
  assert.equal(more.length, 0, "one authorization for a local target");
  assert.equal(only?.flow.remote, "127.0.0.1:8080");
  assert.ok(only.flags.includes("IS_CONNECTION_REDIRECTED"));
  assert.deepEqual(only.metadata.originalDestination, { address: parseAddress("10.0.0.1"), port: 80 });
  assert.equal(only.metadata.localRedirectTargetPid, 777);
});

conforms("F2", () => {
  const pair = new Pair(redirecting("10.0.0.9", 8080));
  pair.connect();
  const [original, effective, ...more] = authorizations(pair);
  assert.equal(more.length, 0);
  assert.equal(original?.flow.remote, "10.0.0.1:80");
  assert.ok(original.flags.includes("IS_HONORING_POLICY_AUTHORIZE"));
  assert.equal(effective?.flow.remote, "10.0.0.9:8080");
  assert.ok(!effective.flags.includes("IS_HONORING_POLICY_AUTHORIZE"));
});

conforms("F3", () => {
  const lab = redirecting("10.0.0.9", 8080);
  lab.filter({ layer: "AC", action: block, conditions: [equal("IP_REMOTE_ADDRESS", ip("10.0.0.1"))] });
  const pair = new Pair(lab);
  assert.equal(pair.connect().result, "WSAEACCES");
  assert.deepEqual(sequence(pair.records, "client").slice(-3), ["CR", "AC✗", "ACd"]);
  const [first] = authorizations(pair);
  assert.equal(first?.flow.remote, "10.0.0.1:80");
  assert.ok(first.flags.includes("IS_HONORING_POLICY_AUTHORIZE"));
});

conforms("F4", () => {
  const lab = new Lab();
  const proxyPath = "C:\\Lab\\proxy.exe";
  // Redirects every program's connection but the proxy's own, which carries no redirect records.
  const calloutKey = lab.callout("CR", {
    classify(request, out) {
      const app = request.values[request.layer.fields.findIndex((field) => field.name === "ALE_APP_ID")];
      const isProxy = typeof app === "object" && app.type === "FWP_BYTE_BLOB_TYPE" && appIdPath(app.value).endsWith("proxy.exe");
      if (!isProxy) request.stack?.redirectConnect?.({ address: parseAddress("127.0.0.1"), port: 8080, localRedirectTargetPid: 777 });
      out.action = "permit";
    },
  });
  lab.filter({ layer: "CR", action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey } });
  // The program itself may not go to the server; nothing is said of the proxy.
  lab.filter({ layer: "AC", action: block, conditions: [program, equal("IP_REMOTE_ADDRESS", ip("10.0.0.1"))] });
  const pair = new Pair(lab);
  pair.listen();
  const socket = pair.client.socket({ family: 4, process: { ...pair.clientProcess, processId: 777, path: proxyPath } });
  const operation = socket.connect(SERVER, 80);
  pair.simulation.runUntil(() => operation.done, 60);
  const [judged] = authorizations(pair);
  assert.equal(judged?.flow.remote, "10.0.0.1:80");
  assert.equal(judged.decision.verdict, "permit");
  assert.ok(!judged.flags.includes("IS_PROXY_CONNECTION"));
  assert.equal(operation.result, "ok");
});
