import {
  CALLOUT_FLAG,
  type Filter,
  type Guid,
  PROVIDER_CONTEXT_FLAG,
  PROVIDER_FLAG,
  type SchemaFamily,
  SUBLAYER_FLAG,
  WfpError,
  ZERO_GUID,
} from "../model/index.ts";
import { autoWeight } from "./auto-weight.ts";
import { builtInCallout } from "./builtin-callouts.ts";
import type {
  CalloutDefinition,
  FilterDefinition,
  ProviderContextDefinition,
  ProviderDefinition,
  SubLayerDefinition,
} from "./definitions.ts";
import type { StoreName } from "./delete-objects.ts";
import { effectiveWeight } from "./effective-weight.ts";
import { type Lifetime, mayReference } from "./lifetime.ts";
import { notifyAdded, notifyDeleted } from "./notify-callout.ts";
import type { Entry } from "./object-store.ts";
import type { SessionAuthor } from "./session-author.ts";
import { freeSubLayerWeight } from "./sublayer-weight.ts";
import { validateFilter } from "./validate-filter.ts";

/** D:wfp-error-codes. */
const MAX_CALLOUTS = 100_000;

const KNOWN_CALLOUT_FLAGS = Object.values<number>(CALLOUT_FLAG).reduce((bits, flag) => bits | flag, 0);

export function addProvider(author: SessionAuthor, definition: ProviderDefinition): Guid {
  const { key, lifetime } = prepare(author, "providers", definition);
  author.content.providers.put({
    object: {
      key,
      name: definition.name ?? "",
      description: definition.description ?? "",
      flags: definition.persistent ? PROVIDER_FLAG.PERSISTENT : 0,
      data: definition.data ?? null,
      serviceName: definition.serviceName ?? null,
    },
    ...ownedBy(author, lifetime),
  });
  return key;
}

export function addSubLayer(author: SessionAuthor, definition: SubLayerDefinition): Guid {
  const { key, lifetime } = prepare(author, "subLayers", definition);
  const { subLayers } = author.content;
  const taken = new Set(subLayers.list().map((subLayer) => subLayer.weight));
  subLayers.put({
    object: {
      ...common(key, definition),
      flags: definition.persistent ? SUBLAYER_FLAG.PERSISTENT : 0,
      weight: freeSubLayerWeight(definition.weight, taken, author.interpretation.subLayerCollision),
      weightKnown: true,
    },
    ...ownedBy(author, lifetime),
  });
  return key;
}

export function addCallout(author: SessionAuthor, definition: CalloutDefinition): number {
  const { content } = author;
  const flags =
    (definition.flags ?? 0) |
    (definition.persistent ? CALLOUT_FLAG.FWPM_CALLOUT_FLAG_PERSISTENT : 0) |
    (definition.usesProviderContext ? CALLOUT_FLAG.FWPM_CALLOUT_FLAG_USES_PROVIDER_CONTEXT : 0);
  if ((flags & ~KNOWN_CALLOUT_FLAGS) !== 0 || (flags & CALLOUT_FLAG.FWPM_CALLOUT_FLAG_REGISTERED) !== 0) {
    throw new WfpError("FWP_E_INVALID_FLAGS", `callout flags 0x${flags.toString(16)} are unknown or, like REGISTERED, read-only`);
  }
  const persistent = (flags & CALLOUT_FLAG.FWPM_CALLOUT_FLAG_PERSISTENT) !== 0;
  const { key, lifetime } = prepare(author, "callouts", { ...definition, persistent });
  if (!content.layers.has(definition.applicableLayer)) {
    throw new WfpError("FWP_E_LAYER_NOT_FOUND", `no layer ${definition.applicableLayer}`);
  }
  if (content.callouts.size >= MAX_CALLOUTS) throw new WfpError("FWP_E_TOO_MANY_CALLOUTS", "there are 100,000 callouts");
  const calloutId = content.nextCalloutId();
  content.callouts.put({
    object: {
      ...common(key, definition),
      flags,
      applicableLayer: definition.applicableLayer,
      calloutId,
      // The firewall service's driver is always loaded: its callouts have models without anybody registering them here.
      registered: author.calloutCode(key) !== undefined || builtInCallout(key) !== undefined,
    },
    ...ownedBy(author, lifetime),
  });
  return calloutId;
}

