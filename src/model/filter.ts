import type { MatchType } from "./data-type.ts";
import type { Guid } from "./guid.ts";
import type { FwpValue } from "./value.ts";

/** FWPM_FILTER_CONDITION0. */
export interface Condition {
  readonly fieldKey: Guid;
  readonly matchType: MatchType;
  readonly value: FwpValue;
}

export type FilterActionType =
  | "FWP_ACTION_BLOCK"
  | "FWP_ACTION_PERMIT"
  | "FWP_ACTION_CALLOUT_TERMINATING"
  | "FWP_ACTION_CALLOUT_INSPECTION"
  | "FWP_ACTION_CALLOUT_UNKNOWN";

/** FWPM_ACTION0. */
export type FilterAction =
  | { readonly type: "FWP_ACTION_BLOCK" | "FWP_ACTION_PERMIT"; readonly filterType?: Guid }
  | {
      readonly type: "FWP_ACTION_CALLOUT_TERMINATING" | "FWP_ACTION_CALLOUT_INSPECTION" | "FWP_ACTION_CALLOUT_UNKNOWN";
      readonly calloutKey: Guid;
    };

/** The weight as the provider asked for it: none, a range 0..15, or the exact weight. */
export type FilterWeight =
  | { readonly type: "FWP_EMPTY" }
  | { readonly type: "FWP_UINT8"; readonly value: number }
  | { readonly type: "FWP_UINT64"; readonly value: bigint };

/** FWPM_FILTER0 as it stands in the engine, outputs included. */
export interface Filter {
  readonly key: Guid;
  readonly name: string;
  readonly description: string;
  /** Bits of FILTER_FLAG. */
  readonly flags: number;
  /** Flags netsh names whose numeric value is not published (HAS_FILTER_ORIGIN…). */
  readonly namedFlags: readonly string[];
  readonly providerKey: Guid | null;
  readonly providerData: Uint8Array | null;
  readonly layerKey: Guid;
  readonly subLayerKey: Guid;
  readonly weight: FilterWeight;
  readonly conditions: readonly Condition[];
  readonly action: FilterAction;
  readonly rawContext: bigint;
  readonly providerContextKey: Guid | null;
  readonly filterId: bigint;
  readonly effectiveWeight: bigint;
  /** The firewall rule or default that made this filter (WFP-DIAGNOSTICS-FIREWALL 5.3), where known. */
  readonly origin: string | null;
  /** Line of the source file that defines it, from 1. */
  readonly line?: number;
}
