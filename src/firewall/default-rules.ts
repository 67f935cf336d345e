import {
  FIREWALL_PROFILES,
  type FirewallProfile,
  type FirewallRule,
  type IcmpType,
  parseRuleAddresses,
  parseRulePorts,
} from "../model/index.ts";

/** Which machine the shipped rules are for. */
export type DefaultPolicyKind = "desktop" | "server";

/** The program and port that sessions use unless told otherwise; the shipped policies let it listen. */
export const DEMO_SERVER = { program: "C:\\Program Files\\Server\\server.exe", port: 8080 } as const;

const SVCHOST = "%SystemRoot%\\System32\\svchost.exe";
const PROTOCOL = { icmp: 1, igmp: 2, tcp: 6, udp: 17, ipv6: 41, icmpv6: 58 } as const;

/** A rule in few words; lists as administrators write them. */
interface Brief {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly protocol: keyof typeof PROTOCOL;
  readonly direction?: "in" | "out";
  readonly profiles?: readonly FirewallProfile[];
  readonly off?: boolean;
  readonly local?: string;
  readonly remote?: string;
  readonly from?: string;
  readonly icmp?: readonly IcmpType[];
  readonly program?: string;
  readonly service?: string;
  readonly edge?: boolean;
}

function rule(brief: Brief): FirewallRule {
  const localPorts = brief.local === undefined ? undefined : parseRulePorts(brief.local);
  const remotePorts = brief.remote === undefined ? undefined : parseRulePorts(brief.remote);
  const remoteAddresses = brief.from === undefined ? undefined : parseRuleAddresses(brief.from);
  return {
    id: `default-${brief.id}`,
    name: brief.name,
    group: brief.group,
    direction: brief.direction ?? "in",
    action: "allow",
    enabled: brief.off !== true,
    profiles: brief.profiles ?? FIREWALL_PROFILES,
    protocol: PROTOCOL[brief.protocol],
    ...(localPorts === undefined ? {} : { localPorts }),
    ...(remotePorts === undefined ? {} : { remotePorts }),
    ...(remoteAddresses === undefined ? {} : { remoteAddresses }),
    ...(brief.icmp === undefined ? {} : { icmpTypes: brief.icmp }),
    ...(brief.program === undefined ? {} : { program: brief.program }),
    ...(brief.service === undefined ? {} : { service: brief.service }),
    edgeTraversal: brief.edge === true ? "allow" : "block",
  };
}

/** Rules that have some of their parts in common. */
function rules(common: Partial<Brief> & Pick<Brief, "group">, briefs: readonly Omit<Brief, "group">[]): readonly FirewallRule[] {
  return briefs.map((brief) => rule({ ...common, ...brief }));
}

/** What every machine needs to be on a network at all. */
const CORE: readonly FirewallRule[] = rules({ group: "Core networking" }, [
  { id: "dhcp", name: "DHCP client", protocol: "udp", local: "68", remote: "67", program: SVCHOST, service: "Dhcp" },
  { id: "dhcpv6", name: "DHCPv6 client", protocol: "udp", local: "546", remote: "547", program: SVCHOST, service: "Dhcp" },
  { id: "icmp-too-big", name: "Path MTU discovery", protocol: "icmp", icmp: [{ type: 3, code: 4 }], program: "System" },
  {
    id: "icmpv6-unreachable",
    name: "IPv6 destination unreachable",
    protocol: "icmpv6",
    icmp: [{ type: 1 }],
    program: "System",
    edge: true,
  },
  { id: "icmpv6-too-big", name: "IPv6 path MTU discovery", protocol: "icmpv6", icmp: [{ type: 2 }], program: "System", edge: true },
  { id: "icmpv6-time", name: "IPv6 hop limit exceeded", protocol: "icmpv6", icmp: [{ type: 3 }], program: "System", edge: true },
  { id: "icmpv6-parameter", name: "IPv6 parameter problem", protocol: "icmpv6", icmp: [{ type: 4 }], program: "System", edge: true },
  { id: "rs", name: "Router solicitation", protocol: "icmpv6", icmp: [{ type: 133 }], program: "System" },
  { id: "ra", name: "Router advertisement", protocol: "icmpv6", icmp: [{ type: 134 }], from: "fe80::/64", program: "System" },
  { id: "ns", name: "Neighbour solicitation", protocol: "icmpv6", icmp: [{ type: 135 }], program: "System", edge: true },
  { id: "na", name: "Neighbour advertisement", protocol: "icmpv6", icmp: [{ type: 136 }], program: "System", edge: true },
  {
    id: "mld",
    name: "Multicast listener discovery",
    protocol: "icmpv6",
    icmp: [{ type: 130 }, { type: 131 }, { type: 132 }, { type: 143 }],
    from: "LocalSubnet",
    program: "System",
  },
  { id: "igmp", name: "IGMP", protocol: "igmp", program: "System" },
  { id: "6in4", name: "IPv6 in IPv4", protocol: "ipv6", program: "System" },
]);

