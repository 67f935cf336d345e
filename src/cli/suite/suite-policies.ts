import { Bfe, builtInPolicy } from "../../engine/index.ts";
import {
  DEFAULT_PROFILE_SETTINGS,
  defaultConfig,
  FIREWALL_PROFILES,
  type FirewallConfig,
  type FirewallProfile,
  type ProfileSettings,
  parseRuleNotation,
} from "../../firewall/index.ts";
import {
  didYouMean,
  type FilterAction,
  type FilterWeight,
  type FirewallRule,
  type Guid,
  InputError,
  type Policy,
  SUBLAYER_KEY,
  type SuiteFilter,
  type SuitePolicy,
  type SuiteProfileSettings,
  type SuiteRule,
  type WindowsVersion,
} from "../../model/index.ts";
import type { CliIo } from "../io.ts";
import { type LeftOutRule, type LoadedPolicy, loadPolicy, windowsOf } from "../load-policy.ts";
import { sourceIn } from "../policy-files.ts";
import { type ChangeablePolicy, changePolicy, compileConfig, configOf } from "../what-if.ts";
import { folderOf } from "./paths.ts";

/** A suite's policy, ready to be asked. */
export interface ReadyPolicy extends ChangeablePolicy {
  /** Rules that are no part of its configuration. */
  readonly leftOut: readonly LeftOutRule[];
  /** Where rules stand, by id. */
  readonly places: ReadonlyMap<string, string>;
  readonly windows: WindowsVersion;
}

/** The policy with which a whole run is done in place of the suites' own. */
export interface PolicyOverride {
  readonly source: string;
  readonly strict: boolean;
}

/**
 * Loads, compiles and changes a suite's policy.
 * @throws InputError with the suite's line.
 */
export async function readyPolicy(io: CliIo, wanted: SuitePolicy, strict: boolean): Promise<ReadyPolicy> {
  const windows = wanted.windows ?? undefined;
  const { leftOut = [], places = new Map(), ...base } = await basePolicy(io, wanted, strict);
  let ready: ChangeablePolicy = base;
  let ignored: readonly LeftOutRule[] = [];
  const version = windows ?? windowsOf(ready.policy);
  const hasRules = wanted.rules.length > 0 || Object.keys(wanted.settings).length > 0;
  if (hasRules) {
    if (ready.config === undefined) {
      throw new InputError(
        `"rules" and "settings" need a policy made of rules; ${wanted.from} holds filters ("with:" adds a rule to them)`,
        wanted.position,
      );
    }
    const config = withRules(ready.config, wanted);
    ignored = ignoredRules(ready.config, wanted);
    ready = { config, policy: compileConfig(config, wanted.name) };
  }
  const changed = changePolicy(ready, wanted.changes, wanted.profile ?? undefined);
  const policy = withObjects({ ...changed.policy, source: wanted.name }, wanted, version);
  return { policy, config: changed.config, windows: version, leftOut: [...leftOut, ...ignored], places };
}

async function basePolicy(
  io: CliIo,
  wanted: SuitePolicy,
  strict: boolean,
): Promise<ChangeablePolicy & Pick<LoadedPolicy, "leftOut" | "places">> {
  const windows = wanted.windows ?? undefined;
  switch (wanted.from) {
    case "@bare":
      return { policy: builtInPolicy(windows ?? "11"), config: undefined };
    case "@empty": {
      const config: FirewallConfig = {
        ...defaultConfig("desktop", windows === undefined ? {} : { windows }),
        rules: [],
        hardening: { services: [], rules: [] },
      };
      return { policy: compileConfig(config, wanted.name), config };
    }
    default:
      try {
        const loaded: LoadedPolicy = await loadPolicy(io, sourceOf(io, wanted), {
          strict,
          kind: "desktop",
          windows,
        });
        return { ...loaded, config: configOf(loaded, wanted.from, "desktop", windows) };
      } catch (error) {
        // The file's own place says nothing about who asked for it.
        if (error instanceof InputError && error.position.line === undefined) {
          const hint = /^[@\w]/.test(wanted.from) && !/[./\\]/.test(wanted.from) ? ", or the name of one of the suite's policies" : "";
          throw new InputError(`policy "${wanted.from}": ${error.message}${hint}`, wanted.position);
        }
        throw error;
      }
  }
}

