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
}

export const DEFAULT_DIAGNOSTICS: DiagnosticsOptions = {
  netEvents: true,
  keywords: 0,
  auditConnections: true,
  auditPacketDrops: true,
};
