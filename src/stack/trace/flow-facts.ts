import {
  addressTypeOf,
  DEFAULT_INTERPRETATION,
  DEFAULT_VOLUMES,
  type FieldValue,
  type FlowSpec,
  type Guid,
  type Interpretation,
  type IpAddress,
  isLoopback as isLoopbackAddress,
  type Policy,
  type Sid,
  sameAddress,
  type Token,
  UNKNOWN,
  type Unknown,
  type WindowsVersion,
} from "../../model/index.ts";
import type { Fact, IndicationFacts, InterfaceFacts, ProcessFacts } from "../facts.ts";
import { IF_TYPE, loopbackInterface, typeOfLuid } from "../interface.ts";
import { attachmentOf } from "../scenarios/attachment.ts";
import { has } from "../versions/features.ts";
import type { Assumption } from "./assumption.ts";

export interface FlowFactsOptions {
  readonly windows: WindowsVersion;
  readonly policy: Policy;
  readonly volumes?: Readonly<Record<string, string>>;
  readonly interpretation?: Interpretation;
}

/** What a flow's asker told, as the shims take it. Nothing that was left out is made up unless `assumptions` says so. */
export interface FlowFacts {
  readonly facts: IndicationFacts;
  readonly networkInterface: InterfaceFacts;
  readonly assumptions: readonly Assumption[];
}

const ICMP = new Set([1, 58]);
const WITH_PORTS = new Set([6, 17, 132, 33, 136]);
const LOCAL_SYSTEM: Sid = "S-1-5-18";

/** Facts of a flow, without those that depend on the layer. */
export function flowFacts(flow: FlowSpec, options: FlowFactsOptions): FlowFacts {
  const assumptions: Assumption[] = [];
  const family = familyOf(flow, assumptions);
  const isLoopback = isLoopbackFlow(flow, assumptions);
  const networkInterface = isLoopback === true ? loopback(flow, assumptions) : interfaceOf(flow, family, options.policy, assumptions);
  const { profile } = networkInterface;
  const facts: IndicationFacts = {
    family,
    direction: flow.direction === "in" ? "inbound" : "outbound",
    flowDirection: flow.direction === "in" ? "inbound" : "outbound",
    protocol: flow.protocol,
    localAddress: flow.localAddress ?? UNKNOWN,
    remoteAddress: flow.remoteAddress ?? UNKNOWN,
    ...portsOf(flow),
    localAddressType: flow.localAddressType ?? typeOf(flow.localAddress),
    remoteAddressType: typeOf(flow.remoteAddress),
    process: processOf(flow, assumptions),
    peerPackage: null,
    localInterface: networkInterface,
    arrivalInterface: null,
    nexthopInterface: null,
    originalProfile: flow.originalProfile ?? profile,
    currentProfile: profile,
    isLoopback,
    aleClassifyRequired: false,
    flags: 0,
    ...(flow.flags === undefined ? {} : { exactFlags: flow.flags }),
    // Q19: whether a first authorization has reason 0 or none.
    reauthorizeReason: (options.interpretation ?? DEFAULT_INTERPRETATION).initialReauthorizeReason === "zero" ? 0 : null,
    originalIcmpType: flow.icmp === undefined ? (ICMP.has(flow.protocol) ? UNKNOWN : null) : flow.icmp.type,
    socketProperty: 0,
    promiscuousMode: 0,
    compartmentId: 1,
    embedded: null,
    volumes: options.volumes ?? DEFAULT_VOLUMES,
    hasAppContainers: has("appContainers", options.windows),
    appContainerLoopback: (options.interpretation ?? DEFAULT_INTERPRETATION).appContainerLoopback,
    overrides: new Map<Guid, FieldValue>(flow.overrides.map(({ fieldKey, value }) => [fieldKey, value])),
    metadata: {},
  };
  assumptions.push(
    { fields: ["ALE_SIO_FIREWALL_SYSTEM_PORT"], text: "the socket has no special property (edge traversal, RPC port)" },
    { fields: ["COMPARTMENT_ID"], text: "the routing compartment is 1, the default" },
    {
      fields: ["ALE_REMOTE_USER_ID", "ALE_REMOTE_MACHINE_ID"],
      text: "IPsec has authenticated neither the remote user nor the remote machine",
    },
  );
  return { facts, networkInterface, assumptions };
}

function familyOf(flow: FlowSpec, assumptions: Assumption[]): 4 | 6 {
  const known = flow.family ?? flow.localAddress?.family ?? flow.remoteAddress?.family;
  if (known !== undefined) return known;
  if (flow.protocol === 58) return 6;
  if (flow.protocol !== 1) assumptions.push({ fields: [], text: "the flow is IPv4: no address tells" });
  return 4;
}

/** ICMP carries type and code in the port fields; protocols without ports have none (WFP-SHIMS 4.12). */
function portsOf(flow: FlowSpec): Pick<IndicationFacts, "localPort" | "remotePort"> {
  if (ICMP.has(flow.protocol)) return { localPort: flow.icmp?.type ?? UNKNOWN, remotePort: flow.icmp?.code ?? UNKNOWN };
  const absent = WITH_PORTS.has(flow.protocol) ? UNKNOWN : null;
  return { localPort: flow.localPort ?? absent, remotePort: flow.remotePort ?? absent };
}

