import { type AuditRecord, CONDITION_FLAG, REAUTHORIZE_REASON } from "../../model/index.ts";
import { has } from "../versions/features.ts";
import { connectionData, endpointData, frameData, packetData, serviceData } from "./audit-data.ts";
import type { Classified } from "./classified.ts";
import type { DiagnosticsContext } from "./diagnose.ts";
import { isNewToFirewall } from "./query-user.ts";

type Audit = Omit<AuditRecord, "seq" | "time">;

/**
 * The Security log's events of one classification (WFP-DIAGNOSTICS-FIREWALL 5.2): binds and listens have their own, connections are 5156
 * and 5157, frames 5150; whatever else is dropped is a 5152. 5151 and 5153 are drops that a callout vetoed.
 */
export function auditsOf(classified: Classified, { options, interpretation, policy }: DiagnosticsContext): readonly Audit[] {
  const { layer, outcome, link, windows } = classified;
  const permit = outcome === "permit";
  const vetoed = classified.decision.code === "CALLOUT_VETO";
  const audits: Audit[] = [];
  const add = (eventId: Audit["eventId"], data: Audit["data"]) => {
    audits.push({ type: "audit", host: classified.host, eventId, data });
  };
  if (link !== null) {
    if (!permit && options.auditConnections && has("macDropEvents", windows)) add(vetoed ? 5151 : 5150, frameData(classified, link));
    return audits;
  }
  const isBind = layer.name.includes("ALE_RESOURCE_ASSIGNMENT");
  if (isBind || layer.name.includes("ALE_AUTH_LISTEN")) {
    if (!options.auditConnections) return audits;
    if (isBind) add(permit ? 5158 : 5159, endpointData(classified));
    else add(permit ? 5154 : 5155, endpointData(classified));
    if (permit && isNewToFirewall(classified, policy)) add(5031, serviceData(classified));
    return audits;
  }
  // One blocked connection is both a packet and a connection to the log.
  if (!permit && options.auditPacketDrops) add(vetoed ? 5153 : 5152, packetData(classified));
  // Its discard layer is none of the two; it sees what is dropped already.
  const connection = /ALE_AUTH_(CONNECT|RECV_ACCEPT)_V[46]$/.test(layer.name);
  if (connection && options.auditConnections && !(permit && isNoNewConnection(classified))) {
    add(permit ? 5156 : 5157, connectionData(classified, interpretation));
  }
  return audits;
}

/**
 * A connection is permitted once: not when it is judged again, nor for the destination it was redirected from. Of the flow that all inbound
 * multicast and broadcast share, recorded machines write a 5156 for every packet.
 */
function isNoNewConnection({ flags, reauthorizeReason }: Classified): boolean {
  if (reauthorizeReason === REAUTHORIZE_REASON.NEW_INBOUND_MCAST_BCAST_PACKET) return false;
  return (flags & (CONDITION_FLAG.IS_REAUTHORIZE | CONDITION_FLAG.IS_HONORING_POLICY_AUTHORIZE)) !== 0;
}
