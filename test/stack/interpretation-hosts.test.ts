import { describe, expect, it } from "vitest";
import { Bfe, type Callout } from "../../src/engine/index.ts";
import { type IndicationRecord, type Interpretation, LAYER_KEY, parseAddress } from "../../src/model/index.ts";
import { desktopProcess, ethernet, type Process, Simulation } from "../../src/stack/index.ts";
import { layersOf, TwoHosts } from "./two-hosts.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("blockedDatagram (Q2)", () => {
  it.each(["ok", "WSAEACCES"] as const)("a datagram that AUTH_CONNECT blocks: %s", (blockedDatagram) => {
    const hosts = new TwoHosts({ interpretation: { blockedDatagram } });
    hosts.filter(hosts.client, "ALE_AUTH_CONNECT");
    const socket = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    expect(socket.sendTo(bytes("x"), hosts.serverAddress, 53)).toBe(blockedDatagram);
  });
});

describe("blockedPacket (Q17)", () => {
  it.each(["ok", "WSAEACCES"] as const)("a datagram blocked on its way down: %s", (blockedPacket) => {
    const hosts = new TwoHosts({ interpretation: { blockedPacket } });
    hosts.filter(hosts.client, "OUTBOUND_IPPACKET");
    const socket = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    expect(socket.sendTo(bytes("x"), hosts.serverAddress, 53)).toBe(blockedPacket);
  });
});

describe("dualStack (Q5)", () => {
  it.each([
    ["mixed", ["ALE_BIND_REDIRECT_V6", "ALE_RESOURCE_ASSIGNMENT_V6", "ALE_CONNECT_REDIRECT_V6", "ALE_AUTH_CONNECT_V4"]],
    ["v6-only", ["ALE_BIND_REDIRECT_V6", "ALE_RESOURCE_ASSIGNMENT_V6", "ALE_CONNECT_REDIRECT_V6", "ALE_AUTH_CONNECT_V6"]],
  ] as const)("%s", (dualStack, expected) => {
    const hosts = new TwoHosts({ interpretation: { dualStack } });
    hosts.listen();
    const socket = hosts.client.socket({ family: 6, dualStack: true, process: hosts.clientProcess });
    const watched = hosts.watch();
    const connecting = socket.connect(parseAddress("::ffff:10.0.0.1"), 80);
    hosts.simulation.runUntil(() => connecting.done);
    expect(connecting.result).toBe("ok");
    const indications = watched().filter((record): record is IndicationRecord => record.type === "indication" && record.host === "client");
    expect(indications.slice(0, 4).map(({ layer }) => layer.name.replace("FWPM_LAYER_", ""))).toEqual(expected);
    // The V6 layer sees the mapped address.
    const asked = indications[3];
    const index = asked?.layer.fields.find(({ name }) => name === "IP_REMOTE_ADDRESS")?.index ?? -1;
    expect(asked?.values[index]).toEqual(
      dualStack === "mixed"
        ? { type: "FWP_UINT32", value: 0x0a000001 }
        : { type: "FWP_BYTE_ARRAY16_TYPE", value: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1) },
    );
  });
});

/** Pends the first call of its layer and answers `then` afterwards; `complete` is FwpsCompleteOperation. */
function pending(then: "permit" | "block") {
  const state: { complete?: () => void; calls: number } = { calls: 0 };
  const callout: Callout = {
    classify({ stack }, out) {
      state.calls++;
      if (state.complete !== undefined) {
        out.action = then;
        return;
      }
      const complete = stack?.pend?.();
      if (complete !== undefined) state.complete = complete;
      out.action = "block";
      out.absorb = true;
    },
  };
  return { state, callout };
}

describe("pendedBind (Q7)", () => {
  it.each([
    ["reclassify", "bind", "WSAEACCES", 2],
    ["continue", "bind", "ok", 1],
    ["reclassify", "listen", "WSAEACCES", 2],
    ["continue", "listen", "ok", 1],
  ] as const)("%s: completing a pended %s", (pendedBind, call, expected, calls) => {
    const hosts = new TwoHosts({ interpretation: { pendedBind } });
    const { state, callout } = pending("block");
    hosts.callout(hosts.server, call === "bind" ? "ALE_RESOURCE_ASSIGNMENT" : "ALE_AUTH_LISTEN", callout);
    hosts.simulation.clock.after(3, () => state.complete?.());
    const socket = hosts.server.socket({ family: 4, process: hosts.serverProcess });
    const bound = socket.bind(null, 80);
    const result = call === "bind" ? bound : socket.listen();
    // The call waits, as it does in Windows.
    expect(hosts.simulation.clock.seconds).toBe(3);
    expect(result).toBe(expected);
    expect(state.calls).toBe(calls);
  });

  it("a call whose callout never completes ends when nothing is left to happen", () => {
    const hosts = new TwoHosts();
    hosts.callout(hosts.server, "ALE_RESOURCE_ASSIGNMENT", pending("permit").callout);
    expect(hosts.server.socket({ family: 4, process: hosts.serverProcess }).bind(null, 80)).toBe("WSAEINTR");
  });
});

