import {
  didYouMean,
  type FirewallProfileName,
  type Guid,
  InputError,
  LAYER_KEY,
  layerKeyOf,
  type PolicyChange,
  parseSuiteCondition,
  type SuiteFilter,
  type SuitePolicy,
  type SuiteProfileSettings,
} from "../../model/index.ts";
import type { Path, SuiteDocument } from "./suite-document.ts";
import type { PolicyBody, PolicyReference } from "./suite-schema.ts";

export interface PolicyContext {
  readonly document: SuiteDocument;
  /** The suite's policies read so far, by name. */
  readonly policies: ReadonlyMap<string, SuitePolicy>;
}

const EMPTY = {
  windows: null,
  rules: [],
  settings: {},
  subLayers: [],
  callouts: [],
  filters: [],
  changes: [],
  profile: null,
} as const;

/** A policy by name, by file, or by what it is made from. */
export function readPolicy(reference: PolicyReference, path: Path, context: PolicyContext, name?: string): SuitePolicy {
  const { document, policies } = context;
  const position = document.position(path);
  if (typeof reference === "string" || Array.isArray(reference)) {
    const from = sourceOf(reference);
    return policies.get(from) ?? { ...EMPTY, position, name: name ?? from, from };
  }
  const from = reference.from === undefined ? undefined : sourceOf(reference.from);
  const base = from === undefined ? undefined : policies.get(from);
  const body = readBody(reference, path, document, name ?? from ?? "inline policy");
  // Built on another of the suite's policies: what is said here comes after what is said there.
  if (base === undefined) return body;
  return {
    ...body,
    from: base.from,
    windows: body.windows ?? base.windows,
    rules: [...base.rules, ...body.rules],
    settings: { ...base.settings, ...body.settings },
    subLayers: [...base.subLayers, ...body.subLayers],
    callouts: [...base.callouts, ...body.callouts],
    filters: [...base.filters, ...body.filters],
    changes: [...base.changes, ...body.changes],
    profile: body.profile ?? base.profile,
  };
}

/** Several files are the stores of one machine, and written as on the command line. */
function sourceOf(files: string | readonly string[]): string {
  return typeof files === "string" ? files : files.join(",");
}

function readBody(body: PolicyBody, path: Path, document: SuiteDocument, name: string): SuitePolicy {
  const at = (...more: Path) => document.position([...path, ...more]);
  return {
    position: document.position(path),
    name,
    from: body.from === undefined ? "@empty" : sourceOf(body.from),
    windows: body.windows ?? null,
    rules: (body.rules ?? []).map((rule, index) => {
      const text = typeof rule === "string" ? rule : rule.rule;
      return { text, position: at("rules", index), store: typeof rule === "string" ? "local" : (rule.store ?? "local") };
    }),
    settings: Object.fromEntries(
      Object.entries(body.settings ?? {}).map(([profile, settings]): [string, SuiteProfileSettings] => [
        profile,
        {
          ...(settings.firewall === undefined ? {} : { firewall: settings.firewall }),
          ...(settings.inbound === undefined ? {} : { inbound: settings.inbound }),
          ...(settings.outbound === undefined ? {} : { outbound: settings.outbound }),
          ...(settings.stealth === undefined ? {} : { stealth: settings.stealth }),
          ...(settings["allow rules"] === undefined ? {} : { allowRules: settings["allow rules"] }),
          ...(settings["local rules"] === undefined ? {} : { localRules: settings["local rules"] }),
        },
      ]),
    ) as Partial<Record<FirewallProfileName, SuiteProfileSettings>>,
    subLayers: (body.sublayers ?? []).map((subLayer, index) => ({ ...subLayer, position: at("sublayers", index) })),
    callouts: (body.callouts ?? []).map(({ name: callout, registered }, index) => ({
      name: callout,
      key: calloutKey(index),
      registered: registered ?? true,
      position: at("callouts", index),
    })),
    filters: (body.filters ?? []).map((filter, index) => readFilter(filter, [...path, "filters", index], body, document)),
    changes: (["without", "disable", "enable", "with"] as const).flatMap((kind) => {
      const given = body[kind];
      const list = given === undefined ? [] : typeof given === "string" ? [given] : given;
      return list.map((text, index): PolicyChange => ({ kind, text, position: typeof given === "string" ? at(kind) : at(kind, index) }));
    }),
    profile: body.profile ?? null,
  };
}

/** Keys of a suite's callouts: any will do that no Windows has. */
function calloutKey(index: number): Guid {
  return `{77667073-6361-4c6c-8000-${index.toString(16).padStart(12, "0")}}`;
}

const ACTIONS = {
  permit: "FWP_ACTION_PERMIT",
  block: "FWP_ACTION_BLOCK",
  callout: "FWP_ACTION_CALLOUT_TERMINATING",
  inspect: "FWP_ACTION_CALLOUT_INSPECTION",
} as const;

function readFilter(
  filter: NonNullable<PolicyBody["filters"]>[number],
  path: Path,
  body: PolicyBody,
  document: SuiteDocument,
): SuiteFilter {
  const position = document.position(path);
  const layers = typeof filter.layer === "string" ? [filter.layer] : filter.layer;
  const callouts = (body.callouts ?? []).map(({ name }) => name);
  const needsCallout = filter.action === "callout" || filter.action === "inspect";
  if (needsCallout !== (filter.callout !== undefined)) {
    throw new InputError(
      needsCallout ? `expected "callout:" with the callout's name` : `expected "callout:" with action callout or inspect only`,
      position,
    );
  }
  if (filter.callout !== undefined && !callouts.includes(filter.callout)) {
    throw new InputError(
      `expected a callout of this policy (${callouts.join(", ") || "it has none"}), found "${filter.callout}"${didYouMean(filter.callout, callouts)}`,
      position,
    );
  }
  return {
    name: filter.name,
    position,
    layers: layers.flatMap((layer, index) =>
      layerKeys(layer, () => document.position(typeof filter.layer === "string" ? [...path, "layer"] : [...path, "layer", index])),
    ),
    subLayer: filter.sublayer ?? null,
    weight: weightOf(filter.weight, () => document.position([...path, "weight"])),
    action: ACTIONS[filter.action],
    callout: filter.callout ?? null,
    hard: filter.hard ?? false,
    permitIfUnregistered: filter["permit if unregistered"] ?? false,
    conditions: (filter.conditions ?? []).map((text, index) =>
      parseSuiteCondition(text, document.position([...path, "conditions", index])),
    ),
  };
}

function weightOf(weight: number | string | undefined, position: () => InputError["position"]): bigint | null {
  if (weight === undefined) return null;
  if (typeof weight === "number") return BigInt(weight);
  if (/^(0x[0-9a-f]+|\d+)$/i.test(weight) && BigInt(weight) < 1n << 64n) return BigInt(weight);
  throw new InputError(`expected a weight from 0 to 0xFFFFFFFFFFFFFFFF, found "${weight}"`, position());
}

/** Both families' layers where the name tells none. */
function layerKeys(text: string, position: () => InputError["position"]): readonly Guid[] {
  const one = layerKeyOf(text);
  if (one !== undefined) return [one];
  const both = [layerKeyOf(`${text}_V4`), layerKeyOf(`${text}_V6`)].filter((key) => key !== undefined);
  if (both.length === 2) return both;
  const names = Object.keys(LAYER_KEY).flatMap((name) => [name, name.replace(/_V[46]$/, "")]);
  throw new InputError(`expected a layer, found "${text}"${didYouMean(text, names)}`, position());
}
