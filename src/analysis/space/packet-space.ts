import type { LayerProgram, ProgramFilter, ProgramGroup, ProgramTest } from "../../engine/index.ts";
import {
  type DataType,
  EMPTY,
  FIELD_KEY,
  type FieldValue,
  type FwpValue,
  type Guid,
  type Layer,
  type Token,
  UNKNOWN,
} from "../../model/index.ts";
import { Bdd, FALSE, type Node, TRUE } from "../bdd/bdd.ts";
import type { Cube } from "../bdd/walk-cubes.ts";
import { type Dimension, type DimensionOptions, dimensionsOf, keyOf, SECURED } from "./dimension.ts";
import { bothOf, eitherOf, type KleeneSet, NOTHING, oppositeOf, surely, UNTOLD } from "./kleene-set.ts";
import { fieldRank } from "./order.ts";
import { type TokenAtoms, tokenIn } from "./token-atoms.ts";

export interface SpaceOptions extends DimensionOptions {
  /** Most nodes at once. */
  readonly maxNodes?: number;
}

const SOME_TOKEN: Token = { user: "S-1-5-18", groups: [], packageSid: null, capabilities: [], attributes: {} };

/**
 * The packets of some layers as a space of bits. A field is split into the classes that the layers' filters tell apart; layers share the
 * fields that they share. Identity comes first in the order of variables, addresses and ports last (PERFORMANCE 5: the order mattered up to
 * 28 times).
 */
export class PacketSpace {
  readonly bdd: Bdd;
  readonly #dimensions: ReadonlyMap<string, Dimension>;
  /** Sets of conditions by field: equal conditions on two fields are one test. */
  readonly #tests = new Map<Dimension, Map<object, KleeneSet>>();
  /** Assignments that packets can have. */
  readonly possible: Node;

