/** Made-up events in the spellings of several exporters. */

export const HOST = "PC12.example.com";

/** Data of a 5156 by the manifest's names, in its order. */
export const CONNECTION: Readonly<Record<string, string>> = {
  ProcessID: "1400",
  Application: "\\device\\harddiskvolume3\\program files\\browser\\browser.exe",
  Direction: "%%14593",
  SourceAddress: "192.0.2.12",
  SourcePort: "49800",
  DestAddress: "198.51.100.7",
  DestPort: "443",
  Protocol: "6",
  FilterRTID: "503",
  LayerName: "%%14611",
  LayerRTID: "48",
  RemoteUserID: "S-1-0-0",
  RemoteMachineID: "S-1-0-0",
};

/** The verdict's members that every spelling has to give. */
export const EXPECTED = {
  type: "verdict",
  eventId: 5156,
  host: HOST,
  record: 77,
  action: "permit",
  direction: "out",
  layerId: 48,
  protocol: 6,
  localPort: 49800,
  remotePort: 443,
  application: CONNECTION.Application,
  processId: 1400,
  filterId: 503n,
} as const;

const named = Object.entries(CONNECTION);

export const nxlog = {
  EventID: 5156,
  Hostname: HOST,
  EventTime: "2026-02-02 07:00:03",
  RecordNumber: 77,
  SourceName: "Microsoft-Windows-Security-Auditing",
  ...CONNECTION,
};

export const winlogbeat = {
  "@timestamp": "2026-02-02T07:00:03.250Z",
  host: { name: "collector" },
  event: { code: "5156" },
  winlog: { event_id: "5156", computer_name: HOST, record_id: 77, event_data: CONNECTION },
};

export const getWinEvent = {
  Id: 5156,
  MachineName: HOST,
  RecordId: 77,
  TimeCreated: "/Date(1770015603250)/",
  Properties: named.map(([, Value]) => ({ Value })),
};

export const evtxDump = {
  Event: {
    "#attributes": { xmlns: "http://schemas.microsoft.com/win/2004/08/events/event" },
    System: {
      EventID: 5156,
      EventRecordID: 77,
      Computer: HOST,
      TimeCreated: { "#attributes": { SystemTime: "2026-02-02T07:00:03.250000Z" } },
    },
    EventData: CONNECTION,
  },
};

export const evtxECmd = {
  EventId: 5156,
  EventRecordId: "77",
  Computer: HOST,
  TimeCreated: "2026-02-02 07:00:03.2500000",
  Payload: JSON.stringify({ EventData: { Data: named.map(([name, text]) => ({ "@Name": name, "#text": text })) } }),
};

/** One `<Event>` element as Windows renders it. */
export function xmlEvent(id: number, data: Readonly<Record<string, string>>, record = 77): string {
  const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const items = Object.entries(data).map(([name, text]) => `<Data Name='${name}'>${escaped(text)}</Data>`);
  return [
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>",
    "<Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/>",
    `<EventID>${id}</EventID><Version>1</Version><TimeCreated SystemTime='2026-02-02T07:00:03.250000000Z'/>`,
    `<EventRecordID>${record}</EventRecordID><Execution ProcessID='4' ThreadID='8'/><Computer>${HOST}</Computer></System>`,
    `<EventData>${items.join("")}</EventData></Event>`,
  ].join("");
}
