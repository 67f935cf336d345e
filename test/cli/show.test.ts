import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../src/firewall/index.ts";
import { writeNetsh } from "../../src/sources/index.ts";
import { runCli } from "./run-cli.ts";

const policy = defaultPolicy("server");
const state = writeNetsh(policy);
const files = { "state.xml": state };
const filter = policy.filters.find((candidate) => candidate.conditions.length > 1);
const filterId = String(filter?.filterId);

describe("wfplab show", () => {
  it("shows the policy that ships without any argument", async () => {
    const { stdout, status } = await runCli(["show"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Policy {4}built-in desktop policy/);
    expect(stdout).toContain("ALE_AUTH_RECV_ACCEPT_V4");
    expect((await runCli(["show", "@server"])).stdout).toMatch(/^Policy {4}built-in server policy/);
  });

  it("reads a netsh file, and the same from stdin, in UTF-8 or UTF-16", async () => {
    const fromFile = await runCli(["show", "state.xml", "--json"], { files });
    expect(fromFile.records()).toMatchObject([{ v: 1, type: "summary", policy: "state.xml", filters: policy.filters.length }]);
    const utf16 = new Uint8Array((state.length + 1) * 2);
    const view = new DataView(utf16.buffer);
    view.setUint16(0, 0xfeff, true);
    for (let index = 0; index < state.length; index++) view.setUint16(2 + index * 2, state.charCodeAt(index), true);
    const fromStdin = await runCli(["show", "-", "--json"], { stdin: utf16 });
    expect(fromStdin.records()).toMatchObject([{ policy: "stdin", filters: policy.filters.length }]);
  });

  it("lists each kind of object, text and JSON, and ends JSON with a summary", async () => {
    const kinds = { layers: "layer", sublayers: "subLayer", filters: "filter", callouts: "callout", providers: "provider" };
    for (const [flag, type] of Object.entries(kinds)) {
      const text = await runCli(["show", "state.xml", `--${flag}`], { files });
      expect(text.status).toBe(0);
      expect(text.stdout.split("\n").length).toBeGreaterThan(3);
      const records = (await runCli(["show", "state.xml", `--${flag}`, "--json"], { files })).records();
      expect(new Set(records.slice(0, -1).map((record) => record.type))).toEqual(new Set([type]));
      expect(records.at(-1)?.type).toBe("summary");
    }
    expect((await runCli(["show", "state.xml", "--sessions"], { files })).stdout).toBe("none\n");
  });

  it("narrows filters to a layer by name, full name, id or key", async () => {
    const lists = await Promise.all(
      ["ALE_AUTH_CONNECT_V4", "FWPM_LAYER_ALE_AUTH_CONNECT_V4", "48", "{c38d57d1-05a7-4c33-904f-7fbceee60e82}"].map(
        async (name) => (await runCli(["show", "state.xml", "--filters", "--layer", name], { files })).stdout,
      ),
    );
    expect(new Set(lists).size).toBe(1);
    expect(lists[0]).toMatch(/^ALE_AUTH_CONNECT_V4 /);
    expect(lists[0]).not.toContain("RECV_ACCEPT");
  });

  it("finds a filter by decimal id, hexadecimal id and key", async () => {
    const names = [filterId, `0x${BigInt(filterId).toString(16)}`, `#${filterId}`, String(filter?.key)];
    for (const name of names) {
      const { stdout, status } = await runCli(["show", "state.xml", "--filter", name], { files });
      expect(status).toBe(0);
      expect(stdout).toContain(`#${filterId} (0x${BigInt(filterId).toString(16)})  ${filter?.key}`);
      expect(stdout).toContain(String(filter?.name));
    }
  });

  it("recomputes weights", async () => {
    const records = (await runCli(["show", "state.xml", "--weights", "--json"], { files })).records();
    expect(records[0]).toMatchObject({ type: "weights", autoWeights: { filters: policy.filters.length, wrong: 0 } });
    expect((await runCli(["show", "state.xml", "--weights"], { files })).stdout).toContain("0 wrong");
  });

  it("says what is wrong with the input in one line with file and position, status 2", async () => {
    const cut = state.slice(0, state.length / 2);
    const cases: [string[], Record<string, string>, RegExp][] = [
      [["show", "missing.xml"], {}, /missing\.xml: no such file$/],
      [["show", "src"], {}, /src: is a folder without group policy in it, expected a file, or a GPO backup/],
      [["show", "a.xml"], { "a.xml": "plain text" }, /^a\.xml: is no policy: it begins with "plain text", expected XML of netsh/],
      [["show", "a.evtx"], { "a.evtx": "ElfFile\0\0\0" }, /^a\.evtx: is an event log in its binary form \(EVTX\): wevtutil qe/],
      [["show", "wfpdiag.cab"], { "wfpdiag.cab": "MSCF\0\0" }, /^wfpdiag\.cab: is a cabinet: expand/],
      [["show", "a.bin"], { "a.bin": "\u001b[31mred\u0007" }, /^a\.bin: is no policy: it begins with "\ufffd\[31mred\ufffd"/],
      [["show", "a.xml"], { "a.xml": cut }, /^a\.xml:\d+: .*cut/],
      [["show", "a.xml"], { "a.xml": "" }, /^a\.xml: is empty/],
      [["show", "a.xml"], { "a.xml": "<html/>" }, /^a\.xml:1: .*expected <wfpstate>/],
      [["show", "--layer", "ALE_AUTH_CONECT_V4"], {}, /did you mean "ALE_AUTH_CONNECT_V4"\?$/],
      [["show", "--filter", "987654321"], {}, /has no filter 987654321; ids change/],
      [["show", "--filter", "abc"], {}, /expected an id \(71234, 0x11642\) or a key/],
      [["show", "@server", "--policy", "x"], {}, /expected the policy once/],
    ];
    for (const [args, given, message] of cases) {
      const { stdout, stderr, status } = await runCli(args, { files: given });
      expect([args, status, stdout]).toEqual([args, 2, ""]);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stderr.trimEnd()).toMatch(message);
    }
  });

  it("warns of what it does not know, and refuses it with --strict", async () => {
    const odd = state.replace("<layerKey>", "<novelty>1</novelty><layerKey>");
    const warned = await runCli(["show", "odd.xml", "--providers"], { files: { "odd.xml": odd } });
    expect(warned.status).toBe(0);
    expect(warned.stderr).toMatch(/^odd\.xml:\d+: warning: .*novelty/);
    const strict = await runCli(["show", "odd.xml", "--strict"], { files: { "odd.xml": odd } });
    expect(strict.status).toBe(2);
    expect(strict.stderr).toMatch(/^odd\.xml:\d+(:\d+)?: .*novelty/);
  });

  it("shows a progress bar while it reads a large file on a terminal, and reads it the same", async () => {
    const large = state.replace("</wfpstate>", `${" ".repeat(9 << 20)}</wfpstate>`);
    const setting = { files: { "large.xml": large }, env: { NO_COLOR: "1" } };
    const { stdout, stderr, status } = await runCli(["show", "large.xml"], { ...setting, terminal: true });
    expect(status).toBe(0);
    expect(stderr).toMatch(/\rreading large\.xml \[#+-+\] +\d+ %/);
    expect(stderr.endsWith("\r\u001b[2K")).toBe(true);
    const piped = await runCli(["show", "large.xml"], setting);
    expect([piped.stdout, piped.stderr]).toEqual([stdout, ""]);
  });
});
