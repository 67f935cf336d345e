import { type Diagnostic, InputError, type RecordedEvent, type RecordedFirewallEvent, type RecordedHeader } from "../../model/index.ts";
import { DiagnosticLog } from "../netsh/diagnostics.ts";
import type { SecurityEvent } from "./security-event.ts";
import { SecurityFields } from "./security-fields.ts";
import { eventOfJson, JsonObjects } from "./security-json.ts";
import { isFilterChange, isObjectChange, readFilterChange, readObjectChange } from "./security-policy-change.ts";
import { isVerdict, readVerdict } from "./security-verdict.ts";
import { XmlEvents } from "./security-xml.ts";
import { TextLines } from "./text-lines.ts";

export interface SecurityLogOptions {
  /** What messages call the input, e.g. its file name. */
  readonly source: string;
  /** Makes the first thing that is not understood an error instead of a diagnostic. */
  readonly strict?: boolean;
}

/** What a Security log says about filtering. */
export interface SecurityLog {
  readonly source: string;
  readonly format: "json" | "xml";
  /** In the order of the file. */
  readonly records: readonly RecordedEvent[];
  /** Events of any kind, those that say nothing about filtering included. */
  readonly events: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** Nothing but blanks as far as this: what follows is no log either. */
const MOST_BLANKS = 1 << 20;

const SOURCES = /^(Microsoft-Windows-Security-Auditing|Security)$/;

/** Whether a text looks like events of the Security log: JSON, or XML with `<Event>` elements. */
export function isSecurityLog(text: string): boolean {
  const start = text
    .slice(0, 4000)
    .trimStart()
    .replace(/^\ufeff/, "");
  if (/^[[{]/.test(start)) return /"(EventID|EventId|event_id|Id|Event)"\s*:/.test(text.slice(0, 20_000));
  return /<Events?[\s>]/.test(start);
}

/**
 * Reads the events of the Security log that are about filtering: verdicts, changes of the policy, firewall rules and profiles. Takes JSON
 * (lines, arrays, objects over several lines) and XML (wevtutil, Get-WinEvent, EVTX tools), in pieces if need be. What is damaged is a
 * diagnostic with its line; everything else is kept.
 * @throws InputError where nothing in it is an event.
 */
export function readSecurityLog(text: string | Iterable<string>, { source, strict = false }: SecurityLogOptions): SecurityLog {
  const log = new DiagnosticLog(strict);
  const records: RecordedEvent[] = [];
  let events = 0;
  const onEvent = (event: SecurityEvent): void => {
    events++;
    try {
      const record = recordOf(event, source, log);
      if (record !== null) records.push(record);
    } catch (error) {
      if (!(error instanceof InputError) || strict) throw error;
      log.fault("damaged-event", error.message, event.line);
    }
  };
  const damaged = (message: string, line: number): void => log.fault("damaged", message, line);
  let format: SecurityLog["format"] | undefined;
  const json = new JsonObjects({
    object: (value, line) => {
      const event = eventOfJson(value, line);
      if (event === null) log.warn("no-event", "a JSON object without an event id", line);
      else onEvent(event);
    },
    damaged,
  });
  const xml = new XmlEvents({ event: onEvent, damaged });
  const lines = new TextLines((line) => json.line(line));
  try {
    let held = "";
    for (const chunk of typeof text === "string" ? [text] : text) {
      held = held === "" ? chunk.replace(/^\ufeff/, "") : held + chunk;
      format ??= formatOf(held) ?? (held.length > MOST_BLANKS ? "json" : undefined);
      if (format === undefined) continue;
      if (format === "xml") xml.write(held);
      else lines.write(held);
      held = "";
    }
    if (format === "xml") xml.end();
    else {
      lines.end();
      json.end();
    }
  } catch (error) {
    if (error instanceof InputError) throw new InputError(error.message, { ...error.position, file: source });
    throw error;
  }
  const diagnostics = log.list();
  if (events === 0) {
    const [first] = diagnostics;
    const why = first !== undefined ? `holds no event (${first.message})` : format === undefined ? "is empty" : "holds no event";
    throw new InputError(`${why}; expected events of the Security log as JSON or XML`, { file: source, line: first?.line });
  }
  return { source, format: format ?? "json", records, events, diagnostics };
}

/** By the first character that is no blank; undefined while there is none. "Record 1" and the like precede XML of some tools. */
function formatOf(text: string): SecurityLog["format"] | undefined {
  const first = text.trimStart();
  if (first === "") return undefined;
  if (/^[[{]/.test(first)) return "json";
  return /^</.test(first) || /<(\?xml|Events?[\s>])/.test(first.slice(0, 4000)) ? "xml" : "json";
}

function recordOf(event: SecurityEvent, file: string, log: DiagnosticLog): RecordedEvent | null {
  const header: RecordedHeader = { position: { file, line: event.line }, host: event.host, record: event.record, time: event.time };
  if (isVerdict(event.id)) return readVerdict(event, header);
  if (isFilterChange(event.id)) {
    return readFilterChange(event, header, (why) => log.remark("lost-condition", `a condition cannot be read: ${why}`, event.line));
  }
  if (isObjectChange(event.id)) return readObjectChange(event, header);
  return isFirewallEvent(event) ? firewallEvent(event, header) : null;
}

/** 4944–4958, 5024–5037: the firewall's service. Other logs use numbers of their own. */
function isFirewallEvent({ id, data }: SecurityEvent): boolean {
  if (!((id >= 4944 && id <= 4958) || (id >= 5024 && id <= 5037))) return false;
  const source = data.get("SourceName");
  return source === undefined || SOURCES.test(source);
}

function firewallEvent(event: SecurityEvent, header: RecordedHeader): RecordedFirewallEvent {
  const fields = new SecurityFields(event);
  return {
    ...header,
    type: "firewall",
    eventId: event.id,
    ruleId: fields.text("RuleId"),
    ruleName: fields.text("RuleName"),
    profile: fields.text("ActiveProfile", "ProfileChanged", "ProfileUsed", "Profile", "Profiles"),
    application: fields.text("Application"),
    data: Object.fromEntries(event.data),
  };
}
