import { Bfe, type BfeOptions, type BfeSession, type FilterDefinition } from "../../src/engine/index.ts";
import {
  type Condition,
  FIELD_KEY,
  type FieldName,
  type FwpValue,
  type Guid,
  LAYER_KEY,
  type MatchType,
  WfpError,
} from "../../src/model/index.ts";

/** Short words for tests of the Base Filtering Engine. */
export const AUTH_CONNECT = LAYER_KEY.ALE_AUTH_CONNECT_V4;
export const PERMIT: FilterDefinition["action"] = { type: "FWP_ACTION_PERMIT" };
export const BLOCK: FilterDefinition["action"] = { type: "FWP_ACTION_BLOCK" };

export const key = (number: number): Guid => `{bfe00000-0000-4000-8000-${number.toString(16).padStart(12, "0")}}`;

/** The name of the error that `action` throws, "ok" if it throws none. */
export function code(action: () => unknown): string {
  try {
    action();
    return "ok";
  } catch (error) {
    if (error instanceof WfpError) return error.code;
    throw error;
  }
}

export function addFilter(session: BfeSession, name: string, definition: Partial<FilterDefinition> = {}): bigint {
  return session.addFilter({ name, layer: AUTH_CONNECT, action: BLOCK, ...definition });
}

export function condition(field: FieldName, value: FwpValue, matchType: MatchType = "FWP_MATCH_EQUAL"): Condition {
  return { fieldKey: FIELD_KEY[field], matchType, value };
}

export const names = (bfe: Bfe): string[] => bfe.policy.filters.map(({ name }) => name);

export function open(options: BfeOptions = {}): { readonly bfe: Bfe; readonly session: BfeSession } {
  const bfe = new Bfe(options);
  return { bfe, session: bfe.openSession() };
}

/** How a connect of nobody knows what, to nobody knows where, ends: what filters without conditions decide. */
export function verdict(bfe: Bfe, layerKey: Guid = AUTH_CONNECT): string {
  const layer = bfe.engine.layer(layerKey);
  if (layer === undefined) throw new RangeError(`no layer ${layerKey}`);
  return bfe.engine.classify(layer, []).verdict;
}
