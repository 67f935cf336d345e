import { CONDITION_FLAG, type DISCARD_REASONS, type EventName, type FlowSpec, type Metadata, UNKNOWN } from "../../model/index.ts";
import type { EmbeddedFacts, IndicationFacts, InterfaceFacts } from "../facts.ts";
import type { ShimName } from "../shims/shims.ts";

/** One layer on a flow's way, and what is different there from the flow's facts. */
export interface Visit {
  readonly shim: ShimName;
  readonly event: EventName;
  readonly direction: "inbound" | "outbound";
  readonly facts: Partial<IndicationFacts>;
}

export interface VisitOptions {
  readonly listener: boolean;
  /** Whether this Windows marks a bind made by connect (IS_IMPLICIT_BIND, before Windows 7). */
  readonly implicitBindFlag: boolean;
  /** Interpretation.transportBeforeDiscard, WFP-CONFORMANCE Q6. */
  readonly transportBeforeDiscard: boolean;
}

type Reason = (typeof DISCARD_REASONS)["transport" | "network"][number];

/** Types of ICMP errors, by protocol; everything else of ICMP is a message of its own. */
export const ICMP_ERRORS = { 1: new Set([3, 4, 5, 11, 12]), 58: new Set([1, 2, 3, 4]) } as const;

/**
 * The layers a flow visits on this host, in Windows' order (WFP-SHIMS 4.3.3, 4.3.4, 4.4). Not more than is needed to make it a flow:
 * the handshake for TCP, the first message for others.
 */
export function visitsOf(flow: FlowSpec, family: 4 | 6, networkInterface: InterfaceFacts, options: VisitOptions): readonly Visit[] {
  const { listener, implicitBindFlag, transportBeforeDiscard } = options;
  const inbound = (shim: ShimName, event: EventName, facts: Partial<IndicationFacts> = {}): Visit => ({
    shim,
    event,
    direction: "inbound",
    facts: { direction: "inbound", arrivalInterface: networkInterface, nexthopInterface: null, ...facts },
  });
  const outbound = (shim: ShimName, event: EventName, facts: Partial<IndicationFacts> = {}): Visit => ({
    shim,
    event,
    direction: "outbound",
    facts: { direction: "outbound", arrivalInterface: null, nexthopInterface: networkInterface, ...facts },
  });
  /** Made by connect or sendto: no address yet, a port of the stack's choice (WFP-SHIMS 4.3.1). */
  const bind = (shim: ShimName) =>
    outbound(shim, "bind", {
      localAddress: null,
      localAddressType: null,
      localPort: null,
      remoteAddress: null,
      remotePort: null,
      nexthopInterface: null,
      localInterface: null,
      flags: CONDITION_FLAG.IS_WILDCARD_BIND | (implicitBindFlag ? CONDITION_FLAG.IS_IMPLICIT_BIND : 0),
    });
  const connecting = { arrivalInterface: null } as const;
  const why = (module: "transport" | "network", reason: Reason): { readonly metadata: Metadata } => ({
    metadata: { discardReason: { module, reason } },
  });

  if (flow.protocol === 6) {
    if (flow.direction === "out") {
      return [
        bind("bindRedirect"),
        bind("resourceAssignment"),
        outbound("connectRedirect", "connect", connecting),
        outbound("authConnect", "connect", connecting),
        outbound("outboundTransport", "SYN"),
        outbound("outboundIppacket", "SYN"),
        inbound("inboundIppacket", "SYN-ACK"),
        inbound("inboundTransport", "SYN-ACK"),
        inbound("flowEstablished", "SYN-ACK"),
        outbound("outboundTransport", "ACK"),
        outbound("outboundIppacket", "ACK"),
      ];
    }
    if (!listener) {
      return [
        inbound("inboundIppacket", "SYN"),
        ...(transportBeforeDiscard ? [inbound("inboundTransport", "SYN")] : []),
        inbound("transportDiscard", "SYN", why("transport", "InetDiscardEndpointNotFound")),
        outbound("outboundTransport", "RST"),
        outbound("outboundIppacket", "RST"),
      ];
    }
    return [
      inbound("inboundIppacket", "SYN"),
      inbound("inboundTransport", "SYN", { aleClassifyRequired: true }),
      inbound("authRecvAccept", "SYN"),
      outbound("outboundTransport", "SYN-ACK"),
      outbound("outboundIppacket", "SYN-ACK"),
      inbound("inboundIppacket", "ACK"),
      inbound("inboundTransport", "ACK"),
      inbound("flowEstablished", "ACK"),
    ];
  }

  const isIcmp = flow.protocol === 1 || flow.protocol === 58;
  const message: EventName = isIcmp ? "ICMP message" : flow.protocol === 17 ? "UDP message" : "IP datagram";
  const packet: EventName = isIcmp ? "ICMP message" : "IP datagram";
  const isError = isIcmp && flow.icmp !== undefined && ICMP_ERRORS[flow.protocol === 1 ? 1 : 58].has(flow.icmp.type);
  if (isError) {
    const quoted: EmbeddedFacts = {
      protocol: UNKNOWN,
      remoteAddress: UNKNOWN,
      localAddressType: UNKNOWN,
      localPort: UNKNOWN,
      remotePort: UNKNOWN,
    };
    return flow.direction === "out"
      ? [outbound("outboundIcmpError", message), outbound("outboundTransport", message), outbound("outboundIppacket", packet)]
      : [
          inbound("inboundIppacket", packet),
          inbound("inboundTransport", message),
          inbound("inboundIcmpError", message, { embedded: quoted }),
        ];
  }
  if (flow.direction === "out") {
    return [
      // Echo requests are the stack's own: nobody binds for them (WFP-SHIMS 4.4.1).
      ...(isIcmp ? [] : [bind("bindRedirect"), bind("resourceAssignment"), outbound("connectRedirect", "sendto", connecting)]),
      outbound("authConnect", isIcmp ? message : "sendto", connecting),
      outbound("flowEstablished", isIcmp ? message : "sendto"),
      outbound("datagramData", message),
      outbound("outboundTransport", message),
      outbound("outboundIppacket", packet),
    ];
  }
  if (!listener && !isIcmp) {
    const unreachable = family === 4 ? { localPort: 3, remotePort: 3 } : { localPort: 1, remotePort: 4 };
    return [
      inbound("inboundIppacket", packet),
      inbound("ippacketDiscard", packet, why("network", "IpDiscardPortUnreachable")),
      outbound("outboundIcmpError", "ICMP Dest Unreachable", unreachable),
      outbound("outboundTransport", "ICMP Dest Unreachable", { ...unreachable, protocol: family === 4 ? 1 : 58 }),
      outbound("outboundIppacket", "ICMP Dest Unreachable", { protocol: family === 4 ? 1 : 58 }),
    ];
  }
  return [
    inbound("inboundIppacket", packet),
    inbound("inboundTransport", message, { aleClassifyRequired: true }),
    inbound("authRecvAccept", message),
    inbound("flowEstablished", message),
    inbound("datagramData", message),
  ];
}
