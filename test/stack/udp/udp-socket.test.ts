import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../src/model/index.ts";
import { arrive, udp } from "../packets.ts";
import { layersOf, TwoHosts } from "../two-hosts.ts";

const one = Uint8Array.of(1);

function pair() {
  const hosts = new TwoHosts();
  const server = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
  server.bind(null, 53);
  const client = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
  return { hosts, server, client };
}

describe("UDP sockets: what Winsock answers", () => {
  it("connected ones talk to their peer only", () => {
    const { hosts, server, client } = pair();
    expect(client.send(one)).toBe("WSAENOTCONN");
    expect(client.connect(parseAddress("0.0.0.0"), 53)).toBe("WSAEADDRNOTAVAIL");
    expect(client.connect(hosts.serverAddress, 0)).toBe("WSAEADDRNOTAVAIL");
    expect(client.connect(parseAddress("2001:db8::1"), 53)).toBe("WSAEAFNOSUPPORT");
    expect(client.peer).toBeNull();
    expect(client.connect(hosts.serverAddress, 53)).toBe("ok");
    expect(client.peer).toEqual({ address: hosts.serverAddress, port: 53 });
    expect(client.send(one)).toBe("ok");
    const receiving = server.receive();
    hosts.simulation.run(1);
    expect(receiving.result?.result).toBe("ok");
    const seen = hosts.watch();
    const { localPort } = client.endpoint;
    arrive(hosts.client, udp({ from: "10.0.0.3", to: "10.0.0.2" }, 53, localPort, one));
    arrive(hosts.client, udp({ from: "10.0.0.1", to: "10.0.0.2" }, 54, localPort, one));
    expect(client.receive().done).toBe(false);
    expect(layersOf(seen(), "client").filter((layer) => layer.endsWith("DISCARD"))).toEqual([
      "INBOUND_TRANSPORT_DISCARD",
      "INBOUND_TRANSPORT_DISCARD",
    ]);
  });

  it("a redirection that is refused refuses the connect", () => {
    const { hosts, client } = pair();
    hosts.filter(hosts.client, "ALE_CONNECT_REDIRECT");
    expect(client.connect(hosts.serverAddress, 53)).toBe("WSAEACCES");
    expect(client.peer).toBeNull();
  });

  it("too long, not bound, closed, of another family", () => {
    const { hosts, client } = pair();
    expect(client.sendTo(new Uint8Array(65_508), hosts.serverAddress, 53)).toBe("WSAEMSGSIZE");
    expect(client.sendTo(one, parseAddress("2001:db8::1"), 53)).toBe("WSAEAFNOSUPPORT");
    expect(client.receive().result?.result).toBe("WSAEINVAL");
    hosts.filter(hosts.client, "ALE_RESOURCE_ASSIGNMENT");
    expect(client.sendTo(one, hosts.serverAddress, 53)).toBe("WSAEACCES");
    expect(client.close()).toBe("ok");
    expect(client.close()).toBe("WSAENOTSOCK");
    expect(client.sendTo(one, hosts.serverAddress, 53)).toBe("WSAENOTSOCK");
    expect(client.connect(hosts.serverAddress, 53)).toBe("WSAENOTSOCK");
    expect(client.bind(null, 5)).toBe("WSAENOTSOCK");
  });

  it("bind: another family, an address of nobody's, a second time", () => {
    const { hosts, client } = pair();
    expect(client.bind(parseAddress("2001:db8::2"), 5)).toBe("WSAEFAULT");
    expect(client.bind(parseAddress("10.9.9.9"), 5)).toBe("WSAEADDRNOTAVAIL");
    expect(client.bind(parseAddress("10.0.0.2"), 5)).toBe("ok");
    expect(client.bind(null, 6)).toBe("WSAEINVAL");
    // Another socket cannot have the port.
    expect(hosts.client.udpSocket({ family: 4, process: hosts.clientProcess }).bind(null, 5)).toBe("WSAEADDRINUSE");
  });

  it("a close ends waiting receives, frees the port and leaves groups", () => {
    const { hosts, server } = pair();
    const group = parseAddress("239.1.2.3");
    expect(server.join(parseAddress("10.0.0.9"))).toBe("WSAEINVAL");
    expect(server.join(group)).toBe("ok");
    const waiting = server.receive();
    expect(server.close()).toBe("ok");
    expect(server.join(group)).toBe("WSAENOTSOCK");
    expect(waiting.result?.result).toBe("WSAENOTSOCK");
    const next = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    expect(next.bind(null, 53)).toBe("ok");
    arrive(hosts.server, udp({ from: "10.0.0.2", to: "239.1.2.3" }, 1, 53, one));
    expect(next.receive().done).toBe(false);
  });

  it("a socket at one address gets what is for that address; one at all gets broadcasts", () => {
    const hosts = new TwoHosts();
    const all = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    all.bind(null, 53);
    const loopback = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    expect(loopback.bind(parseAddress("127.0.0.1"), 54)).toBe("ok");
    arrive(hosts.server, udp({ from: "10.0.0.2", to: "10.0.0.1" }, 1, 54, one));
    arrive(hosts.server, udp({ from: "10.0.0.2", to: "10.0.0.255" }, 1, 53, one));
    expect(all.receive().result?.result).toBe("ok");
    const own = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    const receiving = loopback.receive();
    own.sendTo(one, parseAddress("127.0.0.1"), 54);
    hosts.simulation.run(1);
    expect(receiving.result?.data).toEqual(one);
  });

  it("TRANSPORT blocks for all receivers of a datagram", () => {
    const { hosts, server, client } = pair();
    hosts.filter(hosts.server, "INBOUND_TRANSPORT");
    const receiving = server.receive();
    client.sendTo(one, hosts.serverAddress, 53);
    hosts.simulation.run(1);
    expect(receiving.done).toBe(false);
  });

  it("joins on IPv6 and reports by MLD", () => {
    const hosts = new TwoHosts({ family: 6 });
    const socket = hosts.server.udpSocket({ family: 6, process: hosts.serverProcess });
    socket.bind(null, 5000);
    const sent: Uint8Array[] = [];
    hosts.simulation.network.tap(({ bytes }) => sent.push(bytes));
    expect(socket.join(parseAddress("ff05::1:3"))).toBe("ok");
    expect(sent).toHaveLength(1);
    arrive(hosts.server, udp({ from: "2001:db8::2", to: "ff05::1:3" }, 1, 5000, one));
    expect(socket.receive().result?.data).toEqual(one);
  });
});
