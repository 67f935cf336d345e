import type { FlowSpec, FlowTrace, TraceStep, Verdict } from "../model/index.ts";

type Observed = FlowTrace["observed"];

const NOTHING = "nothing";

/** What the program on this host and the other end notice of a flow's verdict (WFP-SHIMS 4.3.3, 4.3.4, 4.4). */
export function observe(flow: FlowSpec, verdict: Verdict, decisive: TraceStep | null, listener: boolean): Observed {
  if (verdict === "indeterminate") return either(observe(flow, "permit", decisive, listener), observe(flow, "block", decisive, listener));
  if (flow.direction === "in" && !listener) return closedPort(flow, verdict, decisive);
  if (verdict === "permit") return permitted(flow);
  const layer = decisive?.layer.name ?? "";
  return flow.protocol === 6 ? tcpBlocked(flow, layer) : messageBlocked(flow, layer);
}

/** Both branches of a verdict that is not known. */
function either(permit: Observed, block: Observed): Observed {
  const both = (a: string, b: string) => (a === b ? a : `if permitted: ${a}; if blocked: ${b}`);
  return { application: both(permit.application, block.application), peer: both(permit.peer, block.peer) };
}

function permitted(flow: FlowSpec): Observed {
  if (flow.protocol === 6) {
    return flow.direction === "in"
      ? { application: "accept returns the connection", peer: "the connection is established" }
      : { application: "connect succeeds if the peer answers", peer: "sees the SYN, and the rest of the handshake if it answers" };
  }
  return flow.direction === "in"
    ? { application: "receives the message", peer: "nothing, unless the program answers" }
    : { application: "the send succeeds", peer: "receives the message" };
}

function tcpBlocked(flow: FlowSpec, layer: string): Observed {
  if (layer.includes("FLOW_ESTABLISHED")) {
    return { application: "the connection is closed right after its handshake", peer: "the connection is reset after the handshake" };
  }
  if (flow.direction === "in") {
    if (/OUTBOUND_(TRANSPORT|IPPACKET)/.test(layer)) {
      return {
        application: "nothing: the handshake does not complete",
        peer: "a connect timeout: its SYN arrives, the SYN-ACK never leaves; a scanner says filtered",
      };
    }
    return {
      application: "nothing: the listener does not learn of it",
      peer: "a connect timeout: no SYN-ACK and no RST, every retransmitted SYN is dropped too; a scanner says filtered",
    };
  }
  if (/RESOURCE_ASSIGNMENT|BIND_REDIRECT/.test(layer)) return { application: "bind fails at once with WSAEACCES (10013)", peer: NOTHING };
  if (/AUTH_CONNECT|CONNECT_REDIRECT/.test(layer)) {
    return { application: "connect fails at once with WSAEACCES (10013)", peer: "nothing: no SYN is sent" };
  }
  if (/OUTBOUND/.test(layer)) {
    return { application: "connect fails with WSAETIMEDOUT (10060) after the SYN's retransmissions", peer: "nothing: no SYN leaves" };
  }
  return {
    application: "connect fails with WSAETIMEDOUT (10060): the peer's SYN-ACK is dropped",
    peer: "sees the SYN, and its SYN-ACK is never acknowledged",
  };
}

function messageBlocked(flow: FlowSpec, layer: string): Observed {
  if (flow.direction === "in") {
    const silent = "nothing: no answer and no ICMP error; a scanner says open|filtered";
    return { application: "nothing: the message does not arrive", peer: layer.includes("ICMP_ERROR") ? NOTHING : silent };
  }
  if (/RESOURCE_ASSIGNMENT|BIND_REDIRECT/.test(layer)) {
    return { application: "bind, or the first send without one, fails with WSAEACCES (10013)", peer: NOTHING };
  }
  if (flow.protocol === 1 || flow.protocol === 58) return { application: 'ping reports "General failure"', peer: NOTHING };
  return { application: "the send succeeds and the datagram is dropped; each further one is classified again", peer: NOTHING };
}

function closedPort(flow: FlowSpec, verdict: Verdict, decisive: TraceStep | null): Observed {
  const application = "nothing: no program listens";
  const early = decisive !== null && verdict === "block" && !/DISCARD|OUTBOUND/.test(decisive.layer.name);
  if (early) return { application, peer: "nothing: the packet is dropped before the stack looks for a listener; a scanner says filtered" };
  if (flow.protocol === 6) {
    return verdict === "block"
      ? { application, peer: "a connect timeout: the RST is suppressed (stealth); a scanner says filtered" }
      : { application, peer: "the connection is refused (RST); a scanner says closed" };
  }
  return verdict === "block"
    ? { application, peer: "nothing: the ICMP error is suppressed (stealth); a scanner says open|filtered" }
    : { application, peer: "an ICMP port unreachable; a scanner says closed" };
}