describe("sharedFlow (4.4.3)", () => {
  it.each([
    ["every-packet", ["INBOUND_IPPACKET", "INBOUND_TRANSPORT", "ALE_AUTH_RECV_ACCEPT", "DATAGRAM_DATA"]],
    ["first-packet", ["INBOUND_IPPACKET", "INBOUND_TRANSPORT", "DATAGRAM_DATA"]],
  ] as const)("%s: a second multicast packet", (sharedFlow, expected) => {
    const hosts = new TwoHosts({ interpretation: { sharedFlow } });
    const group = parseAddress("239.1.1.1");
    const server = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    server.bind(null, 5000);
    server.join(group);
    const client = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    client.sendTo(bytes("one"), group, 5000);
    hosts.simulation.run(1);
    const watched = hosts.watch();
    client.sendTo(bytes("two"), group, 5000);
    hosts.simulation.run(1);
    expect(layersOf(watched(), "server")).toEqual(expected);
  });
});

describe("forwardedTraffic (Q20)", () => {
  it.each([
    ["forward-only", ["IPFORWARD"]],
    ["with-ippacket", ["INBOUND_IPPACKET", "IPFORWARD", "OUTBOUND_IPPACKET"]],
  ] as const)("%s", (forwardedTraffic, expected) => {
    const simulation = new Simulation();
    const host = (name: string, interfaces: ReturnType<typeof ethernet>[], interpretation: Partial<Interpretation> = {}) =>
      simulation.addHost({ name, windows: "11", bfe: new Bfe({ interpretation }), interfaces });
    const inside = { link: "inside" };
    const client = host("client", [ethernet({ index: 2, addresses: ["10.0.0.2/24"], gateways: ["10.0.0.1"] })]);
    host(
      "router",
      [
        ethernet({ index: 2, addresses: ["10.0.0.1/24"], forwarding: true }),
        ethernet({ index: 3, addresses: ["10.1.0.1/24"], forwarding: true, ...inside }),
      ],
      { forwardedTraffic },
    );
    host("server", [ethernet({ index: 2, addresses: ["10.1.0.2/24"], gateways: ["10.1.0.1"], ...inside })]);
    client.udpSocket({ family: 4, process: desktopProcess("C:\\a.exe", 1) }).sendTo(bytes("x"), parseAddress("10.1.0.2"), 53);
    simulation.run(0.015);
    expect(layersOf(simulation.records, "router")).toEqual(expected);
  });
});

describe("appContainerLoopback (Q12)", () => {
  const contained: Process = desktopProcess("C:\\app.exe", 7, { packageSid: "S-1-15-2-1-2-3-4-5-6-7" });

  it.each([
    ["any-end", ["IS_LOOPBACK", "IS_APPCONTAINER_LOOPBACK"]],
    ["both-ends", ["IS_LOOPBACK"]],
  ] as const)("%s: a container connects to a desktop program", (appContainerLoopback, expected) => {
    const hosts = new TwoHosts({ interpretation: { appContainerLoopback } });
    hosts.listen();
    const socket = hosts.server.socket({ family: 4, process: contained });
    const connecting = socket.connect(parseAddress("127.0.0.1"), 80);
    hosts.simulation.runUntil(() => connecting.done);
    const accepted = hosts.simulation.records.find(
      (record): record is IndicationRecord => record.type === "indication" && record.layer.key === LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4,
    );
    expect(accepted?.flags).toEqual(expected);
  });

  it("between desktop programs the other flag is set either way", () => {
    const hosts = new TwoHosts();
    hosts.listen();
    const socket = hosts.server.socket({ family: 4, process: hosts.clientProcess });
    const connecting = socket.connect(parseAddress("127.0.0.1"), 80);
    hosts.simulation.runUntil(() => connecting.done);
    const asked = hosts.simulation.records.find(
      (record): record is IndicationRecord => record.type === "indication" && record.layer.key === LAYER_KEY.ALE_AUTH_CONNECT_V4,
    );
    expect(asked?.flags).toEqual(["IS_LOOPBACK", "IS_NON_APPCONTAINER_LOOPBACK"]);
  });
});
