import fc from "fast-check";
import type { Callout } from "../../src/engine/callout.ts";
import { isMatchTypeLegal, isSortable } from "../../src/engine/match/legal.ts";
import {
  type CalloutObject,
  type Condition,
  type DataType,
  EMPTY,
  FILTER_FLAG,
  type Field,
  type FieldType,
  type FieldValue,
  type Filter,
  type FwpValue,
  type Guid,
  type Layer,
  MATCH_TYPE,
  type MatchType,
  type Policy,
  type SecurityDescriptor,
  type Sid,
  type Token,
} from "../../src/model/index.ts";
import type { Script } from "./naive-evaluator.ts";
import { A, BQ, calloutObject, filter, guid, layerNamed, policy, subLayer, U } from "./policy-lab.ts";

/** A layer that no Windows has: one field of every data type, so that every comparison is met. */
function everyTypeLayer(): Layer {
  const types: [DataType, FieldType][] = [
    ["FWP_UINT8", "RAW_DATA"],
    ["FWP_UINT16", "RAW_DATA"],
    ["FWP_UINT32", "FLAGS"],
    ["FWP_UINT32", "IP_ADDRESS"],
    ["FWP_UINT64", "RAW_DATA"],
    ["FWP_INT8", "RAW_DATA"],
    ["FWP_INT32", "RAW_DATA"],
    ["FWP_INT64", "RAW_DATA"],
    ["FWP_DOUBLE", "RAW_DATA"],
    ["FWP_BYTE_ARRAY16_TYPE", "IP_ADDRESS"],
    ["FWP_BYTE_ARRAY6_TYPE", "RAW_DATA"],
    ["FWP_BYTE_BLOB_TYPE", "RAW_DATA"],
    ["FWP_SID", "RAW_DATA"],
    ["FWP_TOKEN_ACCESS_INFORMATION_TYPE", "RAW_DATA"],
    ["FWP_UNICODE_STRING_TYPE", "RAW_DATA"],
  ];
  const fields = types.map(([dataType, fieldType], index): Field => {
    return { key: guid(0xf000 + index), name: `FIELD_${index}`, index, dataType, fieldType, since: "vista" };
  });
  return { ...layerNamed("ALE_AUTH_CONNECT_V4"), key: guid(0xe000), name: "EVERY_TYPE", fields };
}

export const EVERY_TYPE = everyTypeLayer();

export const TEST_LAYERS: readonly Layer[] = [
  EVERY_TYPE,
  layerNamed("ALE_AUTH_CONNECT_V4"),
  layerNamed("ALE_AUTH_RECV_ACCEPT_V6"),
  layerNamed("INBOUND_TRANSPORT_V4_DISCARD"),
  layerNamed("ALE_RESOURCE_ASSIGNMENT_V4"),
];

const SIDS: readonly Sid[] = ["S-1-0-0", "S-1-1-0", "S-1-5-18", "S-1-5-80-1-2-3-4-5", "S-1-15-2-1-2-3-4-5-6-7", "S-1-15-3-1"];

const token = (user: Sid, groups: readonly Sid[], packageSid: Sid | null, capabilities: readonly Sid[]): Token => {
  return { user, groups, packageSid, capabilities, attributes: {} };
};

const TOKENS: readonly Token[] = [
  token("S-1-5-18", ["S-1-1-0", "S-1-5-11"], null, []),
  token("S-1-5-21-1-2-3-1000", ["S-1-1-0", "S-1-5-11", "S-1-5-80-1-2-3-4-5"], null, []),
  token("S-1-5-21-1-2-3-1000", ["S-1-1-0", "S-1-5-11"], "S-1-15-2-1-2-3-4-5-6-7", []),
  token("S-1-5-21-1-2-3-1000", ["S-1-1-0", "S-1-5-11"], "S-1-15-2-1-2-3-4-5-6-7", ["S-1-15-3-1"]),
];

const grants = (...sids: Sid[]): SecurityDescriptor => ({
  dacl: sids.map((sid) => ({ kind: "allow", flags: [], mask: 1, sid })),
  sddl: `D:${sids.map((sid) => `(A;;CC;;;${sid})`).join("")}`,
});

const DESCRIPTORS: readonly SecurityDescriptor[] = [
  grants("S-1-5-80-1-2-3-4-5"),
  grants("S-1-15-3-1", "S-1-1-0"),
  grants("S-1-5-18"),
  grants(),
];

const bytes = (length: number, ...alphabet: number[]): fc.Arbitrary<Uint8Array> =>
  fc.array(fc.constantFrom(...alphabet), { minLength: length, maxLength: length }).map((list) => Uint8Array.from(list));

