import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFrame, EXTENSION, FRAME_KIND, FRAME_MARK, Frame, LINK_TYPE, TCP_FLAG, TUNNEL } from "../../../src/wire/index.ts";
import { embedded, hex } from "../bytes.ts";
import { concat } from "./captures.ts";
import { echo, echo6, ethernet, ipv4, ipv6, PAYLOAD, PSEUDO6, tcp, udp } from "./frames.ts";

/** Decodes bytes that lie in the middle of others. */
function decode(bytes: Uint8Array, linkType: number = LINK_TYPE.raw, original = bytes.length, captured = bytes.length): Frame {
  const around = embedded(bytes);
  const frame = new Frame();
  decodeFrame(frame, new DataView(around.buffer), around.byteOffset, captured, original, linkType);
  return frame;
}

const payloadOf = (frame: Frame): string =>
  new TextDecoder().decode(new Uint8Array(frame.view.buffer, frame.view.byteOffset + frame.payload, frame.payloadCaptured));

const TCP = {
  kind: FRAME_KIND.ipv4,
  protocol: 6,
  sourcePort: 51_000,
  destinationPort: 443,
  sequence: 0xfffffff0,
  payloadLength: 7,
  payloadCaptured: 7,
};

describe("link layers", () => {
  const packet = ipv4(6, tcp());
  const cooked = (type: string): Uint8Array => concat(hex(`0004 0001 0006 020000000009 0000 ${type}`), packet);
  const cases: readonly (readonly [string, number, Uint8Array, object])[] = [
    ["Ethernet", 1, ethernet(0x0800, packet), { etherType: 0x0800, vlan: -1 }],
    ["VLAN", 1, ethernet(0x0800, packet, [[0x8100, 0x6064]]), { vlan: 100, innerVlan: -1 }],
    [
      "QinQ",
      1,
      ethernet(0x0800, packet, [
        [0x88a8, 7],
        [0x8100, 8],
      ]),
      { vlan: 7, innerVlan: 8 },
    ],
    [
      "old QinQ",
      1,
      ethernet(0x0800, packet, [
        [0x9100, 7],
        [0x8100, 8],
      ]),
      { vlan: 7, innerVlan: 8 },
    ],
    ["SNAP", 1, ethernet(packet.length + 8, concat(hex("aaaa03 000000 0800"), packet)), { etherType: 0x0800 }],
    ["PPPoE", 1, ethernet(0x8864, concat(hex("11 00 0001 0031 0021"), packet)), { marks: FRAME_MARK.pppoe }],
    ["raw", 101, packet, { etherType: -1, macSource: -1 }],
    ["raw of BSD", 12, packet, {}],
    ["raw of OpenBSD", 14, packet, {}],
    ["IPv4", 228, packet, {}],
    ["null, little-endian", 0, concat(hex("02000000"), packet), {}],
    ["null, big-endian", 0, concat(hex("00000002"), packet), {}],
    ["loop", 108, concat(hex("00000002"), packet), {}],
    ["Linux cooked", 113, cooked("0800"), { packetType: 4, etherType: 0x0800 }],
    ["Linux cooked with VLAN", 113, concat(cooked("8100").subarray(0, 16), hex("0064 0800"), packet), { packetType: 4, vlan: 100 }],
    ["Linux cooked 2", 276, concat(hex("0800 0000 00000003 0001 03 06 020000000009 0000"), packet), { packetType: 3 }],
  ];
  it.each(cases)("%s", (_, linkType, bytes, expected) => {
    const frame = decode(bytes, linkType);
    expect(frame).toMatchObject({ ...TCP, ...expected });
    expect(payloadOf(frame)).toBe("payload");
    for (let captured = 0; captured < bytes.length; captured++) decode(bytes, linkType, bytes.length, captured);
  });

  it.each([10, 23, 24, 28, 30])("null with IPv6 as family %d", (family) => {
    expect(decode(concat(Uint8Array.of(family, 0, 0, 0), ipv6(6, tcp(PSEUDO6))), 0)).toMatchObject({
      kind: FRAME_KIND.ipv6,
      sourcePort: 51_000,
    });
  });

  it("what is not IP is said to be that", () => {
    expect(decode(ethernet(0x0806, new Uint8Array(28)), 1)).toMatchObject({ kind: FRAME_KIND.arp, protocol: -1 });
    expect(decode(ethernet(0x88cc, new Uint8Array(28)), 1)).toMatchObject({ kind: FRAME_KIND.notIp, etherType: 0x88cc });
    expect(decode(ethernet(38, hex("424203 0000000000")), 1)).toMatchObject({ kind: FRAME_KIND.notIp, etherType: -1 });
    expect(decode(ethernet(0x8864, hex("1100 0001 0006 c021 010203040506")), 1)).toMatchObject({ kind: FRAME_KIND.notIp });
    expect(decode(new Uint8Array(40), LINK_TYPE.wifiRadiotap)).toMatchObject({ kind: FRAME_KIND.wifi });
    expect(decode(new Uint8Array(40), 147)).toMatchObject({ kind: FRAME_KIND.unsupportedLink });
    expect(decode(ethernet(0x0800, packet), 1, 60, 13)).toMatchObject({ kind: FRAME_KIND.malformed });
  });
});