/** A file's path is relative to the suite. */
function sourceOf(io: CliIo, { from, position }: SuitePolicy): string {
  return sourceIn(io, folderOf(position.file ?? ""), from);
}

function withRules(config: FirewallConfig, wanted: SuitePolicy): FirewallConfig {
  const profiles = Object.fromEntries(
    FIREWALL_PROFILES.map((profile) => [profile, settingsOf(config.profiles[profile], wanted.settings[profile])]),
  ) as Record<FirewallProfile, ProfileSettings>;
  const ignored = ignoredProfiles(wanted);
  // AllowLocalPolicyMerge=0 leaves the local store's rules out of a profile ([MS-GPFAS], AllowLocalPolicyMerge).
  const rules = storedRules(config, wanted).flatMap(({ rule, store }) => {
    if (store !== "local" || ignored.length === 0) return [rule];
    const left = rule.profiles.filter((profile) => !ignored.includes(profile));
    return left.length === 0 ? [] : [{ ...rule, profiles: left }];
  });
  return { ...config, profiles, rules };
}

function ignoredProfiles({ settings }: SuitePolicy): readonly FirewallProfile[] {
  return FIREWALL_PROFILES.filter((profile) => settings[profile]?.localRules === "ignore");
}

function storedRules(config: FirewallConfig, { rules }: SuitePolicy): readonly { rule: FirewallRule; store: SuiteRule["store"] }[] {
  const own = rules.map(({ text, position, store }) => ({ rule: parseRuleNotation(text, {}, position), store }));
  return [...config.rules.map((rule) => ({ rule, store: "local" as const })), ...own];
}

/** What "local rules: ignore" leaves out. */
function ignoredRules(config: FirewallConfig, wanted: SuitePolicy): readonly LeftOutRule[] {
  const ignored = ignoredProfiles(wanted);
  return storedRules(config, wanted).flatMap(({ rule, store }) => {
    const profiles = store === "local" ? rule.profiles.filter((profile) => ignored.includes(profile)) : [];
    if (profiles.length === 0) return [];
    return [{ rule: { ...rule, profiles }, why: `local rules do not count in profile ${profiles.join(" and ")} (AllowLocalPolicyMerge)` }];
  });
}

function settingsOf(base: ProfileSettings = DEFAULT_PROFILE_SETTINGS, wanted: SuiteProfileSettings = {}): ProfileSettings {
  return {
    enabled: wanted.firewall === undefined ? base.enabled : wanted.firewall === "on",
    defaultInboundAction: wanted.inbound ?? base.defaultInboundAction,
    defaultOutboundAction: wanted.outbound ?? base.defaultOutboundAction,
    allowInboundRules: wanted.allowRules === undefined ? base.allowInboundRules : wanted.allowRules === "on",
    stealth: wanted.stealth === undefined ? base.stealth : wanted.stealth === "on",
    notifyOnListen: base.notifyOnListen,
  };
}

