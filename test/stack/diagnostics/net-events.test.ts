import { describe, expect, it } from "vitest";
import {
  type Condition,
  FIELD_KEY,
  NET_EVENT_KEYWORD,
  parseSddl,
  SUBLAYER_KEY,
  securityDescriptor,
  sidValue,
} from "../../../src/model/index.ts";
import { desktopProcess, ethernet } from "../../../src/stack/index.ts";
import { address, KEYWORDS_ALL, program, text, World, type WorldOptions } from "./world.ts";

function connect(world: World, process = program) {
  const client = world.plain("client", 2);
  const server = world.plain("server", 1);
  const listener = server.socket({ family: 4, process: program });
  listener.bind(null, 80);
  listener.listen();
  return { client, server, go: () => client.socket({ family: 4, process }).connect(address("10.0.0.1"), 80) };
}

describe("the header (FWPM_NET_EVENT_HEADER3)", () => {
  it("tells of a connection's program, and which members are set, in the order of their bits", () => {
    const world = new World();
    const { client, go } = connect(world);
    const id = world.filter(client, "ALE_AUTH_CONNECT_V4");
    go();
    expect(world.netEvents(client)).toMatchObject([
      {
        eventType: "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP",
        header: {
          flags: [
            "IP_PROTOCOL_SET",
            "LOCAL_ADDR_SET",
            "REMOTE_ADDR_SET",
            "LOCAL_PORT_SET",
            "REMOTE_PORT_SET",
            "APP_ID_SET",
            "USER_ID_SET",
            "IP_VERSION_SET",
            "PACKAGE_ID_SET",
          ],
          ipVersion: 4,
          ipProtocol: 6,
          localAddress: "10.0.0.2",
          remoteAddress: "10.0.0.1",
          localPort: 49701,
          remotePort: 80,
          scopeId: 0,
          userId: program.token.user,
          packageSid: "S-1-0-0",
          enterpriseId: null,
          policyFlags: 0,
          effectiveName: null,
        },
        filterId: id,
        layerId: 48,
        direction: "MS_FWP_DIRECTION_OUT",
        vSwitchId: null,
        capabilities: [],
        interfaceIndex: 12,
      },
    ]);
  });

  it("has no user and no program at layers that know none, and no remote end of a bind", () => {
    const world = new World();
    const { server, client, go } = connect(world);
    world.filter(server, "INBOUND_TRANSPORT_V4");
    go();
    const [drop] = world.netEvents(server);
    expect(drop?.header.flags).toEqual([
      "IP_PROTOCOL_SET",
      "LOCAL_ADDR_SET",
      "REMOTE_ADDR_SET",
      "LOCAL_PORT_SET",
      "REMOTE_PORT_SET",
      "IP_VERSION_SET",
    ]);
    expect(drop?.header).toMatchObject({ userId: null, packageSid: null });
    world.filter(client, "ALE_RESOURCE_ASSIGNMENT_V4");
    client.socket({ family: 4, process: program }).bind(null, 4000);
    const [bind] = world.netEvents(client);
    expect(bind?.header).toMatchObject({ localAddress: null, localPort: 4000, remoteAddress: null, remotePort: null });
    expect(bind?.header.flags).not.toContain("REMOTE_ADDR_SET");
    expect(bind?.flow).toEqual({ protocol: 6, local: "*:4000", remote: "*:*" });
  });

  it("names the zone of link-local addresses", () => {
    const world = new World();
    const link = (name: string, last: number) => world.host(name, [ethernet({ index: 7, addresses: [`fe80::${last}/64`] })]);
    const client = link("client", 2);
    link("server", 1);
    world.filter(client, "ALE_AUTH_CONNECT_V6");
    client.socket({ family: 6, process: program }).connect(address("fe80::1"), 80);
    const [drop] = world.netEvents(client);
    expect(drop?.header.scopeId).toBe(7);
    expect(drop?.header.flags).toContain("SCOPE_ID_SET");
  });
});

