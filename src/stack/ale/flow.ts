import type { Guid, Profile } from "../../model/index.ts";

/** The state ALE keeps of an authorized connection (WFP-SHIMS 4.5). */
export interface AleFlow {
  /** FLOW_HANDLE metadata. */
  readonly handle: bigint;
  /** The layer that authorized it; only this one reauthorizes it. */
  readonly createdAt: "AUTH_CONNECT" | "AUTH_RECV_ACCEPT";
  readonly layerKey: Guid;
  /** Of the first packet; later ones do not change it. */
  readonly direction: "inbound" | "outbound";
  /** Network category when it was created. */
  readonly originalProfile: Profile;
  /** The policy it was last judged by: FilterEngine.generation of the layer. */
  generation: number;
  /** "denied": a reauthorization failed. Whatever still comes for it is judged again each time. */
  state: "authorized" | "denied" | "ended";
}
