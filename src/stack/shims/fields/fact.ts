import {
  ADDRESS_TYPE,
  type AddressType,
  EMPTY,
  type FieldValue,
  type FwpValue,
  PROFILE_ID,
  type Profile,
  UNKNOWN,
  uint8,
  uint32,
} from "../../../model/index.ts";
import type { Fact } from "../../facts.ts";

/** A fact as a field's value: unknown stays unknown, absent is FWP_EMPTY. */
export function fieldOf<T>(fact: Fact<T>, toValue: (known: T) => FwpValue): FieldValue {
  if (fact === UNKNOWN) return UNKNOWN;
  return fact === null ? EMPTY : toValue(fact as T);
}

/** A part of a fact: unknown and absent are handed on. */
export function part<T, P>(fact: Fact<T>, get: (known: T) => Fact<P>): Fact<P> {
  if (fact === UNKNOWN) return UNKNOWN;
  return fact === null ? null : get(fact as T);
}

export function addressTypeField(fact: Fact<AddressType>): FieldValue {
  return fieldOf(fact, (type) => uint8(ADDRESS_TYPE[type]));
}

export function profileField(fact: Fact<Profile>): FieldValue {
  return fieldOf(fact, (profile) => uint32(PROFILE_ID[profile]));
}
