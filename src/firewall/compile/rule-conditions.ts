import {
  type AddressKeyword,
  type AddressRange,
  appIdBlob,
  byteBlob,
  CONDITION_FLAG,
  type Condition,
  DEFAULT_INTERPRETATION,
  FIELD_KEY,
  type FirewallRule,
  hasFeature,
  InputError,
  type InterfaceKind,
  type IpAddress,
  type PortKeyword,
  parseSddl,
  type RuleAddress,
  type RulePort,
  SOCKET_PROPERTY_FLAG,
  securityDescriptor,
  sidValue,
  uint16,
  uint32,
} from "../../model/index.ts";
import type { FirewallConfig, FirewallInterface } from "../settings.ts";
import { addressIn } from "./address-conditions.ts";
import type { CompileContext } from "./compile-context.ts";
import { equal, flagsSet, interfaceIs, interfaceTypeIs, portIs, serviceIs, tunnelTypeIs, userPasses } from "./conditions.ts";
import { type Family, LAYERS } from "./layers.ts";
import { gapsBetween, localSubnets } from "./local-subnets.ts";
import { NETWORK_CAPABILITIES } from "./network-capabilities.ts";
import { IF_TYPE, PROTOCOL } from "./numbers.ts";
import { programAppId } from "./program-path.ts";

/** Alternatives: a filter each, since conditions on one field only are OR'ed. None means that nothing can match. */
export type Alternatives = readonly (readonly Condition[])[];

/** One alternative without conditions. */
export const ANY: Alternatives = [[]];

/** Every combination of one alternative from each list, in the lists' order. */
export function product(...lists: readonly Alternatives[]): Alternatives {
  return lists.reduce<Alternatives>((left, right) => left.flatMap((a) => right.map((b) => [...a, ...b])), ANY);
}

/** Type of an interface kind; the numbers that Windows uses for them were never seen in a filter [inf]. */
const KIND_TYPE: Readonly<Record<InterfaceKind, number>> = {
  lan: IF_TYPE.ethernet,
  wireless: IF_TYPE.wireless,
  "remote-access": IF_TYPE.ppp,
  "mobile-broadband": IF_TYPE.mobileBroadband,
};

/** Rights and owner that the firewall writes into its descriptors. */
const grants = (...sids: readonly string[]) => `O:SYG:SYD:${sids.map((sid) => `(A;;CCRC;;;${sid})`).join("")}`;

/**
 * Whose programs the rule is for, as the one condition on the user that a filter may have: a service, users, or the owner of a package,
 * whose descriptor must let the package's container pass as well.
 * @throws InputError where the rule names a service and users, which one condition cannot hold.
 */
function userConditions(rule: FirewallRule): readonly Condition[] {
  const { service, localUsers, owner } = rule;
  if (service !== undefined) {
    if (localUsers !== undefined) throw new InputError(`rule "${rule.name}" is for a service and for users; expected one of them`);
    return [serviceIs(service)];
  }
  if (localUsers !== undefined) return [userPasses(localUsers)];
  if (owner === undefined) return [];
  const contained = rule.package !== undefined || rule.packageFamilyName !== undefined;
  return [userPasses(contained ? grants(owner, "AC", ...NETWORK_CAPABILITIES) : grants(owner))];
}

/** Whose traffic the rule is for: program, service or users, package, compartment. */
export function whoConditions({ writer, config }: CompileContext, rule: FirewallRule): readonly Condition[] {
  const conditions: Condition[] = [];
  if (rule.program !== undefined) conditions.push(equal("ALE_APP_ID", byteBlob(appIdBlob(programAppId(rule.program, config)))));
  const byFamilyName = rule.packageFamilyName !== undefined && writer.has(LAYERS.recvAccept[4], FIELD_KEY.ALE_PACKAGE_FAMILY_NAME);
  if (!byFamilyName && rule.package !== undefined) conditions.push(equal("ALE_PACKAGE_ID", sidValue(rule.package)));
  conditions.push(...userConditions(rule));
  if (rule.packageFamilyName !== undefined) {
    const contained = NETWORK_CAPABILITIES.map((sid) => `(A;;CC;;;${sid})`).join("");
    const sddl = `O:SYG:SYD:(XA;;CC;;;WD;(WIN://SYSAPPID Contains "${rule.packageFamilyName}"))${contained}`;
    if (byFamilyName || rule.package === undefined) conditions.push(equal("ALE_PACKAGE_FAMILY_NAME", securityDescriptor(parseSddl(sddl))));
  }
  if (rule.compartment !== undefined) conditions.push(equal("COMPARTMENT_ID", uint32(rule.compartment)));
  return conditions;
}

