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

/**
 * What is known of the programs behind a host's ports. The most particular description counts; what it leaves open, such as the package,
 * others tell that fit and are of the same program or of any.
 */
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
    const ofPort = localPort === undefined ? [] : (this.#byPort.get(keyOf(protocol, localPort)) ?? []);
    const ofAny = this.#byPort.get(keyOf(protocol, ANY_PORT)) ?? [];
    if (ofPort.length + ofAny.length === 0) return undefined;
    const fitting = [...ofPort, ...ofAny]
      .map(({ endpoint, owner }) => ({ owner, score: scoreOf(endpoint, flow) }))
      .filter(({ score }) => score >= 0)
      .sort((a, b) => b.score - a.score);
    const [first, ...others] = fitting;
    if (first === undefined) return undefined;
    const same = others.filter(({ owner }) => isOfSame(first.owner, owner));
    return same.length === 0 ? first.owner : Object.assign({}, ...same.reverse().map(({ owner }) => owner), first.owner);
  }
}

function isOfSame({ app }: OwnerFacts, other: OwnerFacts): boolean {
  return other.app === undefined || other.app.toLowerCase() === app?.toLowerCase();
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
