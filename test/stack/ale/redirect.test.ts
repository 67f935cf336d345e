import { describe, expect, it } from "vitest";
import type { Callout } from "../../../src/engine/index.ts";
import { FIELD_KEY, type IndicationRecord, parseAddress, type SessionRecord, uint32 } from "../../../src/model/index.ts";
import { TwoHosts } from "../two-hosts.ts";

const redirectTo = (address: string, port: number, localRedirectTargetPid?: number): Callout => ({
  classify(request) {
    request.stack?.redirectConnect?.({
      address: parseAddress(address),
      port,
      ...(localRedirectTargetPid === undefined ? {} : { localRedirectTargetPid }),
    });
  },
});

function authorizations(records: readonly SessionRecord[]): IndicationRecord[] {
  return records.filter(
    (record): record is IndicationRecord => record.type === "indication" && record.layer.name === "FWPM_LAYER_ALE_AUTH_CONNECT_V4",
  );
}

describe("redirect (WFP-SHIMS 4.8)", () => {
  it("F1: to a local proxy: one AUTH_CONNECT, for where it goes, with where it wanted to go", () => {
    const hosts = new TwoHosts();
    const proxy = hosts.client.socket({ family: 4, process: hosts.serverProcess });
    proxy.bind(null, 8080);
    proxy.listen();
    const accepting = proxy.accept();
    hosts.callout(hosts.client, "ALE_CONNECT_REDIRECT", redirectTo("127.0.0.1", 8080, 1234));
    const connecting = hosts.clientSocket().connect(hosts.serverAddress, 80);
    hosts.simulation.run();
    expect(connecting.result).toBe("ok");
    expect(accepting.result?.result).toBe("ok");
    const records = authorizations(hosts.simulation.records);
    expect(records.map(({ flow, flags }) => [flow.remote, flags.includes("IS_CONNECTION_REDIRECTED")])).toEqual([["127.0.0.1:8080", true]]);
    expect(records[0]?.flags).toContain("IS_LOOPBACK");
    expect(records[0]?.metadata).toMatchObject({
      originalDestination: { address: hosts.serverAddress, port: 80 },
      localRedirectTargetPid: 1234,
    });
  });

  it("F2: to another host: AUTH_CONNECT for the original destination, then for the new one", () => {
    const hosts = new TwoHosts();
    hosts.listen(8080);
    hosts.callout(hosts.client, "ALE_CONNECT_REDIRECT", redirectTo("10.0.0.1", 8080));
    const connecting = hosts.clientSocket().connect(parseAddress("10.0.0.99"), 80);
    hosts.simulation.run();
    expect(connecting.result).toBe("ok");
    const [first, second, ...more] = authorizations(hosts.simulation.records);
    expect(more).toEqual([]);
    expect(first?.flow.remote).toBe("10.0.0.99:80");
    expect(first?.flags).toContain("IS_HONORING_POLICY_AUTHORIZE");
    expect(second?.flow.remote).toBe("10.0.0.1:8080");
    expect(second?.flags).toContain("IS_CONNECTION_REDIRECTED");
    expect(second?.flags).not.toContain("IS_HONORING_POLICY_AUTHORIZE");
  });

  it("F2: Windows 7 authorizes the new destination only", () => {
    const hosts = new TwoHosts({ windows: "7" });
    hosts.listen(8080);
    hosts.callout(hosts.client, "ALE_CONNECT_REDIRECT", redirectTo("10.0.0.1", 8080));
    hosts.clientSocket().connect(parseAddress("10.0.0.99"), 80);
    hosts.simulation.run();
    expect(authorizations(hosts.simulation.records).map(({ flow }) => flow.remote)).toEqual(["10.0.0.1:8080"]);
  });

  it("F3: a filter for the original destination blocks the redirected connection", () => {
    const hosts = new TwoHosts();
    hosts.listen(8080);
    hosts.callout(hosts.client, "ALE_CONNECT_REDIRECT", redirectTo("10.0.0.1", 8080));
    hosts.filter(hosts.client, "ALE_AUTH_CONNECT", {
      conditions: [{ fieldKey: FIELD_KEY.IP_REMOTE_ADDRESS, matchType: "FWP_MATCH_EQUAL", value: uint32(0x0a000063) }],
    });
    const connecting = hosts.clientSocket().connect(parseAddress("10.0.0.99"), 80);
    expect(connecting.result).toBe("WSAEACCES");
    expect(authorizations(hosts.simulation.records).length).toBe(1);
  });

  it("F4: without redirect records the proxy's own connection is judged as the proxy's", () => {
    const hosts = new TwoHosts();
    hosts.listen();
    const proxy = hosts.client.socket({ family: 4, process: hosts.serverProcess });
    proxy.connect(hosts.serverAddress, 80);
    const [record] = authorizations(hosts.simulation.records);
    expect(record?.metadata.processId).toBe(hosts.serverProcess.processId);
    expect(record?.flags).not.toContain("IS_PROXY_CONNECTION");
  });

  it("BIND_REDIRECT moves a listener to another port", () => {
    const hosts = new TwoHosts();
    hosts.callout(hosts.server, "ALE_BIND_REDIRECT", {
      classify(request) {
        request.stack?.redirectBind?.({ address: parseAddress("10.0.0.1"), port: 8080 });
      },
    });
    hosts.listen(80);
    const connecting = hosts.clientSocket().connect(hosts.serverAddress, 8080);
    hosts.simulation.run();
    expect(connecting.result).toBe("ok");
  });
});
