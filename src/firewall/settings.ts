import type { FirewallProfile, FirewallRule, Interpretation, IpAddress, ProfileSettings, WindowsVersion } from "../model/index.ts";

export const DEFAULT_PROFILE_SETTINGS: ProfileSettings = {
  enabled: true,
  defaultInboundAction: "block",
  defaultOutboundAction: "allow",
  allowInboundRules: true,
  stealth: true,
  notifyOnListen: true,
};

/** A network interface as the firewall needs it: for LocalSubnet and the like, for rules by interface, and for the quarantine. */
export interface FirewallInterface {
  readonly alias: string;
  /** As rules name it, in braces. */
  readonly guid?: string;
  readonly luid: bigint;
  readonly addresses: readonly { readonly address: IpAddress; readonly prefixLength: number }[];
  readonly gateways?: readonly IpAddress[];
  readonly dnsServers?: readonly IpAddress[];
  readonly dhcpServers?: readonly IpAddress[];
  readonly winsServers?: readonly IpAddress[];
  /** Bumped by every network change (INTERFACE_QUARANTINE_EPOCH). */
  readonly quarantineEpoch: bigint;
  /** True until the firewall has caught up with a network change: no un-quarantine filter exists for the present epoch. */
  readonly quarantined?: boolean;
}

/** Windows Service Hardening: what some services may do; everything else they try is blocked, whatever the rules say. */
export interface ServiceHardening {
  /** Short names of services that may do nothing else in either direction. */
  readonly services: readonly string[];
  /** Services that may receive (send) nothing else. */
  readonly inboundServices?: readonly string[];
  readonly outboundServices?: readonly string[];
  readonly rules: readonly FirewallRule[];
}

/** All that the filters of Windows Firewall are made from. */
export interface FirewallConfig {
  readonly windows: WindowsVersion;
  readonly profiles: Readonly<Record<FirewallProfile, ProfileSettings>>;
  /** Categories of the networks the machine is attached to. Filters exist for these only. */
  readonly activeProfiles: readonly FirewallProfile[];
  readonly interfaces: readonly FirewallInterface[];
  readonly rules: readonly FirewallRule[];
  readonly hardening: ServiceHardening;
  /** False leaves the quarantine's default block out; rules alone then decide about interfaces. */
  readonly quarantine: boolean;
  /** False leaves out the callouts that log dropped packets and follow FTP's control channel. */
  readonly inspection: boolean;
  /** Drive letters with colon, lower case, to NT device paths. */
  readonly volumes?: Readonly<Record<string, string>>;
  /** Values of environment variables in program paths, by lower-case name. */
  readonly environment?: Readonly<Record<string, string>>;
  /** UDP port of the Teredo client; rules on the keyword make no filter while it is unknown. */
  readonly teredoPort?: number;
  /** TCP port of IP-HTTPS; as recorded machines without it show, rules on the keyword make no filter while it is unknown. */
  readonly ipHttpsPort?: number;
  /** Choices where nothing tells what Windows does; the defaults where absent. */
  readonly interpretation?: Partial<Interpretation>;
}
