/** What is written about classifications, beside the indications themselves (WFP-DIAGNOSTICS-FIREWALL 5.1, 5.2). */
export interface DiagnosticsOptions {
  /** Engine option COLLECT_NET_EVENTS; on in Windows unless switched off. */
  readonly netEvents: boolean;
  /**
   * Bits of NET_EVENT_KEYWORD (engine option NET_EVENT_MATCH_ANY_KEYWORDS): drops of inbound multicasts and broadcasts and of port scans,
   * allowed connections, and capabilities of AppContainers are net events only if asked for. Windows asks for none.
   */
  readonly keywords: number;
  /** Security audit "Filtering Platform Connection": 5031, 5150, 5151, 5154–5159. Off in Windows until switched on. */
  readonly auditConnections: boolean;
  /** Security audit "Filtering Platform Packet Drop": 5152, 5153. */
  readonly auditPacketDrops: boolean;
  /**
   * Which end events 5156 and 5157 call "source" for an inbound TCP connection (WFP-CONFORMANCE Q10). Microsoft's samples have the local
   * end; Windows 10 machines log the initiator, as 5152 does.
   */
  readonly connectionSource: "local" | "initiator";
  /**
   * Which filter 5156 names for TCP: the one that permitted, as Windows 10 machines log it, or 0 where that filter has conditions beyond
   * user, program, protocol and remote port, as the page on auditing says.
   */
  readonly permittedFilter: "winning" | "documented";
}

export const DEFAULT_DIAGNOSTICS: DiagnosticsOptions = {
  netEvents: true,
  keywords: 0,
  auditConnections: true,
  auditPacketDrops: true,
  connectionSource: "initiator",
  permittedFilter: "winning",
};
