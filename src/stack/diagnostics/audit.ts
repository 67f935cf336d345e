import {
  type AuditRecord,
  CONDITION_FLAG,
  existsIn,
  FIELD_KEY,
  type Filter,
  formatAddress,
  type IpAddress,
  NULL_SID,
} from "../../model/index.ts";
import { auditLayerName } from "./audit-layer-name.ts";
import type { Classified } from "./classified.ts";

type Audit = Omit<AuditRecord, "seq" | "time">;

export interface AuditOptions {
  readonly auditConnections: boolean;
  readonly auditPacketDrops: boolean;
  readonly connectionSource: "local" | "initiator";
  readonly permittedFilter: "winning" | "documented";
}

/**
 * The Security log's events of one classification (WFP-DIAGNOSTICS-FIREWALL 5.2): binds and listens have their own, connections are
 * 5156 and 5157, and whatever is dropped is a 5152, or a 5153 where a callout vetoed.
 */
export function auditsOf(classified: Classified, options: AuditOptions): readonly Audit[] {
  const { layer, outcome } = classified;
  const permit = outcome === "permit";
  const audits: Audit[] = [];
  const add = (eventId: Audit["eventId"], data: Audit["data"]) => {
    audits.push({ type: "audit", host: classified.host, eventId, data });
  };
  if (layer.name.includes("ALE_RESOURCE_ASSIGNMENT")) {
    if (options.auditConnections) add(permit ? 5158 : 5159, endpointData(classified));
    return audits;
  }
  if (layer.name.includes("ALE_AUTH_LISTEN")) {
    if (options.auditConnections) add(permit ? 5154 : 5155, endpointData(classified));
    return audits;
  }
  // One blocked connection is both a packet and a connection to the log.
  if (!permit && options.auditPacketDrops) {
    add(classified.decision.code === "CALLOUT_VETO" ? 5153 : 5152, packetData(classified));
  }
  const connection = layer.name.includes("ALE_AUTH_CONNECT") || layer.name.includes("ALE_AUTH_RECV_ACCEPT");
  if (connection && options.auditConnections && !(permit && isNoNewConnection(classified))) {
    add(permit ? 5156 : 5157, connectionData(classified, options));
  }
  return audits;
}

/** A connection is permitted once: not when it is judged again, nor for the destination it was redirected from. */
function isNoNewConnection({ flags }: Classified): boolean {
  return (flags & (CONDITION_FLAG.IS_REAUTHORIZE | CONDITION_FLAG.IS_HONORING_POLICY_AUTHORIZE)) !== 0;
}

function endpointData(classified: Classified): Audit["data"] {
  return {
    ProcessId: processId(classified),
    Application: application(classified),
    SourceAddress: addressText(classified.localAddress, classified.family),
    SourcePort: String(classified.localPort ?? 0),
    Protocol: String(classified.protocol),
    FilterRTID: filterId(classified.decision.filter),
    ...layerData(classified),
  };
}

/** Source and destination are the packet's. */
function packetData(classified: Classified): Audit["data"] {
  return {
    ProcessId: processId(classified),
    Application: application(classified),
    Direction: directionText(classified),
    ...ends(classified, classified.direction === "outbound"),
    Protocol: String(classified.protocol),
    ...origin(classified),
    FilterRTID: filterId(classified.decision.filter),
    ...layerData(classified),
  };
}

function connectionData(classified: Classified, options: AuditOptions): Audit["data"] {
  const { outcome, decision } = classified;
  const localFirst = options.connectionSource === "local" || classified.direction === "outbound";
  return {
    ProcessID: processId(classified),
    Application: application(classified),
    Direction: directionText(classified),
    ...ends(classified, localFirst),
    Protocol: String(classified.protocol),
    ...(outcome === "block" ? origin(classified) : {}),
    FilterRTID:
      outcome === "permit" && options.permittedFilter === "documented" && !isAuditable(decision.filter) ? "0" : filterId(decision.filter),
    ...layerData(classified),
    RemoteUserID: NULL_SID,
    RemoteMachineID: NULL_SID,
  };
}

const auditableFields: ReadonlySet<string> = new Set([
  FIELD_KEY.ALE_USER_ID,
  FIELD_KEY.ALE_APP_ID,
  FIELD_KEY.IP_PROTOCOL,
  FIELD_KEY.IP_REMOTE_PORT,
]);

/** "Permitted connections do not always audit the filter": only filters with no other conditions are named for TCP. */
function isAuditable(filter: Filter | null): boolean {
  return filter?.conditions.every(({ fieldKey }) => auditableFields.has(fieldKey)) ?? true;
}

function ends(classified: Classified, localFirst: boolean): Audit["data"] {
  const local = [addressText(classified.localAddress, classified.family), String(classified.localPort ?? 0)] as const;
  const remote = [addressText(classified.remoteAddress, classified.family), String(classified.remotePort ?? 0)] as const;
  const [source, destination] = localFirst ? [local, remote] : [remote, local];
  return { SourceAddress: source[0], SourcePort: source[1], DestAddress: destination[0], DestPort: destination[1] };
}

/** Since Windows 11 drops say where the filter comes from. */
function origin({ windows, decision, interfaceIndex }: Classified): Audit["data"] {
  if (!existsIn("11", windows)) return {};
  return { FilterOrigin: decision.filter?.origin ?? "Unknown", InterfaceIndex: String(interfaceIndex ?? 0) };
}

function layerData({ layer }: Classified): Audit["data"] {
  return { LayerName: auditLayerName(layer), LayerRTID: String(layer.id) };
}

function directionText({ direction }: Classified): string {
  return direction === "inbound" ? "%%14592" : "%%14593";
}

function processId({ processId: id }: Classified): string {
  return String(id ?? 0);
}

function application({ appId }: Classified): string {
  return appId ?? "-";
}

function filterId(filter: Filter | null): string {
  return (filter?.filterId ?? 0n).toString();
}

function addressText(address: IpAddress | null, family: 4 | 6): string {
  if (address !== null) return formatAddress(address);
  return family === 4 ? "0.0.0.0" : "::";
}