describe("IPv4", () => {
  it("TCP with options and all fields", () => {
    const frame = decode(
      ipv4(6, tcp(undefined, [{ kind: "maximum-segment-size", value: 1460 }, { kind: "sack-permitted" }]), {
        dscp: 10,
        options: hex("94040000"),
      }),
    );
    expect(frame).toMatchObject({
      ...TCP,
      family: 4,
      ttl: 64,
      trafficClass: 40,
      acknowledgment: 0x80000001,
      tcpFlags: TCP_FLAG.syn | TCP_FLAG.ack,
      window: 64_240,
      optionsLength: 8,
      transportLength: 35,
      ipLength: 59,
      fragmentId: 0x1234,
      isFragment: false,
      marks: 0,
    });
    expect(frame.view.getUint8(frame.options)).toBe(2);
    expect(frame.view.getUint32(frame.source)).toBe(0x0a000005);
  });

  it("leaves out Ethernet's padding and trailers", () => {
    const frame = decode(ethernet(0x0800, concat(ipv4(17, udp()), new Uint8Array(11))), 1);
    expect(frame).toMatchObject({
      protocol: 17,
      sourcePort: 5353,
      destinationPort: 53,
      payloadLength: 7,
      payloadCaptured: 7,
      marks: FRAME_MARK.padded,
    });
  });

  it("takes the length from the frame where segmentation is offloaded", () => {
    const packet = ipv4(6, tcp(undefined, [], new Uint8Array(9000)));
    new DataView(packet.buffer).setUint16(2, 0);
    expect(decode(ethernet(0x0800, packet), 1)).toMatchObject({
      payloadLength: 9000,
      payloadCaptured: 9000,
      marks: FRAME_MARK.offloadedLength,
    });
    const cut = decode(ethernet(0x0800, packet), 1, packet.length + 14, 96);
    expect(cut).toMatchObject({ payloadLength: 9000, payloadCaptured: 42, marks: FRAME_MARK.offloadedLength | FRAME_MARK.cutBySnapLength });
    const nonsense = decode(ethernet(0x0800, packet), 1, 0xffff_fff0);
    expect(nonsense).toMatchObject({ payloadLength: 9000 });
  });

  it("marks what the snap length cut, and decodes what is there", () => {
    const packet = ipv4(6, tcp(undefined, [{ kind: "timestamps", value: 1, echoReply: 2 }], new Uint8Array(500)));
    expect(decode(packet, 101, packet.length, 100)).toMatchObject({
      payloadLength: 500,
      payloadCaptured: 48,
      marks: FRAME_MARK.cutBySnapLength,
    });
    const inOptions = decode(packet, 101, packet.length, 44);
    expect(inOptions).toMatchObject({ sequence: 0xfffffff0, optionsLength: 4, payload: -1, payloadLength: 500, payloadCaptured: 0 });
    const inHeader = decode(packet, 101, packet.length, 28);
    expect(inHeader).toMatchObject({ sourcePort: 51_000, sequence: 0, marks: FRAME_MARK.cutBySnapLength | FRAME_MARK.headerCut });
    expect(decode(packet, 101, packet.length, 20)).toMatchObject({ kind: FRAME_KIND.ipv4, transport: -1, protocol: 6, sourcePort: -1 });
    expect(decode(packet, 101, packet.length, 19)).toMatchObject({
      kind: FRAME_KIND.malformed,
      marks: FRAME_MARK.cutBySnapLength | FRAME_MARK.headerCut,
    });
  });

  it("fragments: ports in the first only", () => {
    const whole = udp(undefined, 5353, 53, new Uint8Array(1000));
    const first = decode(ipv4(17, whole.subarray(0, 800), { moreFragments: true }));
    expect(first).toMatchObject({
      isFragment: true,
      moreFragments: true,
      fragmentOffset: 0,
      sourcePort: 5353,
      payloadLength: 792,
      marks: 0,
    });
    const second = decode(ipv4(17, whole.subarray(800), { fragmentOffset: 800 }));
    expect(second).toMatchObject({
      isFragment: true,
      moreFragments: false,
      fragmentOffset: 800,
      transport: -1,
      sourcePort: -1,
      payloadLength: 208,
      payloadCaptured: 208,
    });
    const tiny = decode(ipv4(6, tcp().subarray(0, 8), { moreFragments: true }));
    expect(tiny).toMatchObject({ sourcePort: 51_000, tcpFlags: 0, marks: FRAME_MARK.headerCut });
  });

  it("lengths that cannot be are marked, never an exception", () => {
    const packet = ipv4(6, tcp());
    const changed = (at: number, value: number): Frame => decode(packet.map((byte, index) => (index === at ? value : byte)));
    expect(changed(0, 0x44)).toMatchObject({ kind: FRAME_KIND.malformed, marks: FRAME_MARK.badLength });
    expect(changed(0, 0x75)).toMatchObject({ kind: FRAME_KIND.malformed });
    expect(changed(3, 19)).toMatchObject({ kind: FRAME_KIND.malformed });
    expect(changed(2, 0x7f)).toMatchObject({ kind: FRAME_KIND.ipv4, marks: FRAME_MARK.badLength | FRAME_MARK.cutBySnapLength });
    expect(changed(32, 0x40)).toMatchObject({ sourcePort: 51_000, marks: FRAME_MARK.badLength });
    expect(changed(32, 0xf0)).toMatchObject({ sourcePort: 51_000, marks: FRAME_MARK.badLength });
  });

  it("ICMP: echo, and errors with what they quote", () => {
    expect(decode(ipv4(1, echo()))).toMatchObject({ icmpType: 8, icmpCode: 0, icmpParameter: 0x00420007, quoted: -1, payloadLength: 7 });
    const quoted = ipv4(17, udp()).subarray(0, 28);
    const error = decode(ipv4(1, concat(hex("0303 0000 00000000"), quoted)));
    expect(error).toMatchObject({ icmpType: 3, icmpCode: 3, quotedLength: 28, sourcePort: -1 });
    const inner = new Frame();
    decodeFrame(inner, error.view, error.quoted, error.quotedLength, error.quotedLength, LINK_TYPE.raw);
    expect(inner).toMatchObject({ protocol: 17, sourcePort: 5353, destinationPort: 53 });
  });

  it("IGMP, ESP and the authentication header", () => {
    expect(decode(ipv4(2, hex("16 00 0902 e00000fb")))).toMatchObject({ icmpType: 0x16, icmpParameter: 0xe00000fb });
    expect(decode(ipv4(50, hex("11223344 00000001 0102030405060708")))).toMatchObject({
      protocol: 50,
      spi: 0x11223344,
      tunnel: TUNNEL.esp,
    });
    const ah = concat(hex("06 04 0000 11223344 00000001 000102030405060708090a0b"), tcp());
    expect(decode(ipv4(51, ah))).toMatchObject({
      ...TCP,
      spi: 0x11223344,
      marks: FRAME_MARK.authenticated,
      extensions: EXTENSION.authentication,
    });
  });
});

