import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../../src/firewall/index.ts";
import {
  appIdBlob,
  type Condition,
  FIELD_KEY,
  layersOfWindows,
  NET_EVENT_KEYWORD,
  type NetEventRecord,
  parseSddl,
  type Sid,
  SUBLAYER_KEY,
  securityDescriptor,
  sidValue,
  UNKNOWN,
  uint16,
} from "../../../src/model/index.ts";
import { auditLayerName } from "../../../src/stack/diagnostics/audit-layer-name.ts";
import { desktopProcess, ethernet } from "../../../src/stack/index.ts";
import { address, KEYWORDS_ALL, program, text, World } from "./world.ts";

const RECV_ACCEPT = "ALE_AUTH_RECV_ACCEPT_V4";

describe("what is switched off is not written", () => {
  const blockedListener = (diagnostics: ConstructorParameters<typeof World>[0]) => {
    const world = new World(diagnostics);
    const client = world.plain("client", 2);
    const server = world.plain("server", 1);
    const listener = server.socket({ family: 4, process: program });
    listener.bind(null, 80);
    listener.listen();
    world.filter(server, RECV_ACCEPT);
    client.socket({ family: 4, process: program }).connect(address("10.0.0.1"), 80);
    world.simulation.run(2);
    const { records } = world.simulation;
    const kinds = records.flatMap((record): (string | number)[] => {
      if (record.type === "audit" && record.host === "server") return [record.eventId];
      return record.type === "netevent" && record.host === "server" ? [record.eventType] : [];
    });
    return [...new Set(kinds)];
  };

  it("each by its own switch", () => {
    const drop = "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP";
    expect(blockedListener({})).toEqual([5158, 5154, drop, 5152, 5157]);
    expect(blockedListener({ diagnostics: { netEvents: false } })).toEqual([5158, 5154, 5152, 5157]);
    expect(blockedListener({ diagnostics: { auditConnections: false } })).toEqual([drop, 5152]);
    expect(blockedListener({ diagnostics: { auditPacketDrops: false } })).toEqual([5158, 5154, drop, 5157]);
    expect(blockedListener({ diagnostics: { netEvents: false, auditConnections: false, auditPacketDrops: false } })).toEqual([]);
  });

  it("frames belong to the audit of connections", () => {
    const world = new World({ diagnostics: { auditConnections: false } });
    const client = world.plain("client", 2);
    world.plain("server", 1);
    world.filter(client, "OUTBOUND_MAC_FRAME_NATIVE");
    client.udpSocket({ family: 4, process: program }).sendTo(text("hello"), address("10.0.0.1"), 53);
    expect(world.audits(client)).toEqual([]);
    expect(world.netEvents(client).map(({ eventType }) => eventType)).toEqual(["FWPM_NET_EVENT_TYPE_CLASSIFY_DROP_MAC"]);
  });
});

describe("names of layers", () => {
  it("every drop names its layer by a message of the log, and by its run-time id", () => {
    const expected: Readonly<Record<string, string>> = {
      INBOUND_IPPACKET_V4: "%%14596",
      INBOUND_TRANSPORT_V4: "%%14597",
      ALE_FLOW_ESTABLISHED_V4: "%%14612",
      DATAGRAM_DATA_V4: "%%14600",
      ALE_AUTH_RECV_ACCEPT_V4: "%%14610",
    };
    for (const [layer, LayerName] of Object.entries(expected)) {
      const world = new World();
      const client = world.plain("client", 2);
      const server = world.plain("server", 1);
      server.udpSocket({ family: 4, process: program }).bind(null, 53);
      world.filter(server, layer as "INBOUND_IPPACKET_V4");
      client.udpSocket({ family: 4, process: program }).sendTo(text("hello"), address("10.0.0.1"), 53);
      const drop = world.audits(server).find(({ eventId }) => eventId === 5152);
      const id = layersOfWindows("11").find(({ name }) => name === `FWPM_LAYER_${layer}`)?.id;
      expect([layer, drop?.data.LayerName, drop?.data.LayerRTID]).toEqual([layer, LayerName, String(id)]);
    }
  });

  it("every layer of Windows 11 has one of the log's messages; those without a name of their own are unknown", () => {
    const named = layersOfWindows("11").map((layer) => [layer.name.replace("FWPM_LAYER_", ""), auditLayerName(layer)] as const);
    expect(named.filter(([, message]) => !/^%%14[56]\d\d$/.test(message))).toEqual([]);
    const unknown = named.flatMap(([name, message]) => (message === "%%14643" ? [name] : []));
    expect(unknown.filter((name) => /ALE|TRANSPORT|IPPACKET|FORWARD|STREAM|DATAGRAM|ICMP|MAC_FRAME|VSWITCH/.test(name))).toEqual([]);
    expect(unknown).toContain("IPSEC_KM_DEMUX_V4");
  });

  it("STREAM and STREAM_PACKET are not the same", () => {
    const named = (layer: "STREAM_V4" | "STREAM_PACKET_V4") => {
      const world = new World();
      const client = world.plain("client", 2);
      const server = world.plain("server", 1);
      const listener = server.socket({ family: 4, process: program });
      listener.bind(null, 80);
      listener.listen();
      listener.accept();
      world.filter(client, layer);
      const socket = client.socket({ family: 4, process: program });
      const connecting = socket.connect(address("10.0.0.1"), 80);
      world.simulation.runUntil(() => connecting.done, 2);
      if (connecting.result === "ok") socket.send(text("hello"));
      world.simulation.run(3);
      return world.simulation.records.flatMap((record) =>
        record.type === "audit" && record.eventId === 5152 ? [record.data.LayerName] : [],
      )[0];
    };
    expect([named("STREAM_V4"), named("STREAM_PACKET_V4")]).toEqual(["%%14599", "%%14624"]);
  });
});

