/** The filter engine: match, arbitrate, classify. */

export { builtInCallout } from "./builtin-callouts.ts";
export type { Callout, ClassifyOut, ClassifyRequest, FlowContext, StackServices } from "./callout.ts";
export type { ClassifyContext } from "./classify-context.ts";
export { type CollectedTrace, collectTrace } from "./collect-trace.ts";
export { FilterEngine, type FilterEngineOptions } from "./filter-engine.ts";
export { conditionFault, isMatchTypeLegal, isSortable, isTypeLegal } from "./match/legal.ts";
export { nearMisses } from "./near-miss.ts";
export type { TraceSink } from "./trace-sink.ts";
