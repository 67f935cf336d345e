import type { Field, NearMiss, TraceStep } from "../model/index.ts";

/** Near misses of one name that failed on one field: rules come in pairs and dozens. */
export interface NearMissGroup {
  readonly miss: NearMiss;
  readonly field: Field | undefined;
  /** How many others there are. */
  readonly alike: number;
}

/**
 * How likely a filter that failed on this field is the one that was meant: most rules are missed for the profile, then for the place; a rule
 * for another protocol or another program was hardly meant.
 */
function rankOf(field: string): number {
  if (/PROFILE_ID$/.test(field)) return 0;
  if (/ADDRESS|PORT|INTERFACE|TUNNEL/.test(field)) return 1;
  return /^ALE_(ORIGINAL_)?APP_ID$|USER_ID$|PACKAGE/.test(field) ? 3 : 2;
}

/** The near misses of a layer, the likely ones first, alike ones once. */
export function nearMissGroups({ nearMisses, layer }: TraceStep): NearMissGroup[] {
  const groups = new Map<string, { miss: NearMiss; field: Field | undefined; alike: number }>();
  for (const miss of nearMisses) {
    const field = layer.fields.find((candidate) => candidate.key === miss.failed[0]?.fieldKey);
    const key = `${miss.filter.name}\n${field?.name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { miss, field, alike: 0 });
    else group.alike++;
  }
  const rank = ({ field }: NearMissGroup) => rankOf(field?.name ?? "");
  return [...groups.values()].sort((a, b) => rank(a) - rank(b));
}
