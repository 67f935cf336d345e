import { formatAddress, type IpAddress } from "../../model/index.ts";
import { echoParameter } from "../../wire/index.ts";
import { type AleEndpoint, createEndpoint } from "../ale/endpoint.ts";
import { sendDatagram } from "../ale/send-datagram.ts";
import type { Host } from "../host.ts";
import { Operation } from "../operation.ts";
import { type IcmpIpPacket, PROTOCOL } from "../packet.ts";
import { type Process, processAt } from "../process.ts";

/** How IcmpSendEcho ended: IP_SUCCESS or the status that ping prints (ipexport.h). */
export type EchoResult =
  | "ok"
  | "IP_REQ_TIMED_OUT"
  | "IP_DEST_HOST_UNREACHABLE"
  | "IP_DEST_PORT_UNREACHABLE"
  | "IP_DEST_PROT_UNREACHABLE"
  | "IP_TTL_EXPIRED_TRANSIT"
  | "IP_PACKET_TOO_BIG"
  | "IP_GENERAL_FAILURE";

/** An echo request on its way. */
export interface Echo {
  readonly identifier: number;
  readonly destination: IpAddress;
  readonly endpoint: AleEndpoint;
  readonly operation: Operation<EchoResult>;
}

export interface EchoOptions {
  /** Bytes of the request. */
  readonly data?: Uint8Array;
  /** Seconds to wait; 4 as ping does. */
  readonly timeout?: number;
  readonly hopLimit?: number;
  readonly dontFragment?: boolean;
  /** Who pings; the kernel unless told. */
  readonly process?: Process;
}

/** Types of echo request and reply, by IP version (RFC 792, RFC 4443 4). */
export const ECHO = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;

const HOP_LIMIT = 128;
/** What ping sends unless told: 32 letters. */
const DATA = Uint8Array.from({ length: 32 }, (_, index) => 0x61 + (index % 23));

/** What keeps the flows of one peer apart: type, code and identifier (WFP-SHIMS 4.4.1). */
export function echoDiscriminator(type: number, code: number, identifier: number): string {
  return `icmp ${type}/${code}/${identifier}`;
}

/**
 * IcmpSendEcho: AUTH_CONNECT (8, 0), FLOW_ESTABLISHED, DATAGRAM_DATA, OUTBOUND_TRANSPORT, OUTBOUND_IPPACKET, then the wait for the reply.
 * What a filter blocks at AUTH_CONNECT fails with "General failure" (WFP-SHIMS 4.4).
 */
export function sendEcho(host: Host, destination: IpAddress, options: EchoOptions = {}): Operation<EchoResult> {
  const { data = DATA, timeout = 4, hopLimit = HOP_LIMIT, dontFragment = false, process = processAt("System", 4) } = options;
  const { family } = destination;
  const protocol = family === 4 ? PROTOCOL.ICMP : PROTOCOL.ICMPV6;
  const type = ECHO[family].request;
  const identifier = host.icmp.nextIdentifier();
  const endpoint = createEndpoint({ handle: host.nextEndpointHandle(), process, family, protocol });
  const operation = new Operation<EchoResult>();
  const echo: Echo = { identifier, destination, endpoint, operation };
  operation.onDone((result) => {
    host.icmp.remove(echo);
    host.record({ type: "outcome", host: host.name, operation: "ping", result, detail: formatAddress(destination) });
  });
  host.icmp.add(echo);
  const message = { type, code: 0, parameter: echoParameter(identifier, 1), body: data };
  const packet = (source: IpAddress): IcmpIpPacket => ({ source, destination, hopLimit, protocol, dontFragment, message });
  const discriminator = echoDiscriminator(type, 0, identifier);
  const target = { address: destination, port: 0 };
  sendDatagram(host, { endpoint, target, event: "ICMP message", packet, skipRedirect: true, icmpType: type, discriminator }, (result) => {
    if (result === "WSAEMSGSIZE") operation.complete("IP_PACKET_TOO_BIG");
    else if (result === "WSAENETUNREACH") operation.complete("IP_DEST_HOST_UNREACHABLE");
    else if (result !== "ok") operation.complete("IP_GENERAL_FAILURE");
  });
  if (!operation.done) {
    const timer = host.clock.after(timeout, () => operation.complete("IP_REQ_TIMED_OUT"));
    operation.onDone(() => timer.cancel());
  }
  return operation;
}