describe("versions (FWPM_NET_EVENT_HEADER0 to 3, CLASSIFY_DROP0 to 2)", () => {
  const dropOn = (windows: NonNullable<WorldOptions["windows"]>) => {
    const world = new World({ windows });
    const { client, go } = connect(world);
    world.filter(client, "ALE_AUTH_CONNECT_V4");
    go();
    const [drop] = world.netEvents(client);
    return { ...drop?.header, ...drop };
  };

  it.each([
    ["vista", []],
    ["7", ["reauthReason", "direction", "isLoopback"]],
    ["8", ["reauthReason", "direction", "isLoopback", "vSwitchId", "packageSid", "capabilities"]],
    ["10", ["reauthReason", "direction", "isLoopback", "vSwitchId", "packageSid", "capabilities", "effectiveName", "policyFlags"]],
    [
      "11",
      [
        "reauthReason",
        "direction",
        "isLoopback",
        "vSwitchId",
        "packageSid",
        "capabilities",
        "effectiveName",
        "policyFlags",
        "interfaceIndex",
      ],
    ],
  ] as const)("%s has %j", (windows, members) => {
    const all = [
      "reauthReason",
      "direction",
      "isLoopback",
      "vSwitchId",
      "packageSid",
      "capabilities",
      "effectiveName",
      "policyFlags",
      "interfaceIndex",
    ];
    const drop = dropOn(windows);
    expect(all.filter((member) => member in drop)).toEqual(members);
  });
});

describe("keywords (FWPM_ENGINE_NET_EVENT_MATCH_ANY_KEYWORDS)", () => {
  it.each([
    ["10", 0, 0],
    ["10", NET_EVENT_KEYWORD.CLASSIFY_ALLOW, 1],
    ["7", NET_EVENT_KEYWORD.CLASSIFY_ALLOW, 0],
  ] as const)("allowed connections: Windows %s, keywords %i: %i", (windows, keywords, count) => {
    const world = new World({ windows, diagnostics: { keywords } });
    const { client, go } = connect(world);
    const id = world.filter(client, "ALE_AUTH_CONNECT_V4", { action: { type: "FWP_ACTION_PERMIT" } });
    go();
    const events = world.netEvents(client);
    expect(events.length).toBe(count);
    for (const event of events) expect(event).toMatchObject({ eventType: "FWPM_NET_EVENT_TYPE_CLASSIFY_ALLOW", filterId: id, layerId: 48 });
  });

  it("drops of inbound multicasts and broadcasts are collected on demand; audits do not care", () => {
    for (const [to, keyword] of [
      ["239.1.2.3", NET_EVENT_KEYWORD.INBOUND_MCAST],
      ["10.0.0.255", NET_EVENT_KEYWORD.INBOUND_BCAST],
    ] as const) {
      for (const keywords of [0, keyword]) {
        const world = new World({ diagnostics: { keywords } });
        const client = world.plain("client", 2);
        const server = world.plain("server", 1);
        const socket = server.udpSocket({ family: 4, process: program });
        socket.bind(null, 5000);
        socket.join(address("239.1.2.3"));
        world.filter(server, "ALE_AUTH_RECV_ACCEPT_V4");
        client.udpSocket({ family: 4, process: program }).sendTo(text("hello"), address(to), 5000);
        expect(world.netEvents(server).length, `${to} ${keywords}`).toBe(keywords === 0 ? 0 : 1);
        expect(world.audits(server).map(({ eventId }) => eventId)).toContain(5157);
      }
    }
  });

  it("a filter that stands for stealth is a port scan", () => {
    for (const keywords of [0, NET_EVENT_KEYWORD.PORT_SCANNING_DROP]) {
      const world = new World({ diagnostics: { keywords } });
      const client = world.plain("client", 2);
      const server = world.plain("server", 1);
      server.bfe.openSession({ name: "stealth" }).addFilter({
        name: "silent",
        layer: server.engine.policy.layers.find(({ name }) => name === "FWPM_LAYER_INBOUND_TRANSPORT_V4_DISCARD")?.key ?? "{}",
        conditions: [],
        action: { type: "FWP_ACTION_BLOCK" },
        origin: "Stealth",
      });
      client.socket({ family: 4, process: program }).connect(address("10.0.0.1"), 81);
      const drops = world.netEvents(server);
      expect(drops.length > 0).toBe(keywords !== 0);
      for (const drop of drops) expect(drop).toMatchObject({ layerId: 13, filterOrigin: "Stealth", appId: null });
    }
  });
});

