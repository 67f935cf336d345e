import { authConnect } from "./auth-connect.ts";
import { authListen } from "./auth-listen.ts";
import { authRecvAccept } from "./auth-recv-accept.ts";
import { bindRedirect } from "./bind-redirect.ts";
import { connectRedirect } from "./connect-redirect.ts";
import { datagramData } from "./datagram-data.ts";
import { endpointClosure } from "./endpoint-closure.ts";
import { flowEstablished } from "./flow-established.ts";
import { inboundIcmpError } from "./inbound-icmp-error.ts";
import { inboundIppacket } from "./inbound-ippacket.ts";
import { inboundTransport } from "./inbound-transport.ts";
import { ippacketDiscard } from "./ippacket-discard.ts";
import { outboundIcmpError } from "./outbound-icmp-error.ts";
import { outboundIppacket } from "./outbound-ippacket.ts";
import { outboundTransport } from "./outbound-transport.ts";
import { resourceAssignment } from "./resource-assignment.ts";
import { resourceRelease } from "./resource-release.ts";
import { stream } from "./stream.ts";
import { transportDiscard } from "./transport-discard.ts";

/** Every shim by name. */
export const SHIMS = {
  authConnect,
  authListen,
  authRecvAccept,
  bindRedirect,
  connectRedirect,
  datagramData,
  endpointClosure,
  flowEstablished,
  inboundIcmpError,
  inboundIppacket,
  inboundTransport,
  ippacketDiscard,
  outboundIcmpError,
  outboundIppacket,
  outboundTransport,
  resourceAssignment,
  resourceRelease,
  stream,
  transportDiscard,
} as const;

export type ShimName = keyof typeof SHIMS;
