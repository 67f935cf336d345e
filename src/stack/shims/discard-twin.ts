import type { Guid } from "../../model/index.ts";
import type { Shim } from "./shim.ts";

/** The shim of the layer that sees what was blocked at `shim`'s, or what the stack itself dropped there: the same fields, and a reason. */
export function discardTwin(shim: Shim, layer: { readonly 4: Guid; readonly 6: Guid }): Shim {
  return { ...shim, name: `${shim.name}_DISCARD`, layer };
}
