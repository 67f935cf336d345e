import { InputError, type SessionRecord } from "../model/index.ts";
import { auditEventsXml, netEventsXml } from "../report/index.ts";
import type { CliIo } from "./io.ts";

/** What a file of events is like: the Security log as Event Viewer exports it, or `netsh wfp show netevents`. */
export type EventsForm = "event-log" | "net-events";

/** A run begins here where nobody tells when: times in the files are this and the seconds of the run. */
export const DEFAULT_START = "2026-01-01T00:00:00Z";

/**
 * Writes the audits or the net events of a run as Windows would, in UTF-8. Events keep the order of the run; a run without any leaves an
 * empty list, so that a reader can tell it from a file that was never written.
 * @throws InputError for `-`, where the run itself is printed, for a start time of another form than `YYYY-MM-DDThh:mm:ssZ`, and where the
 * file cannot be written.
 */
export function writeEvents(
  io: Pick<CliIo, "createFile">,
  path: string,
  form: EventsForm,
  records: readonly SessionRecord[],
  startTime: string = DEFAULT_START,
): void {
  if (path === "-") throw new InputError(`--${form}: expected a file: standard output has the session`);
  const xml = eventsXml(form, records, startTime);
  const file = io.createFile(path);
  file.write(new TextEncoder().encode(xml));
  file.close();
}

function eventsXml(form: EventsForm, records: readonly SessionRecord[], startTime: string): string {
  if (form === "net-events") {
    const events = records.filter((record) => record.type === "netevent");
    return netEventsXml(events, { startTime });
  }
  const events = records.filter((record) => record.type === "audit");
  return auditEventsXml(events, { startTime });
}
