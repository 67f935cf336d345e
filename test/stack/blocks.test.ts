import { describe, expect, it } from "vitest";
import type { SessionRecord } from "../../src/model/index.ts";
import { layersOf, sequenceOf, TwoHosts } from "./two-hosts.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function connect(hosts: TwoHosts): string | undefined {
  const connecting = hosts.clientSocket().connect(hosts.serverAddress, 80);
  hosts.simulation.run();
  return connecting.result;
}

function occurrences(records: readonly SessionRecord[], host: string, layer: string): number {
  return layersOf(records, host).filter((name) => name === layer).length;
}

describe("blocks at ALE layers (WFP-SHIMS 4.3.3)", () => {
  it("D1: RESOURCE_ASSIGNMENT refuses bind with WSAEACCES", () => {
    const hosts = new TwoHosts();
    hosts.filter(hosts.server, "ALE_RESOURCE_ASSIGNMENT");
    const socket = hosts.server.socket({ family: 4, process: hosts.serverProcess });
    expect(socket.bind(null, 80)).toBe("WSAEACCES");
    expect(layersOf(hosts.simulation.records, "server")).toEqual([
      "ALE_BIND_REDIRECT",
      "ALE_RESOURCE_ASSIGNMENT!",
      "ALE_RESOURCE_ASSIGNMENT_DISCARD",
    ]);
    expect(socket.listen()).toBe("WSAEINVAL");
    const watched = hosts.watch();
    socket.close();
    expect(layersOf(watched(), "server")).toEqual([]);
  });

  it("an implicit bind that is blocked fails connect", () => {
    const hosts = new TwoHosts();
    hosts.filter(hosts.client, "ALE_RESOURCE_ASSIGNMENT");
    expect(connect(hosts)).toBe("WSAEACCES");
  });

  it("D2: AUTH_LISTEN refuses listen with WSAEACCES", () => {
    const hosts = new TwoHosts();
    hosts.filter(hosts.server, "ALE_AUTH_LISTEN");
    const socket = hosts.server.socket({ family: 4, process: hosts.serverProcess });
    expect(socket.bind(null, 80)).toBe("ok");
    const watched = hosts.watch();
    expect(socket.listen()).toBe("WSAEACCES");
    expect(layersOf(watched(), "server")).toEqual(["ALE_AUTH_LISTEN!", "ALE_AUTH_LISTEN_DISCARD"]);
  });

  it("D3: AUTH_CONNECT refuses connect at once, no SYN leaves", () => {
    const hosts = new TwoHosts();
    hosts.listen();
    hosts.filter(hosts.client, "ALE_AUTH_CONNECT");
    const connecting = hosts.clientSocket().connect(hosts.serverAddress, 80);
    expect(connecting.result).toBe("WSAEACCES");
    hosts.simulation.run();
    expect(hosts.simulation.clock.seconds).toBe(0);
    expect(layersOf(hosts.simulation.records, "client").slice(-2)).toEqual(["ALE_AUTH_CONNECT!", "ALE_AUTH_CONNECT_DISCARD"]);
  });

  it("CONNECT_REDIRECT refuses connect", () => {
    const hosts = new TwoHosts();
    hosts.filter(hosts.client, "ALE_CONNECT_REDIRECT");
    expect(connect(hosts)).toBe("WSAEACCES");
  });

  it("D6: RECV_ACCEPT drops silently, and every retransmitted SYN is classified again", () => {
    const hosts = new TwoHosts({ tcp: { synRetransmissions: 2 } });
    const accepting = hosts.listen().accept();
    hosts.filter(hosts.server, "ALE_AUTH_RECV_ACCEPT");
    const watched = hosts.watch();
    expect(connect(hosts)).toBe("WSAETIMEDOUT");
    const once = ["INBOUND_IPPACKET", "INBOUND_TRANSPORT", "ALE_AUTH_RECV_ACCEPT!", "ALE_AUTH_RECV_ACCEPT_DISCARD"];
    expect(layersOf(watched(), "server")).toEqual([...once, ...once, ...once]);
    expect(accepting.done).toBe(false);
    expect([...hosts.server.flows.flows]).toEqual([]);
  });

  it("D14: FLOW_ESTABLISHED at the server closes the connection with a reset", () => {
    const hosts = new TwoHosts();
    const accepting = hosts.listen().accept();
    hosts.filter(hosts.server, "ALE_FLOW_ESTABLISHED");
    const client = hosts.clientSocket();
    const connecting = client.connect(hosts.serverAddress, 80);
    hosts.simulation.runUntil(() => connecting.done);
    expect(connecting.result).toBe("ok");
    const receiving = client.receive();
    hosts.simulation.run();
    expect(receiving.result?.result).toBe("WSAECONNRESET");
    expect(accepting.done).toBe(false);
    const server = sequenceOf(hosts.simulation.records, "server");
    expect(server.slice(-5)).toEqual([
      "server ACK ALE_FLOW_ESTABLISHED_V4!",
      "server ACK ALE_FLOW_ESTABLISHED_V4_DISCARD",
      "server RST OUTBOUND_TRANSPORT_V4",
      "server RST OUTBOUND_IPPACKET_V4",
      "server close ALE_ENDPOINT_CLOSURE_V4",
    ]);
  });

  it("FLOW_ESTABLISHED at the client fails connect and resets the peer", () => {
    const hosts = new TwoHosts();
    const accepting = hosts.listen().accept();
    hosts.filter(hosts.client, "ALE_FLOW_ESTABLISHED");
    expect(connect(hosts)).toBe("WSAECONNABORTED");
    expect(accepting.done).toBe(false);
    expect([...hosts.server.tcp.table.connections]).toEqual([]);
  });
});

