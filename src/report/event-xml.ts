import type { AuditRecord } from "../model/index.ts";
import { momentAfter } from "./event-xml-time.ts";
import { EventXmlWriter, xmlText } from "./event-xml-writer.ts";

export interface AuditEventXmlContext {
  /** Name in `<Computer>`. */
  readonly computer: string;
  /** Time of day at second 0 of the run, `2026-01-31T08:00:00Z`. */
  readonly startTime: string;
}

const NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event";
const PROVIDER = ' Name="Microsoft-Windows-Security-Auditing" Guid="{54849625-5478-4994-A5BA-3E3B0328C30D}"';

/** Tasks are the audit subcategories: packet drop and connection, which frames and binds belong to as well. */
const PACKET_DROP = 12809;
const CONNECTION = 12810;

const SUCCESS: ReadonlySet<number> = new Set([5154, 5156, 5158]);

/** The kernel writes the events; 5031 is the firewall service's, whose process the model does not have. */
const KERNEL = 4;

/** An event of the Security log as Event Viewer's XML view shows it (WFP-DIAGNOSTICS-FIREWALL 5.2). Ends in a line break. */
export function auditEventXml(record: AuditRecord, context: AuditEventXmlContext): string {
  const xml = new EventXmlWriter();
  event(xml, record, context);
  return String(xml);
}

/** Events one after the other in one root element, as Event Viewer exports them; a host is a computer. Ends in a line break. */
export function auditEventsXml(records: readonly AuditRecord[], { startTime }: Pick<AuditEventXmlContext, "startTime">): string {
  const xml = new EventXmlWriter();
  if (records.length === 0) xml.leaf("Events");
  else {
    xml.node("Events", () => {
      for (const record of records) event(xml, record, { computer: record.host, startTime });
    });
  }
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${xml}`;
}

function event(xml: EventXmlWriter, record: AuditRecord, { computer, startTime }: AuditEventXmlContext): void {
  const { eventId, seq, time, data } = record;
  xml.node(
    "Event",
    () => {
      xml.node("System", () => {
        xml.leaf("Provider", "", PROVIDER);
        xml.leaf("EventID", String(eventId));
        xml.leaf("Version", String(versionOf(record)));
        xml.leaf("Level", "0");
        xml.leaf("Task", String(eventId === 5152 || eventId === 5153 ? PACKET_DROP : CONNECTION));
        xml.leaf("Opcode", "0");
        xml.leaf("Keywords", SUCCESS.has(eventId) ? "0x8020000000000000" : "0x8010000000000000");
        xml.leaf("TimeCreated", "", ` SystemTime="${momentAfter(startTime, time, 9)}"`);
        xml.leaf("EventRecordID", String(seq));
        xml.leaf("Correlation");
        xml.leaf("Execution", "", ` ProcessID="${eventId === 5031 ? 0 : KERNEL}" ThreadID="0"`);
        xml.leaf("Channel", "Security");
        xml.leaf("Computer", computer);
        xml.leaf("Security");
      });
      xml.node("EventData", () => {
        for (const [name, value] of Object.entries(data)) xml.leaf("Data", value, ` Name="${xmlText(name)}"`);
      });
    },
    ` xmlns="${NAMESPACE}"`,
  );
}

/**
 * 5156 and 5157 are of version 1 since they name the remote user and machine; what has gained the filter's origin is taken to be one
 * further (no event of such a Windows is documented in full).
 */
function versionOf({ eventId, data }: AuditRecord): number {
  const connection = eventId === 5156 || eventId === 5157;
  return (connection && "RemoteUserID" in data ? 1 : 0) + ("FilterOrigin" in data ? 1 : 0);
}
