/**
 * Capabilities that stand for the network in the firewall's own descriptors: an access check for an AppContainer must also find an ACE
 * that grants to the container itself (WFP-SEMANTICS 2.5). The last is proximity, as all recorded machines have it: its SID is the
 * device interface class of near field communication, GUID_DEVINTERFACE_NFP.
 */
export const NETWORK_CAPABILITIES = [
  "S-1-15-3-1",
  "S-1-15-3-2",
  "S-1-15-3-3",
  "S-1-15-3-4214768333-1334025770-122408079-3919188833",
] as const;
