import {
  type AddressKeyword,
  type AddressRange,
  appIdBlob,
  byteBlob,
  CONDITION_FLAG,
  type Condition,
  FIELD_KEY,
  type FirewallRule,
  InputError,
  type InterfaceKind,
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
import { localSubnets } from "./local-subnets.ts";
import { IF_TYPE, PROTOCOL } from "./numbers.ts";
import { programAppId } from "./program-path.ts";

/**
 * An access check for an AppContainer must also find an ACE that grants to the container itself: the network capabilities stand for
 * that (WFP-SEMANTICS 2.5).
 */
const CAPABILITIES = "(A;;CC;;;S-1-15-3-1)(A;;CC;;;S-1-15-3-2)(A;;CC;;;S-1-15-3-3)";

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

/**
 * Whose traffic the rule is for: program, service or users, package.
 * @throws InputError where the rule names a service and users, which one condition cannot hold.
 */
export function whoConditions({ writer, config }: CompileContext, rule: FirewallRule): readonly Condition[] {
  const conditions: Condition[] = [];
  if (rule.program !== undefined) conditions.push(equal("ALE_APP_ID", byteBlob(appIdBlob(programAppId(rule.program, config)))));
  const byFamilyName = rule.packageFamilyName !== undefined && writer.has(LAYERS.recvAccept[4], FIELD_KEY.ALE_PACKAGE_FAMILY_NAME);
  if (!byFamilyName && rule.package !== undefined) conditions.push(equal("ALE_PACKAGE_ID", sidValue(rule.package)));
  if (rule.service !== undefined) {
    if (rule.localUsers !== undefined) throw new InputError(`rule "${rule.name}" is for a service and for users; expected one of them`);
    conditions.push(serviceIs(rule.service));
  } else if (rule.localUsers !== undefined) conditions.push(userPasses(rule.localUsers));
  if (rule.packageFamilyName !== undefined) {
    const sddl = `O:SYG:SYD:(XA;;CC;;;WD;(WIN://SYSAPPID Contains "${rule.packageFamilyName}"))${CAPABILITIES}`;
    if (byFamilyName || rule.package === undefined) conditions.push(equal("ALE_PACKAGE_FAMILY_NAME", securityDescriptor(parseSddl(sddl))));
  }
  return conditions;
}

export function hasPorts(rule: FirewallRule): boolean {
  return rule.protocol === PROTOCOL.tcp || rule.protocol === PROTOCOL.udp;
}

/** The number behind a keyword; null where the port is marked instead of numbered; undefined where nobody knows it. */
function keywordPort(keyword: PortKeyword, { teredoPort, ipHttpsPort = 443 }: FirewallConfig): number | null | undefined {
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

function keywordRanges(keyword: AddressKeyword, interfaces: readonly FirewallInterface[], family: Family): readonly AddressRange[] {
  if (keyword === "LocalSubnet") return localSubnets(interfaces, family);
  const hosts = (one: FirewallInterface) => {
    switch (keyword) {
      case "DNS":
        return one.dnsServers;
      case "DHCP":
        return one.dhcpServers;
      case "WINS":
        return one.winsServers;
      case "DefaultGateway":
        return one.gateways;
      case "Intranet":
      case "RemoteIntranet":
      case "Internet":
      case "PlayToRenderers":
      case "CaptivePortal":
        return undefined;
    }
  };
  return interfaces
    .flatMap((one) => hosts(one) ?? [])
    .filter((address) => address.family === family)
    .map((address) => ({ low: address, high: address }));
}

/** Addresses of one side, all in one list that is OR'ed. None where the rule has no address of this family. */
export function addressAlternatives(
  addresses: readonly RuleAddress[] | undefined,
  side: "LOCAL" | "REMOTE",
  { interfaces }: FirewallConfig,
  family: Family,
): Alternatives {
  if (addresses === undefined) return ANY;
  const ranges = addresses.flatMap((address) => {
    if (address.kind === "keyword") return keywordRanges(address.keyword, interfaces, family);
    return address.low.family === family ? [address] : [];
  });
  return ranges.length === 0 ? [] : [ranges.map((range) => addressIn(side, range))];
}

/**
 * Through which interface the traffic must go. Whatever is asked of the near side (arrival for inbound flows) is asked of the other
 * side when a packet of the opposite direction has the flow reauthorized (WFP-SHIMS 4.6), hence two alternatives. LocalSubnet keeps
 * tunnels out on all recorded machines.
 */
export function interfaceAlternatives(rule: FirewallRule, { interfaces }: FirewallConfig): Alternatives {
  const local = rule.remoteAddresses?.some((address) => address.kind === "keyword" && address.keyword === "LocalSubnet") ?? false;
  const named = rule.interfaces?.map((alias) => interfaces.find((one) => one.alias.toLowerCase() === alias.toLowerCase()));
  const known = named?.filter((one) => one !== undefined);
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

/** The interfaces of {@link interfaceAlternatives} where a socket is bound. */
export function boundInterfaceAlternatives(rule: FirewallRule, { interfaces }: FirewallConfig): Alternatives {
  if (rule.interfaces === undefined) return ANY;
  const known = interfaces.filter((one) => rule.interfaces?.some((alias) => alias.toLowerCase() === one.alias.toLowerCase()));
  return known.length === 0 ? [] : [known.map((one) => interfaceIs("LOCAL", one.luid))];
}
