import { InputError, type IpAddress, parseAddress, type RecordedHeader, type RecordedVerdict } from "../../model/index.ts";
import type { SecurityEvent } from "./security-event.ts";
import { SecurityFields } from "./security-fields.ts";

/** Events that are verdicts (WFP-DIAGNOSTICS-FIREWALL 5.2). */
const ACTION: Readonly<Record<number, RecordedVerdict["action"]>> = {
  5150: "block",
  5151: "block",
  5152: "block",
  5153: "block",
  5154: "permit",
  5155: "block",
  5156: "permit",
  5157: "block",
  5158: "permit",
  5159: "block",
};

const FRAMES = new Set([5150, 5151]);
/** Binds and listens have one end only, this host's. */
const ENDPOINTS = new Set([5154, 5155, 5158, 5159]);

const DIRECTIONS: Readonly<Record<number, "in" | "out" | "forward">> = { 14592: "in", 14593: "out", 14594: "forward" };

export function isVerdict(id: number): boolean {
  return ACTION[id] !== undefined;
}

/** @throws InputError with the line where a member cannot be. */
export function readVerdict(event: SecurityEvent, header: RecordedHeader): RecordedVerdict {
  const fields = new SecurityFields(event);
  const direction = directionOf(fields);
  const source = end(fields, "Source", !FRAMES.has(event.id));
  const destination = ENDPOINTS.has(event.id) || FRAMES.has(event.id) ? NO_END : end(fields, "Dest", true);
  // Source is who sends: on real machines 5156 and 5157 agree with 5152 in that, unlike Microsoft's samples (WFP-CONFORMANCE Q10).
  const [local, remote] = direction === "in" && !ENDPOINTS.has(event.id) ? [destination, source] : [source, destination];
  return {
    ...header,
    type: "verdict",
    eventId: event.id,
    netEvent: null,
    action: ACTION[event.id] ?? "permit",
    direction,
    layerId: fields.integer("LayerRTID"),
    family: local.address?.family ?? remote.address?.family ?? null,
    protocol: fields.integer("Protocol"),
    local: local.address,
    localPort: local.port,
    remote: remote.address,
    remotePort: remote.port,
    application: fields.text("Application"),
    processId: fields.integer("ProcessID", "ProcessId"),
    user: null,
    package: null,
    originalProfile: null,
    currentProfile: null,
    interfaceIndex: fields.integer("InterfaceIndex"),
    isLoopback: null,
    isReauthorization: null,
    filterId: fields.big("FilterRTID"),
    filterOrigin: fields.text("FilterOrigin"),
    terminatingFilters: [],
  };
}

interface End {
  readonly address: IpAddress | null;
  readonly port: number | null;
}

const NO_END: End = { address: null, port: null };

function end(fields: SecurityFields, side: "Source" | "Dest", hasAddress: boolean): End {
  if (!hasAddress) return NO_END;
  const text = fields.text(`${side}Address`);
  if (text === null) return { address: null, port: fields.integer(`${side}Port`) };
  try {
    return { address: parseAddress(text.replace(/%.*$/, "")), port: fields.integer(`${side}Port`) };
  } catch (error) {
    if (error instanceof InputError) throw fields.fault(`${side}Address: ${error.message}`);
    throw error;
  }
}

function directionOf(fields: SecurityFields): RecordedVerdict["direction"] {
  const message = fields.message("Direction");
  if (message !== null) return DIRECTIONS[message] ?? null;
  // Exporters that resolve messages print the words of an English Windows.
  switch (fields.text("Direction")?.toLowerCase()) {
    case "inbound":
      return "in";
    case "outbound":
      return "out";
    case "forward":
      return "forward";
    default:
      return null;
  }
}