function typeOf(address: IpAddress | undefined): IndicationFacts["localAddressType"] {
  return address === undefined ? UNKNOWN : addressTypeOf(address);
}

function isLoopbackFlow({ localAddress, remoteAddress }: FlowSpec, assumptions: Assumption[]): boolean | Unknown {
  if ([localAddress, remoteAddress].some((address) => address !== undefined && isLoopbackAddress(address))) return true;
  if (remoteAddress === undefined) return UNKNOWN;
  if (localAddress !== undefined) return sameAddress(localAddress, remoteAddress);
  assumptions.push({ fields: ["FLAGS"], text: "the remote address is not one of this machine's own" });
  return false;
}

/** The kernel runs as LocalSystem outside any AppContainer; of any other program only what was said is known. */
function processOf(flow: FlowSpec, assumptions: Assumption[]): ProcessFacts {
  const path: Fact<string> = flow.app ?? UNKNOWN;
  const isSystem = flow.app?.toLowerCase() === "system";
  const packageSid = flow.package === undefined ? (isSystem ? null : UNKNOWN) : flow.package;
  const plain = packageSid === null;
  if (isSystem && flow.user === undefined)
    assumptions.push({ fields: ["ALE_USER_ID", "ALE_PACKAGE_ID"], text: "System runs as LocalSystem, outside any AppContainer" });
  const token: Token = {
    user: flow.user ?? (isSystem ? LOCAL_SYSTEM : UNKNOWN),
    groups: groupsOf(flow, isSystem, assumptions),
    packageSid,
    capabilities: flow.capabilities ?? (plain ? [] : UNKNOWN),
    attributes: plain ? {} : UNKNOWN,
  };
  return { path, originalPath: path, token };
}

function groupsOf({ groups, service }: FlowSpec, isSystem: boolean, assumptions: Assumption[]): Token["groups"] {
  if (groups === undefined && service === undefined) return isSystem ? ["S-1-5-32-544"] : UNKNOWN;
  if (groups === undefined)
    assumptions.push({ fields: ["ALE_USER_ID"], text: "the service's token has no groups beside the service's own SID" });
  return [...(groups ?? []), ...(service === undefined ? [] : [service])];
}

/** What never leaves the machine crosses the loopback interface, which belongs to no network. */
function loopback(flow: FlowSpec, assumptions: Assumption[]): InterfaceFacts {
  const { luid, type, tunnelType, index, profile } = loopbackInterface();
  if (flow.profile === undefined) assumptions.push({ fields: PROFILE_FIELDS, text: "the loopback interface has no network profile" });
  return { index, subInterfaceIndex: 0, luid, type, tunnelType, profile: flow.profile ?? profile, quarantineEpoch: 0n };
}

const PROFILE_FIELDS = ["ORIGINAL_PROFILE_ID", "CURRENT_PROFILE_ID"] as const;
const LUID_FIELDS = ["IP_LOCAL_INTERFACE", "IP_ARRIVAL_INTERFACE", "IP_NEXTHOP_INTERFACE"] as const;

/**
 * The interface the flow crosses. Without `if=` it is one that the policy lists as out of quarantine, for on any other nothing new would
 * come in whatever the rules say (WFP-DIAGNOSTICS-FIREWALL 6.6).
 */
function interfaceOf(flow: FlowSpec, family: 4 | 6, policy: Policy, assumptions: Assumption[]): InterfaceFacts {
  const told = flow.interface?.luid;
  const attachment = attachmentOf(policy, told);
  const luid = told ?? attachment?.luid ?? UNKNOWN;
  if (told === undefined && attachment !== undefined) {
    // A policy knows interfaces by LUID only, so that an index or a name cannot be looked up in it.
    const named = flow.interface?.index ?? flow.interface?.alias;
    const which = named === undefined ? "the interface" : `interface "${named}", whose LUID is not known,`;
    assumptions.push({
      fields: [...LUID_FIELDS, "INTERFACE_QUARANTINE_EPOCH"],
      text: `${which} is LUID ${attachment.luid}, which the policy lists as out of quarantine (if=luid:… for another)`,
    });
  }
  if (told !== undefined && attachment !== undefined) {
    assumptions.push({ fields: ["INTERFACE_QUARANTINE_EPOCH"], text: "the interface is not in quarantine" });
  }
  const byLuid = typeof luid === "bigint" ? typeOfLuid(luid) : undefined;
  if (flow.interfaceType === undefined && byLuid === undefined) {
    assumptions.push({
      fields: ["INTERFACE_TYPE", "ARRIVAL_INTERFACE_TYPE", "NEXTHOP_INTERFACE_TYPE"],
      text: "the interface is Ethernet (iftype=… for another type)",
    });
  }
  if (flow.tunnelType === undefined) {
    assumptions.push({
      fields: ["TUNNEL_TYPE", "ARRIVAL_TUNNEL_TYPE", "NEXTHOP_TUNNEL_TYPE"],
      text: "the interface is no tunnel (tunnel=… for one)",
    });
  }
  return {
    index: flow.interface?.index ?? UNKNOWN,
    subInterfaceIndex: UNKNOWN,
    luid,
    type: flow.interfaceType ?? byLuid ?? IF_TYPE.ethernet,
    tunnelType: flow.tunnelType ?? 0,
    profile: flow.profile ?? UNKNOWN,
    quarantineEpoch: attachment?.quarantineEpoch[family] ?? UNKNOWN,
  };
}
