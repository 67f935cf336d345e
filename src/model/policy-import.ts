import type { Filter } from "./filter.ts";
import type { Layer } from "./layer.ts";
import type { CalloutObject, Provider, ProviderContext, Session, SubLayer } from "./objects.ts";
import type { AleEndpoint, Diagnostic } from "./policy.ts";

/**
 * What a policy file said, with line numbers, before anybody has judged it. null: the file has no such section, which is not the same as
 * an empty one.
 */
export interface PolicyImport {
  readonly source: string;
  readonly completeness: "state" | "filters";
  readonly timeStamp: string | null;
  readonly layers: readonly Layer[] | null;
  readonly subLayers: readonly SubLayer[] | null;
  readonly providers: readonly Provider[];
  readonly providerContexts: readonly ProviderContext[];
  readonly callouts: readonly CalloutObject[] | null;
  readonly sessions: readonly Session[];
  readonly filters: readonly Filter[];
  readonly endpoints: readonly AleEndpoint[];
  readonly diagnostics: readonly Diagnostic[];
}
