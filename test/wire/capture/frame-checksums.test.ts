import { describe, expect, it } from "vitest";
import { decodeFrame, emitUdpPacket, Frame, frameChecksums, LINK_TYPE, pseudoHeaderSum } from "../../../src/wire/index.ts";
import { hex } from "../bytes.ts";
import { concat } from "./captures.ts";
import { echo, echo6, ipv4, ipv6, PSEUDO4, PSEUDO6, tcp, udp } from "./frames.ts";

function checksums(packet: Uint8Array, captured = packet.length) {
  const frame = new Frame();
  decodeFrame(frame, new DataView(packet.buffer, packet.byteOffset, packet.length), 0, captured, packet.length, LINK_TYPE.raw);
  return frameChecksums(frame);
}

function changed(packet: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(packet);
  new DataView(copy.buffer).setUint16(at, value);
  return copy;
}

describe("frameChecksums", () => {
  it("is valid for what we emit, odd lengths included", () => {
    const good = { ip: "valid", transport: "valid" };
    expect(checksums(ipv4(6, tcp()))).toEqual(good);
    expect(checksums(ipv4(17, udp()))).toEqual(good);
    expect(checksums(ipv4(1, echo()))).toEqual(good);
    expect(checksums(ipv4(17, emitUdpPacket({ sourcePort: 1, destinationPort: 2, payload: hex("01") }, PSEUDO4)))).toEqual(good);
    const six = { ip: "absent", transport: "valid" };
    expect(checksums(ipv6(6, tcp(PSEUDO6)))).toEqual(six);
    expect(checksums(ipv6(17, udp(PSEUDO6)))).toEqual(six);
    expect(checksums(ipv6(58, echo6()))).toEqual(six);
    expect(checksums(ipv6(0, concat(hex("3a000104 00000000"), echo6())))).toEqual(six);
  });

  it("is wrong where a bit is", () => {
    expect(checksums(changed(ipv4(6, tcp()), 40, 0x1234)).transport).toBe("wrong");
    expect(checksums(changed(ipv4(6, tcp()), 8, 0x0106)).ip).toBe("wrong");
  });

  it("tells what was left to the network card from what is wrong", () => {
    const packet = ipv4(6, tcp());
    const length = packet.length - 20;
    expect(checksums(changed(packet, 10, 0)).ip).toBe("offloaded");
    expect(checksums(changed(packet, 36, 0)).transport).toBe("offloaded");
    expect(checksums(changed(packet, 36, pseudoHeaderSum(PSEUDO4, 6, length))).transport).toBe("offloaded");
    expect(checksums(changed(packet, 36, pseudoHeaderSum(PSEUDO4, 6, 0))).transport).toBe("offloaded");
    expect(checksums(changed(ipv6(17, udp(PSEUDO6)), 46, 0)).transport).toBe("offloaded");
  });

  it("is absent where UDP has none, unknown where it cannot be told", () => {
    expect(checksums(changed(ipv4(17, udp()), 26, 0)).transport).toBe("absent");
    expect(checksums(ipv4(50, new Uint8Array(16))).transport).toBe("absent");
    expect(checksums(ipv4(6, tcp()), 42).transport).toBe("unknown");
    expect(checksums(ipv4(6, tcp()), 30).transport).toBe("unknown");
    expect(checksums(ipv4(17, udp(), { moreFragments: true })).transport).toBe("unknown");
  });
});
