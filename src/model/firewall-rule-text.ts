import { formatAddress, parseAddress } from "./address.ts";
import { compareAddresses, subnetRange } from "./address-range.ts";
import { InputError } from "./errors.ts";
import {
  ADDRESS_KEYWORDS,
  type AddressKeyword,
  PORT_KEYWORDS,
  type PortKeyword,
  type RuleAddress,
  type RulePort,
} from "./firewall-rule.ts";

/**
 * Other spellings of the keywords, lower case: those of rule strings (MS-GPFAS 2.2.2.3 and 2.2.2.13), of `New-NetFirewallRule`, and of
 * the WMI class behind it.
 */
const PORT_SPELLINGS: Readonly<Record<string, PortKeyword>> = {
  rpcepmap: "RPC-EPMap",
  iphttpsin: "IPHTTPS",
  iphttpsout: "IPHTTPS",
  iptlsin: "IPHTTPS",
  iptlsout: "IPHTTPS",
  ply2disc: "PlayToDiscovery",
  "rpc dynamic": "RPC",
};
const ADDRESS_SPELLINGS: Readonly<Record<string, AddressKeyword>> = {
  localsubnet4: "LocalSubnet",
  localsubnet6: "LocalSubnet",
  rmtintranet: "RemoteIntranet",
  remotecorpnetwork: "RemoteIntranet",
  ply2renders: "PlayToRenderers",
  playtodevice: "PlayToRenderers",
  playtorenderers4: "PlayToRenderers",
  playtorenderers6: "PlayToRenderers",
  intranet4: "Intranet",
  intranet6: "Intranet",
  internet4: "Internet",
  internet6: "Internet",
  remoteintranet4: "RemoteIntranet",
  remoteintranet6: "RemoteIntranet",
  dns4: "DNS",
  dns6: "DNS",
  dhcp4: "DHCP",
  dhcp6: "DHCP",
  wins4: "WINS",
  wins6: "WINS",
  defaultgateway4: "DefaultGateway",
  defaultgateway6: "DefaultGateway",
};

const parts = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** The keyword that `text` spells, whatever its case. */
function keywordOf<Keyword extends string>(
  text: string,
  keywords: readonly Keyword[],
  spellings: Readonly<Record<string, Keyword>>,
): Keyword | undefined {
  const wanted = text.toLowerCase();
  return keywords.find((keyword) => keyword.toLowerCase() === wanted) ?? (Object.hasOwn(spellings, wanted) ? spellings[wanted] : undefined);
}

function portNumber(text: string, list: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65535))
    throw new InputError(`"${text}" in the port list "${list}" is not a port; expected 0 to 65535, a range or a keyword`);
  return port;
}

/**
 * A port list as administrators write it: `80,443,5000-5010,RPC`; undefined for "any".
 * @throws InputError
 */
export function parseRulePorts(text: string): readonly RulePort[] | undefined {
  const list = parts(text);
  if (list.some((part) => part.toLowerCase() === "any" || part === "*")) return undefined;
  return list.map((part): RulePort => {
    const keyword = keywordOf(part, PORT_KEYWORDS, PORT_SPELLINGS);
    if (keyword !== undefined) return { kind: "keyword", keyword };
    const [first = "", last = first, ...rest] = part.split("-");
    const low = portNumber(first.trim(), text);
    const high = portNumber(last.trim(), text);
    if (rest.length > 0 || low > high) throw new InputError(`"${part}" in the port list "${text}" is not a range; expected LOW-HIGH`);
    return { kind: "range", low, high };
  });
}

/** Prefix length of a netmask or of a number. */
function prefixLength(text: string, family: 4 | 6, list: string): number {
  const bits = family === 4 ? 32 : 128;
  if (/^\d{1,3}$/.test(text) && Number(text) <= bits) return Number(text);
  const mask = family === 4 && text.includes(".") ? parseAddress(text) : undefined;
  if (mask?.family === 4) {
    const ones = Math.clz32(~mask.value >>> 0);
    if ((ones === 0 ? 0 : (0xffffffff << (32 - ones)) >>> 0) === mask.value) return ones;
  }
  throw new InputError(`"${text}" in the address list "${list}" is not a prefix length or netmask`);
}

/**
 * An address list as administrators write it: `LocalSubnet,10.0.0.0/8,192.0.2.1-192.0.2.9`; undefined for "any".
 * @throws InputError
 */
export function parseRuleAddresses(text: string): readonly RuleAddress[] | undefined {
  const list = parts(text);
  if (list.some((part) => part.toLowerCase() === "any" || part === "*")) return undefined;
  return list.map((part): RuleAddress => {
    const keyword = keywordOf(part, ADDRESS_KEYWORDS, ADDRESS_SPELLINGS);
    const family = /[46]$/.exec(part)?.[0];
    if (keyword !== undefined) return { kind: "keyword", keyword, ...(family === undefined ? {} : { family: family === "4" ? 4 : 6 }) };
    const [subnet = "", mask] = part.split("/");
    if (mask !== undefined) {
      const address = parseAddress(subnet);
      return { kind: "range", ...subnetRange(address, prefixLength(mask, address.family, text)) };
    }
    const [first = "", last = first] = part.split("-");
    const low = parseAddress(first.trim());
    const high = parseAddress(last.trim());
    if (low.family !== high.family || compareAddresses(low, high) > 0) {
      throw new InputError(`"${formatAddress(low)}-${formatAddress(high)}" in the address list "${text}" is not a range`);
    }
    return { kind: "range", low, high };
  });
}
