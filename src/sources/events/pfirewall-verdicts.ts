import type { RecordedVerdict } from "../../model/index.ts";
import { secondsOf } from "./net-events-verdicts.ts";
import type { FirewallLog, FirewallLogEntry } from "./pfirewall-log.ts";

/** Ids that ALE's authorization layers have had in every Windows so far (SCHEMA 2). */
const LAYER = { in: { 4: 44, 6: 46 }, out: { 4: 48, 6: 50 } } as const;

/**
 * Lines of pfirewall.log as verdicts without a filter: only whether it let the packet pass can be compared. The log names no layer, but
 * policies of real machines show who writes it: "Logging Filter"s behind ALE's authorization layers. CLOSE is no verdict, and left out.
 */
export function firewallLogVerdicts({ entries, source }: Pick<FirewallLog, "entries" | "source">): RecordedVerdict[] {
  return entries.filter(({ action }) => action !== "CLOSE").map((entry) => verdictOf(entry, source));
}

function verdictOf(entry: FirewallLogEntry, file: string): RecordedVerdict {
  const { line, time, action, protocol, source, destination, sourcePort, destinationPort, processId } = entry;
  const direction = directionOf(entry);
  const isIcmp = protocol === 1 || protocol === 58;
  const ends =
    direction === "in"
      ? { local: destination, localPort: destinationPort, remote: source, remotePort: sourcePort }
      : { local: source, localPort: sourcePort, remote: destination, remotePort: destinationPort };
  return {
    type: "verdict",
    position: { file, line },
    host: null,
    record: null,
    time: { seconds: secondsOf(time), hasFraction: false, text: time.replace("T", " ") },
    eventId: null,
    netEvent: null,
    action: action === "DROP" ? "block" : "permit",
    direction,
    layerId: direction === "in" || direction === "out" ? LAYER[direction][source.family] : null,
    family: source.family,
    protocol,
    ...ends,
    ...(isIcmp ? { localPort: entry.icmpType, remotePort: entry.icmpCode } : {}),
    application: null,
    processId,
    user: null,
    package: null,
    originalProfile: null,
    currentProfile: null,
    interfaceIndex: null,
    isLoopback: null,
    isReauthorization: null,
    filterId: null,
    filterOrigin: null,
    terminatingFilters: [],
  };
}

/** Logs before Windows Vista have no path: there the action tells, and DROP was of what came in. */
function directionOf({ path, action }: FirewallLogEntry): RecordedVerdict["direction"] {
  switch (path) {
    case "SEND":
      return "out";
    case "RECEIVE":
      return "in";
    case "FORWARD":
      return "forward";
    case "UNKNOWN":
    case null:
      return action === "OPEN" ? "out" : action === "OPEN-INBOUND" || action === "DROP" ? "in" : null;
  }
}
