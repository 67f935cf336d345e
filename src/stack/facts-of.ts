import { type AddressType, addressTypeOf, type IpAddress, isLoopback, type Metadata, type Sid } from "../model/index.ts";
import type { AleEndpoint } from "./ale/endpoint.ts";
import type { EmbeddedFacts, Fact, IndicationFacts, InterfaceFacts, ProcessFacts } from "./facts.ts";
import type { Host } from "./host.ts";
import { addressTypeOn, type NetworkInterface } from "./interface.ts";
import { routeTo } from "./ip/route.ts";
import { ipHeaderSize, type Packet, TCP } from "./packet.ts";
import { type Ends, endsOf, type QuotedPacket, type Situation } from "./situation.ts";
import { tcpHeaderSize } from "./tcp/segment.ts";
import { has } from "./versions/features.ts";

const NO_OVERRIDES: IndicationFacts["overrides"] = new Map();

/** What the stack of `host` tells the shims of a situation. A running host knows everything: nothing is UNKNOWN. */
export function factsOf(host: Host, situation: Situation): IndicationFacts {
  const { direction, connection } = situation;
  const ends = endsOf(situation);
  const endpoint = connection?.endpoint ?? situation.endpoint ?? null;
  const flow = connection?.flow ?? situation.flow ?? null;
  const crossed = crossedInterfaces(host, situation, ends);
  const local = ends.localAddress === null ? null : (host.interfaceOf(ends.localAddress) ?? null);
  const current = crossed.arrival ?? crossed.nexthop ?? local;
  const isBind = ends.remoteAddress === null;
  return {
    family: ends.family,
    direction,
    flowDirection: flow?.direction ?? direction,
    protocol: situation.packet?.protocol ?? endpoint?.protocol ?? TCP,
    localAddress: ends.localAddress,
    remoteAddress: ends.remoteAddress,
    localPort: ends.localPort,
    remotePort: ends.remotePort,
    localAddressType: localType(host, situation, ends.localAddress),
    remoteAddressType: ends.remoteAddress === null ? null : typeAt(host, ends.remoteAddress),
    process: processFacts(endpoint),
    peerPackage: peerPackage(host, situation, ends),
    localInterface: interfaceFacts(local, ends.family),
    arrivalInterface: interfaceFacts(crossed.arrival, ends.family),
    nexthopInterface: interfaceFacts(crossed.nexthop, ends.family),
    originalProfile: isBind ? null : (flow?.originalProfile ?? current?.profile ?? null),
    currentProfile: isBind ? null : (current?.profile ?? null),
    isLoopback: isLoopbackTraffic(host, ends),
    aleClassifyRequired: situation.aleClassifyRequired === true,
    flags: situation.flags ?? 0,
    // Q19: whether the first authorization has reason 0 or none.
    reauthorizeReason: situation.reauthorizeReason ?? (host.interpretation.initialReauthorizeReason === "zero" ? 0 : null),
    originalIcmpType: flow?.icmpType ?? icmpTypeOf(situation.packet),
    socketProperty: 0,
    promiscuousMode: situation.promiscuousMode ?? 0,
    compartmentId: 1,
    embedded: situation.quoted === undefined ? null : embeddedFacts(host, situation.quoted),
    ...(situation.link === undefined ? {} : { link: situation.link }),
    volumes: host.volumes,
    hasAppContainers: has("appContainerLoopbackFlags", host.windows),
    appContainerLoopback: host.interpretation.appContainerLoopback,
    overrides: NO_OVERRIDES,
    metadata: metadataOf(situation, endpoint, current),
  };
}

/** A packet crosses one interface: it arrives or it leaves; both only if it passes through (WFP-SHIMS 4.12). */
function crossedInterfaces(
  host: Host,
  { direction, nexthop, packet, forwardedBy }: Situation,
  ends: Ends,
): { readonly arrival: NetworkInterface | null; readonly nexthop: NetworkInterface | null } {
  if (forwardedBy !== undefined) {
    // What this host sends with another interface's address comes in by that one, as it were.
    const arrival = packet?.arrival ?? (ends.localAddress === null ? null : (host.interfaceOf(ends.localAddress) ?? null));
    return { arrival, nexthop: forwardedBy };
  }
  if (nexthop !== undefined) return { arrival: null, nexthop };
  if (packet?.arrival !== undefined) return { arrival: packet.arrival, nexthop: null };
  const { localAddress, remoteAddress } = ends;
  if (remoteAddress === null) return { arrival: null, nexthop: null };
  const crossed = routeTo(host, remoteAddress, localAddress)?.networkInterface ?? null;
  return direction === "inbound" ? { arrival: crossed, nexthop: null } : { arrival: null, nexthop: crossed };
}

