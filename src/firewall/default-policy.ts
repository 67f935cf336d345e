import { Bfe } from "../engine/index.ts";
import { FIREWALL_PROFILES, type FirewallProfile, type Policy, parseAddress, type WindowsVersion } from "../model/index.ts";
import { compileFirewall } from "./compile-firewall.ts";
import { DEFAULT_HARDENING, type DefaultPolicyKind, defaultRules } from "./default-rules.ts";
import { DEFAULT_PROFILE_SETTINGS, type FirewallConfig, type FirewallInterface } from "./settings.ts";

export interface DefaultPolicyOptions {
  /** 11 where absent. */
  readonly windows?: WindowsVersion;
  /** Profiles of the networks the machine is attached to; all three where absent, so that any profile can be asked about. */
  readonly profiles?: readonly FirewallProfile[];
}

/** The shipped machine's network, out of quarantine. Its subnets are what LocalSubnet and the private network mean there. */
export const DEFAULT_INTERFACE: FirewallInterface = {
  alias: "Ethernet",
  luid: 0x0006_0080_0000_0000n,
  addresses: [
    { address: parseAddress("10.0.0.5"), prefixLength: 24 },
    { address: parseAddress("2001:db8::5"), prefixLength: 64 },
  ],
  quarantineEpoch: 10_000_001n,
};

/** The configuration that {@link defaultPolicy} compiles. */
export function defaultConfig(kind: DefaultPolicyKind, options: DefaultPolicyOptions = {}): FirewallConfig {
  return {
    windows: options.windows ?? "11",
    profiles: { domain: DEFAULT_PROFILE_SETTINGS, private: DEFAULT_PROFILE_SETTINGS, public: DEFAULT_PROFILE_SETTINGS },
    activeProfiles: options.profiles ?? FIREWALL_PROFILES,
    interfaces: [DEFAULT_INTERFACE],
    rules: defaultRules(kind),
    hardening: DEFAULT_HARDENING,
    quarantine: true,
    inspection: true,
  };
}

const compiled = new Map<string, Policy>();

/** The policy that ships: Windows Firewall with the rules of {@link defaultRules}. Equal options give the same object. */
export function defaultPolicy(kind: DefaultPolicyKind, options: DefaultPolicyOptions = {}): Policy {
  const config = defaultConfig(kind, options);
  const identity = [kind, config.windows, ...FIREWALL_PROFILES.filter((profile) => config.activeProfiles.includes(profile))].join(" ");
  const known = compiled.get(identity);
  if (known !== undefined) return known;
  const bfe = new Bfe({ windows: config.windows, phase: "running" });
  compileFirewall(bfe, config);
  const policy: Policy = { ...bfe.policy, source: `built-in ${kind} policy, Windows ${config.windows}` };
  compiled.set(identity, policy);
  return policy;
}
