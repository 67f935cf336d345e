import { describe, expect, it } from "vitest";
import { arrive, icmp, ip, tcp, udp } from "../packets.ts";
import { layersOf, TwoHosts } from "../two-hosts.ts";

const V4 = { from: "10.0.0.2", to: "10.0.0.1" };
const V6 = { from: "2001:db8::2", to: "2001:db8::1" };

/** `bytes` with the one at `at` changed. */
function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

describe("what the network layer cannot use", () => {
  it.each([
    ["no IP at all", Uint8Array.of(1, 2, 3), "IpDiscardMalformedHeader"],
    ["an IPv4 checksum that is wrong", flipped(udp(V4, 1, 2, new Uint8Array(4)), 10), "InetDiscardChecksumInvalid"],
    ["an IPv6 header that is cut", ip(V6, 17, new Uint8Array(8)).subarray(0, 30), "IpDiscardMalformedHeader"],
  ])("%s: counted, nothing is indicated", (_, bytes, reason) => {
    const hosts = new TwoHosts();
    const seen = hosts.watch();
    arrive(hosts.server, bytes);
    expect(seen()).toEqual([]);
    expect([...hosts.server.discards]).toEqual([[reason, 1]]);
    arrive(hosts.server, bytes);
    expect(hosts.server.discards.get(reason)).toBe(2);
  });

  it("an interface that is down receives nothing", () => {
    const hosts = new TwoHosts();
    const [, ethernet] = hosts.server.interfaces;
    if (ethernet !== undefined) ethernet.up = false;
    const seen = hosts.watch();
    arrive(hosts.server, udp(V4, 1, 2, new Uint8Array(4)));
    expect(seen()).toEqual([]);
  });
});

describe("what its transport cannot use goes to INBOUND_TRANSPORT_DISCARD", () => {
  it.each([
    ["UDP checksum", flipped(udp(V4, 1, 2, new Uint8Array(4)), 27), "InetDiscardChecksumInvalid"],
    ["UDP header cut", ip(V4, 17, new Uint8Array(3)), "InetDiscardHeaderInvalid"],
    ["TCP checksum", flipped(tcp(V4, 1, 2, { syn: true }), 36), "InetDiscardChecksumInvalid"],
    ["TCP header cut", ip(V4, 6, new Uint8Array(9)), "InetDiscardHeaderInvalid"],
    ["ICMP checksum", flipped(icmp(V4, 8, 0, new Uint8Array(4)), 22), "InetDiscardChecksumInvalid"],
    ["ICMPv6 checksum", flipped(icmp(V6, 128, 0, new Uint8Array(4)), 42), "InetDiscardChecksumInvalid"],
    ["ICMPv6 header cut", ip(V6, 58, new Uint8Array(2)), "InetDiscardHeaderInvalid"],
  ])("%s", (_, bytes, reason) => {
    const hosts = new TwoHosts();
    const seen = hosts.watch();
    arrive(hosts.server, bytes);
    const records = seen();
    expect(layersOf(records, "server")).toEqual(["INBOUND_IPPACKET", "INBOUND_TRANSPORT_DISCARD"]);
    expect(records.at(-1)).toMatchObject({ metadata: { discardReason: { reason } } });
  });
});

describe("headers with options and extension headers", () => {
  it("are measured in the metadata", () => {
    const hosts = new TwoHosts();
    const seen = hosts.watch();
    arrive(hosts.server, udp(V4, 1, 2, new Uint8Array(4), { options: Uint8Array.of(1, 1, 1, 0) }));
    const [record] = seen();
    expect(record).toMatchObject({ metadata: { ipHeaderSize: 24 } });
  });
});

