/** Sets of packets: what a policy permits, blocks and leaves open, for all packets at once. */

export { Bdd, type BddOptions, FALSE, type Node, TRUE } from "./bdd/bdd.ts";
export { BudgetExceeded } from "./bdd/budget-exceeded.ts";
export { type Cube, cubesOf, pickCube } from "./bdd/walk-cubes.ts";
export { type Shadowing, type ShadowOptions, shadowed } from "./boxes/shadowed.ts";
export { type MatchedFilters, matchFilters } from "./filter-matching.ts";
export { type ShadowFindingsOptions, shadowFindings } from "./findings/shadow-findings.ts";
export { type ClassRow, type ClassRows, classRows, projected } from "./flow/class-rows.ts";
export { type FlowSets, type FlowSetsOptions, flowSets, type QuestionVisit, type VisitSets } from "./flow/flow-sets.ts";
export type { LintCheck } from "./lint/check.ts";
export { LINT_CHECKS, type LintOptions, lintPolicy } from "./lint/lint-policy.ts";
export type { Dimension } from "./space/dimension.ts";
export { type FieldClasses, fieldClasses } from "./space/field-classes.ts";
export { type Interval, numberOf, valueAt } from "./space/ordinal.ts";
export { PacketSpace, type SpaceOptions } from "./space/packet-space.ts";
export { type LayerSets, type LayerSetsOptions, layerSets } from "./symbolic/layer-sets.ts";
