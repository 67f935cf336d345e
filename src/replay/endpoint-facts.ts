import { type AleEndpoint, formatAddress, type IpAddress, isUnspecified, type Sid } from "../model/index.ts";

/** Who owns a socket, as far as somebody told. */
export interface OwnerFacts {
  readonly app?: string;
  readonly user?: Sid;
  readonly service?: Sid;
  readonly package?: Sid | null;
}

/** An endpoint somebody described: in a dump, an audit event, or a hosts file. */
export interface DescribedEndpoint extends OwnerFacts {
  readonly protocol: number;
  /** undefined: every address. */
  readonly localAddress?: IpAddress;
  /** undefined: every port, e.g. of a client program. */
  readonly localPort?: number;
  readonly remoteAddress?: IpAddress;
  readonly remotePort?: number;
}

/** What is known of the programs behind a host's ports. The most particular description counts. */
export class EndpointFacts {
  readonly #byPort = new Map<string, DescribedEndpoint[]>();

  constructor(endpoints: Iterable<DescribedEndpoint>) {
    for (const endpoint of endpoints) {
      const key = `${endpoint.protocol} ${endpoint.localPort ?? "*"}`;
      const list = this.#byPort.get(key);
      if (list === undefined) this.#byPort.set(key, [endpoint]);
      else list.push(endpoint);
    }
  }

  /** The owner of a flow's local end; undefined where nobody told. */
  owner(flow: {
    readonly protocol: number;
    readonly localAddress?: IpAddress;
    readonly localPort?: number;
    readonly remoteAddress?: IpAddress;
    readonly remotePort?: number;
  }): OwnerFacts | undefined {
    let best: DescribedEndpoint | undefined;
    let bestScore = -1;
    for (const key of [`${flow.protocol} ${flow.localPort ?? "*"}`, `${flow.protocol} *`]) {
      for (const candidate of this.#byPort.get(key) ?? []) {
        const score = scoreOf(candidate, flow);
        if (score > bestScore) {
          best = candidate;
          bestScore = score;
        }
      }
    }
    return best;
  }
}

/** How particular a description is; -1 where it is of another flow. */
function scoreOf(endpoint: DescribedEndpoint, flow: Parameters<EndpointFacts["owner"]>[0]): number {
  let score = endpoint.localPort === undefined ? 0 : 1;
  const addresses = [
    [endpoint.localAddress, flow.localAddress],
    [endpoint.remoteAddress, flow.remoteAddress],
  ] as const;
  for (const [described, own] of addresses) {
    if (described === undefined || isUnspecified(described)) continue;
    if (own === undefined || formatAddress(described) !== formatAddress(own)) return -1;
    score++;
  }
  if (endpoint.remotePort !== undefined && endpoint.remotePort !== 0) {
    if (endpoint.remotePort !== flow.remotePort) return -1;
    score++;
  }
  return score;
}

/** The live endpoints of a dump. */
export function describedByDump(endpoints: readonly AleEndpoint[]): readonly DescribedEndpoint[] {
  return endpoints.flatMap(({ protocol, local, localPort, remote, remotePort, appId }) =>
    appId === null ? [] : [{ protocol, localAddress: local, localPort, remoteAddress: remote, remotePort, app: appId }],
  );
}