describe("IPv6", () => {
  it("TCP, UDP and ICMPv6", () => {
    expect(decode(ipv6(6, tcp(PSEUDO6)))).toMatchObject({
      ...TCP,
      kind: FRAME_KIND.ipv6,
      family: 6,
      ttl: 61,
      trafficClass: 0x2e,
      ipLength: 67,
    });
    expect(decode(ipv6(17, udp(PSEUDO6)), LINK_TYPE.ipv6)).toMatchObject({ protocol: 17, destinationPort: 53, payloadLength: 7 });
    expect(decode(ipv6(58, echo6()))).toMatchObject({ icmpType: 128, icmpParameter: 0x00420007, quoted: -1 });
    expect(decode(ipv6(58, concat(hex("0104 0000 00000000"), ipv6(17, udp(PSEUDO6)))))).toMatchObject({
      icmpType: 1,
      icmpCode: 4,
      quotedLength: 55,
    });
  });

  it("passes every extension header", () => {
    const chain = concat(
      hex("2b 00 0104 00000000"), // hop-by-hop, then routing
      hex("3c 02 0000 00000000 00000000000000000000000000000000"), // routing, then destination options
      hex("33 00 0104 00000000"), // destination options, then authentication
      hex("87 04 0000 00000007 00000001 000102030405060708090a0b"), // authentication, then mobility
      hex("8b 00 0500 0000 0000"), // mobility, then HIP
      hex("8c 00 0000 0000 0000"), // HIP, then shim6
      hex("06 00 0000 0000 0000"), // shim6, then TCP
      tcp(PSEUDO6),
    );
    const { hopByHop, routing, destinationOptions, authentication, mobility, hip, shim6 } = EXTENSION;
    const frame = decode(ipv6(0, chain));
    expect(frame).toMatchObject({ ...TCP, kind: FRAME_KIND.ipv6, spi: 7 });
    expect(frame.extensions).toBe(hopByHop | routing | destinationOptions | authentication | mobility | hip | shim6);
    for (let captured = 40; captured < 40 + chain.length - 27; captured++) {
      expect(decode(ipv6(0, chain), 101, 40 + chain.length, captured).sourcePort).toBe(-1);
    }
  });

  it("fragments", () => {
    const first = decode(ipv6(44, concat(hex("11 00 0001 0badcafe"), udp(PSEUDO6))));
    expect(first).toMatchObject({
      protocol: 17,
      isFragment: true,
      moreFragments: true,
      fragmentId: 0x0badcafe,
      sourcePort: 5353,
      extensions: EXTENSION.fragment,
    });
    const later = decode(ipv6(44, concat(hex("3c 00 0010 0badcafe"), PAYLOAD)));
    expect(later).toMatchObject({ protocol: 60, fragmentOffset: 16, moreFragments: false, transport: -1, payloadLength: 7 });
  });

  it("no next header, and protocols in the form of an extension header", () => {
    expect(decode(ipv6(59, new Uint8Array(0)))).toMatchObject({ protocol: 59, payloadLength: 0, marks: 0, transport: -1 });
    expect(decode(ipv6(135, hex("3b 00 0500 0000 0000")))).toMatchObject({ protocol: 135 });
  });

  it("takes the length from the frame where it is 0", () => {
    const packet = ipv6(6, tcp(PSEUDO6, [], new Uint8Array(70)));
    new DataView(packet.buffer).setUint16(4, 0);
    expect(decode(packet)).toMatchObject({ payloadLength: 70, marks: FRAME_MARK.offloadedLength });
  });
});

