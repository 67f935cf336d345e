import {
  addressTypeOf,
  DEFAULT_VOLUMES,
  existsIn,
  type FieldValue,
  type FlowSpec,
  type Guid,
  type IpAddress,
  isLoopback,
  type Policy,
  type Sid,
  sameAddress,
  type Token,
  UNKNOWN,
  type Unknown,
  type WindowsVersion,
} from "../../model/index.ts";
import type { Fact, IndicationFacts, InterfaceFacts, ProcessFacts } from "../facts.ts";
import { IF_TYPE, typeOfLuid } from "../interface.ts";
import { attachmentOf } from "../scenarios/attachment.ts";

export interface FlowFactsOptions {
  readonly windows: WindowsVersion;
  readonly policy: Policy;
  readonly volumes?: Readonly<Record<string, string>>;
}

/** What a flow's asker told, as the shims take it. Nothing that was left out is made up unless `assumptions` says so. */
export interface FlowFacts {
  readonly facts: IndicationFacts;
  readonly networkInterface: InterfaceFacts;
  readonly assumptions: readonly string[];
}

const ICMP = new Set([1, 58]);
const WITH_PORTS = new Set([6, 17, 132, 33, 136]);
const LOCAL_SYSTEM: Sid = "S-1-5-18";

/** Facts of a flow, without those that depend on the layer. */
export function flowFacts(flow: FlowSpec, options: FlowFactsOptions): FlowFacts {
  const assumptions: string[] = [];
  const family = familyOf(flow, assumptions);
  const networkInterface = interfaceOf(flow, options.policy, assumptions);
  const profile: IndicationFacts["currentProfile"] = flow.profile ?? UNKNOWN;
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
    isLoopback: isLoopbackFlow(flow, assumptions),
    aleClassifyRequired: false,
    flags: 0,
    ...(flow.flags === undefined ? {} : { exactFlags: flow.flags }),
    reauthorizeReason: 0,
    originalIcmpType: flow.icmp === undefined ? (ICMP.has(flow.protocol) ? UNKNOWN : null) : flow.icmp.type,
    socketProperty: 0,
    promiscuousMode: 0,
    compartmentId: 1,
    embedded: null,
    volumes: options.volumes ?? DEFAULT_VOLUMES,
    hasAppContainers: existsIn("8", options.windows),
    overrides: new Map<Guid, FieldValue>(flow.overrides.map(({ fieldKey, value }) => [fieldKey, value])),
    metadata: {},
  };
  assumptions.push("the socket has no special property (edge traversal, RPC port), the traffic is not protected by IPsec");
  return { facts, networkInterface, assumptions };
}

function familyOf(flow: FlowSpec, assumptions: string[]): 4 | 6 {
  const known = flow.family ?? flow.localAddress?.family ?? flow.remoteAddress?.family;
  if (known !== undefined) return known;
  if (flow.protocol === 58) return 6;
  if (flow.protocol !== 1) assumptions.push("the flow is IPv4: no address tells");
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

function isLoopbackFlow({ localAddress, remoteAddress }: FlowSpec, assumptions: string[]): boolean | Unknown {
  if ([localAddress, remoteAddress].some((address) => address !== undefined && isLoopback(address))) return true;
  if (remoteAddress === undefined) return UNKNOWN;
  if (localAddress !== undefined) return sameAddress(localAddress, remoteAddress);
  assumptions.push("the remote address is not one of this machine's own");
  return false;
}

/** The kernel runs as LocalSystem outside any AppContainer; of any other program only what was said is known. */
function processOf(flow: FlowSpec, assumptions: string[]): ProcessFacts {
  const path: Fact<string> = flow.app ?? UNKNOWN;
  const isSystem = flow.app?.toLowerCase() === "system";
  const packageSid = flow.package === undefined ? (isSystem ? null : UNKNOWN) : flow.package;
  const plain = packageSid === null;
  if (isSystem && flow.user === undefined) assumptions.push("System runs as LocalSystem, outside any AppContainer");
  const token: Token = {
    user: flow.user ?? (isSystem ? LOCAL_SYSTEM : UNKNOWN),
    groups: groupsOf(flow, isSystem, assumptions),
    packageSid,
    capabilities: flow.capabilities ?? (plain ? [] : UNKNOWN),
    attributes: plain ? {} : UNKNOWN,
  };
  return { path, originalPath: path, token };
}

function groupsOf({ groups, service }: FlowSpec, isSystem: boolean, assumptions: string[]): Token["groups"] {
  if (groups === undefined && service === undefined) return isSystem ? ["S-1-5-32-544"] : UNKNOWN;
  if (groups === undefined) assumptions.push("the service's token has no groups beside the service's own SID");
  return [...(groups ?? []), ...(service === undefined ? [] : [service])];
}

/**
 * The interface the flow crosses. Without `if=` it is one that the policy lists as out of quarantine, for on any other nothing new would
 * come in whatever the rules say (WFP-DIAGNOSTICS-FIREWALL 6.6).
 */
function interfaceOf(flow: FlowSpec, policy: Policy, assumptions: string[]): InterfaceFacts {
  const attachment = attachmentOf(policy);
  const told = flow.interface?.luid;
  const luid = told ?? attachment?.luid ?? UNKNOWN;
  if (told === undefined && attachment !== undefined) {
    assumptions.push(`the interface is LUID ${attachment.luid}, which the policy lists as out of quarantine (if=luid:… for another)`);
  }
  const quarantineEpoch = attachmentOf(policy, told)?.quarantineEpoch ?? UNKNOWN;
  if (told !== undefined && quarantineEpoch !== UNKNOWN) assumptions.push("the interface is not in quarantine");
  const byLuid = luid === UNKNOWN ? undefined : typeOfLuid(luid as bigint);
  if (flow.interfaceType === undefined && byLuid === undefined) assumptions.push("the interface is Ethernet (iftype=… for another type)");
  if (flow.tunnelType === undefined) assumptions.push("the interface is no tunnel (tunnel=… for one)");
  return {
    index: flow.interface?.index ?? UNKNOWN,
    subInterfaceIndex: UNKNOWN,
    luid,
    type: flow.interfaceType ?? byLuid ?? IF_TYPE.ethernet,
    tunnelType: flow.tunnelType ?? 0,
    profile: flow.profile ?? UNKNOWN,
    quarantineEpoch,
  };
}
