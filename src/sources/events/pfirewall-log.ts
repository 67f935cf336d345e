import { type Diagnostic, InputError, type IpAddress, parseAddress } from "../../model/index.ts";
import { DiagnosticLog } from "../netsh/diagnostics.ts";

/** Actions of pfirewall.log: OPEN, OPEN-INBOUND and CLOSE are Windows XP's and 2003's. INFO-EVENTS-LOST is no verdict. */
export type FirewallLogAction = "ALLOW" | "DROP" | "OPEN" | "OPEN-INBOUND" | "CLOSE";

export type FirewallLogPath = "SEND" | "RECEIVE" | "FORWARD" | "UNKNOWN";

/** One line of pfirewall.log; null is a column that has "-", or that this log does not have. */
export interface FirewallLogEntry {
  readonly line: number;
  /** `YYYY-MM-DDThh:mm:ss`, in the time of {@link FirewallLog.timeFormat}. */
  readonly time: string;
  readonly action: FirewallLogAction;
  /** IP protocol number. */
  readonly protocol: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** Bytes; ALLOW has 0, for connections have none. */
  readonly size: number | null;
  /** Letters of RFC 9293 flags, such as `S` or `FA`. */
  readonly tcpFlags: string | null;
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
  readonly path: FirewallLogPath | null;
  /** Windows 11 since 22H2. */
  readonly processId: number | null;
}

export interface FirewallLog {
  readonly source: string;
  readonly timeFormat: "local" | "utc";
  readonly entries: readonly FirewallLogEntry[];
  /** Lines that are no comment and not blank. */
  readonly lines: number;
  /** Events that the log says it could not write (INFO-EVENTS-LOST). */
  readonly eventsLost: number;
  readonly diagnostics: readonly Diagnostic[];
}

export interface FirewallLogOptions {
  /** What messages call the input, e.g. its file name. */
  readonly source: string;
  /** Makes the first line that is not understood an error instead of a diagnostic. */
  readonly strict?: boolean;
}

const ACTIONS: ReadonlySet<string> = new Set(["ALLOW", "DROP", "OPEN", "OPEN-INBOUND", "CLOSE"]);
const PATHS: ReadonlySet<string> = new Set(["SEND", "RECEIVE", "FORWARD", "UNKNOWN"]);
const REQUIRED = ["date", "time", "action", "protocol", "src-ip", "dst-ip"] as const;

/** Whether the text begins as a pfirewall.log does: a W3C header that Windows Firewall wrote. */
export function isFirewallLog(text: string): boolean {
  return (
    /^\ufeff?#Version:/.test(text) &&
    /^#(Software: Microsoft Windows Firewall|Fields: date time action protocol )/m.test(text.slice(0, 2000))
  );
}

/**
 * Reads pfirewall.log: columns stand where the last #Fields line says, for Windows versions differ and a log may begin again.
 * @throws InputError with file and line where there is no such header, or in strict mode for the first line that is not understood.
 */
export function readFirewallLog(text: string, { source, strict = false }: FirewallLogOptions): FirewallLog {
  const log = new DiagnosticLog(strict);
  const reading = new Reading(log);
  try {
    let line = 0;
    for (const row of text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/)) reading.row(row.trim(), ++line);
    reading.expectHeader();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(error.message, { ...error.position, file: source });
    throw error;
  }
  const { entries, lines, eventsLost, timeFormat } = reading;
  return { source, timeFormat, entries, lines, eventsLost, diagnostics: log.list() };
}

class Reading {
  readonly entries: FirewallLogEntry[] = [];
  lines = 0;
  eventsLost = 0;
  timeFormat: "local" | "utc" = "local";
  readonly #log: DiagnosticLog;
  #columns: ReadonlyMap<string, number> | null = null;
  #width = 0;

  constructor(log: DiagnosticLog) {
    this.#log = log;
  }

