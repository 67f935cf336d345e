import {
  type AddressRange,
  compareAddresses,
  type IpAddress,
  parseAddress,
  sortedRanges,
  subnetRange,
  wholeRange,
} from "../../model/index.ts";
import type { FirewallInterface } from "../settings.ts";
import type { Family } from "./layers.ts";

/** Link-local and multicast addresses, which are local to every interface that speaks the family. */
const LINK_LOCAL_V6 = subnetRange(parseAddress("fe80::"), 64);
const MULTICAST: Readonly<Record<Family, AddressRange>> = {
  4: subnetRange(parseAddress("224.0.0.0"), 4),
  6: subnetRange(parseAddress("ff00::"), 8),
};

/** What LocalSubnet stands for: the subnets of the interfaces, and multicast (WFP-DIAGNOSTICS-FIREWALL 6.3). */
export function localSubnets(interfaces: readonly FirewallInterface[], family: Family): readonly AddressRange[] {
  const subnets = interfaces
    .flatMap((one) => one.addresses)
    .filter(({ address }) => address.family === family)
    .map(({ address, prefixLength }) => subnetRange(address, prefixLength));
  const linkLocal = family === 6 ? [LINK_LOCAL_V6] : [];
  return sortedRanges([...subnets, ...linkLocal, MULTICAST[family]]);
}

/**
 * What lies between `ranges`, which are sorted. The gaps share their ends with their neighbours, as the firewall's own do on recorded
 * machines: the first and last address of a local subnet count as local and as internet.
 */
export function gapsBetween(ranges: readonly AddressRange[], family: Family): readonly AddressRange[] {
  const whole = wholeRange(family);
  const gaps: AddressRange[] = [];
  let from: IpAddress = whole.low;
  for (const range of ranges) {
    if (compareAddresses(from, range.low) < 0) gaps.push({ low: from, high: range.low });
    if (compareAddresses(from, range.high) < 0) from = range.high;
  }
  if (compareAddresses(from, whole.high) < 0) gaps.push({ low: from, high: whole.high });
  return gaps;
}
