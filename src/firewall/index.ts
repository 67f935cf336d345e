/** Windows Firewall as a provider: rules and profile settings → filters. */

export {
  type AddressKeyword,
  type AddressRange,
  type EdgeTraversal,
  FIREWALL_PROFILES,
  type FirewallProfile,
  type FirewallRule,
  type IcmpType,
  type InterfaceKind,
  type PortKeyword,
  type ProfileSettings,
  parseRuleAddresses,
  parseRulePorts,
  type RuleAddress,
  type RulePort,
  subnetRange,
} from "../model/index.ts";
export type { SkipReason } from "./compile/rules.ts";
export { type CompiledFirewall, compileFirewall } from "./compile-firewall.ts";
export { configOfRules, type MachineOptions } from "./config-of-rules.ts";
export { DEFAULT_INTERFACE, type DefaultPolicyOptions, defaultConfig, defaultPolicy } from "./default-policy.ts";
export { DEFAULT_HARDENING, DEMO_SERVER, type DefaultPolicyKind, defaultRules } from "./default-rules.ts";
export * from "./merge-rules.ts";
export { ORIGIN } from "./origin.ts";
export { platformMatches, windowsOfRules } from "./platform.ts";
export { formatRuleNotation, parseRuleNotation, type RuleNotationDefaults } from "./rule-notation.ts";
export * from "./settings.ts";
