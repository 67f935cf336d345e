import type { FlowSpec, Profile } from "../../model/index.ts";
import { type Frame, IP_PROTOCOL, TCP_FLAG } from "../../wire/index.ts";
import type { EndpointFacts } from "../endpoint-facts.ts";
import { addressAt } from "./address-at.ts";
import { FlowState } from "./flow-state.ts";
import type { Way } from "./local-addresses.ts";

/** Ports below are servers' (RFC 6335 6: system ports). */
const SYSTEM_PORTS = 1024;

export interface NewFlowContext {
  readonly endpoints: EndpointFacts;
  readonly profile: Profile | undefined;
}

/** The flow that a frame begins, as far as one can tell from its first frame. */
export function flowOf(frame: Frame, way: Way, number: number, time: number, context: NewFlowContext): FlowState {
  const family = frame.family === 4 ? 4 : 6;
  const fromHere = way !== "inbound";
  const source = { address: addressAt(frame.view, frame.source, family), port: frame.sourcePort };
  const destination = { address: addressAt(frame.view, frame.destination, family), port: frame.destinationPort };
  const [local, remote] = fromHere ? [source, destination] : [destination, source];
  const isTcp = frame.protocol === IP_PROTOCOL.tcp;
  const begins = !isTcp || (frame.tcpFlags & (TCP_FLAG.syn | TCP_FLAG.ack)) === TCP_FLAG.syn;
  const direction = isOutbound(frame, fromHere, begins) ? "out" : "in";
  const ports = local.port < 0 || remote.port < 0 ? {} : { localPort: local.port, remotePort: remote.port };
  const spec: FlowSpec = {
    direction,
    protocol: frame.protocol < 0 ? 0 : frame.protocol,
    family,
    localAddress: local.address,
    remoteAddress: remote.address,
    ...ports,
    // IGMP has a type too, but the field ICMP_TYPE is of ICMP alone.
    ...(frame.icmpType >= 0 && frame.protocol !== IP_PROTOCOL.igmp ? { icmp: { type: frame.icmpType, code: frame.icmpCode } } : {}),
    ...(context.profile === undefined ? {} : { profile: context.profile }),
    overrides: [],
  };
  const owner = context.endpoints.owner(spec);
  const state = new FlowState(number, { ...spec, ...owner }, time, begins ? "whole" : "mid-stream", null);
  if (owner !== undefined && direction === "in") state.listener = "yes";
  return state;
}

/** Who opened it: the sender of the first packet, unless that cannot be the first one. */
function isOutbound(frame: Frame, fromHere: boolean, begins: boolean): boolean {
  if (begins) return fromHere;
  // The sender of a SYN-ACK was called.
  if ((frame.tcpFlags & TCP_FLAG.syn) !== 0) return !fromHere;
  const senderIsServer =
    frame.sourcePort < SYSTEM_PORTS !== frame.destinationPort < SYSTEM_PORTS
      ? frame.sourcePort < SYSTEM_PORTS
      : frame.sourcePort < frame.destinationPort;
  return senderIsServer ? !fromHere : fromHere;
}
