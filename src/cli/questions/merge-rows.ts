import type { ClassRow } from "../../analysis/index.ts";
import type { Guid } from "../../model/index.ts";

/**
 * Products that differ in one field only, made one: diagrams ask addresses before ports, so that a port that is open to all comes out once for
 * each set of addresses. What the products are together stays the same, and they stay disjoint.
 */
export function mergeRows(rows: readonly ClassRow[]): readonly ClassRow[] {
  const fields = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  let left = rows;
  for (let before = -1; before !== left.length; ) {
    before = left.length;
    for (const field of fields) left = joinedBy(field, left);
  }
  return left;
}

function joinedBy(field: Guid, rows: readonly ClassRow[]): readonly ClassRow[] {
  const groups = new Map<string, ClassRow>();
  for (const row of rows) {
    const classes = row.get(field);
    // A row without the field says nothing of it and has nothing to join.
    const key = JSON.stringify([classes === undefined, [...row].filter(([other]) => other !== field).sort()]);
    const known = groups.get(key);
    if (known === undefined || classes === undefined) groups.set(known === undefined ? key : `${key} ${groups.size}`, row);
    else groups.set(key, new Map([...known, [field, [...(known.get(field) ?? []), ...classes].sort((a, b) => a - b)]]));
  }
  return [...groups.values()];
}
