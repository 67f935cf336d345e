import type { IpAddress, Metadata } from "../model/index.ts";
import type { AleEndpoint, TransportAddress } from "./ale/endpoint.ts";
import type { AleFlow } from "./ale/flow.ts";
import type { LinkFacts } from "./facts.ts";
import type { NetworkInterface } from "./interface.ts";
import { type Packet, PROTOCOL } from "./packet.ts";
import type { TcpConnection } from "./tcp/connection.ts";

/** What the stack has in its hands at the moment of an indication. Which of it a layer gets to see is for the layer's shim to know. */
export interface Situation {
  /** Of the packet or data; of the operation where there is neither. */
  readonly direction: "inbound" | "outbound";
  readonly packet: Packet | null;
  readonly connection: TcpConnection | null;
  /** The socket, where no connection stands for it. */
  readonly endpoint?: AleEndpoint | null;
  readonly flow?: AleFlow | null;
  /** Ends that neither packet nor connection nor endpoint tell. */
  readonly local?: TransportAddress;
  readonly remote?: TransportAddress;
  /** Interface an outbound packet leaves by. */
  readonly nexthop?: NetworkInterface;
  /** Addresses of the frame; for the MAC layers. */
  readonly link?: LinkFacts;
  /** Interface a packet that passes through leaves by; it has an arrival interface too. */
  readonly forwardedBy?: NetworkInterface;
  /** Bits of CONDITION_FLAG beyond those that follow from the rest. */
  readonly flags?: number;
  readonly reauthorizeReason?: number;
  readonly aleClassifyRequired?: boolean;
  readonly implicitBind?: boolean;
  readonly discardReason?: Metadata["discardReason"];
  readonly streamBytes?: number;
  /** Asks the layers of this IP version whatever the addresses are: dual-stack sockets (WFP-SHIMS 4.3.3). */
  readonly family?: 4 | 6;
  /** The ioctl that makes a socket promiscuous. */
  readonly promiscuousMode?: number;
  /** An ICMP error received: what it says about the packet it quotes. */
  readonly quoted?: QuotedPacket;
}

/** The packet that an ICMP error quotes: one that this host sent. */
export interface QuotedPacket {
  readonly protocol: number;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** null where the quotation does not reach or the protocol has none. */
  readonly localPort: number | null;
  readonly remotePort: number | null;
  /** Of a quoted echo request. */
  readonly identifier?: number;
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
  const ends = witnessed(situation);
  return situation.family === undefined ? ends : { ...ends, family: situation.family };
}

function witnessed(situation: Situation): Ends {
  const { packet, direction, connection, endpoint, local, remote } = situation;
  if (packet !== null) return endsOfPacket(packet, direction);
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
  const hasPorts = endpoint === null || endpoint === undefined || endpoint.protocol === PROTOCOL.TCP || endpoint.protocol === PROTOCOL.UDP;
  return {
    family: local?.address.family ?? far?.address.family ?? endpoint?.family ?? 4,
    localAddress: local?.address ?? endpoint?.localAddress ?? null,
    // Of an implicit bind too: event 5158 always shows the port that was picked.
    localPort: local?.port ?? (hasPorts ? (endpoint?.localPort ?? null) : null),
    remoteAddress: far?.address ?? null,
    remotePort: far === null || (!hasPorts && remote === undefined) ? null : far.port,
  };
}

/** ICMP has type and code where others have ports (WFP-SEMANTICS 2.1); the type is the local one whatever the direction. */
function endsOfPacket(packet: Packet, direction: "inbound" | "outbound"): Ends {
  const { source, destination } = packet;
  const outbound = direction === "outbound";
  const ends = {
    family: source.family,
    localAddress: outbound ? source : destination,
    remoteAddress: outbound ? destination : source,
  };
  if ("message" in packet) return { ...ends, localPort: packet.message.type, remotePort: packet.message.code };
  const ports = "segment" in packet ? packet.segment : "datagram" in packet ? packet.datagram : null;
  if (ports === null) return { ...ends, localPort: null, remotePort: null };
  const { sourcePort, destinationPort } = ports;
  return { ...ends, localPort: outbound ? sourcePort : destinationPort, remotePort: outbound ? destinationPort : sourcePort };
}
