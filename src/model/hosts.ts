import type { IpAddress } from "./address.ts";
import type { Profile } from "./flow.ts";
import type { Sid } from "./sid.ts";

/** A program that a hosts file describes: what it listens on, or whom it talks to. Absent members are unknown or any. */
export interface HostEndpoint {
  readonly protocol: number;
  readonly localAddress?: IpAddress;
  readonly localPort?: number;
  readonly remoteAddress?: IpAddress;
  readonly remotePort?: number;
  readonly app?: string;
  readonly user?: Sid;
  readonly groups?: readonly Sid[];
  readonly service?: Sid;
  /** null: a desktop program. */
  readonly package?: Sid | null;
}

/** A host as its owner describes it: what no capture can tell. */
export interface HostDescription {
  readonly source: string;
  readonly addresses: readonly IpAddress[];
  readonly profile?: Profile;
  readonly endpoints: readonly HostEndpoint[];
}
