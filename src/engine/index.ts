/** The filter engine: match, arbitrate, classify. */

export { accessCheck } from "./access-check.ts";
export { autoWeight } from "./auto-weight.ts";
export { Bfe, type BfeOptions, type SessionOptions } from "./bfe.ts";
export { BfeSession } from "./bfe-session.ts";
export { buildPolicy } from "./build-policy.ts";
export { builtInPolicy, isBuiltIn } from "./built-in-policy.ts";
export { builtInCallout } from "./builtin-callouts.ts";
export type { Callout, ClassifyOut, ClassifyRequest, FlowContext, StackServices, StreamAction, StreamServices } from "./callout.ts";
export type { ClassifyContext } from "./classify-context.ts";
export { type CollectedTrace, collectTrace } from "./collect-trace.ts";
export type {
  CalloutDefinition,
  FilterDefinition,
  FilterFlagNames,
  ProviderContextDefinition,
  ProviderDefinition,
  SubLayerDefinition,
} from "./definitions.ts";
export { effectiveWeight } from "./effective-weight.ts";
export { fidelityOf } from "./fidelity.ts";
export { FilterEngine, type FilterEngineOptions } from "./filter-engine.ts";
export type { FilterEnumTemplate } from "./filter-enumeration.ts";
export { guessSchemaFamily } from "./guess-schema-family.ts";
export type { ValueClasses } from "./indexing/value-class.ts";
export { valueClasses } from "./indexing/value-classes.ts";
export {
  CONTINUES,
  END_STATES,
  endsWithBlock,
  isFinalState,
  type LayerProgram,
  type ProgramFilter,
  type ProgramGroup,
  type ProgramSubLayer,
  type ProgramTest,
  replacesDecision,
} from "./layer-program.ts";
export type { Lifetime } from "./lifetime.ts";
export { conditionFault, isMatchTypeLegal, isSortable, isTypeLegal } from "./match/legal.ts";
export { nearMisses } from "./near-miss.ts";
export type { TraceSink } from "./trace-sink.ts";
export { verifyWeights, type WeightCheck, type WeightReport } from "./verify-weights.ts";
