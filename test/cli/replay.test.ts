import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { writeNetsh } from "../../src/sources/index.ts";
import { end, HOST, PEER, policyOf, START, TestCapture } from "../replay/lab.ts";
import { runCli } from "./run-cli.ts";

const hasTshark = spawnSync("tshark", ["--version"]).status === 0;

/** A connection out, one in that the firewall blocks, and a broadcast among others. */
function capture(): Uint8Array {
  const made = new TestCapture();
  made.tcp(end(HOST, 49_701), end(PEER, 443)).handshake().data(">").data("<").close();
  made.tcp(end(PEER, 51_000), end(HOST, 8081)).segment(">", "S").segment(">", "S", 0, { repeat: true });
  made.udp(end("10.0.0.7", 137), end("10.0.0.8", 137));
  return made.bytes();
}

const HOSTS = `addresses: [${HOST}]
profile: public
endpoints:
  - { protocol: tcp, local: "*:8081", app: 'C:\\svc.exe', user: SYSTEM, groups: none, package: none }
  - { protocol: tcp, app: 'C:\\Program Files\\app.exe', user: S-1-5-21-1-2-3-1001, groups: none, package: none }
`;
const files = {
  "a.pcapng": capture(),
  "a.pcapng.gz": gzipSync(capture()),
  "cut.pcapng": capture().subarray(0, -10),
  "hosts.yaml": HOSTS,
  "closed.xml": writeNetsh(policyOf([{ layer: "ALE_AUTH_CONNECT_V4" }])),
};
const LISTENS = {
  EventID: 5154,
  Hostname: "PC",
  EventTime: "2026-11-23 12:00:00",
  Application: "\\device\\harddiskvolume3\\svc.exe",
  SourceAddress: "0.0.0.0",
  SourcePort: "8081",
  Protocol: "6",
  FilterRTID: "0",
  LayerRTID: "40",
};
const CONNECTS = {
  ...LISTENS,
  EventID: 5156,
  Direction: "%%14593",
  SourceAddress: HOST,
  SourcePort: "49701",
  DestAddress: PEER,
  DestPort: "443",
};
const replay = (...args: readonly string[]) => runCli(["replay", ...args], { files });

