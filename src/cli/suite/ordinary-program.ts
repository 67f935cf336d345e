import type { FlowPattern } from "../../model/index.ts";
import { ORDINARY_USER } from "./flow-dimensions.ts";

/** The pattern's flows of an ordinary user's desktop program, unless it says whose. */
export function ordinary(pattern: FlowPattern): FlowPattern {
  const { told, any } = pattern;
  const isKernel = told.app?.toLowerCase() === "system";
  if (isKernel) return pattern;
  const user = any.has("user") || told.user !== undefined || told.service !== undefined ? {} : { user: ORDINARY_USER, groups: [] };
  const owner = any.has("package") || told.package !== undefined ? {} : { package: null };
  return { ...pattern, told: { ...told, ...user, ...owner } };
}
