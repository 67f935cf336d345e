import { describe, expect, it } from "vitest";
import { type AuditRecord, FIELD_KEY, type NetEventRecord, type SessionRecord, uint8, uint16 } from "../../../src/model/index.ts";
import { TwoHosts } from "../two-hosts.ts";

const audits = (records: readonly SessionRecord[], host: string) =>
  records.filter((record): record is AuditRecord => record.type === "audit" && record.host === host);
const netEvents = (records: readonly SessionRecord[], host: string) =>
  records.filter((record): record is NetEventRecord => record.type === "netevent" && record.host === host);
const ids = (records: readonly SessionRecord[], host: string) => audits(records, host).map(({ eventId }) => eventId);

function connect(hosts: TwoHosts): void {
  hosts.clientSocket().connect(hosts.serverAddress, 80);
  hosts.simulation.run();
}

describe("audits of what is permitted (WFP-DIAGNOSTICS-FIREWALL 5.2)", () => {
  it("bind 5158, listen 5154, connections 5156", () => {
    const hosts = new TwoHosts();
    hosts.connected();
    const { records } = hosts.simulation;
    expect(ids(records, "server")).toEqual([5158, 5154, 5156]);
    expect(ids(records, "client")).toEqual([5158, 5156]);
    const [bind, listen, accept] = audits(records, "server").map(({ data }) => data);
    const application = "\\device\\harddiskvolume3\\program files\\server\\server.exe";
    const common = { ProcessId: "1234", Application: application, Protocol: "6", FilterRTID: "0" };
    expect(bind).toEqual({ ...common, SourceAddress: "0.0.0.0", SourcePort: "80", LayerName: "%%14608", LayerRTID: "36" });
    expect(listen).toEqual({ ...common, SourceAddress: "0.0.0.0", SourcePort: "80", LayerName: "%%14609", LayerRTID: "40" });
    expect(accept).toEqual({
      ProcessID: "1234",
      Application: application,
      Direction: "%%14592",
      SourceAddress: "10.0.0.2",
      SourcePort: "49701",
      DestAddress: "10.0.0.1",
      DestPort: "80",
      Protocol: "6",
      FilterRTID: "0",
      LayerName: "%%14610",
      LayerRTID: "44",
      RemoteUserID: "S-1-0-0",
      RemoteMachineID: "S-1-0-0",
    });
    expect(Object.keys(accept ?? {})[0]).toBe("ProcessID");
    expect(netEvents(records, "server")).toEqual([]);
  });

  it("Q10: calls the initiator source, or the local end as Microsoft's samples do", () => {
    const hosts = new TwoHosts({ interpretation: { connectionSource: "local" } });
    hosts.connected();
    const accept = audits(hosts.simulation.records, "server").find(({ eventId }) => eventId === 5156);
    expect(accept?.data).toMatchObject({ SourceAddress: "10.0.0.1", SourcePort: "80", DestAddress: "10.0.0.2", DestPort: "49701" });
  });

  it("names the filter that permits a connection; only if its conditions are few, where it follows the documentation", () => {
    const permitted = (fields: "ports" | "addresses", permittedFilter: "winning" | "documented") => {
      const hosts = new TwoHosts({ interpretation: { permittedFilter } });
      const id = hosts.filter(hosts.client, "ALE_AUTH_CONNECT", {
        action: { type: "FWP_ACTION_PERMIT" },
        conditions:
          fields === "ports"
            ? [
                { fieldKey: FIELD_KEY.IP_REMOTE_PORT, matchType: "FWP_MATCH_EQUAL", value: uint16(80) },
                { fieldKey: FIELD_KEY.IP_PROTOCOL, matchType: "FWP_MATCH_EQUAL", value: uint8(6) },
              ]
            : [{ fieldKey: FIELD_KEY.IP_LOCAL_PORT, matchType: "FWP_MATCH_EQUAL", value: uint16(49701) }],
      });
      hosts.listen();
      connect(hosts);
      const event = audits(hosts.simulation.records, "client").find(({ eventId }) => eventId === 5156);
      return { logged: event?.data.FilterRTID, id: String(id) };
    };
    for (const { logged, id } of [permitted("ports", "documented"), permitted("ports", "winning"), permitted("addresses", "winning")]) {
      expect(logged).toBe(id);
    }
    expect(permitted("addresses", "documented").logged).toBe("0");
  });
});

