import { isConnectionReauthorized } from "../ale/reauthorize.ts";
import { sendPacket } from "../ip/output.ts";
import { type IpPacket, TCP } from "../packet.ts";
import type { TcpConnection } from "./connection.ts";
import { acknowledgmentSent } from "./delayed-ack.ts";
import { timestampsNow } from "./options.ts";
import { windowToAdvertise } from "./receive-window.ts";
import { sackBlocks } from "./sack.ts";
import { sequenceLength, type TcpFlags, type TcpOptions, type TcpSegment, tcpFlags } from "./segment.ts";
import { isAfter, sequenceAdd } from "./sequence.ts";
import type { Tcp } from "./tcp.ts";

/** Routers may not cut segments: TCP finds out the path's MTU (RFC 1191 3; EnablePMTUDiscovery is on in Windows). */
const HEADER = { hopLimit: 128, protocol: TCP, dontFragment: true } as const;
const NOTHING = new Uint8Array(0);

/** One segment of a connection to be sent; what is not given follows from the connection's state. */
export interface Outgoing {
  readonly flags: Partial<TcpFlags>;
  readonly sequence?: number;
  readonly payload?: Uint8Array;
  /** Of a SYN or SYN-ACK; what the connection has agreed on otherwise. */
  readonly options?: TcpOptions;
}

/**
 * Sends a segment of `connection`: reauthorization of the flow if it is due, OUTBOUND_TRANSPORT, OUTBOUND_IPPACKET (WFP-SHIMS 4.2).
 * A segment that is blocked at one of the packet layers is lost, TCP does not learn of it. False if the flow was torn down instead.
 */
export function transmit(tcp: Tcp, connection: TcpConnection, outgoing: Outgoing): boolean {
  const { tuple } = connection;
  const flags = tcpFlags(outgoing.flags);
  const segment: TcpSegment = {
    sourcePort: tuple.localPort,
    destinationPort: tuple.remotePort,
    sequence: outgoing.sequence ?? connection.sendNext,
    acknowledgment: flags.ack ? connection.receiveNext : 0,
    flags,
    window: windowToAdvertise(tcp, connection, flags.syn),
    payload: outgoing.payload ?? NOTHING,
    options: outgoing.options ?? optionsOf(tcp, connection),
  };
  const packet: IpPacket = { source: tuple.local, destination: tuple.remote, ...HEADER, segment };
  // A reset is the end of the flow, not traffic of it.
  if (!flags.rst && !isConnectionReauthorized(tcp, connection, packet, "outbound")) return false;
  const end = sequenceAdd(segment.sequence, sequenceLength(segment));
  if (isAfter(end, connection.sendNext)) {
    connection.sendNext = end;
    connection.timed ??= { sequence: end, sentAt: tcp.host.clock.seconds };
  }
  if (flags.ack) acknowledgmentSent(connection);
  sendPacket(tcp.host, packet, connection);
  return true;
}

/** Options of a segment that does not open the connection. */
function optionsOf(tcp: Tcp, connection: TcpConnection): TcpOptions {
  const blocks = sackBlocks(connection);
  return {
    ...(connection.negotiated.timestamps ? { timestamps: timestampsNow(tcp, connection) } : {}),
    ...(blocks.length > 0 ? { sackBlocks: blocks } : {}),
  };
}

/** An acknowledgment and nothing else. */
export function transmitAcknowledgment(tcp: Tcp, connection: TcpConnection): boolean {
  return transmit(tcp, connection, { flags: { ack: true } });
}

/** A packet that belongs to no connection: the reset that answers a stray segment. */
export function transmitStray(tcp: Tcp, source: IpPacket, segment: Pick<TcpSegment, "sequence" | "acknowledgment" | "flags">): void {
  sendPacket(
    tcp.host,
    {
      source: source.destination,
      destination: source.source,
      ...HEADER,
      segment: {
        ...segment,
        sourcePort: source.segment.destinationPort,
        destinationPort: source.segment.sourcePort,
        window: 0,
        options: {},
        payload: NOTHING,
      },
    },
    null,
  );
}
