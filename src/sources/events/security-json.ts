import { objectsOfArray, withoutEnd } from "./json-array.ts";
import { nameValues, type SecurityEvent } from "./security-event.ts";
import { recordedTime } from "./security-time.ts";

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { readonly [name: string]: Json };

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return undefined;
}

/** The first of several spellings that an object has, as text. */
function pick(object: JsonObject | undefined, ...names: readonly string[]): string | undefined {
  if (object === undefined) return undefined;
  for (const name of names) {
    const value = object[name];
    const text = textOf(value) ?? (isObject(value) ? (textOf(value["#text"]) ?? textOf(value.value) ?? textOf(value.Value)) : undefined);
    if (text !== undefined && text !== "") return text;
  }
  return undefined;
}

function part(object: JsonObject | undefined, ...names: readonly string[]): JsonObject | undefined {
  for (const name of names) {
    const value = object?.[name];
    if (isObject(value)) return value;
  }
  return undefined;
}

/** Attributes of an XML element that was turned into JSON: `#attributes` (evtx_dump), `@…` or plain members (others). */
function attribute(element: Json | undefined, name: string): string | undefined {
  if (!isObject(element)) return undefined;
  return pick(part(element, "#attributes", "$"), name) ?? pick(element, `@${name}`, name);
}

/**
 * The event that one JSON object holds, null if it is no event at all. Spellings: NXLog (EventID, EventTime, Hostname, data beside them),
 * Winlogbeat (winlog.event_id, winlog.event_data), Get-WinEvent (Id, TimeCreated, MachineName, Properties), evtx_dump (Event.System,
 * Event.EventData), EvtxECmd (EventId, Payload).
 */
export function eventOfJson(object: JsonObject, line: number): SecurityEvent | null {
  const root = part(object, "Event") ?? object;
  const system = part(root, "System") ?? root;
  const beat = part(object, "winlog") ?? object;
  const id = Number(
    pick(system, "EventID", "EventId", "Id", "event_id") ?? pick(beat, "event_id", "EventID") ?? pick(part(object, "event"), "code"),
  );
  if (!Number.isInteger(id)) return null;
  const record = Number(pick(system, "EventRecordID", "RecordNumber", "RecordId", "EventRecordId") ?? pick(beat, "record_id"));
  const time =
    attribute(system.TimeCreated, "SystemTime") ??
    pick(system, "EventTime", "TimeCreated", "Time") ??
    pick(object, "@timestamp", "TimeCreated", "timestamp");
  return {
    line,
    id,
    host:
      pick(system, "Hostname", "Computer", "MachineName", "ComputerName") ??
      pick(beat, "computer_name") ??
      pick(part(object, "host"), "name", "hostname") ??
      null,
    record: Number.isInteger(record) ? record : null,
    time: time === undefined ? null : recordedTime(time),
    data: dataOf(id, object, root, beat),
  };
}

function dataOf(id: number, object: JsonObject, root: JsonObject, beat: JsonObject): ReadonlyMap<string, string> {
  const nested = part(root, "EventData", "UserData") ?? part(beat, "event_data", "user_data") ?? payloadOf(object);
  if (nested !== undefined) return namedData(id, nested);
  const properties = object.Properties;
  if (Array.isArray(properties)) {
    const values = properties.map((entry: Json) => (isObject(entry) ? textOf(entry.Value) : textOf(entry)) ?? "");
    const named = nameValues(id, values);
    if (named !== undefined) return named;
  }
  return members(object);
}

/** EvtxECmd puts the data into a string of JSON. */
function payloadOf(object: JsonObject): JsonObject | undefined {
  const text = object.Payload;
  if (typeof text !== "string" || !text.startsWith("{")) return undefined;
  try {
    const parsed = JSON.parse(text) as Json;
    return isObject(parsed) ? (part(parsed, "EventData", "UserData") ?? parsed) : undefined;
  } catch {
    // The other members may still tell what is needed.
    return undefined;
  }
}

function namedData(id: number, data: JsonObject): ReadonlyMap<string, string> {
  const list = data.Data;
  if (!Array.isArray(list)) return members(data);
  const named = new Map<string, string>();
  const values: string[] = [];
  for (const entry of list as readonly Json[]) {
    const name = attribute(entry, "Name");
    const value = textOf(entry) ?? (isObject(entry) ? pick(entry, "#text", "Value") : undefined) ?? "";
    values.push(value);
    if (name !== undefined) named.set(name, value);
  }
  return named.size > 0 ? named : (nameValues(id, values) ?? named);
}

function members(object: JsonObject): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(object)) {
    const text = textOf(value);
    if (text !== undefined) found.set(name, text);
  }
  return found;
}

/** An array on a line as long as this is taken apart before it is parsed: as values it would be several times as large. */
const LONG_LINE = 1 << 22;

/** Told what a text of JSON holds: objects, and lines that are damaged. */
export interface JsonSink {
  object(value: JsonObject, line: number): void;
  damaged(message: string, line: number): void;
}

