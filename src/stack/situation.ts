import type { IpAddress, Metadata } from "../model/index.ts";
import type { AleEndpoint, TransportAddress } from "./ale/endpoint.ts";
import type { AleFlow } from "./ale/flow.ts";
import type { NetworkInterface } from "./interface.ts";
import type { IpPacket } from "./packet.ts";
import type { TcpConnection } from "./tcp/connection.ts";

/** What the stack has in its hands at the moment of an indication. Which of it a layer gets to see is for the layer's shim to know. */
export interface Situation {
  /** Of the packet or data; of the operation where there is neither. */
  readonly direction: "inbound" | "outbound";
  readonly packet: IpPacket | null;
  readonly connection: TcpConnection | null;
  /** The socket, where no connection stands for it. */
  readonly endpoint?: AleEndpoint | null;
  readonly flow?: AleFlow | null;
  /** Ends that neither packet nor connection nor endpoint tell. */
  readonly local?: TransportAddress;
  readonly remote?: TransportAddress;
  /** Interface an outbound packet leaves by. */
  readonly nexthop?: NetworkInterface;
  /** Bits of CONDITION_FLAG beyond those that follow from the rest. */
  readonly flags?: number;
  readonly reauthorizeReason?: number;
  readonly aleClassifyRequired?: boolean;
  readonly implicitBind?: boolean;
  readonly discardReason?: Metadata["discardReason"];
  readonly streamBytes?: number;
}

/** The two ends from this host's viewpoint. A null address is one not assigned, a null port likewise. */
export interface Ends {
  readonly family: 4 | 6;
  readonly localAddress: IpAddress | null;
  readonly localPort: number | null;
  readonly remoteAddress: IpAddress | null;
  readonly remotePort: number | null;
}

/** The ends by the best witness: the packet, then what is given, then connection and endpoint. */
export function endsOf(situation: Situation): Ends {
  const { packet, direction, connection, endpoint, local, remote } = situation;
  if (packet !== null) {
    const outbound = direction === "outbound";
    const { source, destination, segment } = packet;
    return {
      family: source.family,
      localAddress: outbound ? source : destination,
      localPort: outbound ? segment.sourcePort : segment.destinationPort,
      remoteAddress: outbound ? destination : source,
      remotePort: outbound ? segment.destinationPort : segment.sourcePort,
    };
  }
  if (connection !== null) {
    const { tuple } = connection;
    return {
      family: tuple.local.family,
      localAddress: tuple.local,
      localPort: tuple.localPort,
      remoteAddress: tuple.remote,
      remotePort: tuple.remotePort,
    };
  }
  const far = remote ?? endpoint?.remote ?? null;
  return {
    family: endpoint?.family ?? local?.address.family ?? 4,
    localAddress: local?.address ?? endpoint?.localAddress ?? null,
    // Of an implicit bind too: event 5158 always shows the port that was picked.
    localPort: local?.port ?? endpoint?.localPort ?? null,
    remoteAddress: far?.address ?? null,
    remotePort: far?.port ?? null,
  };
}