/** Adds the suite's own sublayers, callouts and filters, as products do: through the Base Filtering Engine. */
function withObjects(policy: Policy, wanted: SuitePolicy, windows: WindowsVersion): Policy {
  const { subLayers, callouts, filters } = wanted;
  if (subLayers.length + callouts.length + filters.length === 0) return policy;
  const bfe = new Bfe({ policy, windows });
  const session = bfe.openSession({ name: "suite" });
  const keys = new Map<string, Guid>(bfe.policy.subLayers.flatMap(({ name, key }) => [[name.toLowerCase(), key]]));
  for (const [name, key] of Object.entries(SUBLAYER_KEY)) keys.set(name.toLowerCase(), key).set(`fwpm_sublayer_${name.toLowerCase()}`, key);
  const guarded = (position: SuitePolicy["position"], add: () => void) => {
    try {
      add();
    } catch (error) {
      if (error instanceof Error && !(error instanceof InputError))
        throw new InputError(`the engine refuses it: ${error.message}`, position);
      throw error;
    }
  };
  for (const [index, { name, weight, position }] of subLayers.entries()) {
    const key: Guid = `{77667073-7375-4273-8000-${index.toString(16).padStart(12, "0")}}`;
    guarded(position, () => session.addSubLayer({ key, name, weight }));
    keys.set(name.toLowerCase(), key);
  }
  for (const { name, key, position } of callouts) {
    const users = filters.filter(({ callout }) => callout === name).flatMap(({ layers }) => layers);
    const [applicableLayer] = users;
    // Nothing refers to it: it cannot matter.
    if (applicableLayer !== undefined)
      guarded(position, () => session.addCallout({ key: keyAt(key, applicableLayer, users), name, applicableLayer }));
    for (const layer of new Set(users.slice(1))) {
      if (layer !== applicableLayer)
        guarded(position, () => session.addCallout({ key: keyAt(key, layer, users), name, applicableLayer: layer }));
    }
  }
  for (const filter of filters) {
    const subLayer = subLayerKey(filter, keys);
    const callout = callouts.find(({ name }) => name === filter.callout);
    for (const layer of filter.layers) {
      const users = filters.filter((other) => other.callout === filter.callout).flatMap(({ layers }) => layers);
      const action: FilterAction =
        filter.action === "FWP_ACTION_PERMIT" || filter.action === "FWP_ACTION_BLOCK"
          ? { type: filter.action }
          : { type: filter.action, calloutKey: keyAt(callout?.key ?? SUBLAYER_KEY.UNIVERSAL, layer, users) };
      const weight: FilterWeight =
        filter.weight === null
          ? { type: "FWP_EMPTY" }
          : filter.weight < 16n
            ? { type: "FWP_UINT8", value: Number(filter.weight) }
            : { type: "FWP_UINT64", value: filter.weight };
      guarded(filter.position, () =>
        session.addFilter({
          name: filter.name,
          layer,
          ...(subLayer === undefined ? {} : { subLayer }),
          weight,
          conditions: filter.conditions,
          action,
          flags: { clearActionRight: filter.hard, permitIfCalloutUnregistered: filter.permitIfUnregistered },
        }),
      );
    }
  }
  session.close();
  const registered = new Set(callouts.filter((callout) => callout.registered).map(({ name }) => name));
  const own = new Set(callouts.map(({ name }) => name));
  // A registered callout whose code nobody knows: what it decides is unknown.
  return {
    ...bfe.policy,
    callouts: bfe.policy.callouts.map((callout) =>
      own.has(callout.name) ? { ...callout, registered: registered.has(callout.name) } : callout,
    ),
  };
}

/** A callout is of one layer: one of a suite that filters of several layers use becomes one for each. */
function keyAt(key: Guid, layer: Guid, layers: readonly Guid[]): Guid {
  const ordinal = [...new Set(layers)].indexOf(layer);
  return ordinal <= 0 ? key : (`${key.slice(0, 20)}${(0x8000 + ordinal).toString(16)}${key.slice(24)}` as Guid);
}

function subLayerKey({ subLayer, position }: SuiteFilter, keys: ReadonlyMap<string, Guid>): Guid | undefined {
  if (subLayer === null) return undefined;
  const key = keys.get(subLayer.toLowerCase());
  if (key !== undefined) return key;
  throw new InputError(`expected a sublayer of the policy, found "${subLayer}"${didYouMean(subLayer, [...keys.keys()])}`, position);
}
