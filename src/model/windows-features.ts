import { existsIn, type WindowsVersion } from "./windows-version.ts";

/** Since when something exists, and from which version on no longer. */
export interface Availability {
  readonly since: WindowsVersion;
  readonly until?: WindowsVersion;
  /** What it is, for the table in docs/diagnostics.md. */
  readonly what: string;
}

/**
 * What Windows has since when (WFP-SHIMS 4.13): the one table that engine, stack and firewall ask. A service pack counts as its version, a
 * server as the client of its generation: Vista SP1 is "vista", 8.1 is "8", Server 2022 is "11". Layers and fields carry their own version
 * in the tables of the model; the rows about them here are what a reader looks for, and a test holds the two to each other.
 */
export const FEATURES = {
  arrivalInterfaceReauthorization: { since: "vista", what: "reauthorization where a packet arrives by another interface (Vista SP1)" },
  reassembledFlag: { since: "vista", what: "IS_REASSEMBLED, the loopback flag beyond ALE (Vista SP1)" },
  implicitBindFlag: { since: "vista", until: "7", what: "IS_IMPLICIT_BIND" },
  sameFieldOr: { since: "7", what: "conditions on one field are OR'ed; before, a second one is FWP_E_DUPLICATE_CONDITION" },
  notEqual: { since: "7", what: "FWP_MATCH_NOT_EQUAL" },
  reauthorizeReason: { since: "7", what: "REAUTHORIZE_REASON" },
  nexthopReauthorization: { since: "7", what: "reauthorization where a packet leaves by another interface" },
  profileReauthorization: { since: "7", what: "reauthorization where a packet crosses network categories" },
  profileFields: { since: "7", what: "ORIGINAL_PROFILE_ID, CURRENT_PROFILE_ID and the interfaces' profiles" },
  redirection: { since: "7", what: "BIND_REDIRECT, CONNECT_REDIRECT" },
  closureAndRelease: { since: "7", what: "ENDPOINT_CLOSURE, RESOURCE_RELEASE" },
  streamPacket: { since: "7", what: "STREAM_PACKET" },
  nameResolution: { since: "7", what: "NAME_RESOLUTION_CACHE" },
  keyingAuthorization: { since: "7", what: "KM_AUTHORIZATION" },
  classifyOptions: { since: "7", what: "callouts that set socket options (FWPM_CLASSIFY_OPTIONS_CONTEXT)" },
  streamDynamicInspection: { since: "7", what: "stream callouts that join a connection which is already open" },
  dosProtection: { since: "7", what: "the sublayer of IPsec DoS protection" },
  systemPort: { since: "7", what: "ALE_SIO_FIREWALL_SYSTEM_PORT" },
  macLayers: { since: "8", what: "the MAC frame layers" },
  virtualSwitchLayers: { since: "8", what: "the virtual switch layers" },
  appContainers: { since: "8", what: "ALE_PACKAGE_ID, ALE_ORIGINAL_APP_ID" },
  appContainerLoopbackFlags: { since: "8", what: "IS_APPCONTAINER_LOOPBACK, IS_NON_APPCONTAINER_LOOPBACK" },
  redirectRecords: { since: "8", what: "redirect handles and records, IS_PROXY_CONNECTION" },
  policyHonouringAuthorization: { since: "8", what: "a second authorization for the original destination, IS_HONORING_POLICY_AUTHORIZE" },
  flowAbort: { since: "8", what: "FwpsFlowAbort0" },
  tcpTemplates: { since: "8", what: "TCP templates" },
  indexedFilters: { since: "8", what: "FWPM_FILTER_FLAG_INDEXED" },
  tcpTimers: { since: "8", what: "a first timeout of 1 s and four more SYNs; before, 3 s and two" },
  classifyAllowEvents: { since: "8", what: "net events CLASSIFY_ALLOW" },
  capabilityEvents: { since: "8", what: "net events CAPABILITY_DROP, CAPABILITY_ALLOW" },
  macDropEvents: { since: "8", what: "net events CLASSIFY_DROP_MAC, audits 5150 and 5151" },
  netEventDirection: { since: "7", what: "direction, profiles, reauthorization reason and isLoopback in net events" },
  netEventVirtualSwitch: { since: "8", what: "vSwitchId and the ports of the virtual switch in net events" },
  netEventPackage: { since: "8", what: "packageSid and capabilities in net events" },
  netEventKeywords: { since: "7", what: "keywords that switch net events on; before, every drop is collected" },
  remoteIdentity: { since: "7", what: "RemoteUserID and RemoteMachineID in 5156 and 5157" },
  fastLayers: { since: "8", what: "the *_FAST layers (8.1)" },
  cubic: { since: "10", what: "CUBIC, an initial window of 10 segments" },
  compartmentId: { since: "10", what: "COMPARTMENT_ID" },
  effectiveName: { since: "10", what: "EFFECTIVE_NAME, fully qualified binary names, enterprise id and policy flags in net events" },
  filterOrigin: { since: "11", what: "FilterOrigin and InterfaceIndex in 5152 and 5157; filterOrigin and interfaceIndex in net events" },
  appIsolationSublayer: { since: "11", what: "the sublayer MPSSVC_APP_ISOLATION" },
  acceptRedirect: { since: "11", what: "the accept redirect layers" },
  ruleAddressLists: { since: "11", what: "the firewall's filters with all addresses of a rule in one list; before, a filter for each" },
  connectionPolicy: { since: "11", what: "the network connection policy layers" },
  packageFamilyName: { since: "11", what: "ALE_PACKAGE_FAMILY_NAME" },
  rpcOpnum: { since: "11", what: "RPC_OPNUM" },
} as const satisfies Readonly<Record<string, Availability>>;

export type Feature = keyof typeof FEATURES;

/** Whether this Windows has it. */
export function hasFeature(feature: Feature, windows: WindowsVersion): boolean {
  const { since, until }: Availability = FEATURES[feature];
  return existsIn(since, windows) && (until === undefined || !existsIn(until, windows));
}
