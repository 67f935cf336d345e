import { type Layer, layersOfFamily, type SchemaFamily } from "../model/index.ts";

/** The families whose layers a machine has shown; D's were never dumped (AUTOWEIGHT.md 4). */
const FAMILIES: readonly SchemaFamily[] = ["C", "B", "A"];

/** The order of fields has no influence on the automatic weight, their types have. */
function signatureOf(layer: Layer): string {
  return layer.fields
    .map(({ name, dataType }) => `${name} ${dataType}`)
    .sort()
    .join();
}

/**
 * Whether a machine has shown this layer with just these fields. Every field takes a share of the 60 bits, so that one more or one less
 * moves all the others: at a layer of an older or newer Windows nothing is pinned.
 */
export function isRecordedSchema(layer: Layer): boolean {
  const signature = signatureOf(layer);
  return FAMILIES.some((family) =>
    layersOfFamily(family).some((candidate) => candidate.key === layer.key && signatureOf(candidate) === signature),
  );
}
