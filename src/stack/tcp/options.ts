import { startCongestionControl } from "./congestion/start.ts";
import type { TcpConnection } from "./connection.ts";
import type { TcpOptions, TcpSegment } from "./segment.ts";
import type { Tcp } from "./tcp.ts";

/** Largest shift of a window (RFC 7323 2.3). */
const MAX_SHIFT = 14;

/** What both ends have agreed on when the connection opened. */
export interface Negotiated {
  /** Shifts of the windows that are sent and received; 0 without the option on both sides. */
  readonly sendShift: number;
  readonly receiveShift: number;
  readonly sack: boolean;
  readonly timestamps: boolean;
}

export const NOTHING_NEGOTIATED: Negotiated = { sendShift: 0, receiveShift: 0, sack: false, timestamps: false };

/** Options of our SYN, or of a SYN-ACK that answers one with `offered`: what the peer has not offered is not taken up (RFC 7323 1.3). */
export function openingOptions(tcp: Tcp, connection: TcpConnection, offered: TcpOptions | null): TcpOptions {
  const { windowScale, sack, timestamps } = tcp.settings;
  const wants = (own: boolean, peer: boolean | undefined): boolean => own && (offered === null || peer === true);
  if (offered?.timestamps !== undefined) connection.recentTimestamp = offered.timestamps.value;
  return {
    maximumSegmentSize: tcp.segmentSize(connection.tuple.local),
    ...(windowScale !== null && (offered === null || offered.windowScale !== undefined) ? { windowScale } : {}),
    ...(wants(sack, offered?.sackPermitted) ? { sackPermitted: true } : {}),
    ...(wants(timestamps, offered?.timestamps !== undefined) ? { timestamps: timestampsNow(tcp, connection) } : {}),
  };
}

/** The peer's SYN or SYN-ACK has come: what holds from now on. */
export function negotiate(tcp: Tcp, connection: TcpConnection, { options }: TcpSegment): void {
  const { windowScale, sack, timestamps } = tcp.settings;
  const { windowScale: offered } = options;
  const scaled = windowScale !== null && offered !== undefined;
  connection.negotiated = {
    sendShift: scaled ? Math.min(MAX_SHIFT, offered) : 0,
    receiveShift: scaled ? windowScale : 0,
    sack: sack && options.sackPermitted === true,
    timestamps: timestamps && options.timestamps !== undefined,
  };
  if (options.timestamps !== undefined) connection.recentTimestamp = options.timestamps.value;
  // Twelve bytes of every segment are the option's from now on (RFC 9293 3.7.1).
  if (connection.negotiated.timestamps) connection.maximumSegmentSize -= TIMESTAMPS_SIZE;
  connection.congestion = startCongestionControl(connection.maximumSegmentSize, tcp.settings);
}

/** Bytes of the timestamps option with its padding. */
export const TIMESTAMPS_SIZE = 12;

/** Milliseconds of the virtual clock, and the peer's last ones. */
export function timestampsNow(tcp: Tcp, connection: TcpConnection): NonNullable<TcpOptions["timestamps"]> {
  return { value: Math.floor(tcp.host.clock.seconds * 1000) >>> 0, echo: connection.recentTimestamp };
}
