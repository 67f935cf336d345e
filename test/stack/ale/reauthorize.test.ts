import { describe, expect, it } from "vitest";
import { FIELD_KEY, type IndicationRecord, REAUTHORIZE_REASON, type SessionRecord, uint16 } from "../../../src/model/index.ts";
import { layersOf, TwoHosts } from "../two-hosts.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const otherPort = [{ fieldKey: FIELD_KEY.IP_LOCAL_PORT, matchType: "FWP_MATCH_EQUAL", value: uint16(81) }] as const;
const RX = "ALE_AUTH_RECV_ACCEPT";
const AC = "ALE_AUTH_CONNECT";

function reauthorization(records: readonly SessionRecord[]): IndicationRecord {
  const found = records.find((record): record is IndicationRecord => record.type === "indication" && record.reauthorize);
  if (found === undefined) throw new Error("nothing was reauthorized");
  return found;
}

function field(record: IndicationRecord, name: string) {
  const index = record.layer.fields.findIndex((candidate) => candidate.name === name);
  return record.values[index];
}

describe("reauthorization (WFP-SHIMS 4.6)", () => {
  it("E1: an inbound segment of a flow that no longer may be tears it down", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    hosts.filter(hosts.server, RX);
    const watched = hosts.watch();
    const receiving = server.receive();
    client.send(bytes("data"));
    hosts.simulation.runUntil(() => receiving.done);
    expect(layersOf(watched(), "server")).toEqual(["INBOUND_IPPACKET", "INBOUND_TRANSPORT", `${RX}!`, `${RX}_DISCARD`]);
    const record = reauthorization(watched());
    expect(record.flags).toContain("IS_REAUTHORIZE");
    expect(field(record, "REAUTHORIZE_REASON")).toEqual({ type: "FWP_UINT32", value: REAUTHORIZE_REASON.POLICY_CHANGE });
    expect(receiving.result?.result).toBe("WSAECONNABORTED");
    expect(server.send(bytes("x"))).toBe("WSAECONNABORTED");
    expect([...hosts.server.flows.flows]).toEqual([]);
  });

  it("E1: the peer gets no reset, its data times out", () => {
    const hosts = new TwoHosts();
    const { client } = hosts.connected();
    hosts.filter(hosts.server, RX);
    const watched = hosts.watch();
    const receiving = client.receive();
    client.send(bytes("data"));
    hosts.simulation.run();
    expect(receiving.result?.result).toBe("WSAECONNABORTED");
    expect(layersOf(watched(), "server")).not.toContain("OUTBOUND_TRANSPORT");
    expect(layersOf(watched(), "client")).not.toContain("INBOUND_TRANSPORT");
  });

  it("Q3: what the application sees is a named choice", () => {
    const hosts = new TwoHosts({ interpretation: { failedReauthorization: "WSAECONNRESET" } });
    const { client, server } = hosts.connected();
    hosts.filter(hosts.server, RX);
    const receiving = server.receive();
    client.send(bytes("data"));
    hosts.simulation.runUntil(() => receiving.done);
    expect(receiving.result?.result).toBe("WSAECONNRESET");
  });

  it("E2: a filter that does not match lets the flow go on", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    hosts.filter(hosts.server, RX, { conditions: otherPort });
    const watched = hosts.watch();
    const receiving = server.receive();
    client.send(bytes("data"));
    hosts.simulation.runUntil(() => receiving.done);
    expect(layersOf(watched(), "server")).toEqual(["INBOUND_IPPACKET", "INBOUND_TRANSPORT", RX, "STREAM"]);
  });

  it("E3: the first packet may be an outbound one; it has no arrival interface", () => {
    const hosts = new TwoHosts();
    const { server } = hosts.connected();
    hosts.simulation.run();
    hosts.filter(hosts.server, RX, { conditions: otherPort });
    const watched = hosts.watch();
    server.send(bytes("data"));
    expect(layersOf(watched(), "server")).toEqual([RX, "STREAM", "OUTBOUND_TRANSPORT", "OUTBOUND_IPPACKET"]);
    const record = reauthorization(watched());
    expect(record.direction).toBe("outbound");
    expect(record.metadata.packetDirection).toBe("outbound");
    for (const name of ["IP_ARRIVAL_INTERFACE", "ARRIVAL_INTERFACE_TYPE"]) expect(field(record, name)).toEqual({ type: "FWP_EMPTY" });
    expect(field(record, "IP_NEXTHOP_INTERFACE")).toMatchObject({ type: "FWP_UINT64" });
  });

  it("E4: an outbound packet that fails tears the flow down; the call itself has ended, the next one fails", () => {
    const hosts = new TwoHosts();
    const { server } = hosts.connected();
    hosts.simulation.run();
    hosts.filter(hosts.server, RX, {
      conditions: [{ fieldKey: FIELD_KEY.IP_ARRIVAL_INTERFACE, matchType: "FWP_MATCH_EQUAL", value: { type: "FWP_EMPTY" } }],
    });
    const watched = hosts.watch();
    expect(server.send(bytes("data"))).toBe("ok");
    expect(layersOf(watched(), "server")).toEqual([`${RX}!`, `${RX}_DISCARD`]);
    expect(server.send(bytes("data"))).toBe("WSAECONNABORTED");
  });

  it("E5: filters at another layer do not touch the flow", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    hosts.filter(hosts.client, RX);
    hosts.filter(hosts.server, AC);
    const watched = hosts.watch();
    const receiving = client.receive();
    server.send(bytes("reply"));
    hosts.simulation.runUntil(() => receiving.done);
    expect(layersOf(watched(), "client")).toEqual(["INBOUND_IPPACKET", "INBOUND_TRANSPORT", "STREAM"]);
    expect(receiving.result?.result).toBe("ok");
  });

  it("E6, E7: removing an unrelated filter counts too, once", () => {
    const hosts = new TwoHosts();
    const id = hosts.filter(hosts.client, AC, {
      conditions: [{ fieldKey: FIELD_KEY.IP_REMOTE_PORT, matchType: "FWP_MATCH_EQUAL", value: uint16(81) }],
    });
    const { client } = hosts.connected();
    hosts.simulation.run();
    hosts.session(hosts.client).deleteFilterById(id);
    const watched = hosts.watch();
    client.setNoDelay(true);
    client.send(bytes("first"));
    expect(layersOf(watched(), "client")).toEqual([AC, "STREAM", "OUTBOUND_TRANSPORT", "OUTBOUND_IPPACKET"]);
    const again = hosts.watch();
    client.send(bytes("second"));
    expect(layersOf(again(), "client")).toEqual(["STREAM", "OUTBOUND_TRANSPORT", "OUTBOUND_IPPACKET"]);
  });

  it("E8: an idle flow is not looked at", () => {
    const hosts = new TwoHosts();
    hosts.connected();
    hosts.simulation.run();
    hosts.filter(hosts.server, RX);
    const watched = hosts.watch();
    hosts.simulation.run();
    expect(watched()).toEqual([]);
  });

  it("a torn down flow drops what still comes until the socket is closed, then a stray segment is reset", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    hosts.filter(hosts.server, RX);
    const receiving = server.receive();
    client.send(bytes("data"));
    hosts.simulation.runUntil(() => receiving.done);
    const retransmitted = hosts.watch();
    hosts.simulation.runUntil(() => layersOf(retransmitted(), "server").includes(`${RX}_DISCARD`));
    server.close();
    const watched = hosts.watch();
    hosts.simulation.run();
    expect(layersOf(watched(), "server")).toContain("INBOUND_TRANSPORT_DISCARD");
    expect(client.send(bytes("x"))).toBe("WSAECONNRESET");
  });
});
