import type { FieldValue, Filter, Guid, IpAddress, Layer, Metadata } from "../model/index.ts";

/** What a callout is shown (FWPS_INCOMING_VALUES0, metadata, the filter and the state of arbitration). */
export interface ClassifyRequest {
  readonly layer: Layer;
  readonly values: readonly FieldValue[];
  readonly metadata: Metadata;
  readonly filter: Filter;
  /** Decision of the sublayers above: what FWPS_CLASSIFY_OUT0.actionType holds on entry. */
  readonly action: "none" | "permit" | "block";
  /** FWPS_RIGHT_ACTION_WRITE on entry. Without it only BLOCK (a veto) counts. */
  readonly writable: boolean;
  /**
   * What the stack offers at this indication: redirect, pend, flow contexts, stream data. Absent in a plain trace, and where the call
   * is a supposition (whether the filter matches is not known), so that nothing happens which might not have.
   */
  readonly stack: StackServices | undefined;
}

/** What a callout leaves in FWPS_CLASSIFY_OUT0. It starts as NONE, without flags, and with the write right of the request. */
export interface ClassifyOut {
  /** "none", untouched, is no decision; "continue" says on purpose that the next filter shall decide. */
  action: "none" | "continue" | "permit" | "block";
  /** Cleared by the callout to make its decision hard. */
  writable: boolean;
  /** FWPS_CLASSIFY_OUT_FLAG_ABSORB; counts with BLOCK only, and not at discard layers. */
  absorb: boolean;
}

/** Context that a callout has associated with a flow (FwpsFlowAssociateContext0); undefined where there is none. */
export interface FlowContext {
  get(): unknown;
  set(value: unknown): void;
}

/** Services the stack lends to a callout during one indication. */
export interface StackServices {
  /** CONNECT_REDIRECT: the remote end as it will be used; assign to redirect. */
  redirectConnect?: (target: { readonly address: IpAddress; readonly port: number; readonly localRedirectTargetPid?: number }) => void;
  /** BIND_REDIRECT: the local end as it will be used; assign to redirect. */
  redirectBind?: (target: { readonly address: IpAddress; readonly port: number }) => void;
  /** FwpsPendOperation0: call the returned function to complete. Throws WfpError STATUS_FWP_CANNOT_PEND during reauthorization. */
  pend?: () => () => void;
  /** The clone of the packet at hand enters the stack again, below the layer it is at (FwpsInjectTransportReceiveAsync0 and its kin). */
  reinject?: () => void;
  /** SET_OPTIONS layers: what the provider context says holds for the flow (FWPM_CLASSIFY_OPTIONS_CONTEXT). */
  applyOptions?: (providerContextKey: Guid) => void;
  /** FwpsFlowAbort0: the flow's connection ends. Windows 8 and later. */
  abortFlow?: () => void;
  /** Flow context of this callout on this flow (FwpsFlowAssociateContext0). */
  readonly flowContext?: FlowContext;
  /** Where several callouts keep contexts on one flow: the context of each, by callout key. The engine hands it on as `flowContext`. */
  readonly flowContextOf?: (calloutKey: Guid) => FlowContext;
}

/** A callout's code. `notify` may throw to refuse a filter (FWP_E_CALLOUT_NOTIFICATION_FAILED). */
export interface Callout {
  classify(request: ClassifyRequest, out: ClassifyOut): void;
  notify?(type: "add-filter" | "delete-filter", filter: Filter): void;
  flowDelete?(layer: Layer, context: unknown): void;
  /** FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW: classify only flows it has a context on. */
  readonly conditionalOnFlow?: boolean;
  /** False where the model cannot tell what the real callout would do with this request; it is then treated as opaque. */
  knows?(request: ClassifyRequest): boolean;
}
