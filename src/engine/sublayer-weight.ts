import { type Interpretation, WfpError } from "../model/index.ts";

const MAX_WEIGHT = 0xffff;

/**
 * The run-time weight of a sublayer that asks for `requested` (UINT16) when `taken` are in use: the next free lower one, else the next
 * free higher one, or the other way round (WFP-SEMANTICS 1.3, Interpretation.subLayerCollision).
 * @throws WfpError FWP_E_TOO_MANY_SUBLAYERS when all 2^16 are in use, FWP_E_OUT_OF_BOUNDS for what no UINT16 can hold.
 */
export function freeSubLayerWeight(
  requested: number,
  taken: ReadonlySet<number>,
  collision: Interpretation["subLayerCollision"] = "next-lower",
): number {
  if (!Number.isInteger(requested) || requested < 0 || requested > MAX_WEIGHT) {
    throw new WfpError("FWP_E_OUT_OF_BOUNDS", `a sublayer weight is 0..65535, not ${requested}`);
  }
  const lower = (): number | undefined => {
    for (let weight = requested; weight >= 0; weight--) if (!taken.has(weight)) return weight;
    return undefined;
  };
  const higher = (): number | undefined => {
    for (let weight = requested; weight <= MAX_WEIGHT; weight++) if (!taken.has(weight)) return weight;
    return undefined;
  };
  const found = collision === "next-lower" ? (lower() ?? higher()) : (higher() ?? lower());
  if (found !== undefined) return found;
  throw new WfpError("FWP_E_TOO_MANY_SUBLAYERS", "all 65536 sublayer weights are in use");
}