describe("tunnels are recognised as what they are", () => {
  const inner = ipv4(6, tcp());
  const cases: readonly (readonly [string, Uint8Array, number])[] = [
    ["IPv4 in IPv4", ipv4(4, inner), TUNNEL.ipInIp],
    ["IPv6 in IPv4", ipv4(41, ipv6(6, tcp(PSEUDO6))), TUNNEL.ipv6InIp],
    ["IPv4 in IPv6", ipv6(4, inner), TUNNEL.ipInIp],
    ["GRE", ipv4(47, concat(hex("0000 0800"), inner)), TUNNEL.gre],
    ["EtherIP", ipv4(97, concat(hex("3000"), ethernet(0x0800, inner))), TUNNEL.etherIp],
    ["L2TPv3", ipv4(115, hex("00000001 00000000")), TUNNEL.l2tp],
    ["VXLAN", ipv4(17, udp(undefined, 40_000, 4789, concat(hex("08000000 00007b00"), ethernet(0x0800, inner)))), TUNNEL.vxlan],
    ["Geneve", ipv4(17, udp(undefined, 40_000, 6081, concat(hex("00006558 00007b00"), ethernet(0x0800, inner)))), TUNNEL.geneve],
    ["Teredo", ipv4(17, udp(undefined, 3544, 40_000, ipv6(58, echo6()))), TUNNEL.teredo],
    ["GTP-U", ipv4(17, udp(undefined, 2152, 2152, concat(hex("30ff 0000 00000001"), inner))), TUNNEL.gtpU],
    ["L2TPv2", ipv4(17, udp(undefined, 1701, 1701, hex("0002 0001 0001 ff03 0021"))), TUNNEL.l2tp],
    ["ESP in UDP", ipv4(17, udp(undefined, 4500, 4500, hex("00000007 00000001 00"))), TUNNEL.udpEsp],
    ["IKE on the same port", ipv4(17, udp(undefined, 4500, 4500, hex("00000000 0000000000000001"))), TUNNEL.none],
    ["keep-alive on the same port", ipv4(17, udp(undefined, 4500, 4500, hex("ff"))), TUNNEL.none],
    ["something else on VXLAN's port", ipv4(17, udp(undefined, 4789, 53)), TUNNEL.none],
  ];
  it.each(cases)("%s", (_, packet, tunnel) => {
    const frame = decode(packet);
    expect(frame.tunnel).toBe(tunnel);
    expect(frame.view.getUint8(frame.ip)).toBe(packet[0]);
  });
});

