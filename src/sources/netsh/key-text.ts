import {
  calloutName,
  fieldName,
  type Guid,
  layerName,
  madeUpName,
  providerContextName,
  providerName,
  SUBLAYER_KEY,
  subLayerName,
} from "../../model/index.ts";
import type { KeyKind } from "./read-context.ts";

const NAME_OF: Readonly<Record<KeyKind, (key: Guid) => string>> = {
  layer: layerName,
  field: (key) => (fieldName(key) === key ? key : `FWPM_CONDITION_${fieldName(key)}`),
  // netsh keeps to the older of its two names (SCHEMA 2).
  sublayer: (key) => (key === SUBLAYER_KEY.EDGE_TRAVERSAL ? "FWPM_SUBLAYER_TEREDO" : subLayerName(key)),
  provider: providerName,
  // The edge traversal callouts for IPv6 go by their older name, those for IPv4 by the newer (seen on every machine).
  callout: (key) => calloutName(key).replace(/_EDGE_TRAVERSAL_(ALE_\w+_V6)$/, "_TEREDO_$1"),
  "provider context": providerContextName,
  filter: (key) => key,
  session: (key) => key,
};

/** A key as netsh prints it: by its public name, else as a GUID; empty for none. Names that only our tables have are not used. */
export function keyText(key: Guid | null, kind: KeyKind): string {
  if (key === null) return "";
  const name = NAME_OF[kind](key);
  return name.startsWith("FWPM_") ? name : (madeUpName(key) ?? key);
}
