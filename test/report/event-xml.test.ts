import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { AuditRecord } from "../../src/model/index.ts";
import { auditEventsXml, auditEventXml } from "../../src/report/index.ts";

const startTime = "2024-02-28T23:59:59.5Z";

const audit = (eventId: AuditRecord["eventId"], data: AuditRecord["data"] = {}, time = 0): AuditRecord => ({
  type: "audit",
  seq: 17,
  time,
  host: "server",
  eventId,
  data,
});

const of = (record: AuditRecord) => auditEventXml(record, { computer: "server.example", startTime });
const inside = (xml: string, element: string) => new RegExp(`<${element}>(.*)</${element}>`).exec(xml)?.[1];

describe("auditEventXml", () => {
  it("is the XML view of Event Viewer", () => {
    const record = audit(5157, { ProcessID: "4", Application: "System", RemoteUserID: "S-1-0-0" }, 0.75);
    expect(of(record)).toBe(`<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">
	<System>
		<Provider Name="Microsoft-Windows-Security-Auditing" Guid="{54849625-5478-4994-A5BA-3E3B0328C30D}"/>
		<EventID>5157</EventID>
		<Version>1</Version>
		<Level>0</Level>
		<Task>12810</Task>
		<Opcode>0</Opcode>
		<Keywords>0x8010000000000000</Keywords>
		<TimeCreated SystemTime="2024-02-29T00:00:00.250000000Z"/>
		<EventRecordID>17</EventRecordID>
		<Correlation/>
		<Execution ProcessID="4" ThreadID="0"/>
		<Channel>Security</Channel>
		<Computer>server.example</Computer>
		<Security/>
	</System>
	<EventData>
		<Data Name="ProcessID">4</Data>
		<Data Name="Application">System</Data>
		<Data Name="RemoteUserID">S-1-0-0</Data>
	</EventData>
</Event>
`);
  });

  it("task, keywords, version and writer follow from the event", () => {
    const facts = (record: AuditRecord) => {
      const xml = of(record);
      const writer = /<Execution ProcessID="(\d+)"/.exec(xml)?.[1];
      return [inside(xml, "Task"), inside(xml, "Keywords")?.slice(0, 4), inside(xml, "Version"), writer];
    };
    expect(facts(audit(5152))).toEqual(["12809", "0x80", "0", "4"]);
    expect(facts(audit(5153, { FilterOrigin: "Unknown" }))).toEqual(["12809", "0x80", "1", "4"]);
    expect(facts(audit(5157, { FilterOrigin: "Unknown", RemoteUserID: "S-1-0-0" }))).toEqual(["12810", "0x80", "2", "4"]);
    expect(facts(audit(5156))[2]).toBe("0");
    expect(facts(audit(5031))).toEqual(["12810", "0x80", "0", "0"]);
    const success = ([5154, 5155, 5156, 5157, 5158, 5159, 5150, 5151, 5152, 5153, 5031] as const).filter(
      (eventId) => inside(of(audit(eventId)), "Keywords") === "0x8020000000000000",
    );
    expect(success).toEqual([5154, 5156, 5158]);
  });

  it("reckons with years, leap years and ticks of 100 ns", () => {
    const at = (start: string, time: number) =>
      /SystemTime="(.*)"/.exec(auditEventXml(audit(5156, {}, time), { computer: "x", startTime: start }))?.[1];
    expect(at("1999-12-31T23:59:59Z", 1)).toBe("2000-01-01T00:00:00.000000000Z");
    expect(at("2100-02-28T00:00:00Z", 86_400)).toBe("2100-03-01T00:00:00.000000000Z");
    expect(at("2024-12-31T00:00:00Z", 86_400)).toBe("2025-01-01T00:00:00.000000000Z");
    expect(at("2026-01-01T00:00:00.123456789Z", 0.1 + 0.2)).toBe("2026-01-01T00:00:00.423456700Z");
    expect(() => at("yesterday", 0)).toThrow('start time: expected YYYY-MM-DDThh:mm:ssZ, found "yesterday"');
  });

  it("several events stand in one root; each host is a computer", () => {
    const text = auditEventsXml([audit(5156), { ...audit(5158), host: "client" }], { startTime });
    expect(text.match(/<Computer>.*<\/Computer>/g)).toEqual(["<Computer>server</Computer>", "<Computer>client</Computer>"]);
    expect(auditEventsXml([], { startTime })).toBe('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Events/>\n');
  });
});

const xmllint = spawnSync("xmllint", ["--version"]).status === 0;

describe.skipIf(!xmllint)("xmllint", () => {
  it("finds it well-formed, whatever the texts hold", () => {
    const nasty = audit(5152, { 'a"<': "<&>\u0007 ]]>", Application: "\\device\\é\ud800" });
    const { status, stderr } = spawnSync("xmllint", ["--noout", "-"], { input: auditEventsXml([nasty, audit(5031)], { startTime }) });
    expect(String(stderr)).toBe("");
    expect(status).toBe(0);
  });
});
