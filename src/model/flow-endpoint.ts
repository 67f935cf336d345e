import { formatAddress, formatEndpoint, type IpAddress, parseIpv4, parseIpv6 } from "./address.ts";

/** One end of a flow; an absent member is unknown. */
export interface FlowEndpoint {
  readonly address?: IpAddress;
  readonly port?: number;
}

/** `10.0.0.5:445`, `[fe80::1]:445`, `*:443`, `10.0.0.5`, `fe80::1`, `*`, with `*` as port too; undefined if it is none of these. */
export function parseFlowEndpoint(text: string): FlowEndpoint | undefined {
  const bare = text.includes("[") ? undefined : parseIpv6(text);
  if (bare !== undefined) return { address: { family: 6, bytes: bare } };
  const [, host, inBrackets, portText] = /^(\*|[\d.]+|\[([^\]]+)\])(?::(\*|\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined) return undefined;
  const port = portText === undefined || portText === "*" ? {} : { port: Number(portText) };
  if (port.port !== undefined && port.port > 65535) return undefined;
  if (host === "*") return port;
  if (inBrackets !== undefined) {
    const bytes = parseIpv6(inBrackets);
    return bytes === undefined ? undefined : { address: { family: 6, bytes }, ...port };
  }
  const value = parseIpv4(host);
  return value === undefined ? undefined : { address: { family: 4, value }, ...port };
}

export function formatFlowEndpoint({ address, port }: FlowEndpoint): string {
  if (address === undefined) return port === undefined ? "*" : `*:${port}`;
  return port === undefined ? formatAddress(address) : formatEndpoint(address, port);
}
