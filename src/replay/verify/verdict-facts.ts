import {
  type AddressType,
  addressTypeOf,
  CONDITION_FLAG,
  DEFAULT_VOLUMES,
  type FieldValue,
  formatAddress,
  type Guid,
  type IpAddress,
  isLoopback,
  isUnspecified,
  type Layer,
  type Profile,
  type RecordedVerdict,
  type Sid,
  sameAddress,
  type Token,
  UNKNOWN,
  type Unknown,
} from "../../model/index.ts";
import { type Fact, type IndicationFacts, type InterfaceFacts, loopbackInterface } from "../../stack/index.ts";

/** What is known about a verdict beyond its own members. */
export interface ExtraFacts {
  /** Of the interface now, and when the flow was first authorized. */
  readonly profile?: Profile;
  readonly originalProfile?: Profile;
  /** The profiles of that time that are not ruled out; one that is known goes before. */
  readonly originalProfiles?: readonly Profile[];
  readonly user?: Sid;
  readonly service?: Sid;
  readonly package?: Sid | null;
  /** Addresses that this computer is known to have. */
  readonly ownAddresses?: ReadonlySet<string>;
}

const NO_ADDRESSES: ReadonlySet<string> = new Set();

const ICMP: readonly number[] = [1, 58];
const PROFILES: readonly Profile[] = ["none", "public", "private", "domain"];
const LOCAL_SYSTEM: Sid = "S-1-5-18";
const ADMINISTRATORS: Sid = "S-1-5-32-544";

const UNKNOWN_INTERFACE: InterfaceFacts = {
  index: UNKNOWN,
  subInterfaceIndex: UNKNOWN,
  luid: UNKNOWN,
  type: UNKNOWN,
  tunnelType: UNKNOWN,
  profile: UNKNOWN,
  quarantineEpoch: UNKNOWN,
};

/** What the stack indicated, as far as the record and `extra` tell; everything else is UNKNOWN. */
export function factsOfVerdict(verdict: RecordedVerdict, layer: Layer, extra: ExtraFacts = {}): IndicationFacts {
  const family = layer.family ?? verdict.family ?? 4;
  const inbound = directionOf(verdict, layer) === "inbound";
  const isEndpoint = /ALE_(RESOURCE_ASSIGNMENT|AUTH_LISTEN)/.test(layer.name);
  const loop = loopbackOf(verdict, extra.ownAddresses ?? NO_ADDRESSES);
  const crossed: InterfaceFacts = loop === true ? knownLoopback() : { ...UNKNOWN_INTERFACE, index: verdict.interfaceIndex ?? UNKNOWN };
  const profile = profileOf(verdict.currentProfile) ?? extra.profile ?? crossed.profile;
  return {
    family,
    direction: inbound ? "inbound" : "outbound",
    flowDirection: inbound ? "inbound" : "outbound",
    protocol: verdict.protocol ?? UNKNOWN,
    // A bind to no address in particular may or may not have the field (WFP-SHIMS 4.12).
    localAddress: verdict.local === null || (isEndpoint && isUnspecified(verdict.local)) ? UNKNOWN : verdict.local,
    remoteAddress: isEndpoint ? null : (verdict.remote ?? UNKNOWN),
    ...portsOf(verdict, layer, isEndpoint),
    localAddressType: addressType(isEndpoint && verdict.local !== null && isUnspecified(verdict.local) ? null : verdict.local),
    remoteAddressType: isEndpoint ? null : addressType(verdict.remote),
    process: processOf(verdict, extra),
    peerPackage: loop === false ? null : UNKNOWN,
    localInterface: isEndpoint ? UNKNOWN : { ...crossed, profile },
    arrivalInterface: isEndpoint || !inbound ? null : { ...crossed, profile },
    nexthopInterface: isEndpoint || inbound ? null : { ...crossed, profile },
    originalProfile: isEndpoint ? UNKNOWN : (profileOf(verdict.originalProfile) ?? extra.originalProfile ?? crossed.profile),
    currentProfile: isEndpoint ? UNKNOWN : profile,
    isLoopback: loop,
    aleClassifyRequired: false,
    flags: verdict.isReauthorization === true ? CONDITION_FLAG.IS_REAUTHORIZE : 0,
    reauthorizeReason: UNKNOWN,
    originalIcmpType: icmpTypeOf(verdict),
    socketProperty: UNKNOWN,
    promiscuousMode: UNKNOWN,
    compartmentId: UNKNOWN,
    embedded: layer.name.includes("ICMP_ERROR")
      ? { protocol: UNKNOWN, remoteAddress: UNKNOWN, localAddressType: UNKNOWN, localPort: UNKNOWN, remotePort: UNKNOWN }
      : null,
    volumes: DEFAULT_VOLUMES,
    hasAppContainers: true,
    overrides: unknownFields(layer, isEndpoint),
    metadata: {},
  };
}

