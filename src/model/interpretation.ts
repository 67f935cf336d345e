/**
 * Choices where Microsoft's text conflicts or is silent (WFP-CONFORMANCE, open questions Q1–Q21). Each has one default; both ways are
 * implemented and tested.
 */
export interface Interpretation {
  /** Q1: which of two filters of equal effective weight in one sublayer is evaluated first. */
  readonly equalWeights: "newest-first" | "oldest-first";
  /** Q3: what a local TCP application sees after a failed reauthorization. */
  readonly failedReauthorization: "WSAECONNABORTED" | "WSAECONNRESET";
  /** Q4: whether NOT_EQUAL and FLAGS_NONE_SET match an empty field. */
  readonly emptyMatchesNegation: boolean;
  /** Q6: whether INBOUND_TRANSPORT is indicated before its discard layer for a SYN without a listener. */
  readonly transportBeforeDiscard: boolean;
  /**
   * Which discard layers a datagram to a closed port passes. Microsoft's page lists the network's only, and so do the conformance cases;
   * recorded machines write a 5152 of the transport's (layer 13), and another of the ICMP error (layer 32) although a filter at the former
   * blocked. "both-discards": the transport's, which holds nothing up, and then the network's.
   */
  readonly closedUdpPort: "network-discard" | "both-discards";
  /** Q8: whether conditions on one field that stand apart in the list are OR'ed like adjacent ones. */
  readonly sameFieldConditions: "any-position" | "adjacent-only";
  /** Q15: a CALLOUT_TERMINATING that leaves no decision. */
  readonly undecidedTerminatingCallout: "continue" | "block";
  /** Q19: REAUTHORIZE_REASON on the first classify. */
  readonly initialReauthorizeReason: "zero" | "empty";
  /** 4.3.1: what IS_WILDCARD_BIND tells; the two documentation pages differ. */
  readonly wildcardBind: "port" | "address";
  /** Q2: what the send of a datagram returns that AUTH_CONNECT blocks. */
  readonly blockedDatagram: "ok" | "WSAEACCES";
  /**
   * Q5: layers of a dual-stack socket's IPv4 traffic. "mixed": a program's bind to any address at V4 and then at V6 (as recorded), CONNECT_REDIRECT at
   * V6 with the mapped address, authorizations at V4; "v6-only": all ALE layers at V6.
   */
  readonly dualStack: "mixed" | "v6-only";
  /** Q7: what completing a pended bind or listen does. */
  readonly pendedBind: "reclassify" | "continue";
  /** 4.4.3: whether each further packet of the flow that all inbound multicast and broadcast share is authorized again. */
  readonly sharedFlow: "every-packet" | "first-packet";
  /**
   * Q12: when ALE says that loopback traffic is an AppContainer's (IS_APPCONTAINER_LOOPBACK). "both-ends": between a container and a
   * desktop program neither flag is set, so that the firewall drops it silently where it is accepted, as Windows Server 2025 was seen to.
   */
  readonly appContainerLoopback: "any-end" | "both-ends";
  /** Q13: what three and more conditions on one field add to an automatic weight: all there is, or what their widths earn. */
  readonly manyConditions: "full" | "by-width";
  /** Q16: where a sublayer goes whose weight is taken. */
  readonly subLayerCollision: "next-lower" | "next-higher";
  /** Q21: whether the *_FAST layers refuse filters that are no inspections. */
  readonly fastLayerActions: "inspection-only" | "any";
  /** Q17: what the program learns of a datagram blocked at a transport or network layer. */
  readonly blockedPacket: "ok" | "WSAEACCES";
  /** Q20: layers of forwarded traffic. */
  readonly forwardedTraffic: "forward-only" | "with-ippacket";
  /** Q9: whose direction a net event tells: the packet's, or that of its connection's first packet. */
  readonly netEventDirection: "packet" | "connection";
  /** Q18: whether a block writes one set of events, or its discard layer's own classification another. */
  readonly dropEvents: "per-block" | "per-layer";
  /**
   * Q10: which end events 5156 and 5157 call "source" for an inbound connection. Microsoft's samples have the local end; Windows 10
   * machines log the initiator, as 5152 does.
   */
  readonly connectionSource: "initiator" | "local";
  /**
   * Which filter 5156 names for TCP: the one that permitted, as Windows 10 machines log it, or 0 where that filter has conditions beyond
   * user, program, protocol and remote port, as the page on auditing says.
   */
  readonly permittedFilter: "winning" | "documented";
  /**
   * Q11: what a filter of a firewall rule asks for that is limited to authenticated users or computers: the flag IS_AUTH_FW and who they
   * are, or who they are alone. Both stand above the rules that block where the rule overrides them.
   */
  readonly authenticatedRules: "flag-and-identity" | "identity";
  /** What a host does with an indeterminate verdict so that a session can go on; the record says that it was assumed. */
  readonly indeterminate: "permit" | "block";
}

export const DEFAULT_INTERPRETATION: Interpretation = {
  equalWeights: "newest-first",
  failedReauthorization: "WSAECONNABORTED",
  emptyMatchesNegation: false,
  transportBeforeDiscard: false,
  closedUdpPort: "network-discard",
  sameFieldConditions: "any-position",
  undecidedTerminatingCallout: "continue",
  initialReauthorizeReason: "zero",
  wildcardBind: "port",
  blockedDatagram: "ok",
  dualStack: "mixed",
  pendedBind: "reclassify",
  sharedFlow: "every-packet",
  appContainerLoopback: "any-end",
  manyConditions: "full",
  subLayerCollision: "next-lower",
  fastLayerActions: "inspection-only",
  blockedPacket: "ok",
  forwardedTraffic: "forward-only",
  netEventDirection: "packet",
  dropEvents: "per-block",
  connectionSource: "initiator",
  permittedFilter: "winning",
  authenticatedRules: "flag-and-identity",
  indeterminate: "permit",
};