describe("blocks at packet layers", () => {
  it("D12: a SYN blocked on its way out times out after the schedule", () => {
    for (const layer of ["OUTBOUND_TRANSPORT", "OUTBOUND_IPPACKET"]) {
      const hosts = new TwoHosts();
      hosts.listen();
      hosts.filter(hosts.client, layer);
      const times: number[] = [];
      const connecting = hosts.clientSocket().connect(hosts.serverAddress, 80);
      connecting.onDone(() => times.push(hosts.simulation.clock.seconds));
      hosts.simulation.run();
      expect(connecting.result).toBe("WSAETIMEDOUT");
      expect(times).toEqual([21]);
      const visits = hosts.simulation.records.filter(
        (record) => record.type === "indication" && record.host === "client" && record.layer.name === `FWPM_LAYER_${layer}_V4`,
      );
      expect(visits.map(({ time }) => time)).toEqual([0, 1, 3, 7, 15]);
      expect(occurrences(hosts.simulation.records, "client", `${layer}_DISCARD`)).toBe(5);
    }
  });

  it("Windows 7 waits 3, 6 and 12 seconds", () => {
    const hosts = new TwoHosts({ windows: "7" });
    hosts.filter(hosts.client, "OUTBOUND_TRANSPORT");
    const connecting = hosts.clientSocket().connect(hosts.serverAddress, 80);
    hosts.simulation.run();
    expect(connecting.result).toBe("WSAETIMEDOUT");
    expect(hosts.simulation.clock.seconds).toBe(21);
    expect(occurrences(hosts.simulation.records, "client", "OUTBOUND_TRANSPORT!")).toBe(3);
  });

  it("D11: INBOUND_IPPACKET and INBOUND_TRANSPORT drop a SYN silently", () => {
    for (const layer of ["INBOUND_IPPACKET", "INBOUND_TRANSPORT"]) {
      const hosts = new TwoHosts();
      hosts.listen();
      hosts.filter(hosts.server, layer);
      const watched = hosts.watch();
      expect(connect(hosts)).toBe("WSAETIMEDOUT");
      expect(layersOf(watched(), "server").slice(-2)).toEqual([`${layer}!`, `${layer}_DISCARD`]);
      expect(occurrences(watched(), "server", "OUTBOUND_TRANSPORT")).toBe(0);
    }
  });

  it("D13: STREAM swallows data, the connection stays", () => {
    for (const side of ["client", "server"] as const) {
      const hosts = new TwoHosts();
      const { client, server } = hosts.connected();
      hosts.filter(hosts[side], "STREAM");
      const watched = hosts.watch();
      const receiving = server.receive();
      expect(client.send(bytes("lost"))).toBe("ok");
      hosts.simulation.run();
      expect(receiving.done).toBe(false);
      expect(client.state).toBe("ESTABLISHED");
      expect(server.state).toBe("ESTABLISHED");
      expect(layersOf(watched(), side)).toContain("STREAM_DISCARD");
    }
  });

  it("segments blocked after the handshake are retransmitted until the connection is given up", () => {
    const hosts = new TwoHosts();
    const { client } = hosts.connected();
    hosts.simulation.run();
    hosts.filter(hosts.client, "OUTBOUND_TRANSPORT");
    const watched = hosts.watch();
    const receiving = client.receive();
    client.send(bytes("never arrives"));
    hosts.simulation.run();
    expect(occurrences(watched(), "client", "OUTBOUND_TRANSPORT!")).toBe(6);
    expect(occurrences(watched(), "client", "STREAM")).toBe(1);
    expect(receiving.result?.result).toBe("WSAECONNABORTED");
    expect(client.send(bytes("x"))).toBe("WSAECONNABORTED");
  });

  it("BLOCK with ABSORB leaves no discard layer and no event", () => {
    const hosts = new TwoHosts({ tcp: { synRetransmissions: 0 } });
    hosts.listen();
    hosts.callout(hosts.server, "INBOUND_TRANSPORT", {
      classify(_request, out) {
        out.action = "block";
        out.absorb = true;
      },
    });
    const watched = hosts.watch();
    expect(connect(hosts)).toBe("WSAETIMEDOUT");
    expect(layersOf(watched(), "server")).toEqual(["INBOUND_IPPACKET", "INBOUND_TRANSPORT!"]);
    const events = watched().filter((record) => (record.type === "netevent" || record.type === "audit") && record.host === "server");
    expect(events).toEqual([]);
  });
});

