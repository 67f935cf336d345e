import type { Condition, FilterAction, FilterWeight, Guid, ProviderContextBody } from "../model/index.ts";

/** What every Add call takes. A missing key is generated; `name` is mandatory in Windows, null shows what it answers. */
interface ObjectDefinition {
  readonly key?: Guid;
  readonly name: string | null;
  readonly description?: string;
}

/** FwpmProviderAdd0. */
export interface ProviderDefinition extends ObjectDefinition {
  readonly persistent?: boolean;
  readonly serviceName?: string;
  readonly data?: Uint8Array;
}

interface OwnedDefinition extends ObjectDefinition {
  readonly persistent?: boolean;
  readonly providerKey?: Guid;
  readonly providerData?: Uint8Array;
}

/** FwpmSubLayerAdd0; `weight` is UINT16 and may be taken, see sublayer-weight.ts. */
export interface SubLayerDefinition extends OwnedDefinition {
  readonly weight: number;
}

/** FwpmCalloutAdd0. */
export interface CalloutDefinition extends OwnedDefinition {
  readonly applicableLayer: Guid;
  readonly usesProviderContext?: boolean;
  /** Further bits of CALLOUT_FLAG; REGISTERED is read-only and refused. */
  readonly flags?: number;
}

/** FwpmProviderContextAdd. */
export interface ProviderContextDefinition extends OwnedDefinition {
  readonly type: string;
  readonly body: ProviderContextBody;
}

export interface FilterFlagNames {
  readonly persistent?: boolean;
  readonly bootTime?: boolean;
  readonly hasProviderContext?: boolean;
  readonly clearActionRight?: boolean;
  readonly permitIfCalloutUnregistered?: boolean;
  readonly indexed?: boolean;
  /** Bits of FILTER_FLAG beside the named ones. */
  readonly bits?: number;
}

/** FwpmFilterAdd0. */
export interface FilterDefinition extends ObjectDefinition {
  readonly layer: Guid;
  /** The layer's default sublayer when absent or zero. */
  readonly subLayer?: Guid;
  /** FWP_EMPTY when absent. */
  readonly weight?: FilterWeight;
  readonly conditions?: readonly Condition[];
  readonly action: FilterAction;
  readonly flags?: FilterFlagNames;
  readonly providerKey?: Guid;
  readonly providerData?: Uint8Array;
  /** Sets HAS_PROVIDER_CONTEXT; the raw context is then of no use. */
  readonly providerContextKey?: Guid;
  readonly rawContext?: bigint;
  readonly origin?: string;
}
