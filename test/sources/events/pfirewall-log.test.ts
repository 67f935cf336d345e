import { describe, expect, it } from "vitest";
import { formatAddress, InputError } from "../../../src/model/index.ts";
import { isFirewallLog, readFirewallLog } from "../../../src/sources/index.ts";

const source = "pfirewall.log";
const HEADER = `#Version: 1.5
#Software: Microsoft Windows Firewall
#Time Format: Local
#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path
`;

const read = (lines: string, header = HEADER) => readFirewallLog(`${header}\n${lines}\n`, { source });

describe("readFirewallLog", () => {
  it("reads TCP, UDP, ICMP of both versions, other protocols, and every action and path", () => {
    const { entries, lines, diagnostics, timeFormat } = read(
      [
        "2026-01-31 08:00:00 DROP TCP 192.0.2.1 192.0.2.2 50000 445 52 S 1 0 8192 - - - RECEIVE",
        "2026-01-31 08:00:01 ALLOW UDP fe80::1 ff02::fb 5353 5353 0 - - - - - - - SEND",
        "2026-01-31 08:00:02 ALLOW ICMP 192.0.2.1 192.0.2.2 - - 0 - - - - 8 0 - RECEIVE",
        "2026-01-31 08:00:03 DROP ICMP fe80::1 ff02::1 - - 72 - - - - 134 0 - RECEIVE",
        "2026-01-31 08:00:04 DROP 2 192.0.2.1 224.0.0.1 - - 36 - - - - - - - FORWARD",
        "2026-01-31 08:00:05 OPEN-INBOUND TCP 192.0.2.1 192.0.2.2 50000 445 - - - - - - - - UNKNOWN",
        "2026-01-31 08:00:06 CLOSE TCP 192.0.2.1 192.0.2.2 50000 445 - - - - - - - - -",
      ].join("\r\n"),
    );
    expect(diagnostics).toEqual([]);
    expect(lines).toBe(7);
    expect(timeFormat).toBe("local");
    expect(entries.map(({ action, protocol, path }) => `${action} ${protocol} ${path}`)).toEqual([
      "DROP 6 RECEIVE",
      "ALLOW 17 SEND",
      "ALLOW 1 RECEIVE",
      "DROP 58 RECEIVE",
      "DROP 2 FORWARD",
      "OPEN-INBOUND 6 UNKNOWN",
      "CLOSE 6 null",
    ]);
    expect(entries[0]).toMatchObject({
      line: 6,
      time: "2026-01-31T08:00:00",
      sourcePort: 50000,
      destinationPort: 445,
      size: 52,
      tcpFlags: "S",
    });
    expect(entries[1]?.source === undefined ? "" : formatAddress(entries[1].source)).toBe("fe80::1");
    expect(entries[3]).toMatchObject({ icmpType: 134, icmpCode: 0, sourcePort: null });
  });

  it("finds columns by the last #Fields line: Windows 11 has the process, older logs have no path", () => {
    const { entries } = read(
      `2026-01-31 08:00:00 DROP UDP 192.0.2.1 192.0.2.2 1 2 40 - - - - - - - RECEIVE 4321
#Fields: time date protocol action dst-ip src-ip
08:00:01 2026-01-31 TCP ALLOW 192.0.2.9 192.0.2.8`,
      `${HEADER.trim()} pid\n`,
    );
    expect(entries.map(({ processId }) => processId)).toEqual([4321, null]);
    expect(entries[1]).toMatchObject({ time: "2026-01-31T08:00:01", action: "ALLOW", protocol: 6, path: null, destinationPort: null });
    expect(entries[1] === undefined ? "" : formatAddress(entries[1].source)).toBe("192.0.2.8");
  });

  it("counts events that the log lost", () => {
    const { entries, eventsLost, lines } = read("2026-01-31 08:00:00 INFO-EVENTS-LOST - - - - - - - - - - - - 7 -");
    expect(entries).toEqual([]);
    expect([lines, eventsLost]).toEqual([1, 7]);
  });

  it("passes over lines that cannot be, and says so; in strict mode they are errors", () => {
    const text = `${HEADER}2026-01-31 08:00:00 DROP UDP\n2026-01-31 08:00:00 DROP UDP 192.0.2.300 192.0.2.2 1 2 40 - - - - - - - RECEIVE\n`;
    const { entries, diagnostics } = readFirewallLog(text, { source });
    expect(entries).toEqual([]);
    expect(diagnostics.map(({ line, message }) => `${line} ${message}`)).toEqual([
      "5 expected 17 columns as #Fields names, found 4: the line was passed over",
      '6 src-ip is "192.0.2.300", expected an IP address: the line was passed over',
    ]);
    expect(() => readFirewallLog(text, { source, strict: true })).toThrow(/expected 17 columns/);
  });

  it.each([
    ["", /no pfirewall\.log/],
    ["2026-01-31 08:00:00 DROP", /expected the "#Fields:" line/],
    ["#Fields: date time action", /#Fields lacks protocol, src-ip, dst-ip/],
  ])("refuses %j", (text, message) => {
    expect(() => readFirewallLog(text, { source })).toThrow(InputError);
    expect(() => readFirewallLog(text, { source })).toThrow(message);
  });

  it("is told from other text by its header", () => {
    expect(isFirewallLog(`\ufeff${HEADER}`)).toBe(true);
    expect(isFirewallLog("#Version: 1.0\n#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-ip")).toBe(false);
    expect(isFirewallLog("<netEvents/>")).toBe(false);
  });
});
