import type { RecordedVerdict, Sid } from "../../model/index.ts";
import type { NetEvent } from "./net-event.ts";
import type { NetEventsImport } from "./net-events.ts";

/** Net events as verdicts. They are one machine's, which they do not name; local and remote are as that machine sees them. */
export function netEventVerdicts({ events, source }: Pick<NetEventsImport, "events" | "source">): RecordedVerdict[] {
  return events.map((event) => verdictOf(event, source));
}

/** The capabilities that net events know, by winnt.h's numbers. */
const CAPABILITY: Readonly<Record<string, Sid>> = {
  INTERNET_CLIENT: "S-1-15-3-1",
  INTERNET_CLIENT_SERVER: "S-1-15-3-2",
  PRIVATE_NETWORK: "S-1-15-3-3",
};

function verdictOf(event: NetEvent, file: string): RecordedVerdict {
  const { line, type, timeStamp, packageSid, reauthReason } = event;
  return {
    type: "verdict",
    position: { file, line },
    host: null,
    record: null,
    time: { seconds: secondsOf(timeStamp), hasFraction: timeStamp.includes("."), text: timeStamp },
    eventId: null,
    netEvent: type,
    action: type.includes("ALLOW") ? "permit" : "block",
    direction: event.direction ?? directionOf(event.layerId),
    layerId: event.layerId,
    family: event.family,
    protocol: event.protocol,
    local: event.localAddress,
    localPort: event.localPort,
    remote: event.remoteAddress,
    remotePort: event.remotePort,
    application: event.appId,
    processId: null,
    user: event.userId,
    package: packageSid === "S-1-0-0" ? "none" : packageSid,
    ...(event.capabilities === null ? {} : { capabilities: event.capabilities.flatMap((name) => CAPABILITY[name] ?? []) }),
    originalProfile: event.originalProfile,
    currentProfile: event.currentProfile,
    interfaceIndex: event.interfaceIndex,
    isLoopback: event.isLoopback,
    isReauthorization: reauthReason === null ? null : reauthReason !== 0,
    filterId: event.filterId,
    filterOrigin: event.filterOrigin,
    terminatingFilters: event.terminatingFilters,
  };
}

/** CLASSIFY_ALLOW prints no direction; the authorization layers have one each (SCHEMA 8). */
function directionOf(layerId: number | null): RecordedVerdict["direction"] {
  if (layerId === 48 || layerId === 50) return "out";
  return layerId === 44 || layerId === 46 ? "in" : null;
}

const FORM = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?Z?$/;

/** Seconds since 1970 of an ISO 8601 time, taken as UTC; NaN for what is none. */
export function secondsOf(text: string): number {
  const parts = FORM.exec(text);
  if (parts === null) return Number.NaN;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  return daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second + Number(`0${parts[7] ?? ""}`);
}

/** By Howard Hinnant's "days from civil": years begin in March, so that the leap day is the last. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}