describe("reassembly", () => {
  const whole = udp(V4, 4000, 53, new Uint8Array(200)).subarray(20);
  const piece = (start: number, end: number, identification = 9) =>
    ip(V4, 17, whole.subarray(start, end), { offset: start, more: end < whole.length, identification });

  function delivered(pieces: readonly Uint8Array[]): number {
    const hosts = new TwoHosts();
    const socket = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    socket.bind(null, 53);
    for (const bytes of pieces) arrive(hosts.server, bytes);
    let count = 0;
    while (socket.receive().done) count++;
    return count;
  }

  it.each([
    ["in order", [piece(0, 64), piece(64, 208)], 1],
    ["the last first", [piece(64, 208), piece(0, 64)], 1],
    ["one twice", [piece(0, 64), piece(0, 64), piece(64, 208)], 1],
    ["one missing", [piece(0, 64), piece(128, 208)], 0],
    ["overlapping: all are dropped", [piece(0, 64), piece(56, 120), piece(64, 208)], 0],
    ["of two datagrams", [piece(0, 64, 1), piece(64, 208, 2)], 0],
    ["longer than any datagram", [ip(V4, 17, new Uint8Array(1400), { offset: 65_000, more: true })], 0],
  ])("pieces %s", (_, pieces, expected) => {
    expect(delivered(pieces)).toBe(expected);
  });

  it("a block of a fragment, or of what was reassembled, drops the datagram", () => {
    const hosts = new TwoHosts();
    const socket = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    socket.bind(null, 53);
    let calls = 0;
    hosts.callout(hosts.server, "INBOUND_IPPACKET", {
      classify(_, out) {
        calls++;
        // packet and fragment of the first piece pass, the second piece as a fragment does not
        out.action = calls === 4 ? "block" : "permit";
      },
    });
    arrive(hosts.server, piece(0, 64));
    arrive(hosts.server, piece(64, 208));
    expect(calls).toBe(4);
    expect(socket.receive().done).toBe(false);
    const other = new TwoHosts();
    const second = other.server.udpSocket({ family: 4, process: other.serverProcess });
    second.bind(null, 53);
    let count = 0;
    other.callout(other.server, "INBOUND_IPPACKET", {
      classify(_, out) {
        count++;
        out.action = count === 5 ? "block" : "permit";
      },
    });
    arrive(other.server, piece(0, 64));
    arrive(other.server, piece(64, 208));
    expect(count).toBe(5);
    expect(second.receive().done).toBe(false);
  });
});

describe("out-of-band inspection: absorbed, then injected again", () => {
  it.each([
    ["INBOUND_IPPACKET", "inbound"],
    ["INBOUND_TRANSPORT", "inbound"],
    ["DATAGRAM_DATA", "inbound"],
    ["OUTBOUND_TRANSPORT", "outbound"],
    ["OUTBOUND_IPPACKET", "outbound"],
  ] as const)("at %s", (layer, direction) => {
    const hosts = new TwoHosts();
    const server = hosts.server.udpSocket({ family: 4, process: hosts.serverProcess });
    server.bind(null, 53);
    const states: unknown[] = [];
    hosts.callout(direction === "inbound" ? hosts.server : hosts.client, layer, {
      classify({ stack }, out) {
        states.push(stack?.injectionState);
        if (stack?.injectionState === "not-injected") {
          out.action = "block";
          out.absorb = true;
          stack.reinject?.();
        } else out.action = "permit";
      },
    });
    const socket = hosts.client.udpSocket({ family: 4, process: hosts.clientProcess });
    const receiving = server.receive();
    socket.sendTo(new Uint8Array(3), hosts.serverAddress, 53);
    hosts.simulation.run(1);
    expect(receiving.result?.data).toHaveLength(3);
    expect(states).toEqual(["not-injected", "injected-by-self"]);
  });

  it("another callout is told that somebody else did it", () => {
    const hosts = new TwoHosts();
    const states: unknown[] = [];
    hosts.callout(hosts.server, "INBOUND_TRANSPORT", {
      classify({ stack }, out) {
        states.push(stack?.injectionState);
        out.action = "permit";
      },
    });
    hosts.callout(hosts.server, "INBOUND_IPPACKET", {
      classify({ stack }, out) {
        if (stack?.injectionState !== "not-injected") return;
        out.action = "block";
        out.absorb = true;
        stack.reinject?.();
      },
    });
    arrive(hosts.server, icmp(V4, 8, 0, new Uint8Array(4)));
    hosts.simulation.run(1);
    expect(states).toEqual(["injected-by-other"]);
  });
});
