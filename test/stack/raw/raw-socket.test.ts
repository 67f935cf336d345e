import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../src/model/index.ts";
import { arrive, icmp, ip, udp } from "../packets.ts";
import { layersOf, TwoHosts } from "../two-hosts.ts";

const GRE = 47;
const data = Uint8Array.of(1, 2, 3, 4);
const ends = { from: "10.0.0.2", to: "10.0.0.1" };

function raw(hosts: TwoHosts, protocol = GRE) {
  return hosts.server.rawSocket({ family: 4, process: hosts.serverProcess, protocol });
}

describe("raw sockets (WFP-SHIMS 4.4.2)", () => {
  it("are refused where a filter blocks their creation, and then nothing works", () => {
    const hosts = new TwoHosts();
    hosts.filter(hosts.server, "ALE_RESOURCE_ASSIGNMENT");
    const socket = raw(hosts);
    expect(socket.opened).toBe("WSAEACCES");
    expect(socket.bind(null)).toBe("WSAENOTSOCK");
    expect(socket.setPromiscuous("SIO_RCVALL")).toBe("WSAENOTSOCK");
    expect(socket.sendTo(data, parseAddress("10.0.0.2"))).toBe("WSAENOTSOCK");
    expect(socket.receive().result?.result).toBe("WSAENOTSOCK");
    expect(socket.close()).toBe("WSAENOTSOCK");
  });

  it("get what their protocol carries, each on a flow of its own, and TRANSPORT once", () => {
    const hosts = new TwoHosts();
    const one = raw(hosts);
    const two = raw(hosts);
    const other = raw(hosts, 89);
    const seen = hosts.watch();
    arrive(hosts.server, ip(ends, GRE, data));
    expect(layersOf(seen(), "server")).toEqual([
      "INBOUND_IPPACKET",
      "INBOUND_TRANSPORT",
      "ALE_AUTH_RECV_ACCEPT",
      "ALE_FLOW_ESTABLISHED",
      "DATAGRAM_DATA",
      "ALE_AUTH_RECV_ACCEPT",
      "ALE_FLOW_ESTABLISHED",
      "DATAGRAM_DATA",
    ]);
    expect(one.receive().result).toMatchObject({ result: "ok", data });
    expect(two.receive().result).toMatchObject({ result: "ok", data });
    expect(other.receive().done).toBe(false);
  });

  it("a block at TRANSPORT is for all of them", () => {
    const hosts = new TwoHosts();
    hosts.filter(hosts.server, "INBOUND_TRANSPORT");
    const one = raw(hosts);
    const two = raw(hosts);
    arrive(hosts.server, ip(ends, GRE, data));
    expect([one.receive().done, two.receive().done]).toEqual([false, false]);
  });

  it("a block at RECV_ACCEPT keeps it from the program, a waiting receive stays", () => {
    const hosts = new TwoHosts();
    const socket = raw(hosts);
    const waiting = socket.receive();
    hosts.filter(hosts.server, "ALE_AUTH_RECV_ACCEPT");
    arrive(hosts.server, ip(ends, GRE, data));
    expect(waiting.done).toBe(false);
    expect(socket.close()).toBe("ok");
    expect(waiting.result?.result).toBe("WSAENOTSOCK");
    expect(socket.close()).toBe("WSAENOTSOCK");
  });

  it("bound to an address take only what is for it", () => {
    const hosts = new TwoHosts();
    const socket = raw(hosts);
    expect(socket.bind(parseAddress("10.9.9.9"))).toBe("WSAEADDRNOTAVAIL");
    expect(socket.bind(parseAddress("127.0.0.1"))).toBe("ok");
    arrive(hosts.server, ip(ends, GRE, data));
    expect(socket.receive().done).toBe(false);
    expect(socket.bind(parseAddress("0.0.0.0"))).toBe("ok");
    const bound = raw(hosts);
    expect(bound.bind(parseAddress("10.0.0.1"))).toBe("ok");
    const before = bound.receive();
    arrive(hosts.server, ip(ends, GRE, data));
    expect(before.result?.result).toBe("ok");
    // What is for everybody is for it as well.
    arrive(hosts.server, ip({ ...ends, to: "10.0.0.255" }, GRE, data));
    expect(bound.receive().result?.result).toBe("ok");
  });

  it("promiscuous ones are asked about, and get every protocol", () => {
    const hosts = new TwoHosts();
    const socket = raw(hosts);
    const seen = hosts.watch();
    expect(socket.setPromiscuous("SIO_RCVALL")).toBe("ok");
    const [asked] = seen();
    expect(asked).toMatchObject({ type: "indication", event: "ioctl" });
    if (asked?.type !== "indication") throw new Error("no indication");
    const mode = asked.layer.fields.find(({ name }) => name === "ALE_PROMISCUOUS_MODE")?.index ?? -1;
    expect(asked.values[mode]).toEqual({ type: "FWP_UINT32", value: 0x98000001 });
    const receiving = socket.receive();
    arrive(hosts.server, icmp(ends, 8, 0, data));
    expect(receiving.result?.result).toBe("ok");
    hosts.filter(hosts.server, "ALE_RESOURCE_ASSIGNMENT");
    expect(socket.setPromiscuous("SIO_RCVALL_MCAST")).toBe("WSAEACCES");
  });

  it("see UDP and ICMP beside the stack's own transport, without another TRANSPORT", () => {
    const hosts = new TwoHosts();
    const socket = raw(hosts, 17);
    const server = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    server.bind(null, 53);
    const seen = hosts.watch();
    arrive(hosts.server, udp(ends, 4000, 53, data));
    const layers = layersOf(seen(), "server");
    expect(layers.filter((layer) => layer === "INBOUND_TRANSPORT")).toHaveLength(1);
    expect(layers.filter((layer) => layer === "ALE_AUTH_RECV_ACCEPT")).toHaveLength(2);
    expect(socket.receive().result?.data).toHaveLength(12);
  });

  it("send their own protocol, forged transport headers as they are", () => {
    const hosts = new TwoHosts();
    const socket = raw(hosts, 17);
    expect(socket.sendTo(data, parseAddress("2001:db8::2"))).toBe("WSAEAFNOSUPPORT");
    const sent: Uint8Array[] = [];
    hosts.simulation.network.tap(({ bytes }) => sent.push(bytes));
    // Too short for a UDP header: goes out all the same.
    expect(socket.sendTo(data, parseAddress("10.0.0.2"))).toBe("ok");
    expect(sent[0]?.subarray(-4)).toEqual(data);
    // A whole datagram of the program's making.
    const forged = udp({ from: "10.0.0.1", to: "10.0.0.2" }, 1, 2, data).subarray(20);
    expect(socket.sendTo(forged, parseAddress("10.0.0.2"))).toBe("ok");
    expect(sent[1]?.subarray(20)).toEqual(forged);
  });

  it("nobody's protocol is answered with Protocol Unreachable, IGMP with nothing", () => {
    const hosts = new TwoHosts();
    const seen = hosts.watch();
    arrive(hosts.server, ip(ends, GRE, data));
    expect(layersOf(seen(), "server")).toContain("OUTBOUND_ICMP_ERROR");
    const after = hosts.watch();
    arrive(hosts.server, ip(ends, 2, data));
    expect(layersOf(after(), "server")).not.toContain("OUTBOUND_ICMP_ERROR");
  });
});
