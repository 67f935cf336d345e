import { SaxesParser } from "saxes";
import { nameValues, type SecurityEvent } from "./security-event.ts";
import { recordedTime } from "./security-time.ts";

/** Told what a text of XML holds: events, and places that are damaged. */
export interface XmlSink {
  event(event: SecurityEvent): void;
  damaged(message: string, line: number): void;
}

const END = "</Event>";

/**
 * Cuts XML into `<Event>` elements and reads each by itself: Event Viewer and wevtutil with `/e:Events` write one document, wevtutil
 * alone and Get-WinEvent's ToXml one element after the other, EVTX tools a declaration or a heading before each. A damaged element costs
 * only itself.
 */
export class XmlEvents {
  readonly #sink: XmlSink;
  #text = "";
  /** Line of the first character of `#text`. */
  #line = 1;

  constructor(sink: XmlSink) {
    this.#sink = sink;
  }

  write(chunk: string): void {
    this.#text += chunk;
    this.#read();
  }

  end(): void {
    const start = indexOfStart(this.#text, 0);
    if (start >= 0) this.#sink.damaged("the <Event> that begins here is cut short", this.#line + newLines(this.#text, start));
    this.#text = "";
  }

  #read(): void {
    for (let start = indexOfStart(this.#text, 0); start >= 0; start = indexOfStart(this.#text, 0)) {
      const end = this.#text.indexOf(END, start);
      if (end < 0) {
        if (this.#text.length - start <= LONGEST) return;
        // No event is that long: the rest is searched for the next.
        this.#sink.damaged("the <Event> that begins here has no end", this.#line + newLines(this.#text, start));
        this.#drop(Math.max(start + START_LENGTH, this.#text.length - LONGEST));
        continue;
      }
      const next = lastStart(this.#text, end);
      const line = this.#line + newLines(this.#text, start);
      if (next > start) {
        this.#sink.damaged("the <Event> that begins here has no end", line);
        this.#drop(next);
      } else {
        const element = this.#text.slice(start, end + END.length);
        this.#drop(end + END.length);
        this.#event(element, line);
      }
    }
    // What stands between events is not kept; a start tag may be cut in two by the end of the chunk.
    if (this.#text.length > START_LENGTH) this.#drop(this.#text.length - START_LENGTH);
  }

  #drop(length: number): void {
    this.#line += newLines(this.#text, length);
    this.#text = this.#text.slice(length);
  }

  #event(element: string, line: number): void {
    const event = readEvent(element, line);
    if (typeof event === "string") this.#sink.damaged(event, line);
    else this.#sink.event(event);
  }
}

/** Characters; events are a few thousand. */
const LONGEST = 1 << 22;
const START_LENGTH = "<Event>".length;

function indexOfStart(text: string, from: number): number {
  let at = text.indexOf("<Event", from);
  while (at >= 0 && !isStart(text, at)) at = text.indexOf("<Event", at + 6);
  return at;
}

/** The last one before `to`. */
function lastStart(text: string, to: number): number {
  let at = text.lastIndexOf("<Event", to);
  while (at > 0 && !isStart(text, at)) at = text.lastIndexOf("<Event", at - 1);
  return at;
}

/** Whether the tag is `<Event>`, not `<Events>` or `<EventData>`. */
function isStart(text: string, at: number): boolean {
  const after = text[at + 6];
  return after === ">" || after === " " || after === "\n" || after === "\r" || after === "\t";
}

function newLines(text: string, to: number): number {
  // Cut first: on a line of megabytes the search would not stop at `to`.
  const part = text.slice(0, to);
  let count = 0;
  for (let at = part.indexOf("\n"); at >= 0; at = part.indexOf("\n", at + 1)) count++;
  return count;
}

/** The event of one `<Event>` element, or what is wrong with it. */
function readEvent(text: string, line: number): SecurityEvent | string {
  const parser = new SaxesParser({ position: false });
  const path: string[] = [];
  const system = new Map<string, string>();
  const data = new Map<string, string>();
  const values: string[] = [];
  let isNamed = false;
  let name = "";
  let raw = "";
  let fault: string | undefined;
  parser.on("error", (error) => {
    fault ??= `damaged XML: ${error.message.replace(/^\d+:\d+: /, "")}`;
  });
  parser.on("opentag", ({ name: tag, attributes }) => {
    path.push(tag);
    raw = "";
    const given = (attributes as Record<string, string>).Name;
    if (tag === "Data") {
      name = given ?? "";
      if (given !== undefined) isNamed = true;
    }
    if (tag === "TimeCreated") system.set(tag, (attributes as Record<string, string>).SystemTime ?? "");
  });
  parser.on("text", (piece) => {
    raw += piece;
  });
  parser.on("cdata", (piece) => {
    raw += piece;
  });
  parser.on("closetag", ({ name: tag }) => {
    path.pop();
    const [, section, inner] = path;
    if (section === "System" && path.length === 2 && tag !== "TimeCreated") system.set(tag, raw.trim());
    else if (section === "EventData" && tag === "Data") {
      values.push(raw);
      if (name !== "") data.set(name, raw);
    } else if (section === "UserData" && inner !== undefined) data.set(tag, raw);
    raw = "";
  });
  parser.write(text).close();
  if (fault !== undefined) return fault;
  const id = Number(system.get("EventID"));
  if (!Number.isInteger(id) || id <= 0) return "an <Event> without <EventID>";
  const record = Number(system.get("EventRecordID"));
  const host = system.get("Computer") ?? "";
  return {
    line,
    id,
    host: host === "" ? null : host,
    record: Number.isInteger(record) && record > 0 ? record : null,
    time: recordedTime(system.get("TimeCreated") ?? ""),
    data: isNamed || data.size > 0 ? data : (nameValues(id, values) ?? data),
  };
}
