import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../src/firewall/index.ts";
import { writeNetsh } from "../../src/sources/index.ts";
import { runCli } from "./run-cli.ts";

const NAMES = [
  ...["tcp-session", "tcp-connect", "tcp-no-listener", "tcp-data", "tcp-reauthorize", "tcp-reauthorize-blocked", "tcp-close"],
  ...["udp-session", "udp-no-listener", "udp-reauthorize", "udp-reauthorize-blocked", "ping", "multicast", "fragments", "forward"],
  ...["loopback", "redirect", "pend"],
];

describe("wfplab session", () => {
  it("lists the built-in scenarios", async () => {
    const { stdout, status } = await runCli(["session", "--list"]);
    expect(status).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" ")[0]),
    ).toEqual(NAMES);
    const records = (await runCli(["session", "--list", "--json"])).records();
    expect(records.map(({ type, name }) => [type, name])).toEqual(NAMES.map((name) => ["scenario", name]));
  });

  it.each(NAMES)("plays %s as text and JSON, over both families", async (name) => {
    for (const family of ["v4", "v6"]) {
      const text = await runCli(["session", name, "--family", family]);
      expect([text.status, text.stderr]).toEqual([0, ""]);
      expect(text.stdout).toMatch(/^\d+ indications: /m);
      const records = (await runCli(["session", name, "--family", family, "--json"])).records();
      const indications = records.filter(({ type }) => type === "indication");
      const outcomes = records.filter(({ type }) => type === "outcome");
      expect(indications.length).toBeGreaterThan(0);
      expect(indications.every(({ layer }) => String(layer).includes(family.toUpperCase()))).toBe(true);
      expect(records.at(-1)).toMatchObject({
        v: 1,
        type: "summary",
        scenario: name,
        indications: indications.length,
        outcomes: outcomes.length,
      });
      const seqs = records.flatMap(({ seq }) => (seq === undefined ? [] : [Number(seq)]));
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    }
  });

  it("prints one line per indication under headings", async () => {
    const { stdout } = await runCli(["session", "tcp-connect"]);
    expect(stdout).toMatch(/^tcp-connect: /);
    expect(stdout).toMatch(/^ +[\d.]+s +server +listen +ALE_AUTH_LISTEN_V4 /m);
    expect(stdout).toMatch(/^ +[\d.]+s +client +connect +ALE_AUTH_CONNECT_V4 /m);
    expect(stdout).toMatch(/^ +[\d.]+s +server +SYN in +ALE_AUTH_RECV_ACCEPT_V4 /m);
  });

  it("explains a block: arbitration and the winner's conditions", async () => {
    const desktop = { "state.xml": writeNetsh(defaultPolicy("desktop")) };
    const { stdout } = await runCli(["session", "tcp-connect", "--server-policy", "state.xml", "--server-port", "4444"], {
      files: desktop,
    });
    expect(stdout).toMatch(/ALE_AUTH_RECV_ACCEPT_V4 +BLOCK +#\d+ \(0x[0-9a-f]+\)/);
    expect(stdout).toMatch(/weight +sublayer +winner/);
    expect(stdout).toMatch(/conditions/);
    expect(stdout).toMatch(/connect\(\) .*WSAETIMEDOUT/);
    expect(stdout).toContain("Server    state.xml (netsh wfp show state");
    expect(stdout).toMatch(/^Note +client: no policy was given/m);
  });

  it("says what is wrong in one line, status 2", async () => {
    for (const [args, message] of [
      [["session"], /expected a scenario \(tcp-session, /],
      [["session", "missing.yaml"], /missing\.yaml: no such file$/],
      [
        ["session", "udp-session", "--host-policy", "router=@server"],
        /--host-policy: expected a host of the scenario \(client, server\), found "router"/,
      ],
      [["session", "udp-session", "--host-policy", "server"], /--host-policy: expected HOST=FILE, found "server"/],
      [
        ["session", "udp-session", "--with", "allow in tcp 22", "--change", "x"],
        /--change: expected a host of the scenario \(client, server\), found "x"/,
      ],
      [["session", "loopback", "--server-app", "System"], /--server-app: the scenario loopback has no host server/],
      [["session", "ping", "--pcap", "-"], /--pcap: expected a file/],
      [["session", "tcp-sessions"], /expected a scenario .*found "tcp-sessions"/],
      [["session", "tcp-connect", "--server-port", "70000"], /--server-port: expected a number from 1 to 65535/],
      [["session", "tcp-connect", "--windows", "95"], /--windows: expected vista or 7/],
      [["session", "tcp-connect", "--policy", "missing.xml"], /missing\.xml: no such file$/],
    ] as const) {
      const { stdout, stderr, status } = await runCli(args);
      expect([args, status, stdout]).toEqual([args, 2, ""]);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stderr.trimEnd()).toMatch(message);
    }
  });
});

