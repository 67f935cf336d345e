import type { IpAddress, Profile, Sid } from "../model/index.ts";

/** A network category that Windows Firewall keeps settings for. */
export type FirewallProfile = Exclude<Profile, "none">;

export const FIREWALL_PROFILES: readonly FirewallProfile[] = ["domain", "private", "public"];

/** Ports that have no fixed number: the service that owns them tells the stack or the firewall which they are. */
export type PortKeyword = "RPC" | "RPC-EPMap" | "Teredo" | "IPHTTPS";

/** One entry of a rule's port list; a single port is a range of one. */
export type RulePort =
  | { readonly kind: "range"; readonly low: number; readonly high: number }
  | { readonly kind: "keyword"; readonly keyword: PortKeyword };

/** Sets of addresses that depend on where the machine is attached. */
export type AddressKeyword = "LocalSubnet" | "DNS" | "DHCP" | "WINS" | "DefaultGateway";

/** One entry of a rule's address list. The ends of a range are of one family. */
export type RuleAddress =
  | { readonly kind: "range"; readonly low: IpAddress; readonly high: IpAddress }
  | { readonly kind: "keyword"; readonly keyword: AddressKeyword };

/** ICMP type with one code, or with every code where `code` is absent. */
export interface IcmpType {
  readonly type: number;
  readonly code?: number;
}

/** Kinds of interface a rule may be limited to. */
export type InterfaceKind = "lan" | "wireless" | "remote-access";

/**
 * Whether traffic that came through a NAT traversal tunnel (Teredo, IP-HTTPS) may reach the program: never, always, or if the program
 * (the user, through the program's prompt) asked for it on its socket.
 */
export type EdgeTraversal = "block" | "allow" | "defer-app" | "defer-user";

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
  /** Aliases of the interfaces the rule is limited to. */
  readonly interfaces?: readonly string[];
  readonly interfaceKinds?: readonly InterfaceKind[];
  readonly edgeTraversal?: EdgeTraversal;
}
