import type { EventName } from "../../model/index.ts";
import type { TcpSegment } from "./segment.ts";

/** What Microsoft's "TCP Packet Flows" page calls the segment at a transport layer: control segments by name, data as "TCP segment". */
export function transportEvent(segment: TcpSegment): EventName {
  return controlName(segment) ?? "TCP segment";
}

/** The same at a network layer, where the page calls data "IP datagram". */
export function networkEvent(segment: TcpSegment): EventName {
  return controlName(segment) ?? "IP datagram";
}

function controlName({ flags, payload }: TcpSegment): EventName | undefined {
  if (flags.syn) return flags.ack ? "SYN-ACK" : "SYN";
  if (flags.rst) return "RST";
  if (payload.length > 0) return undefined;
  return flags.fin ? "FIN" : "ACK";
}
