import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CaptureCopy, CaptureReader, decodeFrame, Frame, LINK_TYPE, PcapngWriter } from "../../../src/wire/index.ts";
import { hex } from "../bytes.ts";
import { collected, concat, pcap, readCapture } from "./captures.ts";
import { echo, echo6, ethernet, ipv4, ipv6, PSEUDO6, tcp, udp } from "./frames.ts";

const hasTshark = spawnSync("tshark", ["--version"]).status === 0;

/** Frames of every kind that tshark can be asked about. */
const FRAMES: readonly Uint8Array[] = [
  ethernet(0x0800, ipv4(6, tcp())),
  ethernet(0x0800, ipv4(6, tcp(undefined, [{ kind: "maximum-segment-size", value: 1460 }]), { options: hex("94040000") }), [[0x8100, 100]]),
  ethernet(0x86dd, ipv6(6, tcp(PSEUDO6)), [
    [0x88a8, 7],
    [0x8100, 8],
  ]),
  concat(ethernet(0x0800, ipv4(17, udp())), new Uint8Array(11)),
  ethernet(0x86dd, ipv6(0, concat(hex("3c000104 00000000 11000104 00000000"), udp(PSEUDO6)))),
  ethernet(0x0800, ipv4(1, echo())),
  ethernet(0x86dd, ipv6(58, echo6())),
  ethernet(0x0800, ipv4(17, udp(undefined, 5353, 53, new Uint8Array(1000)).subarray(0, 800), { moreFragments: true })),
  ethernet(0x0806, hex("0001 0800 06 04 0001 020000000001 0a000005 000000000000 0a000001")),
  ethernet(0x0800, ipv4(2, hex("16 00 09 02 e00000fb"))),
];

function tshark(file: string, ...args: readonly string[]): string {
  const { stdout, status, stderr } = spawnSync("tshark", ["-n", "-r", file, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout.trimEnd();
}

function tsharkFields(file: string, names: readonly string[]): string[][] {
  // Only the outermost header of each kind counts, and nothing is put together from fragments.
  const args = ["-o", "ip.defragment:FALSE", "-E", "occurrence=f", "-E", "separator=/t", "-T", "fields"];
  return tshark(file, ...args, ...names.flatMap((name) => ["-e", name]))
    .split("\n")
    .map((line) => line.split("\t"));
}

describe.skipIf(!hasTshark)("tshark reads what we write, and sees what we see", () => {
  let folder = "";
  const written = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "wfplab-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([true, false])("files of the writer (little-endian: %s)", (littleEndian) => {
    const file = collected((emit) => {
      const writer = new PcapngWriter(emit, { littleEndian, application: "wfplab", comment: "made up" });
      writer.addInterface({ linkType: LINK_TYPE.ethernet, name: "Ethernet", snapLength: 262_144 });
      writer.addInterface({ linkType: LINK_TYPE.raw, name: "Loopback", resolution: 6 });
      writer.names([{ address: Uint8Array.of(10, 0, 0, 5), names: ["host.example"] }]);
      FRAMES.forEach((data, index) => {
        writer.packet({
          interfaceIndex: 0,
          seconds: 1_700_000_000,
          nanoseconds: 123_456_789 + index,
          data,
          comments: [`packet ${index}`],
          direction: "inbound",
        });
      });
      writer.packet({
        interfaceIndex: 1,
        seconds: 1_700_000_001,
        nanoseconds: 5000,
        data: ipv4(6, tcp()).subarray(0, 44),
        originalLength: 47,
      });
      writer.flush();
    });
    const path = written(`writer-${littleEndian}.pcapng`, file);
    const names = [
      "frame.comment",
      "frame.time_epoch",
      "frame.interface_name",
      "frame.len",
      "frame.cap_len",
      "frame.packet_flags_direction",
    ];
    expect(tsharkFields(path, names)).toEqual([
      ...FRAMES.map(({ length }, index) => [
        `packet ${index}`,
        `1700000000.123456${789 + index}`,
        "Ethernet",
        `${length}`,
        `${length}`,
        "0x00000001",
      ]),
      ["", "1700000001.000005000", "Loopback", "47", "44"],
    ]);
    // The payload of the datagrams to port 53 is no DNS.
    const onlyHeaders = ["--disable-protocol", "dns", "--disable-protocol", "mdns"];
    expect(tshark(path, ...onlyHeaders, "-Y", "_ws.malformed")).toBe("");
  });

  it("copies with comments", () => {
    const made = pcap(
      FRAMES.map((data, index) => ({ seconds: 1_700_000_000, fraction: index, data: data.subarray(0, 60), original: data.length })),
      { littleEndian: false, snapLength: 60 },
    );
    const file = collected((emit) => {
      const copy = new CaptureCopy(emit, "wfplab");
      const reader = new CaptureReader({
        packets: (batch) => {
          for (let index = 0; index < batch.count; index++) copy.packet(batch, index, [`permitted by #${index}`]);
        },
        problem: ({ message }) => expect(message).toBe(""),
        interface: (added) => copy.interface(added),
        block: (block) => copy.block(block),
      });
      reader.push(made);
      reader.end();
      copy.flush();
    });
    expect(tsharkFields(written("copy.pcapng", file), ["frame.comment", "frame.time_epoch", "frame.len", "frame.cap_len"])).toEqual(
      FRAMES.map(({ length }, index) => [`permitted by #${index}`, `1700000000.00000${index}000`, `${length}`, `${Math.min(60, length)}`]),
    );
  });

  it("decodes the same fields", () => {
    const path = written("frames.pcap", pcap(FRAMES.map((data, fraction) => ({ seconds: 1, fraction, data }))));
    const names = [
      "vlan.id",
      "ieee8021ad.id",
      "ip.ttl",
      "ipv6.hlim",
      "ip.proto",
      "tcp.srcport",
      "tcp.dstport",
      "tcp.seq_raw",
      "tcp.ack_raw",
      "tcp.flags",
      "tcp.window_size_value",
      "tcp.len",
      "udp.srcport",
      "udp.dstport",
      "icmp.type",
      "icmpv6.type",
      "ip.frag_offset",
    ];
    const frame = new Frame();
    const number = (value: number, when = true): string => (when && value >= 0 ? String(value) : "");
    const ours = readCapture(pcap(FRAMES.map((data) => ({ seconds: 1, fraction: 0, data })))).packets.map(({ data, original }) => {
      decodeFrame(frame, new DataView(data.buffer, data.byteOffset, data.length), 0, data.length, original, 1);
      const isTcp = frame.protocol === 6;
      const isUdp = frame.protocol === 17;
      const isQinq = frame.innerVlan >= 0;
      return [
        number(isQinq ? frame.innerVlan : frame.vlan),
        number(frame.vlan, isQinq),
        number(frame.ttl, frame.family === 4),
        number(frame.ttl, frame.family === 6),
        number(frame.protocol, frame.family === 4),
        number(frame.sourcePort, isTcp),
        number(frame.destinationPort, isTcp),
        number(frame.sequence, isTcp),
        number(frame.acknowledgment, isTcp),
        isTcp ? `0x${frame.tcpFlags.toString(16).padStart(4, "0")}` : "",
        number(frame.window, isTcp),
        number(frame.payloadLength, isTcp),
        number(frame.sourcePort, isUdp),
        number(frame.destinationPort, isUdp),
        number(frame.icmpType, frame.protocol === 1),
        number(frame.icmpType, frame.protocol === 58),
        number(frame.fragmentOffset, frame.family === 4),
      ];
    });
    expect(tsharkFields(path, names).map((row) => names.map((_, index) => row[index] ?? ""))).toEqual(ours);
  });
});
