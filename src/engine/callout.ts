import type { FieldValue, Filter, IpAddress, Layer, Metadata } from "../model/index.ts";

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
  /** What the stack offers at this indication: redirect, pend, flow contexts, stream data. Absent in a plain trace. */
  readonly stack: StackServices | undefined;
}

/** What a callout leaves in FWPS_CLASSIFY_OUT0. It starts as NONE, writable, no flags. */
export interface ClassifyOut {
  action: "none" | "continue" | "permit" | "block";
  /** Cleared by the callout to make its decision hard. */
  writable: boolean;
  /** FWPS_CLASSIFY_OUT_FLAG_ABSORB. */
  absorb: boolean;
}

/** Services the stack lends to a callout during one indication. */
export interface StackServices {
  /** CONNECT_REDIRECT: the remote end as it will be used; assign to redirect. */
  redirectConnect?: (target: { readonly address: IpAddress; readonly port: number; readonly localRedirectTargetPid?: number }) => void;
  /** BIND_REDIRECT: the local end as it will be used; assign to redirect. */
  redirectBind?: (target: { readonly address: IpAddress; readonly port: number }) => void;
  /** FwpsPendOperation0: call the returned function to complete. Throws WfpError STATUS_FWP_CANNOT_PEND during reauthorization. */
  pend?: () => () => void;
  /** Flow context of this callout on this flow (FwpsFlowAssociateContext0). */
  readonly flowContext?: { get(): unknown; set(value: unknown): void };
}

/** A callout's code. `notify` may throw to refuse a filter (FWP_E_CALLOUT_NOTIFICATION_FAILED). */
export interface Callout {
  classify(request: ClassifyRequest, out: ClassifyOut): void;
  notify?(type: "add-filter" | "delete-filter", filter: Filter): void;
  flowDelete?(layer: Layer, context: unknown): void;
  /** FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW: classify only flows it has a context on. */
  readonly conditionalOnFlow?: boolean;
}