/** Names without a DNS server. */
const LOCAL_NAMES: readonly FirewallRule[] = rules({ group: "Local name resolution" }, [
  { id: "mdns", name: "Multicast DNS", protocol: "udp", local: "5353", from: "LocalSubnet", program: SVCHOST, service: "Dnscache" },
  {
    id: "llmnr",
    name: "Link-local name resolution",
    protocol: "udp",
    profiles: ["private"],
    local: "5355",
    from: "LocalSubnet",
    program: SVCHOST,
    service: "Dnscache",
  },
]);

function fileSharing(profiles: readonly FirewallProfile[]): readonly FirewallRule[] {
  return rules({ group: "File and printer sharing", profiles }, [
    { id: "smb", name: "File server (SMB)", protocol: "tcp", local: "445", from: "LocalSubnet", program: "System" },
    { id: "netbios-session", name: "File server (NetBIOS session)", protocol: "tcp", local: "139", from: "LocalSubnet", program: "System" },
    { id: "ping", name: "Answer to ping", protocol: "icmp", icmp: [{ type: 8 }], from: "LocalSubnet" },
    { id: "pingv6", name: "Answer to ping (IPv6)", protocol: "icmpv6", icmp: [{ type: 128 }], from: "LocalSubnet" },
  ]);
}

/** Machines and devices that announce themselves at home. */
const NETWORK_DISCOVERY: readonly FirewallRule[] = rules({ group: "Network discovery", profiles: ["private"] }, [
  { id: "ssdp", name: "UPnP discovery", protocol: "udp", local: "1900", from: "LocalSubnet", program: SVCHOST, service: "SSDPSRV" },
  { id: "wsd", name: "Web services discovery", protocol: "udp", local: "3702", from: "LocalSubnet", program: SVCHOST, service: "FDResPub" },
  { id: "wsd-events", name: "Web services events", protocol: "tcp", local: "5357-5358", from: "LocalSubnet", program: "System" },
  { id: "netbios-name", name: "NetBIOS names", protocol: "udp", local: "137", from: "LocalSubnet", program: "System" },
  { id: "netbios-datagram", name: "NetBIOS datagrams", protocol: "udp", local: "138", from: "LocalSubnet", program: "System" },
]);

function remoteDesktop(profiles: readonly FirewallProfile[], off: boolean): readonly FirewallRule[] {
  const common = { local: "3389", program: SVCHOST, service: "TermService", off };
  return rules({ group: "Remote desktop", profiles, ...common }, [
    { id: "rdp-tcp", name: "Remote desktop (TCP)", protocol: "tcp" },
    { id: "rdp-udp", name: "Remote desktop (UDP)", protocol: "udp" },
  ]);
}

function remoteManagement(profiles: readonly FirewallProfile[], off: boolean): readonly FirewallRule[] {
  const common = { group: "Remote management", profiles, off };
  return rules(common, [
    { id: "winrm", name: "Windows remote management (HTTP)", protocol: "tcp", local: "5985", program: "System" },
    { id: "rpc-endpoint-mapper", name: "RPC endpoint mapper", protocol: "tcp", local: "RPC-EPMap", program: SVCHOST, service: "RpcSs" },
    { id: "rpc-event-log", name: "Remote event log (RPC)", protocol: "tcp", local: "RPC", program: SVCHOST, service: "EventLog" },
  ]);
}