/** The direction of the record; binds and listens have none. */
function directionOf({ direction }: RecordedVerdict, layer: Layer): "inbound" | "outbound" {
  if (direction === "in") return "inbound";
  if (direction === "out") return "outbound";
  return /INBOUND|RECV_ACCEPT|LISTEN/.test(layer.name) ? "inbound" : "outbound";
}

const PROFILE_OF_LOOPBACK: Profile = "none";

function knownLoopback(): InterfaceFacts {
  const { luid, type, tunnelType } = loopbackInterface();
  return { ...UNKNOWN_INTERFACE, luid, type, tunnelType, profile: PROFILE_OF_LOOPBACK };
}

/**
 * Either end loopback, or both the same (WFP-SHIMS 4.11). Recordings say more of groups and broadcasts: what leaves for one is no loopback
 * traffic, not even from 127.0.0.1; the copy that the host itself hears is.
 */
function loopbackOf({ isLoopback: told, local, remote, direction }: RecordedVerdict, ownAddresses: ReadonlySet<string>): boolean | Unknown {
  if (told !== null) return told;
  if (direction === "out" && remote !== null && !isUnicast(remote)) return false;
  if ([local, remote].some((address) => address !== null && isLoopback(address))) return true;
  if (local === null || remote === null) return UNKNOWN;
  if (sameAddress(local, remote)) return true;
  if (direction !== "in" || isUnicast(local)) return false;
  return ownAddresses.has(formatAddress(remote)) ? true : UNKNOWN;
}

/** The directed broadcast of a subnet looks like any address; 255 at the end is taken for one. */
function isUnicast(address: IpAddress): boolean {
  return addressTypeOf(address) === "unicast" && !isMaybeBroadcast(address);
}

function isMaybeBroadcast(address: IpAddress): boolean {
  return address.family === 4 && (address.value & 0xff) === 0xff;
}

function addressType(address: IpAddress | null): Fact<AddressType> {
  if (address === null || isMaybeBroadcast(address)) return UNKNOWN;
  return addressTypeOf(address);
}

/** ICMP errors are logged without type and code: zeros stand for both (WFP-DIAGNOSTICS-FIREWALL 5.2). */
function portsOf(verdict: RecordedVerdict, layer: Layer, isEndpoint: boolean): Pick<IndicationFacts, "localPort" | "remotePort"> {
  const { localPort, remotePort } = verdict;
  if (layer.name.includes("ICMP_ERROR") && (localPort ?? 0) === 0 && (remotePort ?? 0) === 0) {
    return { localPort: UNKNOWN, remotePort: UNKNOWN };
  }
  return { localPort: localPort ?? UNKNOWN, remotePort: isEndpoint ? null : (remotePort ?? UNKNOWN) };
}

function icmpTypeOf({ protocol, localPort }: RecordedVerdict): Fact<number> {
  if (protocol === null) return UNKNOWN;
  if (!ICMP.includes(protocol)) return null;
  // An answer belongs to the flow that asked: its first message was of another type.
  return localPort ?? UNKNOWN;
}

function profileOf(id: number | null): Profile | undefined {
  return id === null ? undefined : PROFILES[id];
}

/** The kernel runs as LocalSystem outside any AppContainer; of a program the record has the path only. */
function processOf({ application, user, package: recorded, capabilities }: RecordedVerdict, extra: ExtraFacts): IndicationFacts["process"] {
  const isSystem = application?.toLowerCase() === "system";
  const path: Fact<string> = application ?? UNKNOWN;
  const packageSid = recorded === "none" ? null : (recorded ?? extra.package ?? (isSystem || extra.package === null ? null : UNKNOWN));
  const token: Token = {
    user: user ?? extra.user ?? (isSystem ? LOCAL_SYSTEM : UNKNOWN),
    groups: isSystem ? [ADMINISTRATORS] : extra.service === undefined ? UNKNOWN : [extra.service],
    packageSid,
    capabilities: packageSid === null ? [] : (capabilities ?? UNKNOWN),
    attributes: packageSid === null ? {} : UNKNOWN,
  };
  return { path, originalPath: path, token };
}

/** A bind may be to a wildcard port or made by connect, and a listen on the loopback address: those bits are not in the record. */
function unknownFields(layer: Layer, isEndpoint: boolean): ReadonlyMap<Guid, FieldValue> {
  const flags = isEndpoint ? layer.fields.find(({ name }) => name === "FLAGS") : undefined;
  return new Map(flags === undefined ? [] : [[flags.key, UNKNOWN]]);
}
