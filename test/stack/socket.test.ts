import { describe, expect, it } from "vitest";
import { parseAddress } from "../../src/model/index.ts";
import { layersOf, sequenceOf, TwoHosts } from "./two-hosts.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe("Socket results", () => {
  it("refuses misuse as Winsock does", () => {
    const hosts = new TwoHosts();
    const socket = hosts.clientSocket();
    expect(socket.listen()).toBe("WSAEINVAL");
    expect(socket.send(bytes("x"))).toBe("WSAENOTCONN");
    expect(socket.receive().result?.result).toBe("WSAENOTCONN");
    expect(socket.accept().result?.result).toBe("WSAEINVAL");
    expect(socket.bind(parseAddress("10.9.9.9"), 80)).toBe("WSAEADDRNOTAVAIL");
    expect(socket.bind(parseAddress("::1"), 80)).toBe("WSAEFAULT");
    expect(socket.bind(null, 80)).toBe("ok");
    expect(socket.bind(null, 81)).toBe("WSAEINVAL");
    expect(hosts.clientSocket().bind(null, 80)).toBe("WSAEADDRINUSE");
    expect(socket.connect(parseAddress("2001:db8::1"), 80).result).toBe("WSAEAFNOSUPPORT");
    expect(socket.close()).toBe("ok");
    expect(socket.close()).toBe("WSAENOTSOCK");
    expect(socket.bind(null, 80)).toBe("WSAENOTSOCK");
    expect(hosts.clientSocket().bind(null, 80)).toBe("ok");
  });

  it("connecting twice", () => {
    const hosts = new TwoHosts();
    const { client } = hosts.connected();
    expect(client.connect(hosts.serverAddress, 80).result).toBe("WSAEISCONN");
    const other = hosts.clientSocket();
    other.connect(hosts.serverAddress, 80);
    expect(other.connect(hosts.serverAddress, 80).result).toBe("WSAEALREADY");
  });

  it("after the peer's close, receive ends and send goes on until the own close", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    client.shutdown();
    hosts.simulation.run();
    const ending = server.receive();
    expect(ending.result).toEqual({ result: "ok", data: new Uint8Array(0) });
    expect(client.send(bytes("x"))).toBe("WSAESHUTDOWN");
    const receiving = client.receive();
    expect(server.send(bytes("late"))).toBe("ok");
    hosts.simulation.run();
    expect(receiving.result?.data).toEqual(bytes("late"));
  });

  it("a close with unread data resets the peer", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    client.send(bytes("unread"));
    hosts.simulation.run();
    server.close();
    hosts.simulation.run();
    expect(client.send(bytes("x"))).toBe("WSAECONNRESET");
  });

  it("a listener's close resets connections nobody accepted", () => {
    const hosts = new TwoHosts();
    const listener = hosts.listen();
    const client = hosts.clientSocket();
    client.connect(hosts.serverAddress, 80);
    hosts.simulation.run();
    listener.close();
    hosts.simulation.run();
    expect(client.send(bytes("x"))).toBe("WSAECONNRESET");
  });
});

describe("end of endpoints (WFP-SHIMS 4.3.6)", () => {
  it("C19: a connected socket: closure, release", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    client.close();
    hosts.simulation.run(1);
    server.close();
    const watched = hosts.watch();
    hosts.simulation.run();
    expect(layersOf(watched(), "client").slice(-2)).toEqual(["ALE_ENDPOINT_CLOSURE", "ALE_RESOURCE_RELEASE"]);
    // An accepted connection has no bind of its own.
    expect(layersOf(watched(), "server").at(-1)).toBe("ALE_ENDPOINT_CLOSURE");
  });

  it("C21: a listener: closure, release; a socket that was only bound: release", () => {
    const hosts = new TwoHosts();
    const listener = hosts.listen();
    const watched = hosts.watch();
    listener.close();
    expect(layersOf(watched(), "server")).toEqual(["ALE_ENDPOINT_CLOSURE", "ALE_RESOURCE_RELEASE"]);
    const bound = hosts.clientSocket();
    bound.bind(null, 0);
    const after = hosts.watch();
    bound.close();
    expect(layersOf(after(), "client")).toEqual(["ALE_RESOURCE_RELEASE"]);
  });
});

describe("loopback", () => {
  it("C18: passes the sending side's layers, then the receiving side's, with IS_LOOPBACK in the flags", () => {
    const hosts = new TwoHosts();
    const listener = hosts.server.socket({ family: 4, process: hosts.serverProcess });
    listener.bind(null, 80);
    listener.listen();
    const accepting = listener.accept();
    const client = hosts.server.socket({ family: 4, process: hosts.clientProcess });
    const watched = hosts.watch();
    client.connect(parseAddress("127.0.0.1"), 80);
    hosts.simulation.run();
    expect(accepting.result?.result).toBe("ok");
    expect(sequenceOf(watched()).slice(4, 9)).toEqual([
      "server SYN OUTBOUND_TRANSPORT_V4",
      "server SYN OUTBOUND_IPPACKET_V4",
      "server SYN INBOUND_IPPACKET_V4",
      "server SYN INBOUND_TRANSPORT_V4",
      "server SYN ALE_AUTH_RECV_ACCEPT_V4",
    ]);
    for (const record of watched()) {
      if (record.type !== "indication" || !/AUTH_|TRANSPORT|IPPACKET|FLOW/.test(record.layer.name)) continue;
      expect(record.flags, record.layer.name).toContain("IS_LOOPBACK");
    }
  });

  it("own addresses are reached without the network", () => {
    const hosts = new TwoHosts();
    hosts.listen();
    const client = hosts.server.socket({ family: 4, process: hosts.clientProcess });
    const connecting = client.connect(parseAddress("10.0.0.1"), 80);
    hosts.simulation.run();
    expect(connecting.result).toBe("ok");
    expect(hosts.simulation.clock.seconds).toBe(0);
  });
});
