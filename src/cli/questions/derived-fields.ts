import { FALSE, type Node, type PacketSpace, TRUE } from "../../analysis/index.ts";
import type { FilterEngine, LayerProgram, ProgramTest } from "../../engine/index.ts";
import { FIELD_KEY, type FieldValue, type FlowSpec, type Layer, NULL_SID, type Sid, UNKNOWN, uint16 } from "../../model/index.ts";
import { flowVisits, type TraceFlowOptions } from "../../stack/index.ts";
import { rangeTests } from "./range-tests.ts";

/** Any AppContainer: the stack asks only whether a program is in one. */
const SOME_PACKAGE: Sid = "S-1-15-2-1-1-1-1-1-1-1";

/** What the stack derives from parts of a flow that are open. */
export interface DerivedFields {
  /** Assignments in which such fields go together with what they are derived from: others are no flows. */
  readonly set: Node;
  /** Where no filter asks about the package and yet the flags tell of it: packages, with the assignments that have their flags. */
  readonly packages: readonly (readonly [Sid | null, Node])[];
}

/**
 * The flags of loopback traffic tell whether its program is in an AppContainer (WFP-SHIMS 4.2), and the original ICMP type is the type. Without
 * this a class could hold flows that do not exist.
 */
export function derivedFields(space: PacketSpace, engine: FilterEngine, flow: FlowSpec, options: TraceFlowOptions): DerivedFields {
  const { bdd } = space;
  const loopback = loopbackFlags(space, engine, flow, options);
  return { set: bdd.and(packages(space), bdd.and(loopback.set, icmpTypes(space, flow))), packages: loopback.packages };
}

/** A flow with the package that the flags of an assignment tell of, where nothing else does. */
export function withPackage(space: PacketSpace, { packages: known }: DerivedFields, flow: FlowSpec, cube: Int8Array): FlowSpec {
  const found = flow.package === undefined ? known.find(([, flags]) => space.contains(flags, cube)) : undefined;
  return found === undefined ? flow : { ...flow, package: found[0] };
}

function loopbackFlags(space: PacketSpace, engine: FilterEngine, flow: FlowSpec, options: TraceFlowOptions): DerivedFields {
  const { bdd } = space;
  const isOpen = ({ layer, values }: { readonly layer: Layer; readonly values: readonly FieldValue[] }) =>
    flagsAt(layer, values) === UNKNOWN;
  const visits = flow.package === undefined ? flowVisits(engine, flow, options) : [];
  const layers = new Set(visits.flatMap((visit) => (isOpen(visit) ? [visit.layer.key] : [])));
  if (layers.size === 0) return { set: TRUE, packages: [] };
  const flagsOf = (packageSid: Sid | null): Node => {
    const sets = flowVisits(engine, { ...flow, package: packageSid }, options).flatMap((visit): Node[] => {
      const value = flagsAt(visit.layer, visit.values);
      if (!layers.has(visit.layer.key) || value === undefined || value === UNKNOWN) return [];
      const only: FieldValue[] = [];
      only[visit.layer.fields.find(({ key }) => key === FIELD_KEY.FLAGS)?.index ?? 0] = value;
      return [space.known(visit.layer, only)];
    });
    // One field for all layers: where they differ nothing can be said.
    return new Set(sets).size === 1 ? (sets[0] ?? TRUE) : TRUE;
  };
  const [none, some] = [flagsOf(null), flagsOf(SOME_PACKAGE)];
  const outside = outsideContainers(space);
  return outside === null
    ? {
        set: bdd.or(none, some),
        packages: [
          [null, none],
          [SOME_PACKAGE, some],
        ],
      }
    : { set: bdd.or(bdd.and(outside, none), bdd.difference(some, outside)), packages: [] };
}

function flagsAt(layer: Layer, values: readonly FieldValue[]): FieldValue | undefined {
  const field = layer.fields.find(({ key }) => key === FIELD_KEY.FLAGS);
  return field === undefined ? undefined : (values[field.index] ?? UNKNOWN);
}