/**
 * What IPsec must have told of the other end. IS_AUTH_FW marks traffic that "allow the connection if it is secure" is meant for; whom it
 * comes from is a matter of descriptors on the remote user and computer. Encryption and encapsulation are the connection security rules'
 * part: no field tells of them. No recorded machine has such filters (WFP-DIAGNOSTICS-FIREWALL 6.2, Q11), so their shape is a choice: see
 * {@link Interpretation.authenticatedRules}. A rule that overrides blocks is for authenticated traffic, whether it says so or not.
 */
export function securityConditions(rule: FirewallRule, { interpretation }: FirewallConfig): readonly Condition[] {
  const { security, remoteUsers, remoteMachines } = rule;
  const { authenticatedRules } = { ...DEFAULT_INTERPRETATION, ...interpretation };
  const identified = remoteUsers !== undefined || remoteMachines !== undefined;
  const secured = security !== undefined || identified || rule.action === "bypass";
  return [
    ...(secured && !(identified && authenticatedRules === "identity") ? [flagsSet(CONDITION_FLAG.IS_AUTH_FW)] : []),
    ...(remoteUsers === undefined ? [] : [equal("ALE_REMOTE_USER_ID", securityDescriptor(parseSddl(remoteUsers)))]),
    ...(remoteMachines === undefined ? [] : [equal("ALE_REMOTE_MACHINE_ID", securityDescriptor(parseSddl(remoteMachines)))]),
  ];
}

export function hasPorts(rule: FirewallRule): boolean {
  return rule.protocol === PROTOCOL.tcp || rule.protocol === PROTOCOL.udp;
}

/** The number behind a keyword; null where the port is marked instead of numbered; undefined where nobody knows it. */
function keywordPort(keyword: PortKeyword, { teredoPort, ipHttpsPort }: FirewallConfig): number | null | undefined {
  switch (keyword) {
    case "RPC":
      return null;
    case "RPC-EPMap":
      return 135;
    case "Teredo":
      return teredoPort;
    case "IPHTTPS":
      return ipHttpsPort;
    case "mDNS":
      return 5353;
    case "DHCP":
    case "PlayToDiscovery":
    case "CortanaOut":
    case "TcpCDPSvc":
      return undefined;
  }
}

/**
 * Ports of one side. RPC's dynamic ports are told by the socket's mark, which it bears only once it listens: at bind and listen
 * (`marked` false) the rule stands for every port of the program.
 */
export function portAlternatives(
  ports: readonly RulePort[] | undefined,
  side: "local" | "remote",
  config: FirewallConfig,
  marked: boolean,
): Alternatives {
  if (ports === undefined) return ANY;
  return ports.flatMap((port) => {
    if (port.kind === "range") return port.low === 0 && port.high === 65535 ? [[]] : [[portIs(side, port.low, port.high)]];
    const number = keywordPort(port.keyword, config);
    if (number === undefined) return [];
    if (number !== null) return [[portIs(side, number)]];
    return [marked ? [equal("ALE_SIO_FIREWALL_SYSTEM_PORT", uint32(SOCKET_PROPERTY_FLAG.IS_SYSTEM_PORT_RPC))] : []];
  });
}

/** ICMP types at the ALE layers, where the flow's first message counts; before Windows 7 there is only the packet's own type. */
export function icmpAlternatives({ writer }: CompileContext, rule: FirewallRule): Alternatives {
  if (rule.icmpTypes === undefined) return ANY;
  const original = writer.has(LAYERS.recvAccept[4], FIELD_KEY.ORIGINAL_ICMP_TYPE);
  return rule.icmpTypes.map(({ type, code }) => [
    original ? equal("ORIGINAL_ICMP_TYPE", uint16(type)) : portIs("local", type),
    ...(code === undefined ? [] : [portIs("remote", code)]),
  ]);
}