/** Values of a type, from a small pool so that conditions are met often, with the ends of the type among them. */
export function valueOfType(type: DataType): fc.Arbitrary<FwpValue> {
  const number = (pool: readonly number[]) =>
    fc.constantFrom(...pool).map((value) => ({ type, value }) as Extract<FwpValue, { value: number }>);
  const big = (pool: readonly bigint[]) =>
    fc.constantFrom(...pool).map((value) => ({ type, value }) as Extract<FwpValue, { value: bigint }>);
  const binary = (pool: fc.Arbitrary<Uint8Array>) => pool.map((value) => ({ type, value }) as Extract<FwpValue, { value: Uint8Array }>);
  switch (type) {
    case "FWP_UINT8":
      return number([0, 1, 2, 3, 6, 17, 255]);
    case "FWP_UINT16":
      return number([0, 1, 2, 79, 80, 81, 443, 65535]);
    case "FWP_UINT32":
      return number([0, 1, 2, 3, 4, 5, 7, 0x0a000001, 0x0a000002, 0x0a0000ff, 0x80000000, 0xe0000001, 0xffffffff]);
    case "FWP_UINT64":
      return big([0n, 1n, 2n, 3n, 1n << 32n, 1n << 63n, (1n << 64n) - 1n]);
    case "FWP_INT8":
    case "FWP_INT16":
    case "FWP_INT32":
      return number([-128, -2, -1, 0, 1, 2, 127]);
    case "FWP_INT64":
      return big([-(1n << 63n), -1n, 0n, 1n, (1n << 63n) - 1n]);
    case "FWP_FLOAT":
    case "FWP_DOUBLE":
      return number([-1.5, 0, 0.5, 1, 1e9]);
    case "FWP_BYTE_ARRAY16_TYPE":
      return binary(
        fc.tuple(bytes(1, 0, 0xfe, 0xff), bytes(14, 0), bytes(1, 0, 1, 2, 255)).map(([a, b, c]) => Uint8Array.of(...a, ...b, ...c)),
      );
    case "FWP_BYTE_ARRAY6_TYPE":
      return binary(bytes(6, 0, 255));
    case "FWP_BYTE_BLOB_TYPE":
      return binary(
        fc.array(fc.constantFrom(97, 98, 0), { maxLength: 4 }).map((list) => Uint8Array.from(list.flatMap((unit) => [unit, 0]))),
      );
    case "FWP_SID":
      return fc.constantFrom(...SIDS).map((value) => ({ type, value }));
    case "FWP_UNICODE_STRING_TYPE":
      return fc.constantFrom("", "a", "A", "ab", "AB", "b.exe", "ß", "SS").map((value) => ({ type, value }));
    case "FWP_TOKEN_ACCESS_INFORMATION_TYPE":
    case "FWP_TOKEN_INFORMATION_TYPE":
      return fc.constantFrom(...TOKENS).map((value) => ({ type, value }));
    default:
      return fc.constant(EMPTY);
  }
}

function ordered(low: FwpValue, high: FwpValue): FwpValue {
  return { type: "FWP_RANGE_TYPE", low, high };
}

function conditionValue(field: Field): fc.Arbitrary<FwpValue> {
  const { dataType } = field;
  if (dataType === "FWP_TOKEN_ACCESS_INFORMATION_TYPE" || dataType === "FWP_TOKEN_INFORMATION_TYPE") {
    return fc.constantFrom(...DESCRIPTORS).map((value) => ({ type: "FWP_SECURITY_DESCRIPTOR_TYPE", value }));
  }
  const one = valueOfType(dataType);
  const range = isSortable(dataType) ? fc.tuple(one, one).map(([low, high]) => ordered(low, high)) : one;
  const masks: fc.Arbitrary<FwpValue>[] = [];
  if (dataType === "FWP_UINT32") {
    const mask = fc.constantFrom(0, 0x80000000, 0xff000000, 0xffffff00, 0xffffffff, 0xff0000ff);
    masks.push(
      fc
        .tuple(one, mask)
        .map(([value, bits]) => ({ type: "FWP_V4_ADDR_MASK", address: "value" in value ? Number(value.value) : 0, mask: bits })),
    );
  }
  if (dataType === "FWP_BYTE_ARRAY16_TYPE") {
    const prefix = fc.constantFrom(0, 1, 8, 10, 64, 121, 127, 128);
    masks.push(
      fc.tuple(one, prefix).map(([value, prefixLength]) => ({
        type: "FWP_V6_ADDR_MASK",
        address: value.type === "FWP_BYTE_ARRAY16_TYPE" ? value.value : new Uint8Array(16),
        prefixLength,
      })),
    );
  }
  return fc.oneof({ weight: 6, arbitrary: one }, { weight: 3, arbitrary: range }, ...masks, { weight: 1, arbitrary: fc.constant(EMPTY) });
}

const MATCH_TYPES = Object.keys(MATCH_TYPE) as MatchType[];

/** Any legal condition on a field, and now and then one of a type that does not belong there. */
export function conditionOn(field: Field): fc.Arbitrary<Condition> {
  const foreign = valueOfType("FWP_UINT16");
  return fc
    .oneof({ weight: 20, arbitrary: conditionValue(field) }, { weight: 1, arbitrary: foreign })
    .chain((value) =>
      fc
        .constantFrom(...MATCH_TYPES.filter((matchType) => isMatchTypeLegal(matchType, value)))
        .map((matchType) => ({ fieldKey: field.key, matchType, value })),
    );
}

