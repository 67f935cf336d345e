import type { IpAddress } from "./address.ts";
import type { Filter } from "./filter.ts";
import type { Layer } from "./layer.ts";
import type { CalloutObject, Provider, ProviderContext, Session, SubLayer } from "./objects.ts";
import type { SchemaFamily } from "./well-known.ts";

/** A remark about the input: what was not understood or taken from elsewhere, how often, and where first. */
export interface Diagnostic {
  readonly severity: "info" | "warning" | "error";
  /** Stable machine code, e.g. "unknown-element". */
  readonly code: string;
  readonly message: string;
  /** The file it is about, where a policy is made of several; else that is the policy's source. */
  readonly file?: string;
  /** Line of the first occurrence, from 1. */
  readonly line?: number;
  readonly count: number;
}

/** How much of a policy is modelled in full. */
export interface Fidelity {
  readonly filters: number;
  readonly filtersModelled: number;
  readonly conditions: number;
  readonly conditionsModelled: number;
  /** Callouts that some filter uses. */
  readonly calloutsUsed: number;
  readonly calloutsModelled: number;
}

/** A live endpoint at the moment of the dump (aleConnectedEndpoints). */
export interface AleEndpoint {
  readonly endpointId: bigint;
  readonly family: 4 | 6;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly protocol: number;
  readonly localPort: number;
  readonly remotePort: number;
  /** NT device path, or "System"; null where absent. */
  readonly appId: string | null;
}

/** Everything the filter engine of one machine holds. */
export interface Policy {
  /** What a reader of reports should call it: a file name, "built-in policy". */
  readonly source: string;
  /** "state": `netsh wfp show state`; "filters": `show filters`, which omits objects; "built": made by wfplab. */
  readonly completeness: "state" | "filters" | "built";
  /** ISO 8601 UTC, as the source says. */
  readonly timeStamp: string | null;
  readonly schemaFamily: SchemaFamily;
  readonly layers: readonly Layer[];
  readonly subLayers: readonly SubLayer[];
  readonly providers: readonly Provider[];
  readonly providerContexts: readonly ProviderContext[];
  readonly callouts: readonly CalloutObject[];
  readonly sessions: readonly Session[];
  readonly filters: readonly Filter[];
  readonly endpoints: readonly AleEndpoint[];
  readonly diagnostics: readonly Diagnostic[];
}
