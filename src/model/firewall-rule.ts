import type { IpAddress } from "./address.ts";
import type { FirewallProfile } from "./firewall-profile.ts";
import type { Sid } from "./sid.ts";

/**
 * Ports that have no fixed number: the service that owns them tells the stack or the firewall which they are (MS-FASP 2.2.14). "IPHTTPS"
 * is IPHTTPSIn at the local and IPHTTPSOut at the remote end.
 */
export const PORT_KEYWORDS = [
  "RPC",
  "RPC-EPMap",
  "Teredo",
  "IPHTTPS",
  "DHCP",
  "PlayToDiscovery",
  "mDNS",
  "CortanaOut",
  "TcpCDPSvc",
] as const;

export type PortKeyword = (typeof PORT_KEYWORDS)[number];

/** One entry of a rule's port list; a single port is a range of one. */
export type RulePort =
  | { readonly kind: "range"; readonly low: number; readonly high: number }
  | { readonly kind: "keyword"; readonly keyword: PortKeyword };

/** Sets of addresses that depend on where the machine is attached (MS-FASP 2.2.21). */
export const ADDRESS_KEYWORDS = [
  "LocalSubnet",
  "DNS",
  "DHCP",
  "WINS",
  "DefaultGateway",
  "Intranet",
  "RemoteIntranet",
  "Internet",
  "PlayToRenderers",
  "CaptivePortal",
] as const;

export type AddressKeyword = (typeof ADDRESS_KEYWORDS)[number];

/** One entry of a rule's address list. The ends of a range are of one family. */
export type RuleAddress =
  | { readonly kind: "range"; readonly low: IpAddress; readonly high: IpAddress }
  | {
      readonly kind: "keyword";
      readonly keyword: AddressKeyword;
      /** The one family it is said for; both where absent. */
      readonly family?: 4 | 6;
    };

/** ICMP type with one code, or with every code where `code` is absent. */
export interface IcmpType {
  readonly type: number;
  readonly code?: number;
}

/** Kinds of interface a rule may be limited to. */
export const INTERFACE_KINDS = ["lan", "wireless", "remote-access", "mobile-broadband"] as const;

export type InterfaceKind = (typeof INTERFACE_KINDS)[number];

/**
 * Whether traffic that came through a NAT traversal tunnel (Teredo, IP-HTTPS) may reach the program: never, always, or if the program
 * (the user, through the program's prompt) asked for it on its socket.
 */
export type EdgeTraversal = "block" | "allow" | "defer-app" | "defer-user";

/**
 * What IPsec must have done for a connection before the rule lets it pass (MS-FASP 2.2.35): authenticated it, with or without
 * encapsulation, encrypted it too, or started to.
 */
export type RuleSecurity = "authenticate" | "authenticate-no-encapsulation" | "encrypt" | "negotiate-encryption";

/**
 * A firewall rule as an administrator knows it, whichever format it was read from. An absent list means "any"; an empty list matches
 * nothing and makes no filter.
 */
export interface FirewallRule {
  /** Rule id (the registry's value name); the origin of the rule's filters. */
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly group?: string;
  readonly direction: "in" | "out";
  /** "bypass" is an allow rule that overrides block rules. */
  readonly action: "allow" | "block" | "bypass";
  readonly enabled: boolean;
  readonly profiles: readonly FirewallProfile[];
  /** IP protocol number. */
  readonly protocol: number | "any";
  readonly localPorts?: readonly RulePort[];
  readonly remotePorts?: readonly RulePort[];
  readonly icmpTypes?: readonly IcmpType[];
  readonly localAddresses?: readonly RuleAddress[];
  readonly remoteAddresses?: readonly RuleAddress[];
  /** DOS or NT path, `%SystemRoot%` and the like allowed, or "System". */
  readonly program?: string;
  /** Short service name; "*" for any service. */
  readonly service?: string;
  /** AppContainer package. */
  readonly package?: Sid;
  /** `Name_publisherid`; Windows 11 tests it with a conditional ACE on the token. */
  readonly packageFamilyName?: string;
  /** SDDL of the users whose programs the rule is for. */
  readonly localUsers?: string;
  /** The one user whose programs the rule is for: who installed the package. */
  readonly owner?: Sid;
  readonly security?: RuleSecurity;
  /** SDDL of the users, known from IPsec, that the rule is for. */
  readonly remoteUsers?: string;
  /** SDDL of the computers, known from IPsec, that the rule is for. */
  readonly remoteMachines?: string;
  /** Aliases or GUIDs of the interfaces the rule is limited to. */
  readonly interfaces?: readonly string[];
  readonly interfaceKinds?: readonly InterfaceKind[];
  readonly edgeTraversal?: EdgeTraversal;
  /** Connections that a service announces while it needs them (Wi-Fi Direct, proximity); nothing matches while it announces none. */
  readonly trustTuples?: readonly string[];
  /** Names of networks the rule is limited to. */
  readonly networks?: readonly string[];
  /** Ids of lists of addresses that are kept apart from the rule (dynamic keyword addresses). */
  readonly dynamicAddresses?: readonly string[];
  /** Network compartment (containers have their own). */
  readonly compartment?: number;
}
