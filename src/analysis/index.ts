/** Sets of packets: what a policy permits, blocks and leaves open, for all packets at once. */

export { Bdd, type BddOptions, FALSE, type Node, TRUE } from "./bdd/bdd.ts";
export { BudgetExceeded } from "./bdd/budget-exceeded.ts";
export { type Cube, cubesOf, pickCube } from "./bdd/walk-cubes.ts";
export { type FieldClasses, fieldClasses } from "./space/field-classes.ts";
export { PacketSpace, type SpaceOptions } from "./space/packet-space.ts";
export { type LayerSets, type LayerSetsOptions, layerSets } from "./symbolic/layer-sets.ts";