export function addProviderContext(author: SessionAuthor, definition: ProviderContextDefinition): bigint {
  const { key, lifetime } = prepare(author, "providerContexts", definition);
  const id = author.content.nextContextId();
  author.content.providerContexts.put({
    object: {
      ...common(key, definition),
      id,
      flags: definition.persistent ? PROVIDER_CONTEXT_FLAG.PERSISTENT : 0,
      type: definition.type,
      body: definition.body,
    },
    ...ownedBy(author, lifetime),
  });
  return id;
}

/** Validates the filter, tells its callout, and stores it with the weight that its conditions earn in this schema family. */
export function addFilter(author: SessionAuthor, definition: FilterDefinition, family: SchemaFamily): bigint {
  const { content } = author;
  author.caller.require("ADD");
  const valid = validateFilter(definition, author);
  const conditions = definition.conditions ?? [];
  const filter: Filter = {
    ...common(freeKey(author, "filters", definition), definition),
    flags: valid.flags,
    namedFlags: [],
    layerKey: definition.layer,
    subLayerKey: valid.subLayerKey,
    weight: valid.weight,
    conditions,
    action: definition.action,
    rawContext: definition.rawContext ?? 0n,
    providerContextKey: definition.providerContextKey ?? null,
    filterId: content.nextFilterId(),
    effectiveWeight: effectiveWeight(
      valid.weight,
      autoWeight(valid.layer, conditions, family, author.interpretation.manyConditions).weight,
    ),
    origin: definition.origin ?? null,
  };
  notifyAdded(author, filter);
  content.addFilter({ object: filter, ...ownedBy(author, valid.lifetime) });
  content.whenUndone(() => notifyDeleted(author, filter));
  return filter.filterId;
}

interface Prepared {
  readonly key?: Guid;
  readonly name: string | null;
  readonly persistent?: boolean;
  readonly providerKey?: Guid;
}

function prepare(author: SessionAuthor, type: StoreName, definition: Prepared): { readonly key: Guid; readonly lifetime: Lifetime } {
  author.caller.require("ADD");
  const key = freeKey(author, type, definition);
  if (author.dynamic && definition.persistent) {
    throw new WfpError("FWP_E_LIFETIME_MISMATCH", "a dynamic session cannot add persistent objects");
  }
  const lifetime: Lifetime = definition.persistent ? "persistent" : author.dynamic ? "dynamic" : "static";
  if (definition.providerKey !== undefined) {
    const provider = author.content.providers.get(definition.providerKey);
    if (provider === undefined) throw new WfpError("FWP_E_PROVIDER_NOT_FOUND", `no provider ${definition.providerKey}`);
    author.caller.requireOn(provider.security, "ADD_LINK");
    if (!mayReference(lifetime, provider.lifetime, provider.session === author.session, true)) {
      throw new WfpError("FWP_E_LIFETIME_MISMATCH", `a ${lifetime} object cannot refer to a ${provider.lifetime} provider`);
    }
  }
  return { key, lifetime };
}

function freeKey({ content }: SessionAuthor, type: StoreName | "filters", { key, name }: Prepared): Guid {
  if (name === null) throw new WfpError("FWP_E_NULL_DISPLAY_NAME", "an object needs a display name");
  if (key === undefined || key === ZERO_GUID) return content.generateKey();
  if (content[type].get(key) !== undefined) throw new WfpError("FWP_E_ALREADY_EXISTS", `${key} exists`);
  return key;
}

function common(
  key: Guid,
  definition: {
    readonly name: string | null;
    readonly description?: string;
    readonly providerKey?: Guid;
    readonly providerData?: Uint8Array;
  },
) {
  return {
    key,
    name: definition.name ?? "",
    description: definition.description ?? "",
    providerKey: definition.providerKey ?? null,
    providerData: definition.providerData ?? null,
  };
}

function ownedBy(author: SessionAuthor, lifetime: Lifetime): Omit<Entry<never>, "object"> {
  return { lifetime, session: lifetime === "dynamic" ? author.session : null, security: null };
}
