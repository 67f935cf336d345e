const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** Children that each part of a net event is known to have, seen or documented (SCHEMA 8, fwpmtypes.h FWPM_NET_EVENT_HEADER3). */
export const NET_EVENT_CHILDREN = {
  "net event": words(
    "header type classifyDrop classifyAllow classifyDropMac capabilityDrop capabilityAllow ikeMmFailure ikeQmFailure ikeEmFailure ipsecDrop idpDrop lpmPacketArrival internalFields",
  ),
  header: words(
    "timeStamp flags ipVersion ipProtocol localAddrV4 remoteAddrV4 localAddrV6.byteArray16 remoteAddrV6.byteArray16 localPort remotePort scopeId appId userId addressFamily packageSid enterpriseId policyFlags effectiveName",
  ),
  classification: words(
    "filterId layerId reauthReason originalProfile currentProfile msFwpDirection isLoopback vSwitchId vSwitchSourcePort vSwitchDestinationPort networkCapabilityId localMacAddr.byteArray6 remoteMacAddr.byteArray6 mediaType ifType etherType ndisPortNumber reserved vlanTag ifLuid",
  ),
  "internal fields": words(
    "internalFlags remoteAddrBitmap capabilities fqbnVersion fqbnName terminatingFiltersInfo filterOrigin interfaceIndex",
  ),
  "terminating filter": words("filterId subLayer actionType"),
} as const;

export type NetEventPart = keyof typeof NET_EVENT_CHILDREN;

/** Sections of wfpdiag.xml beside the net events: the policy, which readNetsh reads, and what belongs to IPsec. */
export const OTHER_SECTIONS = words(
  "timeStamp filters providers providerContexts subLayers layers callouts sessions subscriptions ipsecSaContexts aleConnectedEndpoints ikeextStatistics ipsecStatistics ikeextSas wfpstate systemInfo",
);