describe("any bytes", () => {
  it("decode without an exception, and never beyond what was captured", () => {
    const base = fc.constantFrom<Uint8Array>(
      ethernet(0x0800, ipv4(6, tcp())),
      ethernet(0x86dd, ipv6(0, concat(hex("2b00010400000000 3c000000 00000000 2c00010400000000 1100000100000001"), udp(PSEUDO6))), [
        [0x8100, 1],
      ]),
      ipv4(1, concat(hex("0303000000000000"), ipv4(17, udp()))),
    );
    const change = fc.record({ at: fc.nat(150), value: fc.nat(255) });
    fc.assert(
      fc.property(
        base,
        fc.array(change, { maxLength: 6 }),
        fc.constantFrom(0, 1, 12, 101, 108, 113, 276),
        fc.nat(150),
        fc.nat(70_000),
        (bytes, changes, linkType, cut, original) => {
          const damaged = bytes.slice();
          for (const { at, value } of changes) damaged[at % damaged.length] = value;
          const captured = cut % (damaged.length + 1);
          const frame = new Frame();
          // Nothing behind the captured bytes exists, so reading there would throw.
          decodeFrame(frame, new DataView(Uint8Array.from(damaged.subarray(0, captured)).buffer), 0, captured, original, linkType);
          expect(frame.end).toBeLessThanOrEqual(captured);
          if (frame.payload >= 0) expect(frame.payload + frame.payloadCaptured).toBeLessThanOrEqual(captured);
          expect(frame.payloadLength).toBeGreaterThanOrEqual(0);
          expect(frame.payloadCaptured).toBeGreaterThanOrEqual(0);
          if (frame.quoted >= 0) expect(frame.quoted + frame.quotedLength).toBeLessThanOrEqual(captured);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
