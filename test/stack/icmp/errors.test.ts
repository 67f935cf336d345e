import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../src/model/index.ts";
import type { EchoResult } from "../../../src/stack/index.ts";
import { arrive, icmp, ip, tcp, udp } from "../packets.ts";
import { layersOf, TwoHosts } from "../two-hosts.ts";

const ADDRESSES = {
  4: { client: "10.0.0.2", server: "10.0.0.1", router: "10.0.0.254" },
  6: { client: "2001:db8::2", server: "2001:db8::1", router: "2001:db8::fe" },
} as const;

/** An error about a packet of the client, from a router. */
function errorFor(family: 4 | 6, type: number, code: number, quoted: Uint8Array, parameter = 0): Uint8Array {
  const { router, client } = ADDRESSES[family];
  return icmp({ from: router, to: client }, type, code, quoted, parameter);
}

/** Types and codes, by IP version, and how IcmpSendEcho ends. */
const ECHO_ENDS: readonly (readonly [string, 4 | 6, number, number, EchoResult])[] = [
  ["host unreachable", 4, 3, 1, "IP_DEST_HOST_UNREACHABLE"],
  ["protocol unreachable", 4, 3, 2, "IP_DEST_PROT_UNREACHABLE"],
  ["port unreachable", 4, 3, 3, "IP_DEST_PORT_UNREACHABLE"],
  ["fragmentation needed", 4, 3, 4, "IP_PACKET_TOO_BIG"],
  ["time exceeded", 4, 11, 0, "IP_TTL_EXPIRED_TRANSIT"],
  ["parameter problem", 4, 12, 0, "IP_GENERAL_FAILURE"],
  ["address unreachable", 6, 1, 3, "IP_DEST_HOST_UNREACHABLE"],
  ["port unreachable", 6, 1, 4, "IP_DEST_PORT_UNREACHABLE"],
  ["packet too big", 6, 2, 0, "IP_PACKET_TOO_BIG"],
  ["time exceeded", 6, 3, 0, "IP_TTL_EXPIRED_TRANSIT"],
  ["unknown next header", 6, 4, 1, "IP_DEST_PROT_UNREACHABLE"],
  ["erroneous header", 6, 4, 0, "IP_GENERAL_FAILURE"],
];

describe("ICMP errors received (WFP-SHIMS 4.4.1)", () => {
  it.each(ECHO_ENDS)("a ping ends with %s (IPv%i %i/%i)", (_, family, type, code, expected) => {
    const hosts = new TwoHosts({ family, fate: () => [] });
    const sent: Uint8Array[] = [];
    hosts.simulation.network.tap(({ bytes }) => sent.push(bytes));
    const ping = hosts.client.ping(hosts.serverAddress);
    const [request = new Uint8Array(0)] = sent;
    const seen = hosts.watch();
    arrive(hosts.client, errorFor(family, type, code, request));
    expect(ping.result).toBe(expected);
    expect(layersOf(seen(), "client")).toEqual(["INBOUND_IPPACKET", "INBOUND_TRANSPORT", "INBOUND_ICMP_ERROR"]);
  });

  it.each(["INBOUND_TRANSPORT", "INBOUND_ICMP_ERROR"])("a block at %s keeps it from the program", (layer) => {
    const hosts = new TwoHosts({ fate: () => [] });
    const sent: Uint8Array[] = [];
    hosts.simulation.network.tap(({ bytes }) => sent.push(bytes));
    const ping = hosts.client.ping(hosts.serverAddress);
    hosts.filter(hosts.client, layer);
    arrive(hosts.client, errorFor(4, 3, 1, sent[0] ?? new Uint8Array(0)));
    expect(ping.done).toBe(false);
    hosts.simulation.run(5);
    expect(ping.result).toBe("IP_REQ_TIMED_OUT");
  });

  it("the embedded fields are the quoted packet's; what is cut off stays empty", () => {
    const hosts = new TwoHosts({ fate: () => [] });
    const seen = hosts.watch();
    const quoted = udp({ from: "10.0.0.2", to: "10.0.0.1" }, 4000, 53, new Uint8Array(4));
    arrive(hosts.client, errorFor(4, 3, 3, quoted));
    arrive(hosts.client, errorFor(4, 3, 3, quoted.subarray(0, 24)));
    arrive(hosts.client, errorFor(4, 3, 3, quoted.subarray(0, 10)));
    const ports = seen().flatMap((record) => {
      if (record.type !== "indication" || !record.layer.name.includes("ICMP_ERROR")) return [];
      const index = record.layer.fields.find(({ name }) => name === "EMBEDDED_REMOTE_PORT")?.index ?? -1;
      const value = record.values[index];
      return [typeof value === "object" ? value.type : "unknown"];
    });
    expect(ports).toEqual(["FWP_UINT16", "FWP_EMPTY", "FWP_EMPTY"]);
  });

  it("Port Unreachable ends the next receive of the UDP socket that sent; other errors do not", () => {
    const hosts = new TwoHosts({ fate: () => [] });
    const socket = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    const sent: Uint8Array[] = [];
    hosts.simulation.network.tap(({ bytes }) => sent.push(bytes));
    socket.sendTo(new Uint8Array(3), hosts.serverAddress, 53);
    const waiting = socket.receive();
    const [datagram = new Uint8Array(0)] = sent;
    arrive(hosts.client, errorFor(4, 3, 1, datagram));
    expect(waiting.done).toBe(false);
    arrive(hosts.client, errorFor(4, 3, 3, datagram));
    expect(waiting.result?.result).toBe("WSAECONNRESET");
  });

  it.each([
    [3, 1, "WSAEHOSTUNREACH"],
    [3, 3, "WSAECONNREFUSED"],
    [11, 0, "WSAEHOSTUNREACH"],
  ])("TCP goes on after a soft error %i/%i and names it when it gives up", (type, code, expected) => {
    const hosts = new TwoHosts({ fate: () => [] });
    const sent: Uint8Array[] = [];
    hosts.simulation.network.tap(({ bytes }) => sent.push(bytes));
    const socket = hosts.clientSocket();
    const connecting = socket.connect(hosts.serverAddress, 80);
    arrive(hosts.client, errorFor(4, type, code, sent[0] ?? new Uint8Array(0)));
    expect(connecting.done).toBe(false);
    hosts.simulation.run(60);
    expect(sent.length).toBeGreaterThan(1);
    expect(connecting.result).toBe(expected);
  });

  it("an error about no connection, or a kind that says nothing about one, changes nothing", () => {
    const hosts = new TwoHosts();
    const { client } = hosts.connected();
    const quoted = tcp({ from: "10.0.0.2", to: "10.0.0.1" }, 9, 9, { syn: true });
    arrive(hosts.client, errorFor(4, 3, 1, quoted));
    arrive(hosts.client, errorFor(4, 3, 4, quoted, 1000));
    const { localPort } = client.endpoint;
    const own = tcp({ from: "10.0.0.2", to: "10.0.0.1" }, localPort, 80, { ack: true });
    arrive(hosts.client, errorFor(4, 12, 0, own));
    expect(client.state).toBe("ESTABLISHED");
    expect(client.send(new Uint8Array(1))).toBe("ok");
  });

  it("a router's smaller MTU makes segments smaller; one too small to be true is not believed", () => {
    const hosts = new TwoHosts();
    const { client } = hosts.connected();
    const own = tcp({ from: "10.0.0.2", to: "10.0.0.1" }, client.endpoint.localPort, 80, { ack: true });
    const sizes: number[] = [];
    hosts.simulation.network.tap(({ bytes, from }) => from === "client" && sizes.push(bytes.length));
    arrive(hosts.client, errorFor(4, 3, 4, own, 100));
    client.send(new Uint8Array(3000));
    hosts.simulation.run(1);
    expect(Math.max(...sizes)).toBe(1500);
    sizes.length = 0;
    arrive(hosts.client, errorFor(4, 3, 4, own, 1000));
    client.send(new Uint8Array(3000));
    hosts.simulation.run(1);
    expect(Math.max(...sizes)).toBe(1000);
  });

  it("nothing waits for an error about another protocol", () => {
    const hosts = new TwoHosts();
    const seen = hosts.watch();
    arrive(hosts.client, errorFor(4, 3, 2, ip({ from: "10.0.0.2", to: "10.0.0.1" }, 47, new Uint8Array(8))));
    expect(layersOf(seen(), "client")).toEqual(["INBOUND_IPPACKET", "INBOUND_TRANSPORT", "INBOUND_ICMP_ERROR"]);
  });
});

