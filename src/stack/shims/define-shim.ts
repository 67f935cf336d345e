import { CONDITION_FLAG, type Guid, type Metadata, UNKNOWN } from "../../model/index.ts";
import { connectionDirection, packetDirection } from "./fields/direction-field.ts";
import type { FieldBuilder, FieldBuilders } from "./fields/endpoint-fields.ts";
import { type DeriveFlags, flagsField } from "./fields/flag-fields.ts";
import { layerMetadata } from "./layer-metadata.ts";
import type { Shim } from "./shim.ts";

/** What sets one layer apart from the others. */
export interface ShimKnowledge {
  /** Name of the layer without FWPM_LAYER_ and IP version. */
  readonly name: string;
  readonly layer: { readonly 4: Guid; readonly 6: Guid };
  /** The fields it can show; which of them it has depends on the version of Windows and is the layer's own list. */
  readonly fields: readonly FieldBuilders[];
  /** Bits of FLAGS that it derives from the facts. */
  readonly derivedFlags: DeriveFlags;
  /** Names of the bits that it shows if the stack says so (`IndicationFacts.flags`). */
  readonly otherFlags?: readonly (keyof typeof CONDITION_FLAG)[];
  /** What DIRECTION tells: the packet's way or the connection's (WFP-SEMANTICS 2.1). */
  readonly direction?: "packet" | "connection";
  /** Metadata beyond flags.json's table. */
  readonly metadata?: readonly (keyof Metadata)[];
}

/** A shim from what is special about its layer. */
export function defineShim(knowledge: ShimKnowledge): Shim {
  const { name, layer: layers, derivedFlags, otherFlags = [], direction = "packet", metadata: more = [] } = knowledge;
  const shown = otherFlags.reduce((bits, flag) => bits | CONDITION_FLAG[flag], 0);
  const special: FieldBuilders = {
    FLAGS: (facts) => flagsField(facts, derivedFlags, shown),
    DIRECTION: direction === "packet" ? packetDirection : connectionDirection,
  };
  const builders = new Map(Object.entries<FieldBuilder | undefined>(Object.assign({}, ...knowledge.fields, special)));
  return {
    name,
    layer: layers,
    values: (facts, layer) =>
      layer.fields.map((field) => {
        const told = facts.overrides.get(field.key);
        // A field that nobody has described is not known to be empty.
        return told ?? builders.get(field.name)?.(facts, layer) ?? UNKNOWN;
      }),
    metadata: (facts, layer) => layerMetadata(facts.metadata, layer, more),
  };
}
