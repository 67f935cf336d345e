import type { FwpValue } from "../../model/index.ts";
import type { Kleene } from "./kleene.ts";

/** A compiled comparison with one condition value. It is never shown EMPTY or UNKNOWN; another type than its own is false. */
export type ValueTest = (value: FwpValue) => Kleene;

export type NumberValue = Extract<FwpValue, { readonly value: number }>;
export type BigintValue = Extract<FwpValue, { readonly value: bigint }>;
export type BytesValue = Extract<FwpValue, { readonly value: Uint8Array }>;
