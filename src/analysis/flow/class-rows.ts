import type { Guid } from "../../model/index.ts";
import { FALSE, type Node, TRUE } from "../bdd/bdd.ts";
import type { Dimension } from "../space/dimension.ts";
import type { PacketSpace } from "../space/packet-space.ts";

/** Packets as a product: for each field the classes it may be in; a field that is not there may be anything. */
export type ClassRow = ReadonlyMap<Guid, readonly number[]>;

export interface ClassRows {
  /** Disjoint; together they are the set as far as the fields asked for tell it. */
  readonly rows: readonly ClassRow[];
  /** Whether there are more than were asked for. */
  readonly more: boolean;
}

/** A set as far as some fields tell it: everything that shares their values with a packet of it. */
export function projected(space: PacketSpace, set: Node, fieldKeys: readonly Guid[]): Node {
  const { bdd } = space;
  const kept = new Set(shownOf(space, fieldKeys).flatMap(({ first, bits }) => Array.from({ length: bits }, (_, bit) => first + bit)));
  return bdd.exists(
    set,
    Array.from({ length: bdd.variables }, (_, level) => level).filter((level) => !kept.has(level)),
  );
}

function shownOf(space: PacketSpace, fieldKeys: readonly Guid[]): readonly Dimension[] {
  return fieldKeys.flatMap((fieldKey) => {
    const dimension = space.dimensionOf(fieldKey);
    return dimension === undefined || dimension.kind === "token" ? [] : [dimension];
  });
}

/** A set as a list of products over some fields: what it says of other fields is left out (a packet of a row is in the set for some value of theirs). */
export function classRows(space: PacketSpace, set: Node, fieldKeys: readonly Guid[], limit: number): ClassRows {
  const shown = shownOf(space, fieldKeys);
  const ordered = shown.toSorted((a, b) => a.first - b.first);
  const rows: ClassRow[] = [];
  let more = false;
  const walk = (node: Node, at: number, row: readonly (readonly [Guid, readonly number[]])[]): void => {
    if (node === FALSE || more) return;
    const dimension = ordered[at];
    if (dimension === undefined || node === TRUE) {
      if (rows.length === limit) more = true;
      else rows.push(new Map(row));
      return;
    }
    const byChild = groupedByChild(space, node, dimension);
    for (const [child, classes] of byChild) {
      const all = dimension.kind === "classes" && classes.length === dimension.classes.size;
      walk(child, at + 1, all ? row : [...row, [dimension.fieldKey, classes]]);
    }
  };
  walk(projected(space, set, fieldKeys), 0, []);
  return { rows, more };
}

/** Classes of a dimension by what is left of a set when the dimension has them. */
function groupedByChild(space: PacketSpace, node: Node, dimension: Dimension): Map<Node, number[]> {
  const groups = new Map<Node, number[]>();
  if (dimension.kind === "token") return groups;
  for (let index = 0; index < dimension.classes.size; index++) {
    const child = space.follow(node, dimension, index);
    if (child === FALSE) continue;
    const group = groups.get(child);
    if (group === undefined) groups.set(child, [index]);
    else group.push(index);
  }
  return groups;
}