/** Programs in no AppContainer, of which both the package and the token tell; null where no field does. */
function outsideContainers(space: PacketSpace): Node | null {
  const [token, sid] = [space.dimensionOf(FIELD_KEY.ALE_USER_ID), space.dimensionOf(FIELD_KEY.ALE_PACKAGE_ID)];
  const byToken = token?.kind === "token" ? token.atoms.ofPackage(space.bdd, NULL_SID) : null;
  const bySid = sid?.kind === "classes" ? space.classesSet(sid, [sid.classes.classOf({ type: "FWP_SID", value: NULL_SID })]) : null;
  return byToken === null || bySid === null ? (byToken ?? bySid) : space.bdd.and(byToken, bySid);
}

/** The package of a program is always told, by the null SID where there is none: the empty field is no class of flows. */
function packages(space: PacketSpace): Node {
  const sid = space.dimensionOf(FIELD_KEY.ALE_PACKAGE_ID);
  if (sid?.kind !== "classes") return TRUE;
  const all = Array.from({ length: sid.classes.size }, (_, index) => index);
  return space.classesSet(
    sid,
    all.filter((index) => sid.classes.representative(index).type !== "FWP_EMPTY"),
  );
}

/** Types that filters ask for as ORIGINAL_ICMP_TYPE, as edges of the classes of the local port, which shows the type too. */
export function icmpTypeEdges(programs: readonly LayerProgram[]): readonly ProgramTest[] {
  const types = new Set<number>();
  for (const { layer, subLayers } of programs) {
    for (const { fieldIndex, tests } of subLayers.flatMap(({ filters }) => filters.flatMap(({ groups }) => groups))) {
      if (layer.fields[fieldIndex]?.key !== FIELD_KEY.ORIGINAL_ICMP_TYPE) continue;
      for (const { condition } of tests) if (condition.value.type === "FWP_UINT16") types.add(condition.value.value);
    }
  }
  return [...types].flatMap((type) => rangeTests(FIELD_KEY.IP_LOCAL_PORT, "FWP_UINT16", [{ low: BigInt(type), high: BigInt(type) }]));
}

/** Types of ICMP that people know before others. */
const TYPES: readonly number[] = [8, 128, ...Array.from({ length: 256 }, (_, type) => type)];

/** ICMP shows its type in the place of the local port, and as ORIGINAL_ICMP_TYPE where an inbound flow is authorized. */
function icmpTypes(space: PacketSpace, flow: FlowSpec): Node {
  if (flow.protocol !== 1 && flow.protocol !== 58) return TRUE;
  const [port, type] = [space.dimensionOf(FIELD_KEY.IP_LOCAL_PORT), space.dimensionOf(FIELD_KEY.ORIGINAL_ICMP_TYPE)];
  if (port?.kind !== "classes" || type?.kind !== "classes") return TRUE;
  const pairs = new Map<string, readonly [number, number]>();
  for (const value of TYPES) {
    const [one, other] = [port.classes.classOf(uint16(value)), type.classes.classOf(uint16(value))];
    pairs.set(`${one} ${other}`, [one, other]);
  }
  return [...pairs.values()].reduce<Node>(
    (set, [one, other]) => space.bdd.or(set, space.bdd.and(space.classesSet(port, [one]), space.classesSet(type, [other]))),
    FALSE,
  );
}

/** A type of ICMP that has the classes of an assignment at both fields; undefined where neither field is looked at. */
export function icmpTypeOf(space: PacketSpace, cube: Int8Array): number | undefined {
  const found = space.describe(cube);
  const fits = (["IP_LOCAL_PORT", "ORIGINAL_ICMP_TYPE"] as const).flatMap((name) => {
    const dimension = space.dimensionOf(FIELD_KEY[name]);
    const value = found.find(({ fieldKey }) => fieldKey === FIELD_KEY[name])?.value;
    if (dimension?.kind !== "classes" || value === undefined) return [];
    const wanted = dimension.classes.classOf(value);
    return [(type: number) => dimension.classes.classOf(uint16(type)) === wanted];
  });
  return fits.length === 0 ? undefined : TYPES.find((type) => fits.every((accepts) => accepts(type)));
}