  row(text: string, line: number): void {
    if (text === "") return;
    if (text.startsWith("#")) {
      this.#directive(text, line);
      return;
    }
    this.lines++;
    const columns = this.#columns;
    if (columns === null) throw new InputError(`expected the "#Fields:" line of pfirewall.log before the first entry`, { line });
    const cells = text.split(/\s+/);
    if (cells.length !== this.#width) {
      this.#log.fault("columns", `expected ${this.#width} columns as #Fields names, found ${cells.length}: the line was passed over`, line);
      return;
    }
    const row = new Row(cells, columns, line);
    try {
      if (row.text("action") === "INFO-EVENTS-LOST") this.eventsLost += row.number("info", 0xffff_ffff) ?? 0;
      else this.entries.push(row.entry());
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#log.fault("entry", `${error.message}: the line was passed over`, line);
    }
  }

  expectHeader(): void {
    if (this.#columns === null) throw new InputError(`no pfirewall.log: it has no "#Fields:" line`, { line: 1 });
  }

  #directive(text: string, line: number): void {
    const [, name = "", value = ""] = /^#([^:]+):\s*(.*)$/.exec(text) ?? [];
    if (name === "Time Format") this.timeFormat = /^(utc|gmt)/i.test(value) ? "utc" : "local";
    if (name !== "Fields") return;
    const names = value.toLowerCase().split(/\s+/);
    const missing = REQUIRED.filter((column) => !names.includes(column));
    if (missing.length > 0) throw new InputError(`#Fields lacks ${missing.join(", ")}`, { line });
    this.#columns = new Map(names.map((column, index) => [column, index]));
    this.#width = names.length;
  }
}

/** The cells of one line by the names of their columns. */
class Row {
  readonly #cells: readonly string[];
  readonly #columns: ReadonlyMap<string, number>;
  readonly #line: number;

  constructor(cells: readonly string[], columns: ReadonlyMap<string, number>, line: number) {
    this.#cells = cells;
    this.#columns = columns;
    this.#line = line;
  }

  /** null for "-" and for a column that the log does not have. */
  text(column: string): string | null {
    const cell = this.#cells[this.#columns.get(column) ?? -1];
    return cell === undefined || cell === "-" ? null : cell;
  }

  number(column: string, top: number): number | null {
    const text = this.text(column);
    if (text === null) return null;
    if (!/^\d{1,10}$/.test(text) || Number(text) > top) throw this.#not(column, text, `a number of 0 to ${top}`);
    return Number(text);
  }

  entry(): FirewallLogEntry {
    const source = this.#address("src-ip");
    return {
      line: this.#line,
      time: this.#time(),
      action: this.#oneOf("action", ACTIONS) as FirewallLogAction,
      protocol: this.#protocol(source.family),
      source,
      destination: this.#address("dst-ip"),
      sourcePort: this.number("src-port", 65_535),
      destinationPort: this.number("dst-port", 65_535),
      size: this.number("size", 0xffff_ffff),
      tcpFlags: this.text("tcpflags"),
      icmpType: this.number("icmptype", 255),
      icmpCode: this.number("icmpcode", 255),
      path: this.text("path") === null ? null : (this.#oneOf("path", PATHS) as FirewallLogPath),
      processId: this.number("pid", 0xffff_ffff),
    };
  }

  #time(): string {
    const text = `${this.text("date")}T${this.text("time")}`;
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) throw this.#not("date and time", text.replace("T", " "), "YYYY-MM-DD hh:mm:ss");
    return text;
  }

  #address(column: string): IpAddress {
    const text = this.text(column) ?? "-";
    try {
      return parseAddress(text);
    } catch {
      throw this.#not(column, text, "an IP address");
    }
  }

  #oneOf(column: string, known: ReadonlySet<string>): string {
    const text = this.text(column) ?? "-";
    if (!known.has(text)) throw this.#not(column, text, [...known].join(", "));
    return text;
  }

  /** ICMP is ICMPv6 between IPv6 addresses; protocols without a name stand as their number. */
  #protocol(family: 4 | 6): number {
    const text = this.text("protocol") ?? "-";
    switch (text.toUpperCase()) {
      case "TCP":
        return 6;
      case "UDP":
        return 17;
      case "ICMP":
        return family === 4 ? 1 : 58;
      case "ICMPV6":
        return 58;
      default: {
        const number = this.number("protocol", 255);
        if (number === null) throw this.#not("protocol", text, "TCP, UDP, ICMP or a number");
        return number;
      }
    }
  }

  #not(column: string, found: string, expected: string): InputError {
    return new InputError(`${column} is "${found}", expected ${expected}`, { line: this.#line });
  }
}