describe("drops", () => {
  it("D1, D2: 5159 and 5155, with a net event each", () => {
    for (const [layer, eventId] of [
      ["ALE_RESOURCE_ASSIGNMENT", 5159],
      ["ALE_AUTH_LISTEN", 5155],
    ] as const) {
      const hosts = new TwoHosts();
      const id = hosts.filter(hosts.server, layer);
      hosts.listen();
      const event = audits(hosts.simulation.records, "server").find((audit) => audit.eventId === eventId);
      expect(event?.data.FilterRTID).toBe(String(id));
      expect(netEvents(hosts.simulation.records, "server").map(({ eventType, filterId }) => [eventType, filterId])).toEqual([
        ["FWPM_NET_EVENT_TYPE_CLASSIFY_DROP", id],
      ]);
    }
  });

  it("D3: a blocked connect is a 5152 and a 5157", () => {
    const hosts = new TwoHosts({ windows: "10" });
    const id = hosts.filter(hosts.client, "ALE_AUTH_CONNECT");
    connect(hosts);
    const { records } = hosts.simulation;
    expect(ids(records, "client")).toEqual([5158, 5152, 5157]);
    const [, dropped, blocked] = audits(records, "client");
    expect(Object.keys(dropped?.data ?? {})).toEqual([
      "ProcessId",
      "Application",
      "Direction",
      "SourceAddress",
      "SourcePort",
      "DestAddress",
      "DestPort",
      "Protocol",
      "FilterRTID",
      "LayerName",
      "LayerRTID",
    ]);
    expect(blocked?.data).toMatchObject({
      Direction: "%%14593",
      DestAddress: "10.0.0.1",
      DestPort: "80",
      FilterRTID: String(id),
      LayerRTID: "48",
    });
    expect(netEvents(records, "client")).toMatchObject([
      { filterId: id, layerId: 48, direction: "MS_FWP_DIRECTION_OUT", isLoopback: false, flow: { protocol: 6, remote: "10.0.0.1:80" } },
    ]);
  });

  it("D6: one drop per retransmitted SYN; the source is the peer", () => {
    const hosts = new TwoHosts({ tcp: { synRetransmissions: 2 } });
    hosts.listen();
    hosts.filter(hosts.server, "ALE_AUTH_RECV_ACCEPT");
    connect(hosts);
    const { records } = hosts.simulation;
    expect(netEvents(records, "server").length).toBe(3);
    expect(ids(records, "server")).toEqual([5158, 5154, 5152, 5157, 5152, 5157, 5152, 5157]);
    const find = (eventId: number) => audits(records, "server").find((audit) => audit.eventId === eventId)?.data;
    expect(find(5152)).toMatchObject({ SourceAddress: "10.0.0.2", DestAddress: "10.0.0.1", FilterOrigin: "Unknown", InterfaceIndex: "12" });
    expect(find(5157)).toMatchObject({ SourceAddress: "10.0.0.2", DestAddress: "10.0.0.1" });
  });

  it("layers without a process say so", () => {
    const hosts = new TwoHosts({ tcp: { synRetransmissions: 0 } });
    hosts.listen();
    hosts.filter(hosts.server, "INBOUND_TRANSPORT");
    connect(hosts);
    const drop = audits(hosts.simulation.records, "server").find(({ eventId }) => eventId === 5152);
    expect(drop?.data).toMatchObject({ ProcessId: "0", Application: "-", LayerName: "%%14597", LayerRTID: "12" });
    expect(netEvents(hosts.simulation.records, "server")[0]?.appId).toBeNull();
  });

  it("a filter that keeps the stack from answering is a drop; the stack's own answer is none", () => {
    const stealthy = new TwoHosts({ tcp: { synRetransmissions: 0 } });
    const id = stealthy.filter(stealthy.server, "INBOUND_TRANSPORT_DISCARD");
    connect(stealthy);
    expect(netEvents(stealthy.simulation.records, "server").map(({ filterId }) => filterId)).toEqual([id]);
    const plain = new TwoHosts();
    connect(plain);
    expect(netEvents(plain.simulation.records, "server")).toEqual([]);
    expect(audits(plain.simulation.records, "server")).toEqual([]);
  });

  it("a callout's veto is a 5153", () => {
    const hosts = new TwoHosts({ tcp: { synRetransmissions: 0 } });
    hosts.listen();
    const session = hosts.session(hosts.server);
    const subLayer = session.addSubLayer({ name: "upper", weight: 0x9000 });
    session.addFilter({
      name: "hard permit",
      layer: hosts.layerKey("INBOUND_TRANSPORT"),
      subLayer,
      conditions: [],
      action: { type: "FWP_ACTION_PERMIT" },
      flags: { clearActionRight: true },
    });
    hosts.callout(hosts.server, "INBOUND_TRANSPORT", {
      classify(_request, out) {
        out.action = "block";
      },
    });
    connect(hosts);
    expect(ids(hosts.simulation.records, "server")).toEqual([5158, 5154, 5153]);
  });
});

describe("an indeterminate verdict", () => {
  it("is assumed as Interpretation.indeterminate says, and the record tells", () => {
    for (const indeterminate of ["permit", "block"] as const) {
      const hosts = new TwoHosts({ interpretation: { indeterminate }, tcp: { synRetransmissions: 0 } });
      const accepting = hosts.listen().accept();
      // Code nobody has: it may do anything.
      hosts.callout(hosts.server, "ALE_AUTH_RECV_ACCEPT", { classify: () => undefined, knows: () => false });
      connect(hosts);
      const record = hosts.simulation.records.find((one) => one.type === "indication" && one.decision.verdict === "indeterminate");
      expect(record).toMatchObject({ assumed: indeterminate });
      expect(accepting.done).toBe(indeterminate === "permit");
    }
  });
});
