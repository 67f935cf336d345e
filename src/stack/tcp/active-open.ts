import type { AleEndpoint } from "../ale/endpoint.ts";
import type { AleFlow } from "../ale/flow.ts";
import { isFlowEstablished } from "../ale/flow-established.ts";
import type { IpPacket } from "../packet.ts";
import type { WinsockErrorName } from "../winsock-error.ts";
import { type ConnectionOwner, type ConnectionTuple, TcpConnection } from "./connection.ts";
import { discardSegment } from "./discard.ts";
import { finish } from "./finish.ts";
import { negotiate, openingOptions } from "./options.ts";
import { transmit, transmitAcknowledgment } from "./output.ts";
import { openReceiveWindow } from "./receive-window.ts";
import { abort, resetStray } from "./reset.ts";
import { retransmitOldest, startRetransmission, stopRetransmission } from "./retransmit.ts";
import { isAfter, sequenceAdd } from "./sequence.ts";
import type { Tcp } from "./tcp.ts";

/** Why a connection that FLOW_ESTABLISHED blocks ends for its own application (WFP-SHIMS 4.3.3: closed; the form is inferred). */
export const FLOW_BLOCKED: WinsockErrorName = "WSAECONNABORTED";

/** Active open: sends the SYN of a connection that ALE has authorized. */
export function openActively(
  tcp: Tcp,
  options: { readonly tuple: ConnectionTuple; readonly endpoint: AleEndpoint; readonly flow: AleFlow; readonly owner: ConnectionOwner },
): TcpConnection {
  const connection = new TcpConnection({
    ...options,
    state: "SYN-SENT",
    initialSequence: tcp.nextInitialSequence(),
    segmentSize: tcp.segmentSize(options.tuple.local),
    settings: tcp.settings,
  });
  tcp.table.add(connection);
  connection.stateTimer = tcp.host.clock.after(tcp.settings.connectTimeout, () =>
    finish(tcp, connection, connection.softError ?? "WSAETIMEDOUT"),
  );
  transmit(tcp, connection, { flags: { syn: true }, options: openingOptions(tcp, connection, null) });
  startRetransmission(tcp, connection);
  return connection;
}

/** A segment for a connection whose SYN has not been answered (RFC 9293 3.10.7.3). */
export function acceptInSynSent(tcp: Tcp, connection: TcpConnection, packet: IpPacket): void {
  const { segment } = packet;
  const { flags } = segment;
  const acknowledges = flags.ack && segment.acknowledgment === connection.sendNext;
  if (flags.ack && !acknowledges) {
    resetStray(tcp, packet);
    return;
  }
  if (flags.rst) {
    if (acknowledges) refused(tcp, connection);
    return;
  }
  if (!flags.syn) return;
  if (!flags.ack) {
    openSimultaneously(tcp, connection, packet);
    return;
  }
  connection.receiveNext = sequenceAdd(segment.sequence, 1);
  openReceiveWindow(tcp, connection);
  connection.sendUnacknowledged = segment.acknowledgment;
  connection.sendWindow = segment.window;
  connection.windowSequence = segment.sequence;
  connection.windowAcknowledgment = segment.acknowledgment;
  limitSegmentSize(connection, segment.options.maximumSegmentSize);
  negotiate(tcp, connection, segment);
  handshakeAnswered(tcp, connection);
  if (!isFlowEstablished(tcp.host, connection, packet)) {
    abort(tcp, connection, FLOW_BLOCKED);
    return;
  }
  connection.state = "ESTABLISHED";
  if (transmitAcknowledgment(tcp, connection)) connection.owner.established(connection);
}

/** The peer has refused the SYN; Windows may try again (KB175523, TcpSettings.refusedRetransmissions). */
function refused(tcp: Tcp, connection: TcpConnection): void {
  if (connection.refusals >= tcp.settings.refusedRetransmissions) {
    finish(tcp, connection, "WSAECONNREFUSED");
    return;
  }
  connection.refusals++;
  stopRetransmission(connection);
  connection.retransmitTimer = tcp.host.clock.after(REFUSED_AGAIN, () => {
    connection.retransmitTimer = null;
    retransmitOldest(tcp, connection);
    startRetransmission(tcp, connection);
  });
}

/** Seconds until a refused SYN goes out again. */
const REFUSED_AGAIN = 0.5;

/**
 * Both ends open at once: our SYN is answered with the peer's own (RFC 9293 3.5, figure 8). The connection is the one that AUTH_CONNECT
 * has authorized; nobody accepts it. Where it is switched off the SYN is dropped for the reason Windows has for that.
 */
function openSimultaneously(tcp: Tcp, connection: TcpConnection, packet: IpPacket): void {
  const { segment } = packet;
  if (!tcp.settings.simultaneousOpen) {
    discardSegment(tcp, packet, "InetDiscardSimultaneousConnect");
    return;
  }
  connection.receiveNext = sequenceAdd(segment.sequence, 1);
  openReceiveWindow(tcp, connection);
  connection.offered = segment.options;
  connection.sendWindow = segment.window;
  connection.windowSequence = segment.sequence;
  limitSegmentSize(connection, segment.options.maximumSegmentSize);
  connection.state = "SYN-RECEIVED";
  retransmitOldest(tcp, connection);
  negotiate(tcp, connection, segment);
}

/** Our SYN is acknowledged: its timers stop, its round trip counts. */
export function handshakeAnswered(tcp: Tcp, connection: TcpConnection): void {
  const { timed } = connection;
  if (timed !== null && !isAfter(timed.sequence, connection.sendUnacknowledged)) {
    connection.rto.measured(tcp.host.clock.seconds - timed.sentAt);
    connection.timed = null;
  }
  connection.rto.progress();
  connection.retransmissions = 0;
  connection.recover = null;
  stopRetransmission(connection);
  connection.stateTimer?.cancel();
  connection.stateTimer = null;
}

/** The peer's MSS option; without one the default of RFC 9293 3.7.1. */
export function limitSegmentSize(connection: TcpConnection, maximumSegmentSize: number | undefined): void {
  const standard = connection.tuple.local.family === 4 ? 536 : 1220;
  connection.maximumSegmentSize = Math.min(connection.maximumSegmentSize, maximumSegmentSize ?? standard);
}
