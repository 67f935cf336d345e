import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress, InputError, type RecordedVerdict } from "../../../src/model/index.ts";
import { isSecurityLog, readSecurityLog } from "../../../src/sources/index.ts";
import { CONNECTION, EXPECTED, evtxDump, evtxECmd, getWinEvent, nxlog, winlogbeat, xmlEvent } from "./security-samples.ts";

const OPTIONS = { source: "events.log" };
const read = (text: string | Iterable<string>) => readSecurityLog(text, OPTIONS);

function onlyVerdict(text: string): RecordedVerdict {
  const { records, diagnostics } = read(text);
  expect(diagnostics).toEqual([]);
  expect(records).toHaveLength(1);
  const [record] = records;
  if (record?.type !== "verdict") throw new Error("no verdict");
  return record;
}

const XML = xmlEvent(5156, CONNECTION);
const SPELLINGS: Readonly<Record<string, string>> = {
  "NXLog, a line": JSON.stringify(nxlog),
  "Winlogbeat, a line": JSON.stringify(winlogbeat),
  "Get-WinEvent | ConvertTo-Json, over several lines": JSON.stringify(getWinEvent, null, 4),
  "Get-WinEvent | ConvertTo-Json of several events": JSON.stringify([getWinEvent], null, 4),
  "evtx_dump, a line": JSON.stringify(evtxDump),
  "EvtxECmd, a line": JSON.stringify(evtxECmd),
  "an array on one line": JSON.stringify([nxlog]),
  "wevtutil, bare elements": XML,
  "Event Viewer, one document": `<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<Events>${XML}</Events>`,
  "evtx_dump, a heading before each": `Record 77\n<?xml version="1.0" encoding="utf-8"?>\n${XML.replaceAll("><", ">\n  <")}\n`,
  "with a byte order mark": `\ufeff${JSON.stringify(nxlog)}\r\n`,
};

describe("one event in the spellings of several exporters", () => {
  it.each(Object.entries(SPELLINGS))("%s", (_name, text) => {
    expect(isSecurityLog(text)).toBe(true);
    const verdict = onlyVerdict(text);
    expect(verdict).toMatchObject(EXPECTED);
    expect([verdict.local, verdict.remote].map((end) => end && formatAddress(end))).toEqual(["192.0.2.12", "198.51.100.7"]);
    expect(Math.floor(verdict.time?.seconds ?? 0)).toBe(1_770_015_603);
  });

  it("is the same however the text is cut into pieces", () => {
    const texts = [JSON.stringify(nxlog), JSON.stringify([getWinEvent, getWinEvent], null, 2), `<Events>\n${XML}\n${XML}</Events>`];
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(fc.nat(2000), { maxLength: 12 }), (text, cuts) => {
        const places = [...new Set([0, ...cuts.filter((cut) => cut < text.length), text.length])].sort((a, b) => a - b);
        const pieces = places.slice(1).map((end, index) => text.slice(places[index], end));
        expect(read(pieces)).toEqual(read(text));
      }),
    );
  });
});

describe("what the members mean", () => {
  it("is seen from this host: of what comes in the source is the remote end", () => {
    const verdict = onlyVerdict(JSON.stringify({ ...nxlog, EventID: 5157, Direction: "%%14592", LayerRTID: "44" }));
    expect(verdict).toMatchObject({ action: "block", direction: "in", localPort: 443, remotePort: 49800 });
  });

  it("a bind has one end, whatever an event of it is called", () => {
    const bind = Object.fromEntries(Object.entries(nxlog).filter(([name]) => !/^(Direction|Dest)/.test(name)));
    const verdict = onlyVerdict(JSON.stringify({ ...bind, EventID: 5159, SourceAddress: "::", LayerRTID: "38" }));
    expect(verdict).toMatchObject({ action: "block", direction: null, remote: null, remotePort: null, family: 6 });
  });

  it("reads filter origin and interface of newer drops", () => {
    const values = { ...CONNECTION, FilterOrigin: "Stealth", InterfaceIndex: "7" };
    expect(onlyVerdict(xmlEvent(5152, values))).toMatchObject({ filterOrigin: "Stealth", interfaceIndex: 7, action: "block" });
  });

  it("leaves unknown what is not there", () => {
    const verdict = onlyVerdict(
      JSON.stringify({ EventID: 5150, Direction: "%%14592", SourceAddress: "00-15-5d-01-02-03", LayerRTID: "56" }),
    );
    expect(verdict).toMatchObject({ host: null, time: null, local: null, filterId: null, application: null });
  });

  it.each([
    ["2026-02-02 07:00:03", 1_770_015_603, false],
    ["2026-02-02T07:00:03.5Z", 1_770_015_603.5, true],
    ["2026-02-02 08:00:03.5+01:00", 1_770_015_603.5, true],
    ["2024-02-29T23:59:60Z", 1_709_251_200, false],
  ])("time %s", (text, seconds, hasFraction) => {
    const { time } = onlyVerdict(JSON.stringify({ ...nxlog, EventTime: text }));
    expect(time).toMatchObject({ seconds, hasFraction });
  });

  it("firewall events are facts of their own; other logs' numbers are not", () => {
    const event = { EventID: 4956, SourceName: "Microsoft-Windows-Security-Auditing", ActiveProfile: "Domain" };
    expect(read(JSON.stringify(event)).records).toMatchObject([{ type: "firewall", eventId: 4956, profile: "Domain" }]);
    const foreign = read(JSON.stringify({ ...event, SourceName: "Something else" }));
    expect([foreign.records.length, foreign.events]).toEqual([0, 1]);
  });
});

