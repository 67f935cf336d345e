import { addressTypeOf, parseAddress } from "../../../model/index.ts";
import { groupBy } from "./group-by.ts";
import { subjectOf, type TimedVerdict } from "./timed-verdict.ts";

/** Everything one host recorded about one conversation. */
export interface FlowCase {
  readonly host: string | null;
  readonly protocol: number;
  /** The host's own end: its address, or the one it listens to where its own does not take part. */
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  /** One end is a group or a broadcast address. */
  readonly isForMany: boolean;
  /** In order of time. */
  readonly verdicts: readonly [TimedVerdict, ...TimedVerdict[]];
}

/** Addresses that a host was seen to have: those it sends from, and those it accepts connections at. */
export function hostAddresses(verdicts: readonly TimedVerdict[]): ReadonlyMap<string | null, ReadonlySet<string>> {
  const found = new Map<string | null, Set<string>>();
  for (const { host, direction, protocol, local } of verdicts) {
    if ((direction === "in" && protocol !== 6) || isLoopbackText(local) || !isUnicastText(local)) continue;
    const own = found.get(host) ?? new Set();
    found.set(host, own.add(local));
  }
  return found;
}

export function isLoopbackText(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}

export function isUnicastText(address: string): boolean {
  return address !== "0.0.0.0" && address !== "::" && addressTypeOf(parseAddress(address)) === "unicast";
}

/** A broadcast to a subnet looks like an address of a host: 255 at its end tells it from most. */
export function isManyText(address: string): boolean {
  return addressTypeOf(parseAddress(address)) !== "unicast" || address.endsWith(".255");
}

/**
 * Verdicts by host and conversation, whichever way round the log has it: a host that hears its own multicast has one conversation, not
 * two. ICMP errors that were to leave are the host's and the peer's, for they have no ports.
 */
export function flowCases(verdicts: readonly TimedVerdict[], own: ReturnType<typeof hostAddresses>): FlowCase[] {
  const cases = groupBy(verdicts, ({ host, protocol, local, localPort, remote, remotePort, layerId, program }) => {
    const ends = [`${local} ${localPort}`, `${remote} ${remotePort}`].sort();
    const isError = subjectOf(layerId)?.startsWith("icmp-error") === true;
    // What is sent to many is each listening program's: it has a verdict for each.
    const listener = isManyText(local) || isManyText(remote) ? program : null;
    return [host, protocol, ...ends, isError ? layerId : "", listener].join("|");
  });
  return [...cases.values()].map((list) => {
    const [first] = list;
    const addresses = own.get(first.host);
    const isOwnRemote = addresses?.has(first.remote) === true && !addresses.has(first.local);
    const { host, protocol } = first;
    const ends = isOwnRemote
      ? { local: first.remote, localPort: first.remotePort, remote: first.local, remotePort: first.localPort }
      : { local: first.local, localPort: first.localPort, remote: first.remote, remotePort: first.remotePort };
    list.sort((a, b) => a.time - b.time);
    return { host, protocol, ...ends, isForMany: isManyText(ends.local) || isManyText(ends.remote), verdicts: list };
  });
}
