import type { Guid } from "./guid.ts";
import type { Sid } from "./sid.ts";

/** FWPM_PROVIDER0. */
export interface Provider {
  readonly key: Guid;
  readonly name: string;
  readonly description: string;
  readonly flags: number;
  readonly data: Uint8Array | null;
  readonly serviceName: string | null;
}

/** FWPM_SUBLAYER0. `weight` is the run-time weight, unique in a policy. */
export interface SubLayer {
  readonly key: Guid;
  readonly name: string;
  readonly description: string;
  readonly flags: number;
  readonly providerKey: Guid | null;
  readonly providerData: Uint8Array | null;
  readonly weight: number;
  /** False where neither the source nor Windows' own tables have it, so that it was guessed. */
  readonly weightKnown: boolean;
}

/** FWPM_CALLOUT0. */
export interface CalloutObject {
  readonly key: Guid;
  /** Well-known name or display name. */
  readonly name: string;
  readonly description: string;
  /** Bits of CALLOUT_FLAG. */
  readonly flags: number;
  readonly providerKey: Guid | null;
  readonly providerData: Uint8Array | null;
  readonly applicableLayer: Guid | null;
  readonly calloutId: number;
  /** Whether a driver has registered it (FWPM_CALLOUT_FLAG_REGISTERED); null where the source does not say. */
  readonly registered: boolean | null;
}

/** FWPM_PROVIDER_CONTEXT; the body is kept as its source printed it unless it is one of the typed ones. */
export interface ProviderContext {
  readonly key: Guid;
  readonly id: bigint;
  readonly name: string;
  readonly description: string;
  readonly flags: number;
  readonly providerKey: Guid | null;
  readonly providerData: Uint8Array | null;
  readonly type: string;
  readonly body: ProviderContextBody;
}

export type ProviderContextBody =
  /** FWPM_GENERAL_CONTEXT: bytes; MPSSVC stores the filter origin in them as UTF-16LE text. */
  | { readonly kind: "data"; readonly data: Uint8Array }
  /** FWPM_CLASSIFY_OPTIONS_CONTEXT. */
  | { readonly kind: "classify-options"; readonly options: readonly { readonly type: string; readonly value: bigint }[] }
  /** Any other type, as XML text. */
  | { readonly kind: "opaque"; readonly text: string };

/** FWPM_SESSION0 as netsh lists it. */
export interface Session {
  readonly key: Guid;
  readonly name: string;
  readonly description: string;
  readonly flags: number;
  readonly txnWaitTimeoutInMSec: number;
  readonly processId: number;
  readonly sid: Sid | null;
  readonly userName: string;
  readonly kernelMode: boolean;
}
