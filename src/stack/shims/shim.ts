import type { FieldValue, Guid, Layer, Metadata } from "../../model/index.ts";
import type { IndicationFacts } from "../facts.ts";

/** The place where the stack indicates to one layer (of each IP version). */
export interface Shim {
  /** Name of the layer without FWPM_LAYER_ and IP version. */
  readonly name: string;
  readonly layer: { readonly 4: Guid; readonly 6: Guid };
  /** The value array of a classify call, in the order of the layer's fields. */
  values(facts: IndicationFacts, layer: Layer): FieldValue[];
  metadata(facts: IndicationFacts, layer: Layer): Metadata;
}
