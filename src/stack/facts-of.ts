import { type AddressType, addressTypeOf, existsIn, type IpAddress, isLoopback, type Metadata } from "../model/index.ts";
import type { AleEndpoint } from "./ale/endpoint.ts";
import type { IndicationFacts, InterfaceFacts, ProcessFacts } from "./facts.ts";
import type { Host } from "./host.ts";
import type { NetworkInterface } from "./interface.ts";
import { routeTo } from "./ip/route.ts";
import { ipHeaderSize, TCP, tcpHeaderSize } from "./packet.ts";
import { type Ends, endsOf, type Situation } from "./situation.ts";

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
    protocol: endpoint?.protocol ?? TCP,
    localAddress: ends.localAddress,
    remoteAddress: ends.remoteAddress,
    localPort: ends.localPort,
    remotePort: ends.remotePort,
    localAddressType: localType(situation, ends.localAddress),
    remoteAddressType: ends.remoteAddress === null ? null : addressTypeOf(ends.remoteAddress),
    process: processFacts(endpoint),
    peerPackage: null,
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
    originalIcmpType: null,
    socketProperty: 0,
    promiscuousMode: 0,
    compartmentId: 1,
    embedded: null,
    volumes: host.volumes,
    hasAppContainers: existsIn("8", host.windows),
    overrides: NO_OVERRIDES,
    metadata: metadataOf(situation, endpoint, current),
  };
}

/** A packet crosses one interface: it arrives or it leaves, never both at a host (WFP-SHIMS 4.12). */
function crossedInterfaces(
  host: Host,
  { direction, nexthop }: Situation,
  ends: Ends,
): { readonly arrival: NetworkInterface | null; readonly nexthop: NetworkInterface | null } {
  if (nexthop !== undefined) return { arrival: null, nexthop };
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
function localType({ implicitBind }: Situation, address: IpAddress | null): AddressType | null {
  if (address !== null) return addressTypeOf(address);
  return implicitBind === true ? null : "unspecified";
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
  return { path, originalPath: path, token, processId };
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
    ...(packet === null ? {} : { ipHeaderSize: ipHeaderSize(packet), transportHeaderSize: tcpHeaderSize(packet.segment) }),
    ...(crossed === null ? {} : { interfaceIndex: crossed.index }),
  };
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
