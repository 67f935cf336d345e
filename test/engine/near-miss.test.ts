import { describe, expect, it } from "vitest";
import { collectTrace, FilterEngine, nearMisses } from "../../src/engine/index.ts";
import {
  type Condition,
  EMPTY,
  FIELD_KEY,
  FILTER_FLAG,
  type FieldName,
  type FieldValue,
  type Filter,
  uint8,
  uint16,
  uint32,
} from "../../src/model/index.ts";
import { A, BLOCK, BQ, filter, layerNamed, PERMIT, policy, U } from "./policy-lab.ts";

const layer = layerNamed("ALE_AUTH_RECV_ACCEPT_V4");
const is = (field: FieldName, value: Condition["value"]): Condition => ({
  fieldKey: FIELD_KEY[field],
  matchType: "FWP_MATCH_EQUAL",
  value,
});
const TCP = is("IP_PROTOCOL", uint8(6));
const port = (number: number): Condition => is("IP_LOCAL_PORT", uint16(number));
const profile = (number: number): Condition => is("ORIGINAL_PROFILE_ID", uint32(number));

const known: Partial<Record<string, FieldValue>> = { IP_PROTOCOL: uint8(6), IP_LOCAL_PORT: uint16(445), ORIGINAL_PROFILE_ID: uint32(1) };
const values = layer.fields.map((field): FieldValue => known[field.name] ?? EMPTY);

function missesOf(filters: readonly Filter[]): { id: bigint; failed: number; actual: FieldValue }[] {
  const { decision, filters: results } = collectTrace(
    new FilterEngine(policy(filters)),
    layer,
    values,
    { metadata: {} },
    { filters: true },
  );
  return nearMisses(results, decision, layer, values).map((miss) => ({
    id: miss.filter.filterId,
    failed: miss.failed.length,
    actual: miss.actual,
  }));
}

const sketch = (id: number, action: Filter["action"], weight: number, conditions: Condition[], subLayer = A, flags = 0) =>
  filter({ id, action, weight: BigInt(weight), conditions, subLayer, flags, layer });

describe("nearMisses", () => {
  it("finds the permit that failed on one field, with all that field's conditions and what was there instead", () => {
    const found = missesOf([sketch(1, PERMIT, 2, [TCP, port(80), port(443), profile(1)]), sketch(2, BLOCK, 1, [])]);
    expect(found).toEqual([{ id: 1n, failed: 2, actual: uint16(445) }]);
  });

  it("counts the profile that stands in two fields once", () => {
    const current = is("CURRENT_PROFILE_ID", uint32(2));
    const elsewhere = values.map((value, index) => (layer.fields[index]?.name === "CURRENT_PROFILE_ID" ? uint32(1) : value));
    const filters = [sketch(1, PERMIT, 2, [TCP, profile(2), current]), sketch(2, BLOCK, 1, [])];
    const { decision, filters: results } = collectTrace(
      new FilterEngine(policy(filters)),
      layer,
      elsewhere,
      { metadata: {} },
      { filters: true },
    );
    expect(nearMisses(results, decision, layer, elsewhere).map(({ actual }) => actual)).toEqual([uint32(1)]);
  });

  it("passes over filters that failed on two fields, match already, or act alike", () => {
    const filters = [sketch(1, PERMIT, 3, [TCP, port(80), profile(2)]), sketch(2, BLOCK, 2, [TCP, port(80)]), sketch(3, BLOCK, 1, [])];
    expect(missesOf(filters)).toEqual([]);
  });

  it("passes over permits that would not have helped: below the block, or soft above it", () => {
    const blocker = sketch(9, BLOCK, 5, [], BQ);
    expect(missesOf([blocker, sketch(1, PERMIT, 1, [TCP, port(80)], BQ)])).toEqual([]);
    expect(missesOf([blocker, sketch(1, PERMIT, 1, [TCP, port(80)], U)])).toEqual([]);
    expect(missesOf([blocker, sketch(1, PERMIT, 1, [TCP, port(80)], A)])).toEqual([]);
    expect(missesOf([blocker, sketch(1, PERMIT, 1, [TCP, port(80)], A, FILTER_FLAG.CLEAR_ACTION_RIGHT)]).map(({ id }) => id)).toEqual([1n]);
  });

  it("finds blocks anywhere under a soft permit, and only above a hard one", () => {
    const below = sketch(1, BLOCK, 1, [TCP, port(80)], U);
    expect(missesOf([sketch(9, PERMIT, 5, [], BQ), below]).map(({ id }) => id)).toEqual([1n]);
    expect(missesOf([sketch(9, PERMIT, 5, [], BQ, FILTER_FLAG.CLEAR_ACTION_RIGHT), below])).toEqual([]);
    expect(missesOf([below]).map(({ id }) => id)).toEqual([1n]);
  });

  it("lists what held on more fields first", () => {
    const filters = [
      sketch(1, PERMIT, 4, [port(80)]),
      sketch(2, PERMIT, 3, [TCP, port(80), profile(1)]),
      sketch(3, PERMIT, 2, [TCP, profile(2)]),
      sketch(4, BLOCK, 1, []),
    ];
    expect(missesOf(filters).map(({ id }) => id)).toEqual([2n, 3n, 1n]);
  });
});
