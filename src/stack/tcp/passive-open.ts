import type { IpAddress } from "../../model/index.ts";
import { authorizeAccept } from "../ale/authorize-accept.ts";
import type { AleEndpoint } from "../ale/endpoint.ts";
import { isFlowEstablished } from "../ale/flow-established.ts";
import type { IpPacket } from "../packet.ts";
import { FLOW_BLOCKED, handshakeAnswered, limitSegmentSize } from "./active-open.ts";
import { type ConnectionOwner, TcpConnection } from "./connection.ts";
import { passesInboundTransport } from "./inbound-transport.ts";
import { noEndpoint } from "./no-listener.ts";
import { negotiate, openingOptions } from "./options.ts";
import { transmit } from "./output.ts";
import { openReceiveWindow } from "./receive-window.ts";
import { abort, resetStray } from "./reset.ts";
import { startRetransmission } from "./retransmit.ts";
import { isAfter, sequenceAdd } from "./sequence.ts";
import { passesStreamPacket } from "./stream-packet.ts";
import type { Tcp } from "./tcp.ts";

/** A listening endpoint. */
export interface TcpListener {
  readonly family: 4 | 6;
  /** null: every address of the host. */
  readonly address: IpAddress | null;
  readonly port: number;
  readonly endpoint: AleEndpoint;
  /** Takes part in a connection until accept hands it to a socket. */
  readonly owner: ConnectionOwner;
}

/**
 * Passive open: a SYN for a listener. INBOUND_TRANSPORT, then AUTH_RECV_ACCEPT; blocked at either the SYN is dropped silently and
 * nothing remembers it, so that every retransmission is classified anew (WFP-SHIMS 4.3.3).
 */
export function openPassively(tcp: Tcp, listener: TcpListener, packet: IpPacket): void {
  const { segment } = packet;
  if (listener.owner.isFull?.() === true) {
    // "If the queue is full, the client will receive WSAECONNREFUSED" (Winsock, listen): nobody is there for this one.
    noEndpoint(tcp, packet);
    return;
  }
  if (!passesInboundTransport(tcp, packet, { connection: null, endpoint: listener.endpoint, aleClassifyRequired: true })) return;
  const authorized = authorizeAccept(tcp.host, listener.endpoint, packet);
  if (authorized === null) return;
  const connection = new TcpConnection({
    tuple: {
      local: packet.destination,
      localPort: segment.destinationPort,
      remote: packet.source,
      remotePort: segment.sourcePort,
    },
    endpoint: authorized.endpoint,
    flow: authorized.flow,
    owner: listener.owner,
    state: "SYN-RECEIVED",
    initialSequence: tcp.nextInitialSequence(),
    segmentSize: tcp.segmentSize(packet.destination),
    settings: tcp.settings,
  });
  if (!passesStreamPacket(tcp, connection, packet)) {
    // Nothing remembers the SYN; its next copy is judged anew.
    tcp.host.flows.remove(authorized.flow);
    return;
  }
  connection.receiveNext = sequenceAdd(segment.sequence, 1);
  openReceiveWindow(tcp, connection);
  connection.sendWindow = segment.window;
  connection.windowSequence = segment.sequence;
  limitSegmentSize(connection, segment.options.maximumSegmentSize);
  connection.offered = segment.options;
  tcp.table.add(connection);
  listener.owner.opened?.(connection);
  transmit(tcp, connection, { flags: { syn: true, ack: true }, options: openingOptions(tcp, connection, segment.options) });
  negotiate(tcp, connection, segment);
  startRetransmission(tcp, connection);
}

/**
 * The segment that completes the handshake: FLOW_ESTABLISHED, then accept can return. False if there is nothing more to be done with
 * the segment.
 */
export function acceptInSynReceived(tcp: Tcp, connection: TcpConnection, packet: IpPacket): boolean {
  const { segment } = packet;
  if (!isAfter(segment.acknowledgment, connection.sendUnacknowledged) || isAfter(segment.acknowledgment, connection.sendNext)) {
    resetStray(tcp, packet);
    return false;
  }
  connection.sendUnacknowledged = segment.acknowledgment;
  connection.sendWindow = segment.window * 2 ** connection.negotiated.sendShift;
  connection.windowSequence = segment.sequence;
  connection.windowAcknowledgment = segment.acknowledgment;
  handshakeAnswered(tcp, connection);
  if (!isFlowEstablished(tcp.host, connection, packet)) {
    abort(tcp, connection, FLOW_BLOCKED);
    return false;
  }
  connection.state = "ESTABLISHED";
  connection.owner.established(connection);
  return true;
}
