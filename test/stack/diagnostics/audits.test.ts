import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../../src/firewall/index.ts";
import { appIdBlob, FIELD_KEY, type Guid, LAYER_KEY, uint16 } from "../../../src/model/index.ts";
import { desktopProcess, ethernet } from "../../../src/stack/index.ts";
import { address, program, text, World } from "./world.ts";

const CONNECTION = ["ProcessID", "Application", "Direction", "SourceAddress", "SourcePort", "DestAddress", "DestPort", "Protocol"];
const LAYER = ["FilterRTID", "LayerName", "LayerRTID"];
const ORIGIN = ["InterfaceIndex", "FilterOrigin"];
const REMOTE = ["RemoteUserID", "RemoteMachineID"];
const PACKET = ["ProcessId", ...CONNECTION.slice(1)];

function blockedConnect(windows: "vista" | "7" | "8" | "10" | "11") {
  const world = new World({ windows });
  const client = world.plain("client", 2);
  world.plain("server", 1);
  world.filter(client, "ALE_AUTH_CONNECT_V4");
  client.socket({ family: 4, process: program }).connect(address("10.0.0.1"), 80);
  return world.audits(client);
}

describe("fields by version (WFP-DIAGNOSTICS-FIREWALL 5.2, 5.3)", () => {
  it.each([
    ["vista", [...PACKET, ...LAYER], [...CONNECTION, ...LAYER]],
    ["7", [...PACKET, ...LAYER], [...CONNECTION, ...LAYER, ...REMOTE]],
    ["10", [...PACKET, ...LAYER], [...CONNECTION, ...LAYER, ...REMOTE]],
    ["11", [...PACKET, ...ORIGIN, ...LAYER], [...CONNECTION, ...ORIGIN, ...LAYER, ...REMOTE]],
  ] as const)("Windows %s: 5152 and 5157", (windows, packet, connection) => {
    const audits = blockedConnect(windows);
    expect(audits.map(({ eventId }) => eventId)).toEqual([5158, 5152, 5157]);
    expect(Object.keys(audits[1]?.data ?? {})).toEqual(packet);
    expect(Object.keys(audits[2]?.data ?? {})).toEqual(connection);
  });
});