const SCENARIO = `scenario: mine
title: My service
windows: 10
hosts:
  client:
    interfaces: { Ethernet: { addresses: [198.51.100.20/24] } }
  server:
    policy: policies/state.xml
    interfaces: { Ethernet: { addresses: [192.0.2.10/24] } }
sockets:
  client: { host: client }
  listener: { host: server }
steps:
  - bind: listener
    port: 22
  - listen: listener
  - connect: client
    to: server:22
    result: ok
    expect:
      includes: server SYN in ALE_AUTH_RECV_ACCEPT permit
`;

describe("wfplab session FILE", () => {
  const files = { "plays/mine.yaml": SCENARIO, "plays/policies/state.xml": writeNetsh(defaultPolicy("desktop")) };

  it("plays a file with policies that lie beside it; what is not as expected is named with its place, status 1", async () => {
    const { stdout, status, stderr } = await runCli(["session", "plays/mine.yaml"], { files });
    expect([status, stderr]).toEqual([1, ""]);
    expect(stdout).toContain("Server    plays/policies/state.xml (netsh wfp show state");
    expect(stdout).toMatch(/^Windows {3}10$/m);
    expect(stdout).toContain("plays/mine.yaml:17:5: expected connect() of client ok\n  found connect() of client WSAETIMEDOUT\n");
    expect(stdout).toMatch(/^plays\/mine\.yaml:21:17: expected server SYN in ALE_AUTH_RECV_ACCEPT permit\n {2}found .* block by "/m);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("2 expectations, 2 not met");
  });

  it("is content with a policy that lets it in", async () => {
    const changed = await runCli(["session", "plays/mine.yaml", "--with", "allow in tcp 22"], { files });
    expect([changed.status, changed.stdout.includes("2 expectations, all met")]).toEqual([0, true]);
    expect(changed.stdout).toContain("client connect(): WSAETIMEDOUT -> ok");
    const bare = await runCli(["session", "plays/mine.yaml", "--host-policy", "server=@bare"], { files });
    expect(bare.status).toBe(0);
    const piped = await runCli(["session", "-", "--server-policy", "@bare", "--json"], { stdin: SCENARIO });
    expect(piped.records().at(-1)).toMatchObject({ type: "summary", scenario: "mine", expectations: 2, unmet: 0, windows: "10" });
  });

  it("prints packets and unmet expectations as JSON records", async () => {
    const records = (await runCli(["session", "plays/mine.yaml", "--json", "-v"], { files })).records();
    const [first] = records.filter(({ type }) => type === "packet");
    expect(first).toMatchObject({ from: "client", to: "server", link: "network", copies: 1, time: 0, arrives: 0.01, length: 52 });
    expect(String(first?.text)).toMatch(/^S 0:0\(0\) win /);
    expect(String(first?.bytes)).toMatch(/^45[0-9a-f]{102}$/);
    expect(records.filter(({ type }) => type === "expectation")).toHaveLength(2);
    expect(records.find(({ type }) => type === "expectation")).toEqual({
      v: 1,
      type: "expectation",
      met: false,
      file: "plays/mine.yaml",
      line: 17,
      column: 5,
      expected: "connect() of client ok",
      found: "connect() of client WSAETIMEDOUT",
    });
    expect(records.at(-1)).toMatchObject({ expectations: 2, unmet: 2 });
  });

  it("says in one line what is wrong with a file, status 2", async () => {
    for (const [text, message] of [
      [SCENARIO.replace("bind:", "bnd:"), /^x\.yaml:14:5: expected a step .*did you mean "bind"\?$/],
      [SCENARIO.replace("policies/state.xml", '"@desktp"'), /^x\.yaml:8:13: expected a netsh file, .*did you mean "@desktop"\?$/],
      [SCENARIO, /^x\.yaml:8:13: policy: .*policies\/state\.xml: no such file$/],
      [`${SCENARIO}  - {`, /^x\.yaml:\d+:\d+: is not YAML/],
    ] as const) {
      const { stderr, stdout, status } = await runCli(["session", "x.yaml"], { files: { "x.yaml": text } });
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr.trimEnd()).toMatch(message);
      expect(stderr.trimEnd()).not.toContain("\n");
    }
  });

  it("tells pended and redirected connections from others", async () => {
    const pended = (await runCli(["session", "pend"])).stdout;
    expect(pended).toMatch(/ connect +ALE_AUTH_CONNECT_V4 +BLOCK +#65536 \(0x10000\) "ask the user": absorbed, nothing is logged\n/);
    expect(pended).toMatch(/ action +callout \{5ce00000-0000-4000-8000-000000000001\} \(unknown\)\n/);
    const redirected = (await runCli(["session", "redirect"])).stdout;
    expect(redirected).toMatch(/ connect \(original target\) +ALE_AUTH_CONNECT_V4 .*\n.* connect +ALE_AUTH_CONNECT_V4 /);
  });

  it("does not hold a built-in scenario's expectations against other policies", async () => {
    for (const args of [
      ["--policy", "@desktop"],
      ["--windows", "vista"],
      ["--with", "block in udp any", "--change", "server"],
    ]) {
      const { status, stdout } = await runCli(["session", "udp-no-listener", ...args]);
      expect([args, status]).toEqual([args, 0]);
      expect(stdout).not.toContain("expectation");
    }
  });

  it("shows what crosses the wire", async () => {
    const { stdout } = await runCli(["session", "fragments", "--packets"]);
    expect(stdout).toMatch(/client {2}> server .* fragment 1480\+ \(1480\)$/m);
  });
});

const hasTshark = spawnSync("tshark", ["--version"]).status === 0;

describe("wfplab session --pcap and --diagram", () => {
  it.skipIf(!hasTshark)("writes captures that tshark finds nothing wrong with", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wfplab-"));
    try {
      for (const family of ["v4", "v6"]) {
        for (const name of NAMES) {
          const { created, status } = await runCli(["session", name, "--family", family, "--pcap", "out.pcapng"]);
          expect([name, status]).toEqual([name, 0]);
          const path = join(folder, `${name}-${family}.pcapng`);
          writeFileSync(path, created["out.pcapng"] ?? new Uint8Array(0));
          const checks = ["ip", "tcp", "udp"].flatMap((protocol) => ["-o", `${protocol}.check_checksum:TRUE`]);
          const { stdout, status: read } = spawnSync(
            "tshark",
            ["-r", path, ...checks, "-T", "fields", "-e", "_ws.malformed", "-e", "_ws.expert.message"],
            { encoding: "utf8" },
          );
          expect([name, read]).toEqual([name, 0]);
          expect([name, stdout.match(/malformed|bad|incorrect/i)?.[0]]).toEqual([name, undefined]);
          expect(stdout === "").toBe(name === "loopback");
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(!hasTshark)("dates packets as the logs of the same run, so that each event stands beside its packet", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wfplab-"));
    try {
      const args = ["session", "tcp-connect", "--with", "block in tcp 8080", "--pcap", "out.pcapng", "--event-log", "log.xml"];
      const { created } = await runCli(args);
      const path = join(folder, "out.pcapng");
      writeFileSync(path, created["out.pcapng"] ?? new Uint8Array(0));
      const { stdout } = spawnSync("tshark", ["-r", path, "-T", "fields", "-e", "frame.time_epoch"], { encoding: "utf8" });
      const sent = stdout.trim().split("\n").map(Number);
      const log = new TextDecoder().decode(created["log.xml"]);
      const blocked = [...log.matchAll(/<EventID>5157<[\s\S]*?SystemTime="([^"]+)"/g)].map(([, time = ""]) => Date.parse(time) / 1000);
      expect(sent).toHaveLength(5);
      // Ten milliseconds on the way.
      expect(blocked.map((time) => time.toFixed(3))).toEqual(sent.map((time) => (time + 0.01).toFixed(3)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("draws the session", async () => {
    const { created, status } = await runCli(["session", "tcp-connect", "--diagram", "out.svg"]);
    const svg = new TextDecoder().decode(created["out.svg"]);
    expect(status).toBe(0);
    expect(svg).toMatch(/^<svg /);
    expect(svg).toContain("built-in server policy");
    expect(svg).toContain("ALE_AUTH_RECV_ACCEPT_V4");
  });
});
