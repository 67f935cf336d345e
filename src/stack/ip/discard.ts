import type { DISCARD_REASONS, Metadata } from "../../model/index.ts";

type Reason<M extends "network" | "transport"> = (typeof DISCARD_REASONS)[M][number];

/** Why the stack itself drops a packet (WFP-SHIMS 4.1): IP_DISCARD_REASON or INET_DISCARD_REASON. */
export type DiscardReason = NonNullable<Metadata["discardReason"]> &
  (
    | { readonly module: "network"; readonly reason: Reason<"network"> }
    | { readonly module: "transport"; readonly reason: Reason<"transport"> }
  );