  constructor(programs: readonly LayerProgram[], { maxNodes, ...options }: SpaceOptions = {}) {
    this.#dimensions = dimensionsOf(programs, options);
    const variables = [...this.#dimensions.values()].reduce((sum, { bits }) => sum + bits, 0);
    this.bdd = new Bdd({ variables, ...(maxNodes === undefined ? {} : { maxNodes }) });
    let possible: Node = TRUE;
    for (const dimension of [...this.#dimensions.values()].toReversed()) possible = this.bdd.and(possible, this.#valid(dimension));
    this.possible = possible;
  }

  /** Fields that some filter looks at, in the order of variables, with the number of classes (of atoms for tokens). */
  get fields(): readonly { readonly fieldKey: Guid; readonly name: string; readonly classes: number }[] {
    return [...this.#dimensions.values()].map((dimension) => ({
      fieldKey: dimension.fieldKey,
      name: dimension.name,
      classes: dimension.kind === "token" ? dimension.atoms.atoms.length : dimension.classes.size,
    }));
  }

  /** Packets that may match all of a filter's conditions: all that match, but where the engine itself cannot tell. */
  match(filter: ProgramFilter, layer: Layer): Node {
    return this.#match(filter, layer, "can");
  }

  /** Packets that match all of a filter's conditions for sure; part of what {@link match} gives, and mostly all of it. */
  matchSurely(filter: ProgramFilter, layer: Layer): Node {
    return this.#match(filter, layer, "must");
  }

  #match(filter: ProgramFilter, layer: Layer, truth: keyof KleeneSet): Node {
    // From the last variables to the first, so that what is joined lies below what is there.
    const groups = filter.groups.toSorted((a, b) => rankIn(layer, b) - rankIn(layer, a));
    let joined: Node = TRUE;
    for (const group of groups) joined = this.bdd.and(this.#group(group, layer)[truth], joined);
    return this.bdd.and(this.possible, joined);
  }

  /** Packets for which one of some conditions on a field of a layer holds; none where the layer does not have the field. */
  condition(layer: Layer, fieldKey: Guid, tests: readonly ProgramTest[]): Node {
    const fieldIndex = layer.fields.find(({ key }) => key === fieldKey)?.index ?? -1;
    return this.bdd.and(this.possible, this.#group({ fieldKey, fieldIndex, tests }, layer).must);
  }

  /** Packets in which a field is not empty. An empty field that no condition tells from others is among those. */
  shown(fieldKey: Guid): Node {
    let set: Node = this.possible;
    for (const dimension of this.#dimensions.values()) {
      if (dimension.fieldKey !== fieldKey) continue;
      if (dimension.kind === "token") set = this.bdd.difference(set, dimension.atoms.empty(this.bdd));
      else {
        const { classes } = dimension;
        const members = Uint8Array.from({ length: classes.size }, (_, index) =>
          classes.representative(index).type === "FWP_EMPTY" ? 0 : 1,
        );
        set = this.bdd.and(set, this.#members(dimension, members));
      }
    }
    return set;
  }

  /** Packets whose flags have IS_IPSEC_SECURED. */
  get secured(): Node {
    const dimension = [...this.#dimensions.values()].find(({ fieldKey }) => fieldKey === FIELD_KEY.FLAGS);
    return dimension?.kind === "classes" ? this.#members(dimension, dimension.classes.members(SECURED)) : FALSE;
  }

  /** Packets that have these values in a layer's fields; unknown ones stay open. */
  known(layer: Layer, values: readonly FieldValue[]): Node {
    let set: Node = this.possible;
    for (const field of layer.fields) {
      const dimension = this.#dimensions.get(keyOf(field));
      const value = values[field.index] ?? UNKNOWN;
      if (dimension === undefined || value === UNKNOWN) continue;
      set = this.bdd.and(set, this.#exactly(dimension, value));
    }
    return set;
  }

  /**
   * Assignments in which the field ALE_PACKAGE_ID and the token of ALE_USER_ID tell of one program: the package is the token's, the null SID is
   * that of programs outside any AppContainer.
   */
  consistentPackages(): Node {
    const { bdd } = this;
    const token = this.dimensionOf(FIELD_KEY.ALE_USER_ID);
    const sid = this.dimensionOf(FIELD_KEY.ALE_PACKAGE_ID);
    if (token?.kind !== "token" || sid?.kind !== "classes") return TRUE;
    let set: Node = FALSE;
    for (let index = 0; index < sid.classes.size; index++) {
      const value = sid.classes.representative(index);
      const members = new Uint8Array(sid.classes.size);
      members[index] = 1;
      set = bdd.or(
        set,
        bdd.and(this.#members(sid, members), token.atoms.ofPackage(bdd, value.type === "FWP_SID" ? value.value : undefined)),
      );
    }
    return set;
  }

  /** The variables that a layer's values fix: 0 or 1, -1 for the rest. */
  fixed(layer: Layer, values: readonly FieldValue[]): Cube {
    const cube = new Int8Array(this.bdd.variables).fill(-1);
    for (const field of layer.fields) {
      const dimension = this.#dimensions.get(keyOf(field));
      const value = values[field.index] ?? UNKNOWN;
      if (dimension === undefined || value === UNKNOWN) continue;
      if (dimension.kind === "token") {
        const token = tokenIn(value);
        for (const [offset, truth] of dimension.atoms.truths(token).entries())
          if (truth !== undefined) cube[dimension.first + offset] = truth ? 1 : 0;
        continue;
      }
      const index = dimension.classes.classOf(value);
      for (let bit = 0; bit < dimension.bits; bit++) cube[dimension.first + bit] = (index >> (dimension.bits - 1 - bit)) & 1;
    }
    return cube;
  }

  /**
   * The dimension of a field, for those who list classes; undefined where nothing looks at it. Spaces over layers of both families have two for
   * each address: told by the type, or by a layer in which the field has it.
   */
  dimensionOf(fieldKey: Guid, where?: Layer | DataType): Dimension | undefined {
    if (where === undefined) return [...this.#dimensions.values()].find((dimension) => dimension.fieldKey === fieldKey);
    const dataType = typeof where === "string" ? where : where.fields.find(({ key }) => key === fieldKey)?.dataType;
    return dataType === undefined ? undefined : this.#dimensions.get(keyOf({ key: fieldKey, dataType }));
  }

  /** Packets whose value of a dimension is in one of some classes. */
  classesSet(dimension: Dimension, classes: readonly number[]): Node {
    if (dimension.kind === "token") return TRUE;
    const members = new Uint8Array(dimension.classes.size);
    for (const index of classes) members[index] = 1;
    return this.#members(dimension, members);
  }

  /** Whether an assignment of all variables is in a set. */
  contains(set: Node, cube: Cube): boolean {
    let node = set;
    while (node > TRUE) node = cube[this.bdd.levelOf(node)] === 1 ? this.bdd.highOf(node) : this.bdd.lowOf(node);
    return node === TRUE;
  }

  /** Values of a layer's fields for an assignment; fields that nothing looks at stay unknown. */
  values(layer: Layer, cube: Cube): FieldValue[] {
    const values: FieldValue[] = [];
    for (const field of layer.fields) {
      const dimension = this.#dimensions.get(keyOf(field));
      values[field.index] = dimension === undefined ? UNKNOWN : this.#valueIn(dimension, cube);
    }
    return values;
  }

  /** Values of all fields of the space for an assignment, by name; only those that it fixes in part. */
  describe(cube: Cube): { readonly name: string; readonly fieldKey: Guid; readonly value: FwpValue; readonly isFixed: boolean }[] {
    return [...this.#dimensions.values()].map((dimension) => ({
      name: dimension.name,
      fieldKey: dimension.fieldKey,
      value: this.#valueIn(dimension, cube),
      isFixed: Array.from({ length: dimension.bits }, (_, bit) => cube[dimension.first + bit] ?? -1).some((value) => value >= 0),
    }));
  }

  /**
   * A packet of a set as an assignment of every variable, undefined for the empty set: ordinary values before strange ones, field by field.
   */
  witness(set: Node): Cube | undefined {
    if (set === FALSE) return undefined;
    const cube = new Int8Array(this.bdd.variables);
    let node = set;
    for (const dimension of this.#dimensions.values()) {
      if (dimension.kind === "token") {
        for (let level = dimension.first; level < dimension.first + dimension.bits; level++) {
          if (this.bdd.levelOf(node) !== level) continue;
          const low = this.bdd.lowOf(node);
          cube[level] = low === FALSE ? 1 : 0;
          node = low === FALSE ? this.bdd.highOf(node) : low;
        }
        continue;
      }
      for (const index of dimension.classes.ordinary) {
        const next = this.follow(node, dimension, index);
        if (next === FALSE) continue;
        for (let bit = 0; bit < dimension.bits; bit++) cube[dimension.first + bit] = (index >> (dimension.bits - 1 - bit)) & 1;
        node = next;
        break;
      }
    }
    return cube;
  }

  /** How many packets a set has, each counted by all its fields' values; undefined where a field's values cannot be counted. */
  count(set: Node): bigint | undefined {
    const dimensions = [...this.#dimensions.values()];
    const known = new Map<string, bigint>();
    const walk = (node: Node, at: number): bigint | undefined => {
      if (node === FALSE) return 0n;
      const dimension = dimensions[at];
      if (dimension === undefined) return node === TRUE ? 1n : 0n;
      const key = `${node} ${at}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      let sum = 0n;
      if (dimension.kind === "token") return undefined;
      for (let index = 0; index < dimension.classes.size; index++) {
        const weight = dimension.classes.weight(index);
        const below = walk(this.follow(node, dimension, index), at + 1);
        if (weight === undefined || below === undefined) return undefined;
        sum += weight * below;
      }
      known.set(key, sum);
      return sum;
    };
    return walk(set, 0);
  }

  /** The node that is left when a dimension has one class. */
  follow(node: Node, { first, bits }: Dimension, index: number): Node {
    let current = node;
    while (current > TRUE) {
      const level = this.bdd.levelOf(current);
      if (level < first || level >= first + bits) break;
      const bit = (index >> (bits - 1 - (level - first))) & 1;
      current = bit === 1 ? this.bdd.highOf(current) : this.bdd.lowOf(current);
    }
    return current;
  }

  #group({ fieldIndex, tests }: ProgramGroup, layer: Layer): KleeneSet {
    const field = layer.fields[fieldIndex];
    const dimension = field === undefined ? undefined : this.#dimensions.get(keyOf(field));
    // Nobody can tell the value of a field that the layer lacks.
    if (dimension === undefined) return UNTOLD;
    let set = NOTHING;
    for (const test of tests) set = eitherOf(this.bdd, set, this.#test(dimension, test));
    return set;
  }

  #test(dimension: Dimension, test: ProgramTest): KleeneSet {
    const ofField = this.#tests.get(dimension) ?? new Map<object, KleeneSet>();
    this.#tests.set(dimension, ofField);
    const known = ofField.get(test.identity);
    if (known !== undefined) return known;
    const set =
      dimension.kind === "classes"
        ? surely(this.#members(dimension, dimension.classes.members(test)))
        : this.#tokenTest(dimension.atoms, dimension.dataType, test);
    ofField.set(test.identity, set);
    return set;
  }

  #tokenTest(atoms: TokenAtoms, type: DataType, { condition: { matchType, value }, truth }: ProgramTest): KleeneSet {
    const { bdd } = this;
    const empty = atoms.empty(bdd);
    const present = surely(bdd.not(empty));
    let set: KleeneSet;
    if (value.type === "FWP_SECURITY_DESCRIPTOR_TYPE" && matchType === "FWP_MATCH_EQUAL") set = atoms.granted(bdd, value.value);
    else if (value.type === "FWP_SECURITY_DESCRIPTOR_TYPE" && matchType === "FWP_MATCH_NOT_EQUAL") {
      set = bothOf(bdd, present, oppositeOf(bdd, atoms.granted(bdd, value.value)));
    } else {
      // Every other condition says the same of all tokens.
      const any = { type: type as "FWP_TOKEN_ACCESS_INFORMATION_TYPE", value: SOME_TOKEN };
      set = truth(any) === "true" ? present : NOTHING;
    }
    return truth(EMPTY) === "true" ? eitherOf(bdd, set, surely(empty)) : set;
  }

  #members({ first, bits }: Dimension, members: Uint8Array): Node {
    const build = (bit: number, low: number): Node => {
      if (low >= members.length) return FALSE;
      if (bit === bits) return members[low] === 1 ? TRUE : FALSE;
      const half = 1 << (bits - 1 - bit);
      const zero = build(bit + 1, low);
      // Numbers beyond the last class are nothing: they may be whatever makes the set smaller.
      const one = low + half >= members.length ? zero : build(bit + 1, low + half);
      return this.bdd.node(first + bit, zero, one);
    };
    return build(0, 0);
  }

  #valid(dimension: Dimension): Node {
    if (dimension.kind === "token") return dimension.atoms.possible(this.bdd);
    const { first, bits, classes } = dimension;
    const build = (bit: number, low: number): Node => {
      if (low >= classes.size) return FALSE;
      if (low + (1 << (bits - bit)) <= classes.size) return TRUE;
      const half = 1 << (bits - 1 - bit);
      return this.bdd.node(first + bit, build(bit + 1, low), build(bit + 1, low + half));
    };
    return build(0, 0);
  }

  #exactly(dimension: Dimension, value: FwpValue): Node {
    if (dimension.kind === "token") {
      const token = tokenIn(value);
      return token === undefined ? dimension.atoms.empty(this.bdd) : dimension.atoms.known(this.bdd, token);
    }
    const index = dimension.classes.classOf(value);
    if (index < 0) return FALSE;
    const members = new Uint8Array(dimension.classes.size);
    members[index] = 1;
    return this.#members(dimension, members);
  }

  #valueIn(dimension: Dimension, cube: Cube): FwpValue {
    if (dimension.kind === "token") {
      const token = dimension.atoms.token((level) => cube[level] === 1);
      return token === undefined ? EMPTY : { type: dimension.dataType as "FWP_TOKEN_ACCESS_INFORMATION_TYPE", value: token };
    }
    let index = 0;
    for (let bit = 0; bit < dimension.bits; bit++) index = (index << 1) | (cube[dimension.first + bit] === 1 ? 1 : 0);
    return dimension.classes.representative(index);
  }
}

function rankIn(layer: Layer, { fieldIndex }: ProgramGroup): number {
  const field = layer.fields[fieldIndex];
  return field === undefined ? -1 : fieldRank(field);
}
