import { type AleEndpoint, type IpAddress, isUnspecified, type Sid, sameAddress } from "../model/index.ts";

/** Who owns a socket, as far as somebody told. */
export interface OwnerFacts {
  readonly app?: string;
  readonly user?: Sid;
  readonly groups?: readonly Sid[];
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

interface Known {
  readonly endpoint: DescribedEndpoint;
  /** Of the endpoint what is its owner's alone: the ends are the flow's own. */
  readonly owner: OwnerFacts;
}

/** In the place of the port: every port. */
const ANY_PORT = 0x1_0000;

/** What is known of the programs behind a host's ports. The most particular description counts. */
export class EndpointFacts {
  readonly #byPort = new Map<number, Known[]>();

  constructor(endpoints: Iterable<DescribedEndpoint>) {
    for (const endpoint of endpoints) {
      const key = keyOf(endpoint.protocol, endpoint.localPort ?? ANY_PORT);
      const known = { endpoint, owner: ownerOf(endpoint) };
      const list = this.#byPort.get(key);
      if (list === undefined) this.#byPort.set(key, [known]);
      else list.push(known);
    }
  }

  /** The owner of a flow's local end; undefined where nobody told. */
  owner(flow: FlowEnds): OwnerFacts | undefined {
    const { protocol, localPort } = flow;
    const ofPort = localPort === undefined ? null : best(this.#byPort.get(keyOf(protocol, localPort)), flow, null);
    return best(this.#byPort.get(keyOf(protocol, ANY_PORT)), flow, ofPort)?.owner;
  }
}

interface FlowEnds {
  readonly protocol: number;
  readonly localAddress?: IpAddress;
  readonly localPort?: number;
  readonly remoteAddress?: IpAddress;
  readonly remotePort?: number;
}

function keyOf(protocol: number, port: number): number {
  return protocol * 0x2_0000 + port;
}

function ownerOf({ app, user, groups, service, package: packageSid }: DescribedEndpoint): OwnerFacts {
  return {
    ...(app === undefined ? {} : { app }),
    ...(user === undefined ? {} : { user }),
    ...(groups === undefined ? {} : { groups }),
    ...(service === undefined ? {} : { service }),
    ...(packageSid === undefined ? {} : { package: packageSid }),
  };
}

/** The first of the most particular ones, unless `other` is as particular. */
function best(candidates: readonly Known[] | undefined, flow: FlowEnds, other: Known | null): Known | null {
  let found = other;
  let score = other === null ? -1 : scoreOf(other.endpoint, flow);
  for (const candidate of candidates ?? []) {
    const own = scoreOf(candidate.endpoint, flow);
    if (own <= score) continue;
    found = candidate;
    score = own;
  }
  return found;
}

/** How particular a description is; -1 where it is of another flow. */
function scoreOf(endpoint: DescribedEndpoint, flow: FlowEnds): number {
  let score = endpoint.localPort === undefined ? 0 : 1;
  const local = addressScore(endpoint.localAddress, flow.localAddress);
  const remote = addressScore(endpoint.remoteAddress, flow.remoteAddress);
  if (local < 0 || remote < 0) return -1;
  score += local + remote;
  if (endpoint.remotePort !== undefined && endpoint.remotePort !== 0) {
    if (endpoint.remotePort !== flow.remotePort) return -1;
    score++;
  }
  return score;
}

function addressScore(described: IpAddress | undefined, own: IpAddress | undefined): number {
  if (described === undefined || isUnspecified(described)) return 0;
  return own !== undefined && sameAddress(described, own) ? 1 : -1;
}

/** The live endpoints of a dump. */
export function describedByDump(endpoints: readonly AleEndpoint[]): readonly DescribedEndpoint[] {
  return endpoints.flatMap(({ protocol, local, localPort, remote, remotePort, appId }) =>
    appId === null ? [] : [{ protocol, localAddress: local, localPort, remoteAddress: remote, remotePort, app: appId }],
  );
}