/** Either end is a loopback address, or both are this machine's (WFP-SHIMS 4.11). */
function isLoopbackTraffic(host: Host, { localAddress, remoteAddress }: Ends): boolean {
  const known = [localAddress, remoteAddress].filter((address): address is IpAddress => address !== null);
  return known.some(isLoopback) || (known.length === 2 && known.every((address) => host.owns(address)));
}

/** No address is no type only where the bind is implicit; else it is the unspecified address (WFP-SHIMS 4.12). */
function localType(host: Host, { implicitBind }: Situation, address: IpAddress | null): AddressType | null {
  if (address !== null) return typeAt(host, address);
  return implicitBind === true ? null : "unspecified";
}

/** A host knows the broadcast addresses of its own subnets (WFP-SHIMS 4.4.3). */
function typeAt(host: Host, address: IpAddress): AddressType {
  for (const networkInterface of host.interfaces) {
    const type = addressTypeOn(networkInterface, address);
    if (type === "broadcast") return type;
  }
  return addressTypeOf(address);
}

/** The package of the other end, where that is a socket of this host too. */
function peerPackage(host: Host, { connection, endpoint }: Situation, { remoteAddress, remotePort }: Ends): Fact<Sid> {
  const own = connection?.endpoint ?? endpoint ?? null;
  if (own === null || remoteAddress === null || remotePort === null) return null;
  return host.endpoints.at(own.protocol, remoteAddress, remotePort)?.process.token.packageSid ?? null;
}

function icmpTypeOf(packet: Packet | null): number | null {
  return packet !== null && "message" in packet ? packet.message.type : null;
}

function embeddedFacts(host: Host, { protocol, local, remote, localPort, remotePort }: QuotedPacket): EmbeddedFacts {
  return { protocol, remoteAddress: remote, localAddressType: typeAt(host, local), localPort, remotePort };
}

function interfaceFacts(networkInterface: NetworkInterface | null, family: 4 | 6): InterfaceFacts | null {
  if (networkInterface === null) return null;
  const { index, luid, type, tunnelType, profile, quarantineEpoch } = networkInterface;
  // One sub-interface per interface.
  return { index, subInterfaceIndex: 0, luid, type, tunnelType, profile, quarantineEpoch: quarantineEpoch[family] };
}

/** The kernel stands for packets that belong to no socket; layers that show a process never see those. */
function processFacts(endpoint: AleEndpoint | null): ProcessFacts {
  if (endpoint === null) {
    return { path: null, originalPath: null, token: { user: "S-1-5-18", groups: [], packageSid: null, capabilities: [], attributes: {} } };
  }
  const { path, token, processId } = endpoint.process;
  return { path, originalPath: endpoint.redirectRecords?.originalPath ?? path, token, processId };
}

function metadataOf(situation: Situation, endpoint: AleEndpoint | null, crossed: NetworkInterface | null): Metadata {
  const { packet, connection, direction } = situation;
  const flow = connection?.flow ?? situation.flow ?? null;
  return {
    packetDirection: direction,
    compartmentId: 1,
    ...(situation.discardReason === undefined ? {} : { discardReason: situation.discardReason }),
    ...(flow === null ? {} : { flowHandle: flow.handle }),
    ...(endpoint === null ? {} : endpointMetadata(endpoint)),
    ...(situation.aleClassifyRequired === true ? { aleClassifyRequired: true } : {}),
    ...(packet === null ? {} : { ipHeaderSize: ipHeaderSize(packet), ...transportMetadata(packet) }),
    ...(crossed === null ? {} : { interfaceIndex: crossed.index }),
  };
}

const UDP_HEADER = 8;

function transportMetadata(packet: Packet): Metadata {
  if ("segment" in packet) return { transportHeaderSize: tcpHeaderSize(packet.segment) };
  if ("datagram" in packet) return { transportHeaderSize: UDP_HEADER };
  return {};
}

function endpointMetadata(endpoint: AleEndpoint): Metadata {
  const { handle, parent, process, redirectedFrom, localRedirectTargetPid } = endpoint;
  return {
    transportEndpointHandle: handle,
    processId: process.processId,
    processPath: process.path,
    ...(parent === null ? {} : { parentEndpointHandle: parent }),
    ...(redirectedFrom === null ? {} : { originalDestination: redirectedFrom }),
    ...(localRedirectTargetPid === null ? {} : { localRedirectTargetPid }),
  };
}
