/** WFP's vocabulary: types, tables and pure helpers. */
export * from "./address.ts";
export * from "./address-range.ts";
export * from "./capture-check.ts";
export * from "./classify.ts";
export * from "./data-type.ts";
export * from "./errors.ts";
export * from "./filter.ts";
export type { LintFinding, LintSeverity, ShadowFinding, ShadowKind, ShadowResult, ShadowRule } from "./finding.ts";
export * from "./firewall-import.ts";
export * from "./firewall-profile.ts";
export * from "./firewall-rule.ts";
export * from "./firewall-rule-text.ts";
export * from "./flag-names.ts";
export * from "./flow.ts";
export * from "./flow-notation.ts";
export * from "./format-value.ts";
export * from "./guid.ts";
export * from "./hosts.ts";
export * from "./interpretation.ts";
export * from "./ip-range.ts";
export * from "./layer.ts";
export * from "./made-up-key.ts";
export * from "./metadata.ts";
export * from "./near-name.ts";
export * from "./nt-path.ts";
export * from "./number-names.ts";
export * from "./objects.ts";
export * from "./policy.ts";
export * from "./policy-import.ts";
export * from "./provider-context-key.ts";
export type {
  AnswerClass,
  AnswerField,
  Certainty,
  DiffAnswer,
  DiffResult,
  FilterChange,
  FlowFlip,
  HoldsFor,
  PolicyFlip,
  QuestionCost,
  SearchAnswer,
  SearchResult,
  Witness,
} from "./question.ts";
export * from "./recorded-event.ts";
export * from "./records.ts";
export * from "./replay.ts";
export type { InertReason, ListedFile, ListedProfile, ListedRule, RuleListing } from "./rule-listing.ts";
export * from "./scenario.ts";
export * from "./scenario-packet.ts";
export * from "./sddl.ts";
export * from "./security-descriptor.ts";
export * from "./service-sid.ts";
export * from "./sid.ts";
export * from "./sid-names.ts";
export * from "./suite.ts";
export * from "./suite-condition.ts";
export * from "./suite-flow.ts";
export * from "./suite-policy.ts";
export * from "./suite-result.ts";
export * from "./tables/discard-reasons.ts";
export * from "./tables/flags.ts";
export { METADATA_BY_LAYER } from "./tables/metadata.ts";
export * from "./token.ts";
export * from "./trace.ts";
export * from "./value.ts";
export * from "./verify-result.ts";
export * from "./well-known.ts";
export * from "./what-if.ts";
export * from "./windows-features.ts";
export * from "./windows-version.ts";
