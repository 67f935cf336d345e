import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runCli } from "./run-cli.ts";

const xmllint = spawnSync("xmllint", ["--version"]).status === 0;
const BLOCKED = ["session", "tcp-connect", "--server-policy", "@bare", "--with", "block in tcp 8080"];

async function written(args: readonly string[] = BLOCKED) {
  const result = await runCli([...args, "--event-log", "log.xml", "--net-events", "net.xml", "--json"]);
  const text = (path: string) => new TextDecoder().decode(result.created[path]);
  return { ...result, log: text("log.xml"), net: text("net.xml") };
}

describe("docs/diagnostics.md", () => {
  it("shows XML that the command of its example writes", async () => {
    const page = readFileSync(fileURLToPath(new URL("../../docs/diagnostics.md", import.meta.url)), "utf8");
    const { log, net } = await written([...BLOCKED, "--client-policy", "@bare"]);
    const flat = (xml: string) => xml.replace(/\s*\n\s*/g, "");
    const excerpts = [...page.matchAll(/```xml\n([\s\S]*?)```/g)].map(([, xml = ""]) => flat(xml));
    expect(excerpts).toHaveLength(2);
    for (const [index, excerpt] of excerpts.entries()) expect(flat(index === 0 ? log : net)).toContain(excerpt);
  });
});

describe("session --event-log, --net-events", () => {
  it("write the audits and net events of the run, one for one, in its order", async () => {
    const { status, stderr, log, net, records } = await written();
    expect([status, stderr]).toEqual([0, ""]);
    const told = records();
    const audits = told.filter(({ type }) => type === "audit").map(({ seq }) => String(seq));
    expect(audits.length).toBeGreaterThan(3);
    expect([...log.matchAll(/<EventRecordID>(\d+)</g)].map(([, id]) => id)).toEqual(audits);
    expect(log).toContain("<EventID>5157</EventID>");
    expect(log).toContain("<Computer>server</Computer>");
    const events = told.filter(({ type }) => type === "netevent").length;
    expect(events).toBeGreaterThan(0);
    expect(net).toContain(`<netEvents numItems="${events}">`);
    expect(net.match(/<type>FWPM_NET_EVENT_TYPE_CLASSIFY_DROP<\/type>/g)).toHaveLength(events);
  });

  it("follow the version of Windows", async () => {
    const { log, net } = await written([...BLOCKED, "--windows", "vista"]);
    expect(log).not.toContain("RemoteUserID");
    expect(log).not.toContain("FilterOrigin");
    expect(net).not.toContain("msFwpDirection");
  });

  it("leave empty lists where nothing was written", async () => {
    const { created, status } = await runCli(["session", "tcp-session", "--net-events", "net.xml"]);
    expect(status).toBe(0);
    expect(new TextDecoder().decode(created["net.xml"])).toContain("<netEvents/>");
  });

  it.each(["--event-log", "--net-events"])("%s - is refused: standard output has the session", async (option) => {
    const { status, stderr } = await runCli(["session", "tcp-connect", option, "-"]);
    expect([status, stderr]).toEqual([2, `wfplab: ${option}: expected a file: standard output has the session\n`]);
  });

  it.skipIf(!xmllint)("xmllint finds both well-formed", async () => {
    const { log, net } = await written();
    for (const input of [log, net]) {
      const { status, stderr } = spawnSync("xmllint", ["--noout", "-"], { input });
      expect([status, String(stderr)]).toEqual([0, ""]);
    }
  });
});
