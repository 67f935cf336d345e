import type { LayerProgram, ProgramTest } from "../../engine/index.ts";
import {
  CONDITION_FLAG,
  type DataType,
  FIELD_KEY,
  type Field,
  type FieldType,
  type FieldValue,
  type FwpValue,
  type Guid,
  type Layer,
  NULL_SID,
  type SecurityDescriptor,
  type Sid,
  UNKNOWN,
} from "../../model/index.ts";
import { type FieldClasses, fieldClasses } from "./field-classes.ts";
import { knownValues } from "./known-values.ts";
import { fieldRank } from "./order.ts";
import { isPackage, TokenAtoms } from "./token-atoms.ts";

/** A field of a space: its classes in binary, or its token's atoms; variables from `first` on. */
export type Dimension = {
  readonly fieldKey: Guid;
  readonly name: string;
  readonly dataType: DataType;
  readonly fieldType: FieldType;
  readonly first: number;
  readonly bits: number;
} & ({ readonly kind: "classes"; readonly classes: FieldClasses } | { readonly kind: "token"; readonly atoms: TokenAtoms });

export interface DimensionOptions {
  /** Conditions of a question: values that they tell apart are told apart too. */
  readonly edges?: readonly ProgramTest[];
  /** Values that will be asked for: each has a class, however strange its combination of flags is. */
  readonly values?: readonly { readonly layer: Layer; readonly values: readonly FieldValue[] }[];
}

const TOKENS: ReadonlySet<DataType> = new Set<DataType>(["FWP_TOKEN_ACCESS_INFORMATION_TYPE", "FWP_TOKEN_INFORMATION_TYPE"]);

/** What a flow's flags have to tell apart for callouts that look at them. */
export const SECURED: ProgramTest = {
  condition: {
    fieldKey: FIELD_KEY.FLAGS,
    matchType: "FWP_MATCH_FLAGS_ALL_SET",
    value: { type: "FWP_UINT32", value: CONDITION_FLAG.IS_IPSEC_SECURED },
  },
  identity: {},
  truth: (value) =>
    typeof value === "symbol"
      ? "unknown"
      : value.type === "FWP_UINT32" && (value.value & CONDITION_FLAG.IS_IPSEC_SECURED) !== 0
        ? "true"
        : "false",
};

interface AskedField {
  readonly field: Field;
  readonly tests: ProgramTest[];
}

/** The dimension of a field by {@link keyOf}, in the order of variables. Fields that nothing looks at have none. */
export function dimensionsOf(
  programs: readonly LayerProgram[],
  { edges = [], values: asked = [] }: DimensionOptions,
): ReadonlyMap<string, Dimension> {
  const fields = askedFields(programs, edges);
  tellPackagesApart(fields);
  const dimensions = new Map<string, Dimension>();
  let first = 0;
  for (const { field, tests } of [...fields.values()].sort((a, b) => fieldRank(a.field) - fieldRank(b.field))) {
    const { key: fieldKey, name, dataType, fieldType } = field;
    const common = { fieldKey, name, dataType, fieldType, first };
    const dimension: Dimension = TOKENS.has(dataType)
      ? tokenDimension(common, tests)
      : classDimension(common, fieldClasses(dataType, tests, [...knownValues(field), ...valuesOf(field, asked)]));
    dimensions.set(keyOf(field), dimension);
    first += dimension.bits;
  }
  return dimensions;
}

/** Layers share fields of one key and type: addresses of both families are two. */
export function keyOf({ key, dataType }: Pick<Field, "key" | "dataType">): string {
  return `${key} ${dataType}`;
}

/** Every field that some condition looks at, with all that is asked about it. */
function askedFields(programs: readonly LayerProgram[], edges: readonly ProgramTest[]): Map<string, AskedField> {
  const fields = new Map<string, AskedField>();
  const ask = (field: Field | undefined, tests: readonly ProgramTest[]) => {
    if (field === undefined) return;
    const known = fields.get(keyOf(field));
    if (known === undefined) fields.set(keyOf(field), { field, tests: [...tests] });
    else known.tests.push(...tests);
  };
  for (const { layer, subLayers } of programs) {
    for (const { groups, flagsLookedAt } of subLayers.flatMap(({ filters }) => filters)) {
      for (const { fieldIndex, tests } of groups) ask(layer.fields[fieldIndex], tests);
      if (flagsLookedAt === 0) continue;
      ask(
        layer.fields.find(({ key }) => key === FIELD_KEY.FLAGS),
        [SECURED],
      );
    }
    for (const test of edges) {
      ask(
        layer.fields.find(({ key }) => key === test.condition.fieldKey),
        [test],
      );
    }
  }
  return fields;
}

/**
 * The package of a program shows in ALE_PACKAGE_ID and in its token: what one of them tells apart the other has to, or a class of packages would
 * stand for programs that have different tokens.
 */
function tellPackagesApart(fields: ReadonlyMap<string, AskedField>): void {
  const all = [...fields.values()];
  const named = all.flatMap(({ field, tests }) =>
    field.key === FIELD_KEY.ALE_USER_ID ? descriptorsIn(tests).flatMap(({ dacl = [] }) => dacl.map(({ sid }) => sid)) : [],
  );
  const packages = [NULL_SID, ...new Set(named.filter(isPackage))];
  for (const { field, tests } of all) {
    if (field.key === FIELD_KEY.ALE_PACKAGE_ID && field.dataType === "FWP_SID") tests.push(...packages.map(packageTest));
  }
}

function packageTest(sid: Sid): ProgramTest {
  return {
    condition: { fieldKey: FIELD_KEY.ALE_PACKAGE_ID, matchType: "FWP_MATCH_EQUAL", value: { type: "FWP_SID", value: sid } },
    identity: {},
    truth: (value) => (typeof value === "symbol" ? "unknown" : value.type === "FWP_SID" && value.value === sid ? "true" : "false"),
  };
}

function descriptorsIn(tests: readonly ProgramTest[]): SecurityDescriptor[] {
  return tests.flatMap(({ condition: { value } }) => (value.type === "FWP_SECURITY_DESCRIPTOR_TYPE" ? [value.value] : []));
}

type Common = Omit<Dimension, "bits" | "kind" | "classes" | "atoms">;

function tokenDimension(common: Common, tests: readonly ProgramTest[]): Dimension {
  const atoms = new TokenAtoms(descriptorsIn(tests), common.first);
  return { ...common, kind: "token", atoms, bits: atoms.atoms.length };
}

function classDimension(common: Common, classes: FieldClasses): Dimension {
  return { ...common, kind: "classes", classes, bits: classes.size < 2 ? 0 : 32 - Math.clz32(classes.size - 1) };
}

function valuesOf(field: Field, asked: NonNullable<DimensionOptions["values"]>): FwpValue[] {
  return asked.flatMap(({ layer, values }) => {
    const index = layer.fields.find((candidate) => keyOf(candidate) === keyOf(field))?.index ?? -1;
    const value = values[index] ?? UNKNOWN;
    return value === UNKNOWN || value.type === "FWP_EMPTY" ? [] : [value];
  });
}
