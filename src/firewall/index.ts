/** Windows Firewall as a provider: rules and profile settings → filters. */
export { type AddressRange, subnetRange } from "./address-range.ts";
export type { SkipReason } from "./compile/rules.ts";
export { type CompiledFirewall, compileFirewall } from "./compile-firewall.ts";
export { DEFAULT_INTERFACE, type DefaultPolicyOptions, defaultConfig, defaultPolicy } from "./default-policy.ts";
export { DEFAULT_HARDENING, DEMO_SERVER, type DefaultPolicyKind, defaultRules } from "./default-rules.ts";
export { ORIGIN } from "./origin.ts";
export * from "./rule.ts";
export { formatRuleNotation, parseRuleNotation, type RuleNotationDefaults } from "./rule-notation.ts";
export { parseRuleAddresses, parseRulePorts } from "./rule-text.ts";
export * from "./settings.ts";