describe("damage", () => {
  it("costs the damaged line only, and is told with its line", () => {
    const line = JSON.stringify(nxlog);
    const { records, diagnostics } = read([line, `${line.slice(0, 60)}`, line, "garbage", line].join("\n"));
    expect(records.map(({ position }) => position.line)).toEqual([1, 3, 5]);
    expect(diagnostics.map(({ line: at }) => at)).toEqual([2, 4]);
  });

  it("costs the damaged object only where objects have several lines", () => {
    const object = JSON.stringify(getWinEvent, null, 2);
    const { records, diagnostics } = read([object, object.split("\n").slice(0, 4).join("\n"), object].join("\n"));
    expect(records).toHaveLength(2);
    expect(diagnostics).toMatchObject([{ severity: "error", line: object.split("\n").length + 1 }]);
  });

  it("costs the damaged object only where all of them are an array on one line", () => {
    const objects = Array.from({ length: 5 }, (_, index) =>
      JSON.stringify({ ...nxlog, EventRecordID: index, Nested: [{ a: 1 }, { a: 2 }] }),
    );
    const array = `[${objects.join(" , ")}]`;
    const flat = `[${JSON.stringify(nxlog)},${JSON.stringify(nxlog)}]`;
    const quote = array.indexOf('"', array.length / 2);
    for (const [damaged, kept] of [
      [array, 5],
      [array.slice(0, quote) + array.slice(quote + 1), 4],
      [array.slice(0, -5), 4],
      [flat.replace('"', ""), 1],
      [`${array.slice(0, quote)}\0${array.slice(quote)}`, 4],
    ] as const) {
      const { records, diagnostics } = read(damaged);
      expect([records.length, diagnostics.map(({ line }) => line)]).toEqual([kept, kept === 5 ? [] : [1]]);
    }
  });

  it("is told once, not for every line of what is given up", () => {
    const object = JSON.stringify(getWinEvent, null, 2);
    const { records, diagnostics } = read([object, object.replace('"', ""), object, "rubbish", "more of it", object].join("\n"));
    expect(records).toHaveLength(3);
    expect(diagnostics).toHaveLength(2);
  });

  // Each of these takes minutes if something is looked at again for every line, tag or blank: the time limit of the test is the point.
  it.each([
    ["start tags without an end", "<Event>".repeat(1 << 17)],
    ["start tags, then ends", `${"<Event>".repeat(1 << 17)}${"</Event>".repeat(1 << 16)}`],
    ["blanks inside a damaged object", `{"a":${" ".repeat(1 << 19)}x]${" ".repeat(1 << 16)}`],
    ["lines that begin an object", "{\n".repeat(1 << 19)],
    ["lines of rubbish", "x\n".repeat(1 << 20)],
    ["brackets", "[".repeat(1 << 20)],
    ["one line in many pieces", "\0".repeat(1 << 23)],
  ])(
    "is done with soon: %s",
    (_what, text) => {
      const pieces = Array.from({ length: text.length >> 16 }, (_, index) => text.slice(index << 16, (index + 1) << 16));
      expect(() => readSecurityLog(pieces, OPTIONS)).toThrow("expected events of the Security log");
    },
    10_000,
  );

  it("costs the damaged element only", () => {
    const text = `<Events>\n${XML}\n${XML.slice(0, 300)}\n${XML}\n${XML.replace("</System>", "")}\n${XML.slice(0, 200)}`;
    const { records, diagnostics } = read(text);
    expect(records.map(({ position }) => position.line)).toEqual([2, 4]);
    expect(diagnostics.map(({ line }) => line)).toEqual([3, 5, 6]);
  });

  it("a member that cannot be costs its event", () => {
    const { records, diagnostics } = read(`${JSON.stringify({ ...nxlog, SourceAddress: "nowhere" })}\n${JSON.stringify(nxlog)}`);
    expect(records).toHaveLength(1);
    expect(diagnostics).toMatchObject([{ line: 1, message: 'event 5156: SourceAddress: "nowhere" is not an IP address' }]);
  });

  it("is an error with file and line where asked for", () => {
    const strict = () => readSecurityLog(`${JSON.stringify(nxlog)}\nxyz`, { ...OPTIONS, strict: true });
    expect(strict).toThrow(InputError);
    try {
      strict();
    } catch (error) {
      expect(error instanceof InputError && error.describe()).toBe('events.log:2: expected a JSON object, found "xyz"');
    }
  });

  it.each(["", "   \n", "not a log at all", "<Events></Events>", "[]"])("nothing in it that is an event: %j", (text) => {
    expect(() => read(text)).toThrow(/expected events of the Security log/);
  });
});
