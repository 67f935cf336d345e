import { formatAddress, type IpAddress, isLoopback, type RecordedVerdict, type Sid } from "../model/index.ts";
import type { DescribedEndpoint } from "./endpoint-facts.ts";

/** What several records of the same ends agree on; null where they do not. */
interface Agreed {
  readonly ends: Pick<DescribedEndpoint, "protocol" | "localAddress" | "localPort" | "remoteAddress" | "remotePort">;
  app: string | null;
  user: Sid | null;
  package: Sid | "none" | null;
}

/**
 * The programs behind a host's ports, as its Security log or net events name them: events 5154 and 5158 say who listens and binds, 5156 and
 * 5157 whose a connection is. Of a log of several computers those count that use one of the capture's local addresses. The clocks of log
 * and capture are not compared; a port that several programs had after one another is nobody's.
 */
export function describedByEvents(verdicts: readonly RecordedVerdict[], local: readonly IpAddress[]): readonly DescribedEndpoint[] {
  const hosts = hostsOf(verdicts, local);
  const byEnds = new Map<string, Agreed>();
  for (const verdict of verdicts) {
    if (!hosts.has(verdict.host) || verdict.direction === "forward") continue;
    const { protocol, local: localAddress, localPort, remote, remotePort, application } = verdict;
    if (protocol === null || localPort === null || application === null || application === "") continue;
    const key = `${protocol} ${textOf(localAddress)} ${localPort} ${textOf(remote)} ${remotePort ?? ""}`;
    const known = byEnds.get(key);
    if (known !== undefined) {
      if (known.app?.toLowerCase() !== application.toLowerCase()) known.app = null;
      if (known.user !== verdict.user) known.user = null;
      if (known.package !== verdict.package) known.package = null;
      continue;
    }
    const ends = {
      protocol,
      localPort,
      ...(localAddress === null ? {} : { localAddress }),
      ...(remote === null ? {} : { remoteAddress: remote }),
      ...(remote === null || remotePort === null ? {} : { remotePort }),
    };
    byEnds.set(key, { ends, app: application, user: verdict.user, package: verdict.package });
  }
  return [...byEnds.values()].flatMap(({ ends, app, user, package: packageSid }) =>
    app === null
      ? []
      : [
          {
            ...ends,
            app,
            ...(user === null ? {} : { user }),
            ...(packageSid === null ? {} : { package: packageSid === "none" ? null : packageSid }),
          },
        ],
  );
}

/** The computers that the capture's own addresses belong to: a log without computer names is one computer's. */
function hostsOf(verdicts: readonly RecordedVerdict[], local: readonly IpAddress[]): ReadonlySet<string | null> {
  const own = new Set(local.filter((address) => !isLoopback(address)).map(formatAddress));
  return new Set(verdicts.filter((verdict) => verdict.local !== null && own.has(formatAddress(verdict.local))).map(({ host }) => host));
}

function textOf(address: IpAddress | null): string {
  return address === null ? "*" : formatAddress(address);
}