/** A peer-to-peer service that wants to be reached through NAT. */
const DELIVERY: readonly FirewallRule[] = rules(
  { group: "Update delivery", local: "7680", program: SVCHOST, service: "DoSvc", edge: true },
  [
    { id: "delivery-tcp", name: "Update delivery between peers (TCP)", protocol: "tcp" },
    { id: "delivery-udp", name: "Update delivery between peers (UDP)", protocol: "udp" },
  ],
);

const WEB_SERVER: readonly FirewallRule[] = rules({ group: "Web server" }, [
  { id: "http", name: "Web server (HTTP)", protocol: "tcp", local: "80", program: "System" },
  { id: "https", name: "Web server (HTTPS)", protocol: "tcp", local: "443", program: "System" },
]);

/** The programs of the session scenarios. */
const DEMO: readonly FirewallRule[] = rules({ group: "Demo", local: String(DEMO_SERVER.port), program: DEMO_SERVER.program }, [
  { id: "demo-tcp", name: "Demo server (TCP)", protocol: "tcp" },
  { id: "demo-udp", name: "Demo server (UDP)", protocol: "udp" },
]);

/** The rules of a policy that ships, written for this project: what such a machine plausibly has. */
export function defaultRules(kind: DefaultPolicyKind): readonly FirewallRule[] {
  const common = [...CORE, ...LOCAL_NAMES];
  if (kind === "desktop") {
    return [
      ...common,
      ...NETWORK_DISCOVERY,
      ...fileSharing(["private"]),
      ...remoteDesktop(FIREWALL_PROFILES, true),
      ...remoteManagement(["domain", "private"], true),
      ...DELIVERY,
      ...DEMO,
    ];
  }
  return [
    ...common,
    ...fileSharing(["domain", "private"]),
    ...WEB_SERVER,
    ...remoteDesktop(["domain"], false),
    ...remoteManagement(["domain"], false),
    ...DEMO,
  ];
}

/** What the shipped policies hold some of Windows' services to. */
export const DEFAULT_HARDENING = {
  services: ["Dhcp", "Dnscache", "EventLog", "FDResPub", "LanmanServer", "SSDPSRV", "W32Time"],
  rules: rules({ group: "Service hardening", program: SVCHOST }, [
    { id: "hard-dhcp-in", name: "DHCP answers", protocol: "udp", service: "Dhcp", local: "68", remote: "67" },
    { id: "hard-dhcp-out", name: "DHCP requests", protocol: "udp", service: "Dhcp", direction: "out", local: "68", remote: "67" },
    { id: "hard-dhcpv6-in", name: "DHCPv6 answers", protocol: "udp", service: "Dhcp", local: "546", remote: "547" },
    { id: "hard-dhcpv6-out", name: "DHCPv6 requests", protocol: "udp", service: "Dhcp", direction: "out", local: "546", remote: "547" },
    { id: "hard-dns-out", name: "DNS queries (UDP)", protocol: "udp", service: "Dnscache", direction: "out", remote: "53,5353,5355" },
    { id: "hard-dns-tcp-out", name: "DNS queries (TCP)", protocol: "tcp", service: "Dnscache", direction: "out", remote: "53,443" },
    { id: "hard-names-in", name: "Local name queries", protocol: "udp", service: "Dnscache", local: "5353,5355" },
    { id: "hard-event-log", name: "Remote event log", protocol: "tcp", service: "EventLog", local: "RPC" },
    { id: "hard-wsd-in", name: "Web services discovery", protocol: "udp", service: "FDResPub", local: "3702" },
    { id: "hard-wsd-out", name: "Web services announcements", protocol: "udp", service: "FDResPub", direction: "out", remote: "3702" },
    { id: "hard-ssdp-in", name: "UPnP discovery", protocol: "udp", service: "SSDPSRV", local: "1900" },
    { id: "hard-ssdp-out", name: "UPnP announcements", protocol: "udp", service: "SSDPSRV", direction: "out", remote: "1900" },
    { id: "hard-time-in", name: "Time server", protocol: "udp", service: "W32Time", local: "123" },
    { id: "hard-time-out", name: "Time queries", protocol: "udp", service: "W32Time", direction: "out", remote: "123" },
  ]),
} as const;
