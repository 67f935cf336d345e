import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { isFirewallLog, readFirewallLog } from "../../src/sources/index.ts";

const recording = fileURLToPath(new URL("../../../shared/data/firewall-logs/pfirewall.log", import.meta.url));

describe.skipIf(!existsSync(recording))("a recorded pfirewall.log (../shared/data/firewall-logs)", () => {
  it("is read to its last line", () => {
    const text = readFileSync(recording, "utf8");
    const written = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
    const lost = written.filter((line) => line.includes("INFO-EVENTS-LOST"));
    expect(isFirewallLog(text)).toBe(true);
    const log = readFirewallLog(text, { source: "pfirewall.log", strict: true });
    expect(log.lines).toBe(written.length);
    expect(log.entries.length).toBe(written.length - lost.length);
    expect(log.entries.length).toBeGreaterThan(16_800);
    expect(log.diagnostics).toEqual([]);
    const count = (what: (entry: (typeof log.entries)[number]) => boolean) => log.entries.filter(what).length;
    expect(count(({ action }) => action === "DROP")).toBe(written.filter((line) => line.includes(" DROP ")).length);
    expect(count(({ path }) => path === "SEND")).toBe(written.filter((line) => line.endsWith(" SEND")).length);
    expect(count(({ source }) => source.family === 6)).toBe(written.filter((line) => (line.split(" ")[4] ?? "").includes(":")).length);
    expect(count(({ icmpType }) => icmpType !== null)).toBe(written.filter((line) => line.includes(" ICMP ")).length);
  });
});
