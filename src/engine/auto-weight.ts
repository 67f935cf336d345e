import { bitsOf, type Condition, type Interpretation, type Layer, type SchemaFamily } from "../model/index.ts";
import { fieldShare } from "./field-share.ts";
import { slotOrder, type WeightSlot } from "./weight-slots.ts";

/** The automatic weight of layers that have no fields: FWPM_AUTO_WEIGHT_MAX / 2 (AUTOWEIGHT.md 2). */
const FIELDLESS_WEIGHT = (1n << 59n) - 1n;

const AUTO_WEIGHT_BITS = 60;

interface PlacedSlot {
  readonly slot: WeightSlot;
  readonly width: number;
  readonly lowBit: number;
}

interface Placement {
  readonly slots: readonly PlacedSlot[];
  readonly pinned: ReadonlySet<string>;
  readonly names: ReadonlyMap<string, string>;
}

const placements = new WeakMap<Layer, Map<SchemaFamily, Placement>>();

/**
 * The low 60 bits that BFE gives a filter without an exact weight (AUTOWEIGHT.md). `verified` is false where a condition's field has a
 * place in the number that no recorded filter has pinned, or its conditions earn a share that recordings do not settle (AUTOWEIGHT.md 6):
 * such a weight is a well-founded guess.
 */
export function autoWeight(
  layer: Layer,
  conditions: readonly Condition[],
  family: SchemaFamily,
  manyConditions: Interpretation["manyConditions"] = "full",
): { readonly weight: bigint; readonly verified: boolean } {
  if (layer.fields.length === 0) return { weight: FIELDLESS_WEIGHT, verified: true };
  if (conditions.length === 0) return { weight: 0n, verified: true };
  const { slots, pinned, names } = placementOf(layer, family);
  const byField = new Map<string, Condition[]>();
  for (const condition of conditions) {
    const name = names.get(condition.fieldKey) ?? condition.fieldKey;
    const known = byField.get(name);
    if (known === undefined) byField.set(name, [condition]);
    else known.push(condition);
  }
  const shares = new Map<string, number>();
  let verified = true;
  for (const [name, own] of byField) {
    const field = fieldShare(name, own, family, manyConditions);
    shares.set(name, field.share);
    if (!field.verified || !pinned.has(name)) verified = false;
  }
  let weight = 0n;
  for (const { slot, width, lowBit } of slots) {
    const ratio = slot.fields.reduce((sum, field) => sum + (shares.get(field) ?? 0), 0) / slot.fields.length;
    if (ratio > 0) weight += scale(ratio, width) << BigInt(lowBit);
  }
  return { weight, verified };
}

/** `ratio` of a slot's full scale, rounded half up, at least 1. Doubles would round the full scale of a very wide slot up, out of it. */
function scale(ratio: number, width: number): bigint {
  const full = (1n << BigInt(width)) - 1n;
  if (ratio >= 1) return full;
  const value = BigInt(Math.max(1, Math.floor(ratio * (2 ** width - 1) + 0.5)));
  return value < full ? value : full;
}

function placementOf(layer: Layer, family: SchemaFamily): Placement {
  const known = placements.get(layer)?.get(family);
  if (known !== undefined) return known;
  const placement = place(layer, family);
  const byFamily = placements.get(layer) ?? new Map<SchemaFamily, Placement>();
  placements.set(layer, byFamily.set(family, placement));
  return placement;
}

function place(layer: Layer, family: SchemaFamily): Placement {
  const { slots, pinned } = slotOrder(layer, family);
  const bits = new Map(layer.fields.map((field) => [field.name, bitsOf(field.dataType) ?? 1]));
  const slotWeight = (slot: WeightSlot) => slot.fields.reduce((sum, field) => sum + Math.log2(bits.get(field) ?? 1), 0);
  const room = AUTO_WEIGHT_BITS - slots.filter((slot) => !slot.wide).length;
  const total = slots.filter((slot) => slot.wide).reduce((sum, slot) => sum + slotWeight(slot), 0);
  // Edges are rounded half up from the least significant side, so that the widths always sum to 60.
  const edge = (running: number) => Math.floor((running * room) / total + 0.5);
  const placed: PlacedSlot[] = [];
  let running = 0;
  let lowBit = 0;
  for (const slot of slots.toReversed()) {
    const next = slot.wide ? running + slotWeight(slot) : running;
    const width = slot.wide ? edge(next) - edge(running) : 1;
    placed.push({ slot, width, lowBit });
    running = next;
    lowBit += width;
  }
  return { slots: placed, pinned, names: new Map(layer.fields.map((field) => [field.key, field.name])) };
}