/**
 * Takes JSON apart line by line: an object a line, an array on one line or on many, objects printed over several lines. A damaged one
 * costs only itself, and is told once: the next that begins at the start of a line is read again.
 */
export class JsonObjects {
  readonly #sink: JsonSink;
  #line = 0;
  /** Of an object that began on an earlier line. */
  #pending: string[] = [];
  #pendingLine = 0;
  #depth = 0;
  #pendingIndent = 0;
  /** What comes is the rest of something damaged that was told: lines indented more than it was are its own. */
  #isDamaged = false;
  #damagedIndent = Number.POSITIVE_INFINITY;

  constructor(sink: JsonSink) {
    this.#sink = sink;
  }

  /** One line without its end. */
  line(text: string): void {
    this.#line++;
    if (this.#pending.length === 0) this.#begin(text);
    else if (text.startsWith("{")) {
      this.#damaged("the JSON object that begins here does not end", this.#pendingLine);
      this.#begin(text);
    } else this.#continue(text);
  }

  end(): void {
    if (this.#pending.length > 0) this.#damaged("the JSON object that begins here is cut short", this.#pendingLine);
  }

  #damaged(message: string, line: number): void {
    this.#sink.damaged(message, line);
    this.#damagedIndent = this.#pending.length > 0 ? this.#pendingIndent : Number.POSITIVE_INFINITY;
    this.#pending = [];
    this.#isDamaged = true;
  }

  #begin(text: string): void {
    const trimmed = text.trim();
    if (trimmed === "" || trimmed === "[" || trimmed === "]" || trimmed === ",") return;
    const indent = text.length - text.trimStart().length;
    if (this.#isDamaged && indent > this.#damagedIndent) return;
    const objects = trimmed.length > LONG_LINE ? objectsOfArray(trimmed) : undefined;
    const whole = objects === undefined && mayBeWhole(trimmed) ? this.#whole(trimmed) : undefined;
    if (whole !== undefined) {
      this.#emit(whole, this.#line);
      return;
    }
    const several = objects ?? objectsOfArray(trimmed) ?? [];
    for (const text of several.slice(0, -1)) this.#one(text);
    const start = several.length > 1 ? (several.at(-1) ?? "") : trimmed.replace(/^[[,]\s*/, "");
    const depth = depthOf(start);
    if (start.startsWith("{") && depth !== undefined && depth > 0) {
      this.#pending = [start];
      this.#pendingLine = this.#line;
      this.#pendingIndent = indent;
      this.#depth = depth;
    } else if (several.length > 1) this.#one(start);
    else if (start.startsWith("{")) this.#damaged("damaged JSON", this.#line);
    // Members of an object that was given up are not worth a word each.
    else if (!this.#isDamaged) this.#damaged(`expected a JSON object, found "${shown(trimmed)}"`, this.#line);
  }

  #whole(text: string): Json | undefined {
    return this.#parse(text) ?? this.#parse(withoutEnd(text.replace(/^[[,]\s*/, ""), "],"));
  }

  /** One of several objects on a line. */
  #one(text: string): void {
    const whole = this.#parse(text);
    if (whole === undefined) this.#damaged("a damaged JSON object among others on this line", this.#line);
    else this.#emit(whole, this.#line);
  }

  #continue(text: string): void {
    const depth = depthOf(text);
    if (depth === undefined) {
      this.#damaged("damaged JSON: a string is not closed", this.#line);
      return;
    }
    this.#pending.push(text);
    this.#depth += depth;
    // The array around the objects may end on the same line as the last of them.
    if (this.#depth > 0) return;
    const whole = this.#parse(withoutEnd(this.#pending.join("\n"), ",]"));
    if (whole === undefined) this.#damaged("damaged JSON object", this.#pendingLine);
    else this.#emit(whole, this.#pendingLine);
    this.#pending = [];
  }

  #emit(value: Json, line: number): void {
    this.#isDamaged = false;
    for (const entry of Array.isArray(value) ? (value as readonly Json[]) : [value]) {
      if (isObject(entry)) this.#sink.object(entry, line);
      else this.#sink.damaged(`expected a JSON object, found ${shown(JSON.stringify(entry))}`, line);
    }
  }

  #parse(text: string): Json | undefined {
    try {
      return JSON.parse(text) as Json;
    } catch {
      // Not complete on this line, or damaged: the caller finds out which.
      return undefined;
    }
  }
}

/** By its ends: a parser that fails costs more than one that succeeds. */
function mayBeWhole(text: string): boolean {
  return "{[,".includes(text[0] ?? "") && "}],".includes(text.at(-1) ?? "");
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** How many brackets a line opens beyond those it closes; undefined if it ends inside a string, which JSON cannot. */
function depthOf(text: string): number | undefined {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const letter = text[index];
    if (inString) {
      if (letter === "\\") index++;
      else if (letter === '"') inString = false;
    } else if (letter === '"') inString = true;
    else if (letter === "{" || letter === "[") depth++;
    else if (letter === "}" || letter === "]") depth--;
  }
  return inString ? undefined : depth;
}
