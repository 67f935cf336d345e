import type { AleEndpoint } from "../ale/endpoint.ts";
import { createEndpoint } from "../ale/endpoint.ts";
import { type IncomingDatagram, type Received, receiveOnFlow } from "../ale/receive-datagram.ts";
import type { Host } from "../host.ts";
import { sendIp } from "../ip/output.ts";
import type { IcmpIpPacket } from "../packet.ts";
import { processAt } from "../process.ts";
import { ECHO, echoDiscriminator } from "./echo.ts";
import { isIcmpError } from "./errors.ts";
import { receiveError } from "./receive-error.ts";

const HOP_LIMIT = 128;

/** An ICMP message that passed the network layer. Only messages that are no errors reach ALE (WFP-SHIMS 4.4.1). */
export function receiveIcmp(host: Host, packet: IcmpIpPacket): Received {
  const { message, source, protocol } = packet;
  if (isIcmpError(protocol, message.type)) return receiveError(host, packet);
  const { request, reply } = ECHO[source.family];
  const identifier = message.parameter >>> 16;
  if (message.type === reply) {
    const echo = host.icmp.waiting(identifier);
    const received = receiveOnFlow(host, {
      ...incoming(host, packet),
      // The reply belongs to the flow of the request.
      ...(echo === undefined ? {} : { endpoint: echo.endpoint, discriminator: echoDiscriminator(request, 0, identifier) }),
    });
    if (received === "delivered") echo?.operation.complete("ok");
    return received;
  }
  const received = receiveOnFlow(host, incoming(host, packet));
  if (received === "delivered" && message.type === request && !host.isForMany(packet.destination)) answer(host, packet);
  return received;
}

/** Messages that no program waits for are the kernel's. */
function incoming(host: Host, packet: IcmpIpPacket): IncomingDatagram {
  const { type, code, parameter } = packet.message;
  return {
    packet,
    endpoint: kernelEndpoint(host, packet.source.family),
    peer: { address: packet.source, port: 0 },
    icmpType: type,
    discriminator: echoDiscriminator(type, code, parameter >>> 16),
  };
}

function kernelEndpoint(host: Host, family: 4 | 6): AleEndpoint {
  const existing = host.icmp.endpoints.get(family);
  if (existing !== undefined) return existing;
  const protocol = family === 4 ? 1 : 58;
  const endpoint = createEndpoint({ handle: host.nextEndpointHandle(), process: processAt("System", 4), family, protocol });
  host.icmp.endpoints.set(family, endpoint);
  return endpoint;
}

/**
 * The echo reply: a packet of the request's flow, OUTBOUND_TRANSPORT and OUTBOUND_IPPACKET only (WFP-SHIMS 4.4.1). It ends the flow:
 * recorded machines authorize the next request of the same identifier anew, a fifth of a second later.
 */
function answer(host: Host, { source, destination, protocol, message }: IcmpIpPacket): void {
  const { family } = source;
  const endpoint = kernelEndpoint(host, family);
  const flow = host.datagramFlows.find(
    endpoint,
    { address: source, port: 0 },
    echoDiscriminator(message.type, message.code, message.parameter >>> 16),
  );
  sendIp(
    host,
    {
      source: destination,
      destination: source,
      hopLimit: HOP_LIMIT,
      protocol,
      message: { type: ECHO[family].reply, code: 0, parameter: message.parameter, body: message.body },
    },
    { endpoint, flow: flow ?? null },
  );
  if (flow !== undefined) host.flows.remove(flow);
}