describe("inbound multicast", () => {
  it("is a 5156 for every packet of its flow, as recorded machines write it; elsewhere a connection is permitted once", () => {
    const world = new World();
    const client = world.plain("client", 2);
    const server = world.plain("server", 1);
    const group = address("239.1.2.3");
    const receiver = server.udpSocket({ family: 4, process: program });
    receiver.bind(null, 5000);
    receiver.join(group);
    const sender = client.udpSocket({ family: 4, process: program });
    for (const word of ["one", "two", "three"]) {
      sender.sendTo(text(word), group, 5000);
      world.simulation.run(0.1);
    }
    const permitted = (host: typeof client) => world.audits(host).filter(({ eventId }) => eventId === 5156).length;
    expect([permitted(client), permitted(server)]).toEqual([1, 3]);
  });
});

describe("a program of which little is known", () => {
  it("has neither user nor package in its events, and its path as given where it lies on no known volume", () => {
    const stranger = desktopProcess("\\device\\mup\\share\\tool.exe", 55, { user: UNKNOWN, packageSid: UNKNOWN, capabilities: UNKNOWN });
    const world = new World({ diagnostics: { keywords: NET_EVENT_KEYWORD.CAPABILITY_DROP } });
    const client = world.plain("client", 2);
    world.plain("server", 1);
    world.filter(client, "ALE_AUTH_CONNECT_V4");
    client.socket({ family: 4, process: stranger }).connect(address("10.0.0.1"), 80);
    const [drop] = world.netEvents(client);
    expect(drop?.header).toMatchObject({ userId: null, packageSid: "S-1-0-0" });
    expect(drop?.header.flags).not.toContain("USER_ID_SET");
    expect(drop?.header.flags).toContain("APP_ID_SET");
    expect(drop?.capabilities).toEqual([]);
    expect(world.audits(client).at(-1)?.data.Application).toBe("\\device\\mup\\share\\tool.exe");
  });
});

describe("categories of the networks (5031)", () => {
  it("are those of the interfaces, each once", () => {
    const world = new World({ policy: defaultPolicy("desktop") });
    const server = world.host("server", [
      ethernet({ index: 1, addresses: ["10.0.1.5/24"], profile: "domain" }),
      ethernet({ index: 2, addresses: ["10.0.2.5/24"], profile: "public" }),
      ethernet({ index: 3, addresses: ["10.0.3.5/24"], profile: "public" }),
    ]);
    const listener = server.socket({ family: 4, process: program });
    listener.bind(null, 4000);
    listener.listen();
    expect(world.audits(server).find(({ eventId }) => eventId === 5031)?.data.Profiles).toBe("Domain,Public");
  });
});

describe("5031 at the layers of IPv6", () => {
  it("a rule for the program at RECV_ACCEPT_V6 counts, one at V4 does not", () => {
    const writes5031 = (layer: "ALE_AUTH_RECV_ACCEPT_V4" | "ALE_AUTH_RECV_ACCEPT_V6") => {
      const world = new World({ policy: defaultPolicy("desktop") });
      const server = world.host("server", [ethernet({ index: 1, addresses: ["2001:db8::5/64"], profile: "public" })]);
      world.filter(server, layer, {
        action: { type: "FWP_ACTION_PERMIT" },
        conditions: [
          {
            fieldKey: FIELD_KEY.ALE_APP_ID,
            matchType: "FWP_MATCH_EQUAL",
            value: { type: "FWP_BYTE_BLOB_TYPE", value: appIdBlob("\\device\\harddiskvolume3\\program files\\test\\test.exe") },
          },
        ],
      });
      const listener = server.socket({ family: 6, process: program });
      listener.bind(null, 4000);
      listener.listen();
      return world.audits(server).some(({ eventId }) => eventId === 5031);
    };
    expect([writes5031("ALE_AUTH_RECV_ACCEPT_V4"), writes5031("ALE_AUTH_RECV_ACCEPT_V6")]).toEqual([true, false]);
  });
});

