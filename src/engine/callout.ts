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

/** What a stream callout may ask for (FWPS_STREAM_ACTION_TYPE, WFP-SHIMS 4.9). */
export type StreamAction =
  /** Indicate again once this many bytes are there; the stack buffers up to 8 MB. Not where `noMoreData` is set. */
  | { readonly type: "need-more-data"; readonly bytesRequired: number }
  /** Not now: what is received waits, the window shrinks, until `resume`. Inbound data only. */
  | { readonly type: "defer" }
  /** Counts only where the filter's action is CALLOUT_UNKNOWN. */
  | { readonly type: "drop-connection" }
  /** No more indications of this connection to this callout. */
  | { readonly type: "allow-connection" };

/** FWPS_STREAM_DATA0 and FWPS_STREAM_CALLOUT_IO_PACKET0 of one indication at STREAM. */
export interface StreamServices {
  readonly data: Uint8Array;
  /** FWPS_STREAM_FLAG_SEND or _RECEIVE. */
  readonly direction: "inbound" | "outbound";
  /** The peer, or the program, has ended its side (FWPS_STREAM_FLAG_*_DISCONNECT). */
  readonly disconnect: boolean;
  /** Nothing will follow what is indicated: what is not decided now is decided by the filter's action. */
  readonly noMoreData: boolean;
  /** 8 MB wait: the callout must take what there is (FWPS_STREAM_FLAG_*…, BUFFER_LIMIT_REACHED). */
  readonly bufferLimitReached: boolean;
  /** Bytes that were removed from the stream before these. */
  readonly missedBytes: number;
  /** The decision covers this many leading bytes; the rest is indicated again. All of them unless told. */
  enforce(bytes: number): void;
  /** Asks for something else than a decision; the decision is then ignored. */
  act(action: StreamAction): void;
  /** Puts bytes into the stream before what is indicated; other callouts see them, this one does not (FwpsStreamInjectAsync0). */
  inject(data: Uint8Array): void;
  /** Ends a deferral (FwpsStreamContinue0); may be called at any time. */
  resume(): void;
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
  /** STREAM: the data at hand. */
  readonly stream?: StreamServices;
  /** Whether the packet at hand was injected, and by whom (FwpsQueryPacketInjectionState0). */
  readonly injectionState?: "not-injected" | "injected-by-self" | "injected-by-other";
  /** What is particular to one callout; the engine adds it to what all are offered. */
  readonly forCallout?: (calloutKey: Guid, filter: Filter) => StackServices;
  /** Whether a callout has asked to hear no more of this connection, or is not to be shown what it injected itself. */
  readonly isExcused?: (calloutKey: Guid) => boolean;
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