describe("protocols", () => {
  it("UDP: 5156 at both ends; the sender is the source", () => {
    const world = new World();
    const client = world.plain("client", 2);
    const server = world.plain("server", 1);
    server.udpSocket({ family: 4, process: program }).bind(null, 53);
    client.udpSocket({ family: 4, process: program }).sendTo(text("hello"), address("10.0.0.1"), 53);
    const ends = { SourceAddress: "10.0.0.2", SourcePort: "49701", DestAddress: "10.0.0.1", DestPort: "53", Protocol: "17" };
    expect(world.audits(client).at(-1)).toMatchObject({ eventId: 5156, data: { ...ends, Direction: "%%14593", LayerRTID: "48" } });
    expect(world.audits(server).at(-1)).toMatchObject({ eventId: 5156, data: { ...ends, Direction: "%%14592", LayerRTID: "44" } });
    expect(world.audits(server)[0]).toMatchObject({ eventId: 5158, data: { SourcePort: "53", Protocol: "17" } });
  });

  it.each([
    ["10.0.0.1", "1", "8", "48", "44"],
    ["2001:db8::1", "58", "128", "50", "46"],
  ])("ping to %s: type and code stand for the ports, the type at the end that is here", (to, Protocol, type, connect, accept) => {
    const world = new World();
    const client = world.plain("client", 2);
    const server = world.plain("server", 1);
    client.ping(address(to));
    expect(world.audits(client)).toMatchObject([
      { eventId: 5156, data: { ProcessID: "4", Application: "System", Protocol, SourcePort: type, DestPort: "0", LayerRTID: connect } },
    ]);
    expect(world.audits(server)).toMatchObject([{ eventId: 5156, data: { Protocol, SourcePort: "0", DestPort: type, LayerRTID: accept } }]);
  });

  it("an ICMP error that may not leave is a 5152 without type and code, at its own layer", () => {
    const world = new World();
    const client = world.plain("client", 2);
    const server = world.plain("server", 1);
    world.filter(server, "OUTBOUND_ICMP_ERROR_V4");
    client.udpSocket({ family: 4, process: program }).sendTo(text("hello"), address("10.0.0.1"), 53);
    expect(world.audits(server)).toMatchObject([
      {
        eventId: 5152,
        data: {
          ProcessId: "0",
          Application: "-",
          Direction: "%%14593",
          SourceAddress: "10.0.0.1",
          SourcePort: "0",
          DestAddress: "10.0.0.2",
          DestPort: "0",
          Protocol: "1",
          LayerName: "%%14601",
          LayerRTID: "32",
        },
      },
    ]);
  });

  it("raw sockets have no ports, and are bound when they are created", () => {
    const world = new World();
    const client = world.plain("client", 2);
    world.plain("server", 1);
    const socket = client.rawSocket({ family: 4, process: program, protocol: 132 });
    socket.sendTo(text("hello"), address("10.0.0.1"));
    expect(world.audits(client)).toMatchObject([
      { eventId: 5158, data: { SourceAddress: "0.0.0.0", SourcePort: "0", Protocol: "132" } },
      { eventId: 5156, data: { SourcePort: "0", DestPort: "0", Protocol: "132" } },
    ]);
  });

  it("a blocked frame is a 5150, from Windows 8 on", () => {
    const world = new World();
    const client = world.plain("client", 2);
    const server = world.plain("server", 1);
    const id = world.filter(server, "INBOUND_MAC_FRAME_NATIVE");
    client.udpSocket({ family: 4, process: program }).sendTo(text("hello"), address("10.0.0.1"), 53);
    expect(world.audits(server).map(({ eventId, data }) => ({ eventId, ...data }))).toEqual([
      {
        eventId: 5150,
        Direction: "%%14592",
        SourceAddress: "02-57-0a-00-00-02",
        DestAddress: "02-57-0a-00-00-01",
        EtherType: "0x0800",
        MediaType: "0",
        InterfaceType: "6",
        VlanTag: "0",
        FilterRTID: String(id),
        LayerName: "%%14603",
        LayerRTID: "58",
      },
    ]);
    expect(Object.keys(world.audits(server)[0]?.data ?? {})[0]).toBe("Direction");
  });
});

describe("5151", () => {
  it("is a frame that a callout vetoed", () => {
    const world = new World();
    const client = world.plain("client", 2);
    world.plain("server", 1);
    const layer = LAYER_KEY.OUTBOUND_MAC_FRAME_ETHERNET;
    const key: Guid = "{ca110000-0000-4000-8000-000000000001}";
    client.engine.registerCallout(key, {
      classify(_request, out) {
        out.action = "block";
      },
    });
    const own = client.bfe.openSession({ name: "veto" });
    const subLayer = own.addSubLayer({ name: "upper", weight: 0x9000 });
    own.addFilter({
      name: "hard permit",
      layer,
      subLayer,
      conditions: [],
      action: { type: "FWP_ACTION_PERMIT" },
      flags: { clearActionRight: true },
    });
    own.addCallout({ key, name: "veto", applicableLayer: layer });
    own.addFilter({ name: "veto", layer, conditions: [], action: { type: "FWP_ACTION_CALLOUT_TERMINATING", calloutKey: key } });
    client.udpSocket({ family: 4, process: program }).sendTo(text("hello"), address("10.0.0.1"), 53);
    expect(world.audits(client).at(-1)).toMatchObject({
      eventId: 5151,
      data: { Direction: "%%14593", SourceAddress: "02-57-0a-00-00-02", LayerName: "%%14602", LayerRTID: "57" },
    });
  });
});