describe("capabilities of AppContainers", () => {
  const PACKAGE = "S-1-15-2-1-2-3-4-5-6-7";
  const app = (...capabilities: Sid[]) => desktopProcess("C:\\Apps\\app.exe", 77, { packageSid: PACKAGE, capabilities });
  const isApp: Condition = { fieldKey: FIELD_KEY.ALE_PACKAGE_ID, matchType: "FWP_MATCH_NOT_EQUAL", value: sidValue("S-1-0-0") };
  const port = (value: number): Condition => ({ fieldKey: FIELD_KEY.IP_REMOTE_PORT, matchType: "FWP_MATCH_EQUAL", value: uint16(value) });
  const holds = (sid: string): Condition => ({
    fieldKey: FIELD_KEY.ALE_USER_ID,
    matchType: "FWP_MATCH_EQUAL",
    value: securityDescriptor(parseSddl(`O:LSD:(A;;CC;;;${sid})(A;;CC;;;AN)(A;;CC;;;WD)`)),
  });
  const PERMIT = { type: "FWP_ACTION_PERMIT" } as const;
  const subLayer = SUBLAYER_KEY.MPSSVC_APP_ISOLATION;

  /** Capability events of a connect to port 80; `prepare` adds filters. */
  function events(prepare: (add: (options: Parameters<World["filter"]>[2]) => bigint) => void, process = app()): readonly NetEventRecord[] {
    const world = new World({ diagnostics: { keywords: KEYWORDS_ALL } });
    const client = world.plain("client", 2);
    world.plain("server", 1);
    prepare((options) => world.filter(client, "ALE_AUTH_CONNECT_V4", options));
    client.socket({ family: 4, process }).connect(address("10.0.0.1"), 80);
    return world.netEvents(client).filter(({ networkCapability }) => networkCapability !== undefined);
  }

  it("none is missing where no permit asks for one, where it fails for another reason, or where it stands below the block", () => {
    expect(events((add) => add({ subLayer, conditions: [isApp] }))).toEqual([]);
    expect(
      events((add) => {
        add({ subLayer, conditions: [isApp] });
        add({ subLayer, action: PERMIT, conditions: [isApp, port(443), holds("S-1-15-3-1")] });
      }),
    ).toEqual([]);
    expect(
      events((add) => {
        add({ subLayer, conditions: [isApp, port(80)] });
        add({ subLayer, action: PERMIT, conditions: [holds("S-1-15-3-1")] });
      }),
    ).toEqual([]);
    expect(
      events((add) => {
        add({ subLayer, conditions: [isApp] });
        add({ subLayer, action: PERMIT, conditions: [isApp, holds("S-1-15-3-9999")] });
      }),
    ).toEqual([]);
  });

  it("none is missing for a block of another sublayer, or where a descriptor lets everybody in", () => {
    expect(
      events((add) => {
        add({ conditions: [isApp] });
        add({ subLayer, conditions: [isApp, port(443)] });
      }),
    ).toEqual([]);
    const open: Condition = { ...holds("S-1-15-3-1"), value: securityDescriptor(parseSddl("O:LS")) };
    expect(events((add) => add({ subLayer, action: PERMIT, conditions: [isApp, open] }))).toEqual([]);
    const behindBlock = events((add) => {
      add({ subLayer, conditions: [isApp] });
      add({ subLayer, conditions: [isApp, port(443)] });
      add({ subLayer, action: PERMIT, conditions: [isApp, holds("S-1-15-3-1")] });
    });
    expect(behindBlock.map(({ networkCapability }) => networkCapability)).toEqual(["INTERNET_CLIENT"]);
  });

  it("the missing one is that of the first permit that fails for the token alone; a second port of the list does not count", () => {
    const dropped = events((add) => {
      add({ subLayer, conditions: [isApp] });
      add({ subLayer, action: PERMIT, conditions: [isApp, port(443), port(80), holds("S-1-15-3-2")] });
      add({ subLayer: SUBLAYER_KEY.MPSSVC_WF, action: PERMIT, conditions: [holds("S-1-15-3-3")] });
    });
    expect(dropped.map(({ eventType, networkCapability }) => [eventType, networkCapability])).toEqual([
      ["FWPM_NET_EVENT_TYPE_CAPABILITY_DROP", "INTERNET_CLIENT_SERVER"],
    ]);
  });

  it("none allowed what a permit without a capability let through, nor a desktop program's traffic", () => {
    expect(events((add) => add({ subLayer, action: PERMIT, conditions: [isApp] }), app("S-1-15-3-1"))).toEqual([]);
    expect(events((add) => add({ subLayer, action: PERMIT, conditions: [holds("WD")] }), program)).toEqual([]);
  });

  it("a private network's is named too, and only with its own keyword", () => {
    const allow = (add: (options: Parameters<World["filter"]>[2]) => bigint) =>
      add({ subLayer, action: PERMIT, conditions: [isApp, holds("S-1-15-3-3")] });
    expect(events(allow, app("S-1-15-3-3")).map(({ networkCapability }) => networkCapability)).toEqual(["INTERNET_PRIVATE_NETWORK"]);
    const world = new World({ diagnostics: { keywords: NET_EVENT_KEYWORD.CAPABILITY_DROP } });
    const client = world.plain("client", 2);
    world.plain("server", 1);
    allow((options) => world.filter(client, "ALE_AUTH_CONNECT_V4", options));
    client.socket({ family: 4, process: app("S-1-15-3-3") }).connect(address("10.0.0.1"), 80);
    expect(world.netEvents(client)).toEqual([]);
  });
});