describe("frames (FWPM_NET_EVENT_CLASSIFY_DROP_MAC0)", () => {
  it("have addresses of the link and no IP header", () => {
    const world = new World();
    const { client, server, go } = connect(world);
    const id = world.filter(server, "INBOUND_MAC_FRAME_ETHERNET");
    go();
    const [drop] = world.netEvents(server);
    expect(drop).toMatchObject({
      eventType: "FWPM_NET_EVENT_TYPE_CLASSIFY_DROP_MAC",
      filterId: id,
      layerId: 56,
      direction: "MS_FWP_DIRECTION_IN",
      appId: null,
      header: { flags: [], ipVersion: null, ipProtocol: null, localAddress: null },
      mac: {
        localMacAddr: "02-57-0a-00-00-01",
        remoteMacAddr: "02-57-0a-00-00-02",
        mediaType: 0,
        ifType: 6,
        etherType: 0x800,
        vlanTag: 0,
        ifLuid: String(server.interfaces[1]?.luid),
      },
    });
    expect(world.netEvents(client)).toEqual([]);
  });
});

describe("direction (Q9)", () => {
  it.each([
    ["packet", "MS_FWP_DIRECTION_OUT"],
    ["connection", "MS_FWP_DIRECTION_IN"],
  ] as const)("of the %s: an outbound packet judged again where its connection came in is %s", (netEventDirection, direction) => {
    const world = new World({ interpretation: { netEventDirection } });
    const { server, go } = connect(world);
    const listener = server.socket({ family: 4, process: program });
    listener.bind(null, 81);
    listener.listen();
    const accepting = listener.accept();
    go();
    const client = world.simulation.hosts.find(({ name }) => name === "client");
    client?.socket({ family: 4, process: program }).connect(address("10.0.0.1"), 81);
    world.simulation.run();
    const socket = accepting.result?.socket;
    world.filter(server, "ALE_AUTH_RECV_ACCEPT_V4");
    socket?.send(text("hello"));
    const [drop] = world.netEvents(server);
    expect(drop).toMatchObject({ layerId: 44, direction, reauthReason: 1 });
    expect(drop?.header.flags).toContain("REAUTH_REASON_SET");
  });

  it("is forward for what passes through", () => {
    const world = new World();
    const router = world.host("router", [
      ethernet({ index: 12, addresses: ["10.0.0.1/24"], forwarding: true }),
      ethernet({ index: 13, addresses: ["10.9.0.1/24"], forwarding: true, link: "inside" }),
    ]);
    const outside = world.host("outside", [ethernet({ index: 12, addresses: ["10.0.0.7/24"], gateways: ["10.0.0.1"] })]);
    const id = world.filter(router, "IPFORWARD_V4");
    outside.udpSocket({ family: 4, process: program }).sendTo(text("through"), address("10.9.0.2"), 53);
    expect(world.netEvents(router)).toMatchObject([
      { filterId: id, layerId: 8, direction: "MS_FWP_DIRECTION_FORWARD", appId: null, interfaceIndex: 12 },
    ]);
    expect(world.audits(router)).toMatchObject([
      {
        eventId: 5152,
        data: {
          ProcessId: "0",
          Application: "-",
          Direction: "%%14594",
          SourceAddress: "10.0.0.7",
          DestAddress: "10.9.0.2",
          DestPort: "53",
          Protocol: "17",
          LayerName: "%%14598",
          LayerRTID: "8",
        },
      },
    ]);
  });
});

describe("dropEvents (Q18)", () => {
  it.each([
    ["per-block", [48]],
    ["per-layer", [48, 49]],
  ] as const)("%s: layers %j", (dropEvents, layers) => {
    const world = new World({ interpretation: { dropEvents } });
    const { client, go } = connect(world);
    const id = world.filter(client, "ALE_AUTH_CONNECT_V4");
    go();
    const drops = world.netEvents(client);
    expect(drops.map(({ layerId }) => layerId)).toEqual(layers);
    expect(drops.map(({ filterId }) => filterId)).toEqual([id, 0n].slice(0, layers.length));
    const audits = world.audits(client).filter(({ eventId }) => eventId !== 5158);
    expect(audits.map(({ eventId, data }) => [eventId, data.LayerRTID])).toEqual([
      [5152, "48"],
      [5157, "48"],
      ...(layers.length === 1 ? [] : [[5152, "49"]]),
    ]);
  });
});

