import type { Bfe } from "../engine/index.ts";
import type { Guid } from "../model/index.ts";
import { compileAppContainerLoopback } from "./compile/app-container-loopback.ts";
import { compileAppIsolation } from "./compile/app-isolation.ts";
import { compileBootTime } from "./compile/boot-time.ts";
import { type CompileContext, profilesInForce } from "./compile/compile-context.ts";
import { FilterWriter } from "./compile/filter-writer.ts";
import { compileInspection } from "./compile/inspection.ts";
import { addCallouts } from "./compile/objects.ts";
import { compileProfileDefaults } from "./compile/profile-defaults.ts";
import { compileQuarantine } from "./compile/quarantine.ts";
import { compileRules, type SkipReason } from "./compile/rules.ts";
import { compileServiceHardening } from "./compile/service-hardening.ts";
import { compileStealth } from "./compile/stealth.ts";
import type { FirewallConfig } from "./settings.ts";

/** What compiling made. */
export interface CompiledFirewall {
  /** Ids of all filters, in the order they were added. */
  readonly filterIds: readonly bigint[];
  /** Ids by origin: a rule's id, or the name of a default. */
  readonly byOrigin: ReadonlyMap<string, readonly bigint[]>;
  /** Rules without filters, and why, by rule id. */
  readonly skipped: ReadonlyMap<string, SkipReason>;
  /** The firewall service's callouts, which are there for the engine's models to stand behind. */
  readonly callouts: readonly Guid[];
}

/**
 * Windows Firewall as a provider: adds everything that `config` amounts to through one transaction of `bfe`, whose version of
 * Windows must be the configuration's. Parts come in the order in which Windows adds them, which counts between filters of equal
 * weight (WFP-SEMANTICS 3.3): boot-time filters and loopback first.
 * @throws InputError for a rule that cannot be compiled; nothing is added then.
 */
export function compileFirewall(bfe: Bfe, config: FirewallConfig): CompiledFirewall {
  const session = bfe.openSession({ name: "Windows Firewall" });
  try {
    session.begin();
    const { policy } = bfe;
    const callouts = addCallouts(session, policy);
    const writer = new FilterWriter(session, {
      windows: config.windows,
      layers: policy.layers,
      subLayers: new Set(policy.subLayers.map((subLayer) => subLayer.key)),
    });
    const context: CompileContext = { config, writer, active: profilesInForce(config) };
    compileAppContainerLoopback(context);
    compileBootTime(context);
    compileQuarantine(context);
    compileProfileDefaults(context);
    compileAppIsolation(context);
    const skipped = compileRules(context);
    compileServiceHardening(context);
    compileInspection(context);
    compileStealth(context);
    session.commit();
    return { filterIds: writer.ids, byOrigin: writer.byOrigin, skipped, callouts };
  } finally {
    // An open transaction is aborted, so that a rule that cannot be compiled leaves nothing behind.
    session.close();
  }
}