describe("a SYN to a closed port (WFP-SHIMS 4.3.4)", () => {
  it("D8: is still answered by a reset when RECV_ACCEPT blocks", () => {
    const hosts = new TwoHosts();
    hosts.filter(hosts.server, "ALE_AUTH_RECV_ACCEPT");
    expect(connect(hosts)).toBe("WSAECONNREFUSED");
    expect(layersOf(hosts.simulation.records, "server")).toEqual([
      "INBOUND_IPPACKET",
      "INBOUND_TRANSPORT_DISCARD",
      "OUTBOUND_TRANSPORT",
      "OUTBOUND_IPPACKET",
    ]);
  });

  it("D9: is not answered when the discard layer blocks", () => {
    const hosts = new TwoHosts({ tcp: { synRetransmissions: 0 } });
    hosts.filter(hosts.server, "INBOUND_TRANSPORT_DISCARD");
    expect(connect(hosts)).toBe("WSAETIMEDOUT");
    expect(layersOf(hosts.simulation.records, "server")).toEqual(["INBOUND_IPPACKET", "INBOUND_TRANSPORT_DISCARD!"]);
  });

  it("Q6: passes INBOUND_TRANSPORT first if interpreted so", () => {
    const hosts = new TwoHosts({ interpretation: { transportBeforeDiscard: true } });
    expect(connect(hosts)).toBe("WSAECONNREFUSED");
    expect(layersOf(hosts.simulation.records, "server").slice(0, 3)).toEqual([
      "INBOUND_IPPACKET",
      "INBOUND_TRANSPORT",
      "INBOUND_TRANSPORT_DISCARD",
    ]);
  });
});