describe("terminating filters", () => {
  it("are listed for every sublayer of the firewall in the order of evaluation, for others not", () => {
    const world = new World();
    const { client, go } = connect(world);
    const at = (subLayer: Parameters<World["filter"]>[2]) => world.filter(client, "ALE_AUTH_CONNECT_V4", subLayer);
    const quarantine = at({ subLayer: SUBLAYER_KEY.MPSSVC_QUARANTINE });
    const firewall = at({ subLayer: SUBLAYER_KEY.MPSSVC_WF, action: { type: "FWP_ACTION_PERMIT" } });
    const hardening = at({ subLayer: SUBLAYER_KEY.MPSSVC_WSH });
    at({});
    go();
    const [drop] = world.netEvents(client);
    expect(drop?.terminatingFilters).toEqual([
      { filterId: quarantine, subLayer: "FWPP_SUBLAYER_INTERNAL_FIREWALL_QUARANTINE", action: "block" },
      { filterId: hardening, subLayer: "FWPP_SUBLAYER_INTERNAL_FIREWALL_WSH", action: "block" },
      { filterId: firewall, subLayer: "FWPP_SUBLAYER_INTERNAL_FIREWALL_WF", action: "permit" },
    ]);
  });
});

describe("capabilities of AppContainers", () => {
  const app = (capabilities: readonly `S-1-15-3-${number}`[]) =>
    desktopProcess("C:\\Program Files\\WindowsApps\\app\\app.exe", 77, { packageSid: "S-1-15-2-1-2-3-4-5-6-7", capabilities });
  const isApp: Condition = { fieldKey: FIELD_KEY.ALE_PACKAGE_ID, matchType: "FWP_MATCH_NOT_EQUAL", value: sidValue("S-1-0-0") };
  const holds = (capability: number): Condition => ({
    fieldKey: FIELD_KEY.ALE_USER_ID,
    matchType: "FWP_MATCH_EQUAL",
    value: securityDescriptor(parseSddl(`O:LSD:(A;;CC;;;S-1-15-3-${capability})(A;;CC;;;WD)(A;;CC;;;AN)`)),
  });

  function outcome(capabilities: readonly `S-1-15-3-${number}`[], options: WorldOptions = {}) {
    const world = new World({ diagnostics: { keywords: KEYWORDS_ALL }, ...options });
    const { client, go } = connect(world, app(capabilities));
    const subLayer = options.windows === "11" ? SUBLAYER_KEY.MPSSVC_APP_ISOLATION : SUBLAYER_KEY.MPSSVC_WSH;
    const block = world.filter(client, "ALE_AUTH_CONNECT_V4", { subLayer, conditions: [isApp] });
    const permit = world.filter(client, "ALE_AUTH_CONNECT_V4", {
      subLayer,
      action: { type: "FWP_ACTION_PERMIT" },
      conditions: [isApp, holds(1)],
    });
    go();
    return { events: world.netEvents(client), block, permit };
  }

  it.each(["10", "11"] as const)("Windows %s: the one that is missing, by the filter that stopped the program", (windows) => {
    const { events, block } = outcome(["S-1-15-3-3"], { windows });
    expect(events.map(({ eventType, filterId, networkCapability }) => [eventType, filterId, networkCapability])).toEqual([
      ["FWPM_NET_EVENT_TYPE_CLASSIFY_DROP", block, undefined],
      ["FWPM_NET_EVENT_TYPE_CAPABILITY_DROP", block, "INTERNET_CLIENT"],
    ]);
    expect(events[0]?.capabilities).toEqual(["FWP_CAPABILITIES_FLAG_PRIVATE_NETWORK"]);
    expect(events[0]?.header.packageSid).toBe("S-1-15-2-1-2-3-4-5-6-7");
  });

  it("the one that allowed", () => {
    const { events, permit } = outcome(["S-1-15-3-2", "S-1-15-3-1"]);
    expect(events.map(({ eventType, filterId, networkCapability }) => [eventType, filterId, networkCapability])).toEqual([
      ["FWPM_NET_EVENT_TYPE_CLASSIFY_ALLOW", permit, undefined],
      ["FWPM_NET_EVENT_TYPE_CAPABILITY_ALLOW", permit, "INTERNET_CLIENT"],
    ]);
    expect(events[1]?.capabilities).toEqual(["FWP_CAPABILITIES_FLAG_INTERNET_CLIENT", "FWP_CAPABILITIES_FLAG_INTERNET_CLIENT_SERVER"]);
  });

  it("nothing unless asked for", () => {
    const { events } = outcome([], { diagnostics: { keywords: 0 } });
    expect(events.map(({ eventType }) => eventType)).toEqual(["FWPM_NET_EVENT_TYPE_CLASSIFY_DROP"]);
  });
});