describe("wfplab replay", () => {
  it("sums up by verdict, fate, layer and filter, and says whose policy it was", async () => {
    const { stdout, status, stderr } = await replay("a.pcapng", "--hosts", "hosts.yaml");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^11 packets, [\d,]+ bytes, 2 flows in 1\.0 s$/m);
    expect(stdout).toContain("note: no policy was given: this is one that ships with wfplab");
    expect(stdout).toMatch(/^ {2}permitted +1 +8 /m);
    expect(stdout).toMatch(/^ {2}blocked +1 +2 /m);
    expect(stdout).toMatch(/^ {2}indeterminate +0 +0 +0$/m);
    expect(stdout).toContain("without a flow: of other hosts 1");
    expect(stdout).toMatch(/blocked +1 +2 +ALE_AUTH_RECV_ACCEPT_V4 +#\d+ \(0x[0-9a-f]+\) "/);
  });

  it("lists flows by number, and packets under the ends of their flow with their time", async () => {
    const { stdout } = await replay("a.pcapng", "--hosts", "hosts.yaml", "--flows", "--packets");
    expect(stdout).toMatch(
      /^ {5}2 {2}blocked +in tcp 203\.0\.113\.9:51000 > 10\.0\.0\.5:8081 app=C:\\svc\.exe .*2↓ 0↑ {2}\(syn, 1 retransmission\) {2}ALE_AUTH_RECV_ACCEPT_V4: #/m,
    );
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(/^flow 1: out tcp 10\.0\.0\.5:49701 > 203\.0\.113\.9:443 app="C:\\Program Files\\app\.exe"/);
    expect(lines[1]).toMatch(/^ {5}1 +0\.000000 > permitted +flow 1 SYN {2}ALE_CONNECT_REDIRECT → ALE_AUTH_CONNECT → /);
    expect(lines[9]).toMatch(/^flow 2: in tcp/);
    // Every packet of a connection that never came to be is authorized by itself.
    for (const line of lines.slice(10, 12)) expect(line).toMatch(/INBOUND_TRANSPORT → ALE_AUTH_RECV_ACCEPT {2}ALE_AUTH_RECV_ACCEPT_V4: #/);
    expect(lines[12]).toMatch(/^ {4}11 +1\.000000 {3}unjudged +UDP message$/);
  });

  it("prints records with --json", async () => {
    const records = (await replay("a.pcapng", "--hosts", "hosts.yaml", "--json", "--packets")).records();
    expect(records.every(({ v }) => v === 1)).toBe(true);
    expect(records.filter(({ type }) => type === "packet").map(({ fate }) => fate)).toEqual([
      ...Array.from({ length: 8 }, () => "permitted"),
      "blocked",
      "blocked",
      "unjudged",
    ]);
    expect(records[0]).toMatchObject({ number: 1, time: `${START}.000000000`, flow: 1, direction: "outbound", event: "SYN" });
    const flows = records.filter(({ type }) => type === "flow");
    expect(flows).toHaveLength(2);
    expect(flows.find(({ number }) => number === 2)).toMatchObject({
      verdict: "block",
      layer: "FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4",
      code: "FILTER_BLOCK",
      filterId: expect.stringMatching(/^\d+$/),
      fates: { blocked: 2, suppressed: 0 },
    });
    expect(records.at(-1)).toMatchObject({ type: "summary", packets: 11, flows: 2, local: [HOST], verdicts: { block: { flows: 1 } } });
  });

  it("takes programs from audit events of the host, and says if they are another's", async () => {
    const events = [LISTENS, CONNECTS].map((event) => JSON.stringify(event)).join("\n");
    const withLog = (text: string) =>
      runCli(["replay", "a.pcapng", "--local", HOST, "--events", "log.jsonl", "--flows"], { files: { ...files, "log.jsonl": text } });
    const own = await withLog(events);
    expect([own.status, own.stderr]).toEqual([0, ""]);
    expect(own.stdout).toMatch(/^ {5}2 {2}blocked +in tcp .* app=\\device\\harddiskvolume3\\svc\.exe /m);
    expect(own.stdout).not.toContain("no program is known");
    const foreign = await withLog(events.replaceAll(HOST, "10.0.0.99"));
    expect(foreign.stdout).toContain(`log.jsonl names no program of ${HOST}`);
    expect(foreign.stdout).not.toContain("app=");
  });

  it("reads standard input for one thing only", async () => {
    const { status, stderr } = await replay("-", "--local", HOST, "--events", "-");
    expect([status, stderr]).toEqual([2, expect.stringContaining("only one of CAPTURE, --policy, --policy-at and --events")]);
  });

  it("tells the first places of damage one by one, and how many more there are", async () => {
    const damaged = capture();
    const view = new DataView(damaged.buffer, damaged.byteOffset);
    // The interface of every packet is one that there is none of.
    for (let at = 0; at < damaged.length; at += view.getUint32(at + 4, true))
      if (view.getUint32(at, true) === 6) view.setUint32(at + 8, 9, true);
    const { stdout, stderr } = await runCli(["replay", "a.pcapng", "--local", HOST], { files: { ...files, "a.pcapng": damaged } });
    expect(stderr.trimEnd().split("\n")).toHaveLength(11);
    expect(stderr).toMatch(/a packet of interface 9, of which there is no description; it is left out\na\.pcapng: 1 more damaged place/m);
    expect(stdout).toMatch(/^note: 1 more damaged place/m);
  });

  it("guesses the host, and says so", async () => {
    const { stdout } = await replay("a.pcapng");
    expect(stdout).toContain(`note: the host is taken to be ${HOST}, guessed`);
    expect(stdout).toContain("note: the network's category is unknown; --profile tells it");
    expect(stdout).toContain("note: no program is known for ");
  });

  it("reads gzip and standard input alike", async () => {
    const sums = async (result: ReturnType<typeof runCli>) => (await result).stdout.split("\n").slice(1).join("\n");
    const plain = await sums(replay("a.pcapng", "--hosts", "hosts.yaml"));
    expect(await sums(replay("a.pcapng.gz", "--hosts", "hosts.yaml"))).toBe(plain);
    expect(await sums(runCli(["replay", "-", "--hosts", "hosts.yaml"], { files, stdin: capture() }))).toBe(plain);
  });

  it("keeps what is good of a file that is cut, and tells the place", async () => {
    const { stdout, stderr, status } = await replay("cut.pcapng", "--hosts", "hosts.yaml");
    expect(status).toBe(0);
    expect(stderr).toMatch(/^cut\.pcapng: byte \d+: the file is cut: /);
    expect(stdout).toMatch(/^10 packets, /m);
    expect(stdout).toContain("note: the capture is damaged at byte ");
  });

  it.each([
    [["a.pcapng", "--hosts", "hosts.yaml", "--expect", "permit"], 1],
    [["a.pcapng", "--hosts", "hosts.yaml", "--expect", "block"], 1],
    [["a.pcapng", "--expect", "block"], 3],
    [["a.pcapng", "--hosts", "hosts.yaml"], 0],
  ])("%j ends with %i", async (args, expected) => {
    expect((await replay(...args)).status).toBe(expected);
  });

  it("lets another policy hold from a time on", async () => {
    const at = (policy: string) => replay("a.pcapng", "--policy-at", `${START + 0.25}=${policy}`, "--hosts", "hosts.yaml", "--flows");
    const { stdout } = await at("closed.xml");
    expect(stdout).toMatch(
      /^ {5}1 {2}blocked +out tcp .*\(closed, reauthorized\) {2}ALE_AUTH_CONNECT_V4: #\d+ \(0x[0-9a-f]+\) "test filter/m,
    );
    expect(stdout).toMatch(/^ +5 {2}pass$/m);
    // The same filters again: nobody is authorized anew.
    expect((await at("@desktop")).stdout).not.toContain("reauthorized");
  });

  it.each([
    [["nope.pcap"], /nope\.pcap: no such file/],
    [["hosts.yaml", "--local", HOST], /^hosts\.yaml: expected a capture file \(pcap or pcapng\), found one that begins with /],
    [["-"], /a capture from standard input is read once only: --local ADDR/],
    [["a.pcapng", "--local", "10.0.0"], /--local: expected an IP address, found "10\.0\.0"/],
    [["a.pcapng", "--policy-at", "noon=x.xml"], /--policy-at: expected TIME=FILE .*found "noon=x\.xml"/],
  ])("refuses %j in one line", async (args, message) => {
    const { stderr, status } = await replay(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it.each([
    ["profile: home", "h.yaml:1: profile: expected public, private, domain"],
    ["addresses:\n  - 10.0.0.300", "h.yaml:2: addresses: expected an IP address"],
    ["endpoints:\n  - { local: '*:80' }", "h.yaml:2: an endpoint needs a protocol"],
    [
      "endpoints:\n  - { protocol: tcp, package: desktop }",
      'h.yaml:2: package: expected a package SID (S-1-15-2-…), a package family name, or none, found "desktop"',
    ],
    ["endpoint: []", 'h.yaml:1: unknown key "endpoint"'],
    ["- 1", "h.yaml:1: expected a mapping"],
  ])("says where the hosts file %j is wrong", async (text, message) => {
    const { stderr, status } = await runCli(["replay", "a.pcapng", "--hosts", "h.yaml"], { files: { ...files, "h.yaml": text } });
    expect([status, stderr.slice(0, message.length)]).toEqual([2, message]);
  });

  it.skipIf(!hasTshark)("writes a copy whose comments Wireshark reads, and changes no packet", async () => {
    const { created } = await replay("a.pcapng", "--hosts", "hosts.yaml", "--write", "out.pcapng");
    const folder = mkdtempSync(join(tmpdir(), "wfplab-replay-"));
    try {
      const path = join(folder, "out.pcapng");
      writeFileSync(path, created["out.pcapng"] ?? new Uint8Array(0));
      const fields = (file: string, ...names: readonly string[]) =>
        spawnSync("tshark", ["-r", file, "-T", "fields", ...names.flatMap((name) => ["-e", name])], { encoding: "utf8" })
          .stdout.trimEnd()
          .split("\n");
      const comments = fields(path, "frame.comment");
      expect(comments.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => "wfplab: permitted"));
      expect(comments[8]).toMatch(/^wfplab: blocked – ALE_AUTH_RECV_ACCEPT_V4: #\d+ \(0x[0-9a-f]+\) "/);
      expect(comments[10]).toBe("wfplab: unjudged");
      const before = join(folder, "before.pcapng");
      writeFileSync(before, capture());
      const all = ["frame.time_epoch", "frame.len", "ip.src", "ip.dst", "tcp.seq_raw", "tcp.flags", "udp.port"];
      expect(fields(path, ...all)).toEqual(fields(before, ...all));
      expect(readFileSync(path).length).toBeGreaterThan(readFileSync(before).length);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
