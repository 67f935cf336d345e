import type { FlowTrace, PeerSees } from "../../model/index.ts";

/**
 * What the peer notices, as a suite names it, from the sentence that `trace` says it with (stack/observed.ts). Undefined where it depends on
 * a verdict that is not known.
 */
export function peerSees({ observed, verdict, flow }: FlowTrace): PeerSees | undefined {
  const { peer } = observed;
  if (verdict === "indeterminate" && peer.startsWith("if permitted:")) return undefined;
  if (/\(RST\)|is reset/.test(peer)) return "RST";
  if (/ICMP port unreachable/.test(peer)) return "ICMP unreachable";
  if (flow.direction === "out") return /^nothing/.test(peer) ? "nothing sent" : "connection";
  if (/connection is established/.test(peer)) return "connection";
  return /unless the program answers/.test(peer) ? "answer" : "silence";
}