export const CALLOUT_KEYS: readonly Guid[] = [guid(0xca1), guid(0xca2), guid(0xca3)];

const script: fc.Arbitrary<Script> = fc.record({
  action: fc.constantFrom("none", "continue", "permit", "block"),
  writable: fc.boolean(),
  absorb: fc.boolean(),
});

export function scriptedCallout(script: Script): Callout {
  return {
    classify(_request, out) {
      out.action = script.action;
      out.writable = script.writable;
      out.absorb = script.absorb;
    },
  };
}

export interface Situation {
  readonly layer: Layer;
  readonly policy: Policy;
  readonly scripts: ReadonlyMap<Guid, Script>;
  readonly values: readonly FieldValue[];
}

const ACTIONS: fc.Arbitrary<Filter["action"]> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Filter["action"]>({ type: "FWP_ACTION_PERMIT" }, { type: "FWP_ACTION_BLOCK" }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          "FWP_ACTION_CALLOUT_TERMINATING" as const,
          "FWP_ACTION_CALLOUT_INSPECTION" as const,
          "FWP_ACTION_CALLOUT_UNKNOWN" as const,
        ),
        fc.constantFrom(...CALLOUT_KEYS),
      )
      .map(([type, calloutKey]) => ({ type, calloutKey })),
  },
);

const FLAGS = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constant(FILTER_FLAG.CLEAR_ACTION_RIGHT) },
  { weight: 1, arbitrary: fc.constant(FILTER_FLAG.PERMIT_IF_CALLOUT_UNREGISTERED) },
  { weight: 1, arbitrary: fc.constantFrom(FILTER_FLAG.DISABLED, FILTER_FLAG.BOOTTIME) },
);

const SUBLAYERS = [A, BQ, U, subLayer(0xd, 0x7fff), subLayer(0xe, 0)];

export function filtersAt(layer: Layer, maxLength: number): fc.Arbitrary<Filter[]> {
  // Few fields per situation, so that several conditions meet on one.
  const fields = fc.subarray([...layer.fields], { minLength: 1, maxLength: Math.min(4, layer.fields.length) });
  return fields.chain((chosen) => {
    const sketch = fc.record({
      action: ACTIONS,
      flags: FLAGS,
      subLayer: fc.constantFrom(...SUBLAYERS),
      weight: fc.constantFrom(0n, 1n, 2n, 1n << 63n),
      conditions: fc.array(fc.constantFrom(...chosen).chain(conditionOn), { maxLength: 4 }),
    });
    return fc.array(sketch, { maxLength }).map((list) => list.map((each, index) => filter({ ...each, id: index + 1, layer })));
  });
}

export function valuesFor(layer: Layer): fc.Arbitrary<FieldValue[]> {
  return fc.tuple(
    ...layer.fields.map((field) =>
      fc.oneof({ weight: 6, arbitrary: valueOfType(field.dataType) }, { weight: 1, arbitrary: fc.constant<FwpValue>(EMPTY) }),
    ),
  );
}

/** What a failing case should print: the whole policy repeats every layer. */
function describeSituation(
  layer: Layer,
  filters: readonly Filter[],
  scripts: ReadonlyMap<Guid, Script>,
  values: readonly FieldValue[],
): string {
  const lines = filters.map(({ filterId, subLayerKey, effectiveWeight, flags, action, conditions }) =>
    fc.stringify({
      filterId,
      subLayerKey,
      effectiveWeight,
      flags,
      action,
      conditions: conditions.map(({ fieldKey, matchType, value }) => ({
        field: layer.fields.findIndex(({ key }) => key === fieldKey),
        matchType,
        value,
      })),
    }),
  );
  return `${layer.name}\n${lines.join("\n")}\nscripts ${fc.stringify(scripts)}\nvalues ${fc.stringify(values)}\n`;
}

/** A layer, a policy for it, scripts for some of the callouts (the others are not registered), and values to classify. */
export function situation(maxFilters: number): fc.Arbitrary<Situation> {
  return fc.constantFrom(...TEST_LAYERS).chain((layer) =>
    fc
      .record({
        filters: filtersAt(layer, maxFilters),
        scripts: fc.array(fc.option(script), { minLength: CALLOUT_KEYS.length, maxLength: CALLOUT_KEYS.length }),
        values: valuesFor(layer),
      })
      .map(({ filters, scripts, values }) => {
        const known = new Map<Guid, Script>();
        const objects: CalloutObject[] = [];
        for (const [index, key] of CALLOUT_KEYS.entries()) {
          const each = scripts[index] ?? null;
          if (each !== null) known.set(key, each);
          objects.push(calloutObject(key, each !== null));
        }
        return {
          layer,
          policy: policy(filters, objects, SUBLAYERS, [...TEST_LAYERS]),
          scripts: known,
          values,
          [fc.toStringMethod]: () => describeSituation(layer, filters, known, values),
        };
      }),
  );
}

export function callouts(scripts: ReadonlyMap<Guid, Script>): Map<Guid, Callout> {
  return new Map([...scripts].map(([key, each]) => [key, scriptedCallout(each)]));
}
