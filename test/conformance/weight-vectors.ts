import { existsSync, readFileSync } from "node:fs";
import {
  bitsOf,
  type Condition,
  EMPTY,
  type Field,
  type FwpValue,
  type Layer,
  layersOfFamily,
  type MatchType,
  range,
  type SchemaFamily,
} from "../../src/model/index.ts";

/** An automatic weight that a machine showed: what the filter stood on, and the low 60 bits of its effective weight. */
export interface WeightVector {
  readonly layer: Layer;
  readonly conditions: Condition[];
  readonly family: SchemaFamily;
  readonly low60: bigint;
  readonly text: string;
}

interface RawCondition {
  readonly field: string;
  readonly kind: "EQUAL/NOT_EQUAL" | "FLAGS_*" | "RANGE/MASK";
  /** Specificity of a range or mask, rounded to nine digits. */
  readonly spec?: number;
}

interface RawVector {
  readonly schema: "A" | "B" | "C";
  readonly layer: string;
  readonly conditions: readonly RawCondition[];
  readonly low60: string;
}

export const WEIGHT_VECTORS = new URL("../../../shared/spec/weight-vectors.json", import.meta.url);

/** The file's letters: "A" covers families A and B, "B" is C, "C" is D. */
const FAMILIES: Readonly<Record<RawVector["schema"], SchemaFamily>> = { A: "B", B: "C", C: "D" };

/** The recorded vectors, with conditions of the recorded kinds and widths; the operands themselves have no influence. */
export function weightVectors(): WeightVector[] {
  if (!existsSync(WEIGHT_VECTORS)) throw new Error(`the recorded weights are not here: ${WEIGHT_VECTORS.pathname}`);
  const { vectors } = JSON.parse(readFileSync(WEIGHT_VECTORS, "utf8")) as { vectors: readonly RawVector[] };
  return vectors.map(({ schema, layer: name, conditions, low60 }) => {
    const family = FAMILIES[schema];
    const layer = layersOfFamily(family).find((candidate) => candidate.name === name);
    if (layer === undefined) throw new Error(`family ${family} has no layer ${name}`);
    const what = conditions.map(({ field, kind, spec }) => `${field} ${kind}${spec === undefined ? "" : ` ${spec}`}`).join(", ");
    return {
      layer,
      conditions: conditions.map((condition) => conditionOf(condition, layer)),
      family,
      low60: BigInt(low60),
      text: `${family} ${name.replace("FWPM_LAYER_", "")} {${what}} = ${low60}`,
    };
  });
}

function conditionOf({ field: name, kind, spec = 0 }: RawCondition, layer: Layer): Condition {
  const field = layer.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`${layer.name} has no field ${name}`);
  const matchTypes: Readonly<Record<RawCondition["kind"], MatchType>> = {
    "EQUAL/NOT_EQUAL": "FWP_MATCH_EQUAL",
    "FLAGS_*": "FWP_MATCH_FLAGS_ALL_SET",
    "RANGE/MASK": "FWP_MATCH_RANGE",
  };
  return { fieldKey: field.key, matchType: matchTypes[kind], value: kind === "RANGE/MASK" ? rangeOf(field, spec) : someValue(field) };
}

/** The range from 0 whose specificity 1 − log2(size)/bits is `spec`. */
function rangeOf(field: Field, spec: number): FwpValue {
  const bits = bitsOf(field.dataType);
  if (bits === undefined) throw new Error(`${field.name} is ${field.dataType}, which has no ranges`);
  const exponent = bits * (1 - spec);
  const size = Number.isInteger(exponent) ? 1n << BigInt(exponent) : BigInt(Math.round(2 ** exponent));
  return range(integer(field, 0n), integer(field, size - 1n));
}

function integer(field: Field, value: bigint): FwpValue {
  switch (field.dataType) {
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT32":
      return { type: field.dataType, value: Number(value) };
    case "FWP_UINT64":
      return { type: field.dataType, value };
    case "FWP_BYTE_ARRAY16_TYPE":
      return {
        type: field.dataType,
        value: Uint8Array.from({ length: 16 }, (_, byte) => Number((value >> BigInt(8 * (15 - byte))) & 0xffn)),
      };
    default:
      throw new Error(`${field.name} is ${field.dataType}, which is no integer`);
  }
}

function someValue(field: Field): FwpValue {
  switch (field.dataType) {
    case "FWP_BYTE_BLOB_TYPE":
      return { type: field.dataType, value: Uint8Array.of(97, 0, 0, 0) };
    case "FWP_SID":
      return { type: field.dataType, value: "S-1-1-0" };
    case "FWP_UNICODE_STRING_TYPE":
      return { type: field.dataType, value: "a" };
    case "FWP_TOKEN_INFORMATION_TYPE":
    case "FWP_TOKEN_ACCESS_INFORMATION_TYPE":
      return { type: "FWP_SECURITY_DESCRIPTOR_TYPE", value: { owner: "S-1-5-18", group: "S-1-5-18", dacl: [], sddl: "O:SYG:SYD:" } };
    default:
      return bitsOf(field.dataType) === undefined ? EMPTY : integer(field, 1n);
  }
}
