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
import { inboundMacFrameEthernet } from "./inbound-mac-frame-ethernet.ts";
import { inboundMacFrameNative } from "./inbound-mac-frame-native.ts";
import { inboundTransport } from "./inbound-transport.ts";
import { ipforward } from "./ipforward.ts";
import { ipforwardDiscard } from "./ipforward-discard.ts";
import { ippacketDiscard } from "./ippacket-discard.ts";
import { outboundIcmpError } from "./outbound-icmp-error.ts";
import { outboundIppacket } from "./outbound-ippacket.ts";
import { outboundMacFrameEthernet } from "./outbound-mac-frame-ethernet.ts";
import { outboundMacFrameNative } from "./outbound-mac-frame-native.ts";
import { outboundTransport } from "./outbound-transport.ts";
import { resourceAssignment } from "./resource-assignment.ts";
import { resourceRelease } from "./resource-release.ts";
import { stream } from "./stream.ts";
import { streamPacket } from "./stream-packet.ts";
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
  inboundMacFrameEthernet,
  inboundMacFrameNative,
  inboundTransport,
  ipforward,
  ipforwardDiscard,
  ippacketDiscard,
  outboundIcmpError,
  outboundIppacket,
  outboundMacFrameEthernet,
  outboundMacFrameNative,
  outboundTransport,
  resourceAssignment,
  resourceRelease,
  stream,
  streamPacket,
  transportDiscard,
} as const;

export type ShimName = keyof typeof SHIMS;
