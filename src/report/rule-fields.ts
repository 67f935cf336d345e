import { type FirewallRule, formatAddress, PROTOCOL_NAMES, prefixOfRange, type RuleAddress, type RulePort } from "../model/index.ts";

/** Ports as administrators write them; "any" where the rule has no list. */
export function portsText(ports: readonly RulePort[] | undefined): string {
  if (ports === undefined) return "any";
  if (ports.length === 0) return "none";
  return ports
    .map((port) => (port.kind === "keyword" ? port.keyword : port.low === port.high ? String(port.low) : `${port.low}-${port.high}`))
    .join(",");
}

export function addressesText(addresses: readonly RuleAddress[] | undefined): string {
  if (addresses === undefined) return "any";
  if (addresses.length === 0) return "none";
  // A keyword said for either family is said once.
  return [...new Set(addresses.map(addressText))].join(",");
}

function addressText(address: RuleAddress): string {
  if (address.kind === "keyword") return address.keyword;
  const low = formatAddress(address.low);
  const prefix = prefixOfRange(address.low, address.high);
  if (prefix === undefined) return `${low}-${formatAddress(address.high)}`;
  return prefix === (address.low.family === 4 ? 32 : 128) ? low : `${low}/${prefix}`;
}

/** `TCP 443`, `TCP 1024-65535 > 445`, `ICMP 8,3:4`, `any`: protocol with the ports of the far and of the near end where it has them. */
export function protocolText({ protocol, direction, localPorts, remotePorts, icmpTypes }: FirewallRule): string {
  const name = protocol === "any" ? "any" : (PROTOCOL_NAMES.nameOf(protocol) ?? String(protocol));
  if (icmpTypes !== undefined)
    return `${name} ${icmpTypes.map(({ type, code }) => (code === undefined ? String(type) : `${type}:${code}`)).join(",")}`;
  const [source, target] = direction === "in" ? [remotePorts, localPorts] : [localPorts, remotePorts];
  if (source === undefined && target === undefined) return name;
  return source === undefined ? `${name} ${portsText(target)}` : `${name} ${portsText(source)} > ${portsText(target)}`;
}

/** What the rule is for, in a few letters: program, service, package. */
export function subjectText({ program, service, packageFamilyName, package: sid }: FirewallRule): string {
  const file = program?.split("\\").at(-1);
  const parts = [
    // Many services share svchost.exe; what tells them apart comes first.
    ...(service === undefined ? [] : [service === "*" ? "any service" : `service ${service}`]),
    ...(file === undefined || (service !== undefined && /^svchost\.exe$/i.test(file)) ? [] : [file]),
    ...(packageFamilyName === undefined && sid === undefined ? [] : [packageFamilyName?.split("_")[0] ?? `package ${sid}`]),
  ];
  return parts.length === 0 ? "any program" : parts.join(", ");
}