/** What a keyword stands for on this machine; nothing where it is not known, as of the sets that services announce while they need them. */
function keywordRanges(keyword: AddressKeyword, interfaces: readonly FirewallInterface[], family: Family): readonly AddressRange[] {
  switch (keyword) {
    case "LocalSubnet":
    // Without the site's own list of subnets the intranet is what is local, the Internet the rest (6.5).
    case "Intranet":
      return localSubnets(interfaces, family);
    case "Internet":
      return gapsBetween(localSubnets(interfaces, family), family);
    case "DNS":
      return hosts(interfaces, family, (one) => one.dnsServers);
    case "DHCP":
      return hosts(interfaces, family, (one) => one.dhcpServers);
    case "WINS":
      return hosts(interfaces, family, (one) => one.winsServers);
    case "DefaultGateway":
      return hosts(interfaces, family, (one) => one.gateways);
    case "RemoteIntranet":
    case "PlayToRenderers":
    case "CaptivePortal":
      return [];
  }
}

function hosts(
  interfaces: readonly FirewallInterface[],
  family: Family,
  of: (one: FirewallInterface) => readonly IpAddress[] | undefined,
): readonly AddressRange[] {
  return interfaces
    .flatMap((one) => of(one) ?? [])
    .filter((address) => address.family === family)
    .map((address) => ({ low: address, high: address }));
}

/**
 * Addresses of one side. None where the rule has no address of this family. Windows 11 puts all in one list that is OR'ed, before it
 * every range had a filter of its own, as recorded machines of both show.
 */
export function addressAlternatives(
  addresses: readonly RuleAddress[] | undefined,
  side: "LOCAL" | "REMOTE",
  { interfaces, windows }: FirewallConfig,
  family: Family,
): Alternatives {
  if (addresses === undefined) return ANY;
  const ranges = addresses.flatMap((address) => {
    if (address.kind === "keyword") {
      return address.family === undefined || address.family === family ? keywordRanges(address.keyword, interfaces, family) : [];
    }
    return address.low.family === family ? [address] : [];
  });
  const conditions = ranges.map((range) => addressIn(side, range));
  if (!hasFeature("ruleAddressLists", windows)) return conditions.map((condition) => [condition]);
  return conditions.length === 0 ? [] : [conditions];
}

/**
 * Through which interface the traffic must go. Whatever is asked of the near side (arrival for inbound flows) is asked of the other
 * side when a packet of the opposite direction has the flow reauthorized (WFP-SHIMS 4.6), hence two alternatives. LocalSubnet keeps
 * tunnels out on all recorded machines.
 */
export function interfaceAlternatives(rule: FirewallRule, config: FirewallConfig): Alternatives {
  const local = rule.remoteAddresses?.some((address) => address.kind === "keyword" && address.keyword === "LocalSubnet") ?? false;
  const known = namedInterfaces(rule, config);
  if (known !== undefined && known.length === 0) return [];
  const on = (side: "ARRIVAL" | "NEXTHOP"): readonly Condition[] => [
    ...(known ?? []).map((one) => interfaceIs(side, one.luid)),
    ...(rule.interfaceKinds ?? []).map((kind) => interfaceTypeIs(side, KIND_TYPE[kind])),
    ...(local ? [tunnelTypeIs(side, 0)] : []),
  ];
  if (on("ARRIVAL").length === 0) return ANY;
  const [near, far] = rule.direction === "in" ? (["ARRIVAL", "NEXTHOP"] as const) : (["NEXTHOP", "ARRIVAL"] as const);
  return [on(near), [...on(far), flagsSet(CONDITION_FLAG.IS_REAUTHORIZE)]];
}

/** The interfaces that a rule names by alias or GUID, those that the machine has; undefined for a rule on any. */
export function namedInterfaces(rule: FirewallRule, { interfaces }: FirewallConfig): readonly FirewallInterface[] | undefined {
  const wanted = rule.interfaces?.map((name) => name.toLowerCase());
  if (wanted === undefined) return undefined;
  return interfaces.filter(
    ({ alias, guid }) => wanted.includes(alias.toLowerCase()) || (guid !== undefined && wanted.includes(guid.toLowerCase())),
  );
}

/** The interfaces of {@link interfaceAlternatives} where a socket is bound. */
export function boundInterfaceAlternatives(rule: FirewallRule, config: FirewallConfig): Alternatives {
  const known = namedInterfaces(rule, config);
  if (known === undefined) return ANY;
  return known.length === 0 ? [] : [known.map((one) => interfaceIs("LOCAL", one.luid))];
}
