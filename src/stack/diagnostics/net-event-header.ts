import { formatAddress, type IpAddress, NET_EVENT_HEADER_FLAG, type NetEventHeader, NULL_SID } from "../../model/index.ts";
import { has } from "../versions/features.ts";
import type { Classified } from "./classified.ts";

type Members = Omit<NetEventHeader, "flags">;

/** FWPM_NET_EVENT_HEADER0 to 3: which members exist follows from the version of Windows, which are set from the classification. */
export function netEventHeader(classified: Classified): NetEventHeader {
  const members = classified.link === null ? packetMembers(classified) : frameMembers(classified);
  return { flags: flagsOf(members, classified), ...members };
}

function packetMembers(classified: Classified): Members {
  const { family, protocol, localAddress, remoteAddress, owner, interface: crossed } = classified;
  return {
    ipVersion: family,
    ipProtocol: protocol,
    localAddress: localAddress === null ? null : formatAddress(localAddress),
    remoteAddress: remoteAddress === null ? null : formatAddress(remoteAddress),
    localPort: classified.localPort,
    remotePort: classified.remotePort,
    scopeId: [localAddress, remoteAddress].some(isLinkLocal) ? (crossed?.index ?? 0) : 0,
    userId: owner?.userId ?? null,
    ...versioned(classified),
  };
}

/** A frame has no IP members; its addresses stand in the body. */
function frameMembers(classified: Classified): Members {
  return {
    ipVersion: null,
    ipProtocol: null,
    localAddress: null,
    remoteAddress: null,
    localPort: null,
    remotePort: null,
    scopeId: 0,
    userId: null,
    ...versioned(classified),
  };
}

function versioned({ windows, owner }: Classified): Partial<Members> {
  return {
    ...(has("netEventPackage", windows) ? { packageSid: owner === null ? null : (owner.packageSid ?? NULL_SID) } : {}),
    ...(has("effectiveName", windows) ? { enterpriseId: null, policyFlags: 0, effectiveName: null } : {}),
  };
}

/** The names in the order of their bits, as netsh prints them. A reauthorization says so by its reason (REAUTH_REASON_SET, inferred). */
function flagsOf(members: Members, { owner, reauthorizeReason }: Classified): readonly string[] {
  const set: Readonly<Record<keyof typeof NET_EVENT_HEADER_FLAG, boolean>> = {
    IP_PROTOCOL_SET: members.ipProtocol !== null,
    LOCAL_ADDR_SET: members.localAddress !== null,
    REMOTE_ADDR_SET: members.remoteAddress !== null,
    LOCAL_PORT_SET: members.localPort !== null,
    REMOTE_PORT_SET: members.remotePort !== null,
    APP_ID_SET: owner !== null,
    USER_ID_SET: members.userId !== null,
    SCOPE_ID_SET: members.scopeId !== 0,
    IP_VERSION_SET: members.ipVersion !== null,
    REAUTH_REASON_SET: reauthorizeReason !== 0,
    PACKAGE_ID_SET: members.packageSid !== undefined && members.packageSid !== null,
    ENTERPRISE_ID_SET: false,
    POLICY_FLAGS_SET: false,
    EFFECTIVE_NAME_SET: false,
  };
  const bits = NET_EVENT_HEADER_FLAG;
  const names = Object.keys(bits) as (keyof typeof bits)[];
  return names.filter((name) => set[name]).sort((a, b) => bits[a] - bits[b]);
}

/** fe80::/10 (RFC 4291 2.5.6): meaningless without its interface. */
function isLinkLocal(address: IpAddress | null): boolean {
  return address?.family === 6 && address.bytes[0] === 0xfe && ((address.bytes[1] ?? 0) & 0xc0) === 0x80;
}