describe("5031: the firewall's service blocked a program from accepting (6.7)", () => {
  const listening = (process = program, bindTo: string | null = null, rule = false) => {
    const world = new World({ policy: defaultPolicy("desktop") });
    const server = world.host("server", [ethernet({ index: 12, addresses: ["10.0.0.5/24"], profile: "private" })]);
    if (rule) {
      const session = server.bfe.openSession({ name: "rule" });
      session.addFilter({
        name: "rule for the program",
        layer: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4,
        conditions: [
          {
            fieldKey: FIELD_KEY.ALE_APP_ID,
            matchType: "FWP_MATCH_EQUAL",
            value: { type: "FWP_BYTE_BLOB_TYPE", value: appIdBlob("\\device\\harddiskvolume3\\program files\\test\\test.exe") },
          },
        ],
        action: { type: "FWP_ACTION_PERMIT" },
      });
    }
    const socket = server.socket({ family: 4, process });
    socket.bind(bindTo === null ? null : address(bindTo), 4000);
    socket.listen();
    return world.audits(server);
  };

  it("follows the permitted listen of a program without a rule, named by its drive", () => {
    expect(listening().map(({ eventId }) => eventId)).toEqual([5158, 5154, 5031]);
    expect(listening().at(-1)?.data).toEqual({ Profiles: "Private", Application: "C:\\program files\\test\\test.exe" });
    expect(Object.keys(listening().at(-1)?.data ?? {})).toEqual(["Profiles", "Application"]);
  });

  it("not for services, for loopback, or where a rule names the program", () => {
    const service = desktopProcess("C:\\Windows\\System32\\service.exe", 900, { user: "S-1-5-20" });
    for (const audits of [listening(service), listening(program, "127.0.0.1"), listening(program, null, true)]) {
      expect(audits.map(({ eventId }) => eventId)).toEqual([5158, 5154]);
    }
  });

  it("UDP says so at its bind, unless to a dynamic port", () => {
    const world = new World({ policy: defaultPolicy("desktop") });
    const server = world.host("server", [ethernet({ index: 12, addresses: ["10.0.0.5/24"], profile: "public" })]);
    server.udpSocket({ family: 4, process: program }).bind(null, 4000);
    server.udpSocket({ family: 4, process: program }).bind(null, 0);
    expect(world.audits(server).map(({ eventId }) => eventId)).toEqual([5158, 5031, 5158]);
    expect(world.audits(server)[1]?.data.Profiles).toBe("Public");
  });
});

describe("which filter a permitted connection names", () => {
  it("UDP always names its own, where the documentation is followed too: it restricts TCP only", () => {
    const world = new World({ interpretation: { permittedFilter: "documented" } });
    const client = world.plain("client", 2);
    world.plain("server", 1);
    const id = world.filter(client, "ALE_AUTH_CONNECT_V4", {
      action: { type: "FWP_ACTION_PERMIT" },
      conditions: [{ fieldKey: FIELD_KEY.IP_LOCAL_PORT, matchType: "FWP_MATCH_EQUAL", value: uint16(49701) }],
    });
    client.udpSocket({ family: 4, process: program }).sendTo(text("hello"), address("10.0.0.1"), 53);
    expect(world.audits(client).at(-1)?.data.FilterRTID).toBe(String(id));
  });
});

describe("dual-stack sockets", () => {
  it("a bind to every address is a 5158 at V4 and one at V6, both with the address of IPv6, as recorded machines log it", () => {
    for (const interpretation of [{}, { dualStack: "v6-only" }] as const) {
      const world = new World({ interpretation });
      const server = world.plain("server", 1);
      server.udpSocket({ family: 6, dualStack: true, process: program }).bind(null, 53);
      const v4 = { SourceAddress: "::", SourcePort: "53", Protocol: "17", LayerName: "%%14608", LayerRTID: "36" };
      const both = [v4, { ...v4, LayerRTID: "38" }].slice("dualStack" in interpretation ? 1 : 0);
      expect(world.audits(server)).toMatchObject(both.map((fields) => ({ eventId: 5158, data: fields })));
      expect(world.audits(server)).toHaveLength(both.length);
    }
  });

  it("a filter at V4 alone keeps the socket from its port", () => {
    const world = new World();
    const server = world.plain("server", 1);
    const id = world.filter(server, "ALE_RESOURCE_ASSIGNMENT_V4");
    const socket = server.socket({ family: 6, dualStack: true, process: program });
    expect(socket.bind(null, 80)).toBe("WSAEACCES");
    expect(world.audits(server)).toMatchObject([{ eventId: 5159, data: { SourceAddress: "::", FilterRTID: String(id), LayerRTID: "36" } }]);
  });
});
