import { FilterEngine } from "../../engine/index.ts";
import type { FirewallConfig, FirewallRule, ProfileSettings } from "../../firewall/index.ts";
import { FIREWALL_PROFILES, type FlowTrace, type IdleRule, type Interpretation } from "../../model/index.ts";
import { type TraceFlowOptions, traceFlow } from "../../stack/index.ts";
import type { LeftOutRule } from "../load-policy.ts";
import { compileConfig } from "../what-if.ts";
import { decidersOf } from "./deciders.ts";

export interface IdleRulesOptions {
  readonly config: FirewallConfig;
  /** Rules that did not become part of the policy at all. */
  readonly leftOut: readonly LeftOutRule[];
  /** Where a rule stands, by id. */
  readonly places: ReadonlyMap<string, string>;
  readonly interpretation: Partial<Interpretation>;
}

/** A policy with rules that are not in force, as if they were. */
interface Imagined {
  readonly engine: FilterEngine;
  readonly whys: ReadonlyMap<string, IdleRule>;
}

/**
 * Finds the rules that would have given a flow another verdict, were they in force: those switched off, left out by a store above, or by
 * shields up. Such rules have no filters, so that no trace can name them.
 */
export class IdleRules {
  readonly #options: IdleRulesOptions;
  readonly #imagined = new Map<"permit" | "block", Imagined | undefined>();

  constructor(options: IdleRulesOptions) {
    this.#options = options;
  }

  explain({ flow, verdict }: FlowTrace, options: TraceFlowOptions): readonly IdleRule[] {
    if (verdict === "indeterminate") return [];
    const wanted = verdict === "block" ? "permit" : "block";
    const imagined = this.#imagine(wanted);
    if (imagined === undefined) return [];
    const trace = traceFlow(imagined.engine, flow, options);
    if (trace.verdict !== wanted) return [];
    const origins = new Set(decidersOf(trace.decisive, wanted).flatMap(({ origin }) => origin ?? []));
    return [...origins].flatMap((origin) => imagined.whys.get(origin) ?? []);
  }

  #imagine(verdict: "permit" | "block"): Imagined | undefined {
    if (!this.#imagined.has(verdict)) this.#imagined.set(verdict, this.#compile(verdict));
    return this.#imagined.get(verdict);
  }

  #compile(verdict: "permit" | "block"): Imagined | undefined {
    const { config, leftOut, places, interpretation } = this.#options;
    const whys = new Map<string, IdleRule>();
    const note = ({ id, name }: FirewallRule, why: string, known = id) => whys.set(id, { name, why, place: places.get(known) ?? null });
    const does = ({ action }: FirewallRule) => (action === "block") === (verdict === "block");
    const profiles = verdict === "permit" ? withoutShields(config.profiles) : config.profiles;
    const shielded = FIREWALL_PROFILES.filter((profile) => profiles[profile] !== config.profiles[profile]);
    const own = config.rules.map((rule) => {
      if (!does(rule)) return rule;
      if (!rule.enabled) note(rule, "it is switched off");
      else if (rule.direction === "in" && rule.profiles.some((profile) => shielded.includes(profile)))
        note(rule, `inbound traffic is blocked whatever the rules in profile ${shielded.join(" and ")}`);
      return rule.enabled ? rule : { ...rule, enabled: true };
    });
    const others = leftOut.flatMap(({ rule, why }, index) => {
      if (!does(rule)) return [];
      const imagined = { ...rule, id: `${rule.id} (left out ${index})`, enabled: true };
      note(imagined, rule.enabled ? why : `${why}, and it is switched off`, rule.id);
      return [imagined];
    });
    if (whys.size === 0) return undefined;
    const policy = compileConfig({ ...config, profiles, rules: [...own, ...others] }, "as if all rules were in force");
    return { engine: new FilterEngine(policy, { interpretation }), whys };
  }
}

function withoutShields(profiles: FirewallConfig["profiles"]): FirewallConfig["profiles"] {
  const open = (settings: ProfileSettings) => (settings.allowInboundRules ? settings : { ...settings, allowInboundRules: true });
  return { domain: open(profiles.domain), private: open(profiles.private), public: open(profiles.public) };
}