describe("ICMP errors sent", () => {
  it("are not about errors, nor about what many got", () => {
    const hosts = new TwoHosts();
    const quoted = udp({ from: "10.0.0.1", to: "10.0.0.2" }, 1, 2, new Uint8Array(0));
    const seen = hosts.watch();
    // An error in a protocol nobody has cannot be; a datagram to everybody's closed port can.
    arrive(hosts.server, udp({ from: "10.0.0.2", to: "10.0.0.255" }, 4000, 9999, new Uint8Array(0)));
    arrive(hosts.server, icmp({ from: "10.0.0.2", to: "10.0.0.1" }, 3, 3, quoted));
    expect(layersOf(seen(), "server")).not.toContain("OUTBOUND_ICMP_ERROR");
  });

  it("a block at OUTBOUND_ICMP_ERROR keeps the host silent", () => {
    const hosts = new TwoHosts();
    hosts.filter(hosts.server, "OUTBOUND_ICMP_ERROR");
    const sent: Uint8Array[] = [];
    hosts.simulation.network.tap(({ bytes }) => sent.push(bytes));
    arrive(hosts.server, udp({ from: "10.0.0.2", to: "10.0.0.1" }, 4000, 9999, new Uint8Array(0)));
    expect(sent).toEqual([]);
  });

  it("a reassembly that times out is told to the sender, if the first piece has come", () => {
    const hosts = new TwoHosts();
    const whole = udp({ from: "10.0.0.2", to: "10.0.0.1" }, 1, 2, new Uint8Array(100)).subarray(20);
    arrive(hosts.server, ip({ from: "10.0.0.2", to: "10.0.0.1" }, 17, whole.subarray(0, 64), { more: true }));
    arrive(hosts.server, ip({ from: "10.0.0.2", to: "10.0.0.1" }, 17, whole.subarray(64), { offset: 64, identification: 8 }));
    const seen = hosts.watch();
    hosts.simulation.run(61);
    const errors = seen().filter((record) => record.type === "indication" && record.layer.name.includes("OUTBOUND_ICMP_ERROR"));
    expect(errors).toHaveLength(1);
  });
});

describe("ping", () => {
  it("what a filter blocks is a general failure, what fits nowhere too big, what leads nowhere unreachable", () => {
    const hosts = new TwoHosts();
    expect(hosts.client.ping(hosts.serverAddress, { data: new Uint8Array(2000), dontFragment: true }).result).toBe("IP_PACKET_TOO_BIG");
    hosts.filter(hosts.client, "ALE_AUTH_CONNECT");
    expect(hosts.client.ping(hosts.serverAddress).result).toBe("IP_GENERAL_FAILURE");
    for (const networkInterface of hosts.client.interfaces.slice(1)) networkInterface.up = false;
    expect(hosts.client.ping(parseAddress("10.0.0.1")).result).toBe("IP_DEST_HOST_UNREACHABLE");
  });
});
