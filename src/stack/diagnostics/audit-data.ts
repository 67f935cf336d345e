import { type AuditRecord, FIELD_KEY, type Filter, type Interpretation, NULL_SID, type Profile } from "../../model/index.ts";
import { has } from "../versions/features.ts";
import { addressText, linkAddressText } from "./address-text.ts";
import { auditLayerName } from "./audit-layer-name.ts";
import type { Classified } from "./classified.ts";
import { MEDIUM_802_3 } from "./net-event.ts";

type Data = AuditRecord["data"];

const DIRECTION = { inbound: "%%14592", outbound: "%%14593", forward: "%%14594" } as const;

/** 5154, 5155, 5158, 5159. */
export function endpointData(classified: Classified): Data {
  return {
    ProcessId: processId(classified),
    Application: application(classified),
    // Recorded dual-stack sockets have "::" at the layer of IPv4 as well.
    SourceAddress: addressText(classified.localAddress, classified.socketFamily),
    SourcePort: String(classified.localPort ?? 0),
    Protocol: String(classified.protocol),
    FilterRTID: filterId(classified.decision.filter),
    ...layerData(classified),
  };
}

/** 5152, 5153: source and destination are the packet's, whoever it belongs to. */
export function packetData(classified: Classified): Data {
  // Real 5152 of ICMP errors that are about to leave have no type and code, unlike 5156 of messages.
  const isError = classified.layer.name.includes("ICMP_ERROR");
  return {
    ProcessId: processId(classified),
    Application: application(classified),
    Direction: DIRECTION[classified.direction],
    ...ends(isError ? { ...classified, localPort: 0, remotePort: 0 } : classified, classified.direction === "outbound"),
    Protocol: String(classified.protocol),
    ...origin(classified),
    FilterRTID: filterId(classified.decision.filter),
    ...layerData(classified),
  };
}

/** 5156, 5157. */
export function connectionData(
  classified: Classified,
  { connectionSource, permittedFilter }: Pick<Interpretation, "connectionSource" | "permittedFilter">,
): Data {
  const { outcome, decision, direction, windows } = classified;
  const localFirst = connectionSource === "local" || direction === "outbound";
  const unnamed = outcome === "permit" && permittedFilter === "documented" && classified.protocol === 6 && !isAuditable(decision.filter);
  return {
    ProcessID: processId(classified),
    Application: application(classified),
    Direction: DIRECTION[direction],
    ...ends(classified, localFirst),
    Protocol: String(classified.protocol),
    ...(outcome === "block" ? origin(classified) : {}),
    FilterRTID: unnamed ? "0" : filterId(decision.filter),
    ...layerData(classified),
    // No IPsec identity is modelled: nobody authenticated.
    ...(has("remoteIdentity", windows) ? { RemoteUserID: NULL_SID, RemoteMachineID: NULL_SID } : {}),
  };
}

/** 5150, 5151: the frame's addresses. */
export function frameData(classified: Classified, link: NonNullable<Classified["link"]>): Data {
  const [source, destination] = classified.direction === "outbound" ? [link.local, link.remote] : [link.remote, link.local];
  return {
    Direction: DIRECTION[classified.direction],
    SourceAddress: linkAddressText(source),
    DestAddress: linkAddressText(destination),
    EtherType: `0x${link.etherType.toString(16).padStart(4, "0")}`,
    MediaType: String(MEDIUM_802_3),
    InterfaceType: String(classified.interface?.type ?? 0),
    VlanTag: "0",
    FilterRTID: filterId(classified.decision.filter),
    ...layerData(classified),
  };
}

const PROFILE_NAME: Readonly<Record<Profile, string>> = { none: "", public: "Public", private: "Private", domain: "Domain" };

/** 5031: the firewall's service names the program by its drive, and the categories of the networks. */
export function serviceData({ owner, activeProfiles }: Classified): Data {
  return { Profiles: activeProfiles.map((profile) => PROFILE_NAME[profile]).join(","), Application: owner?.dosPath ?? "-" };
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

/** ICMP has its type as the local port and its code as the remote one, in real events too. */
function ends(classified: Classified, localFirst: boolean): Data {
  const local = [addressText(classified.localAddress, classified.family), String(classified.localPort ?? 0)] as const;
  const remote = [addressText(classified.remoteAddress, classified.family), String(classified.remotePort ?? 0)] as const;
  const [source, destination] = localFirst ? [local, remote] : [remote, local];
  return { SourceAddress: source[0], SourcePort: source[1], DestAddress: destination[0], DestPort: destination[1] };
}

/**
 * Since Windows 11 drops say by which interface, and where the filter comes from (Microsoft's "Filter origin audit log"). They stand
 * before the filter's id, as in the provider's manifest.
 */
function origin({ windows, decision, interface: crossed }: Classified): Data {
  if (!has("filterOrigin", windows)) return {};
  return { InterfaceIndex: String(crossed?.index ?? 0), FilterOrigin: decision.filter?.origin ?? "Unknown" };
}

function layerData({ layer }: Classified): Data {
  return { LayerName: auditLayerName(layer), LayerRTID: String(layer.id) };
}

function processId({ owner }: Classified): string {
  return String(owner?.processId ?? 0);
}

function application({ owner }: Classified): string {
  return owner?.appId ?? "-";
}

function filterId(filter: Filter | null): string {
  return (filter?.filterId ?? 0n).toString();
}
