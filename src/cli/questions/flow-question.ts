import { type Bdd, type FlowSets, flowSets, type Node, PacketSpace, type QuestionVisit, type SpaceOptions } from "../../analysis/index.ts";
import type { FilterEngine, LayerProgram } from "../../engine/index.ts";
import {
  appIdPath,
  byteArray16,
  FIELD_KEY,
  type FieldValue,
  type FlowPattern,
  type FlowSpec,
  type FwpValue,
  type IpAddress,
  type Layer,
  NULL_SID,
  type NumberRange,
  sameAddress,
  UNKNOWN,
  uint16,
  uint32,
} from "../../model/index.ts";
import { type FlowVisit, flowVisits, type TraceFlowOptions } from "../../stack/index.ts";
import { addressNumber, addressOf } from "../suite/value-classes.ts";
import { derivedFields, icmpTypeEdges, icmpTypeOf, withPackage } from "./derived-fields.ts";
import type { FlowCase } from "./flow-cases.ts";
import { dosPath, ordinaryWitness, toldToken } from "./ordinary-witness.ts";
import { exceptedBy, exceptionEdges, limited, limitsOf } from "./question-limits.ts";

/** A question about all flows of a case, put to a policy: a space, and which part of it is asked about. */
export interface FlowQuestion {
  readonly space: PacketSpace;
  readonly within: Node;
  readonly visits: readonly QuestionVisit[];
  readonly case: FlowCase;
  /** Drives by which programs are named. */
  readonly volumes: Readonly<Record<string, string>>;
  sets(options?: { readonly deciders?: boolean; readonly agreeing?: boolean }): FlowSets;
  /** The flows that a pattern speaks of; none where it says something that no field shows. */
  partOf(other: FlowPattern): Node;
  /** An assignment of all variables that is in a set, one that people know if there is one; undefined for the empty set. */
  witness(set: Node): Int8Array | undefined;
  /** A flow for an assignment of all variables. */
  flow(cube: Int8Array): FlowSpec;
}

/** Fields that a case asks about for all addresses of its kind. */
const OPEN_FIELDS = ["IP_LOCAL_ADDRESS", "IP_REMOTE_ADDRESS"] as const;
/** Fields of ICMP messages whose type is open. */
const ICMP_FIELDS = ["IP_LOCAL_PORT", "IP_REMOTE_PORT", "ORIGINAL_ICMP_TYPE"] as const;
/** A port as the stack gives to those who do not ask for one. */
const DYNAMIC_PORT = 50_000;
/** Protocols of which the layers show ports (WFP-SHIMS 4.12). */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);
/** The category of its network is the profile, which a case tells. */
const INTERFACE_FIELD = /INTERFACE(?!_PROFILE)|TUNNEL|QUARANTINE/;

export interface FlowQuestionOptions extends TraceFlowOptions, Pick<SpaceOptions, "maxNodes"> {
  /** Flows at whose edges classes must end: those that are not asked about. */
  readonly edges?: readonly FlowPattern[];
  /** Fields that are asked about for all values though the flow tells one, beside the addresses. */
  readonly open?: readonly string[];
}

/** A case, put to each of several engines in one space. */
export interface CaseQuestions {
  readonly case: FlowCase;
  readonly questions: readonly FlowQuestion[];
}

/** The questions of one case. */
export function flowQuestions(engines: readonly FilterEngine[], flowCase: FlowCase, options: FlowQuestionOptions): readonly FlowQuestion[] {
  return caseQuestions(engines, [flowCase], options)[0]?.questions ?? [];
}

/** The layers of some cases, with everything open that the pattern leaves open. Cases about the same addresses and engines share a space. */
export function caseQuestions(
  engines: readonly FilterEngine[],
  cases: readonly FlowCase[],
  options: FlowQuestionOptions,
): readonly CaseQuestions[] {
  const programs = new Map<FilterEngine, Map<string, LayerProgram>>(engines.map((engine) => [engine, new Map()]));
  const programOf = (engine: FilterEngine, layer: Layer) => {
    const known = programs.get(engine)?.get(layer.key);
    const program = known ?? engine.program(layer);
    programs.get(engine)?.set(layer.key, program);
    return program;
  };
  const visits = cases.map((flowCase) =>
    engines.map((engine) =>
      flowVisits(engine, flowCase.flow, options)
        // Binding is no part of an inbound flow: its fields are those of the socket.
        .filter(({ event }) => event !== "bind" || flowCase.pattern.direction === "out")
        .map((visit): QuestionVisit => ({ program: programOf(engine, visit.layer), values: opened(flowCase, visit, options.open ?? []) })),
    ),
  );
  const all = visits.flat(2);
  // A case's own: in the other family's layers addresses are fields of another type.
  const layers = visits.map((ofCase) => [...new Set(ofCase.flat().map(({ program }) => program.layer))]);
  const { volumes } = options;
  const limits = cases.map((flowCase, index) => limitsOf(flowCase, layers[index] ?? [], volumes));
  const edges = (options.edges ?? []).flatMap((edge) => layers.flatMap((list) => exceptionEdges(edge, list, volumes)));
  const space = new PacketSpace([...new Set(all.map(({ program }) => program))], {
    ...(options.maxNodes === undefined ? {} : { maxNodes: options.maxNodes }),
    edges: [...limits.flat().flatMap(({ tests }) => tests), ...edges, ...icmpTypeEdges(all.map(({ program }) => program))],
    values: all.map(({ program, values }) => ({ layer: program.layer, values })),
  });
  const packages = space.consistentPackages();
  return cases.map((flowCase, index) => {
    const derived = engines.map((engine) => derivedFields(space, engine, flowCase.flow, options));
    const asked = space.bdd.and(limited(space, limits[index] ?? []), space.bdd.and(packages, shown(space, flowCase.flow)));
    const within = derived.reduce((all, { set }) => space.bdd.and(all, set), asked);
    return {
      case: flowCase,
      questions: (visits[index] ?? []).map((list) => ({
        space,
        within,
        visits: list,
        case: flowCase,
        volumes: volumes ?? {},
        sets: ({ deciders = false, agreeing = false } = {}) => flowSets(space, list, { within, deciders, agreeing }),
        partOf: (other) => exceptedBy(space, other, { layers: layers[index] ?? [], volumes, asked: flowCase.pattern.told }),
        witness: (set) => ordinaryWitness(space, flowCase, set),
        flow: (cube) => derived.reduce((flow, each) => withPackage(space, each, flow, cube), flowOf(space, flowCase, cube, volumes)),
      })),
    };
  });
}

/** Assignments that show what every flow has: somebody's program, and ports where its protocol knows any. */
function shown(space: PacketSpace, { protocol }: FlowSpec): Node {
  const ports = WITH_PORTS.has(protocol) ? (["IP_LOCAL_PORT", "IP_REMOTE_PORT"] as const) : [];
  return (["ALE_APP_ID", "ALE_USER_ID", ...ports] as const).reduce<Node>(
    (set, name) => space.bdd.and(set, space.shown(FIELD_KEY[name])),
    space.possible,
  );
}

/** An assignment of all variables as a set. */
export function cubeSet({ bdd }: PacketSpace, cube: Int8Array): Node {
  return partOfCube(bdd, cube, () => true);
}

/** All assignments with the addresses of one: what the addresses alone rule out is ruled out for every program, port and token. */
export function addressesSet(space: PacketSpace, { pattern: { family } }: FlowCase, cube: Int8Array): Node {
  const type = family === 4 ? "FWP_UINT32" : "FWP_BYTE_ARRAY16_TYPE";
  const ends = OPEN_FIELDS.flatMap((name) => space.dimensionOf(FIELD_KEY[name], type) ?? []);
  return partOfCube(space.bdd, cube, (level) => ends.some(({ first, bits }) => first <= level && level < first + bits));
}

function partOfCube(bdd: Bdd, cube: Int8Array, isPart: (level: number) => boolean): Node {
  let set: Node = 1;
  for (let level = cube.length - 1; level >= 0; level--) {
    if (isPart(level)) set = cube[level] === 1 ? bdd.node(level, 0, set) : bdd.node(level, set, 0);
  }
  return set;
}

/** The values of a visit with what the pattern leaves open unknown again. */
function opened({ pattern, icmp }: FlowCase, { event, layer, values }: FlowVisit, more: readonly string[]): readonly FieldValue[] {
  const open = new Set<string>([...OPEN_FIELDS, ...(icmp === undefined ? [] : ICMP_FIELDS), ...more]);
  // The answer to a datagram for nobody has its own type and code where the datagram has ports.
  if (event === "ICMP Dest Unreachable") for (const field of ICMP_FIELDS) open.delete(field);
  return layer.fields.reduce<FieldValue[]>(
    (list, { name, index }) => {
      const value = list[index] ?? UNKNOWN;
      const isEmpty = value !== UNKNOWN && value.type === "FWP_EMPTY";
      if (!isEmpty && (open.has(name) || (pattern.any.has("if") && INTERFACE_FIELD.test(name)))) list[index] = UNKNOWN;
      return list;
    },
    [...values],
  );
}

/** A dynamic port, where the class that was found has one. */
function dynamicPort(space: PacketSpace, name: "IP_LOCAL_PORT" | "IP_REMOTE_PORT", found: FieldValue | undefined): number | undefined {
  const dimension = space.dimensionOf(FIELD_KEY[name]);
  if (dimension?.kind !== "classes" || found === undefined || found === UNKNOWN) return undefined;
  return dimension.classes.classOf({ type: "FWP_UINT16", value: DYNAMIC_PORT }) === dimension.classes.classOf(found)
    ? DYNAMIC_PORT
    : undefined;
}

/** The code of an ICMP message, 0 if that is in the class that was found. */
function icmpCode(space: PacketSpace, found: number | undefined): number {
  const dimension = space.dimensionOf(FIELD_KEY.IP_REMOTE_PORT);
  if (dimension?.kind !== "classes" || found === undefined) return 0;
  return dimension.classes.classOf(uint16(0)) === dimension.classes.classOf(uint16(found)) ? 0 : found & 255;
}

/**
 * The ends of a flow with two addresses, where the classes that were found have two: what a host says to its own address is loopback, a case of
 * its own.
 */
function apart(
  space: PacketSpace,
  { flow, localAddress, remoteAddress }: FlowCase,
  [local, remote]: readonly [IpAddress | undefined, IpAddress | undefined],
): readonly [IpAddress | undefined, IpAddress | undefined] {
  if (local === undefined || remote === undefined || !sameAddress(local, remote)) return [local, remote];
  if (flow.localAddress !== undefined && flow.remoteAddress !== undefined && sameAddress(flow.localAddress, flow.remoteAddress))
    return [local, remote];
  const otherRemote = otherThan(space, "IP_REMOTE_ADDRESS", remote, remoteAddress);
  return otherRemote === undefined ? [otherThan(space, "IP_LOCAL_ADDRESS", local, localAddress) ?? local, remote] : [local, otherRemote];
}

/** Another address of an address's class. */
function otherThan(
  space: PacketSpace,
  name: "IP_LOCAL_ADDRESS" | "IP_REMOTE_ADDRESS",
  address: IpAddress,
  asked: readonly NumberRange[],
): IpAddress | undefined {
  const value: FwpValue = address.family === 4 ? uint32(address.value) : byteArray16(address.bytes);
  const dimension = space.dimensionOf(FIELD_KEY[name], address.family === 4 ? "FWP_UINT32" : "FWP_BYTE_ARRAY16_TYPE");
  const ranges = dimension?.kind === "classes" ? dimension.classes.intervals(dimension.classes.classOf(value))?.intervals : asked;
  const number = addressNumber(address);
  const found = (ranges ?? []).flatMap(({ low, high }) =>
    [low + 9n, low + 1n, high, low].filter((each) => each !== number && each <= high),
  );
  return found[0] === undefined ? undefined : addressOf(found[0], address.family);
}

/** The case's flow with the values that an assignment gives to what is open. */
function flowOf(space: PacketSpace, flowCase: FlowCase, cube: Int8Array, volumes: TraceFlowOptions["volumes"]): FlowSpec {
  const { pattern, flow, localAddress, remoteAddress } = flowCase;
  const described = space.describe(cube);
  const value = (name: keyof typeof FIELD_KEY) => described.find(({ fieldKey }) => fieldKey === FIELD_KEY[name])?.value;
  const address = (name: "IP_LOCAL_ADDRESS" | "IP_REMOTE_ADDRESS", ranges: readonly NumberRange[]): IpAddress | undefined => {
    const { family } = pattern;
    const found = described.filter(({ fieldKey }) => fieldKey === FIELD_KEY[name]).map((field) => field.value);
    const parsed = found.reduce<IpAddress | undefined>((known, field) => {
      if (field.type === "FWP_UINT32" && family === 4) return { family, value: field.value };
      return field.type === "FWP_BYTE_ARRAY16_TYPE" && family === 6 ? { family, bytes: field.value } : known;
    }, undefined);
    return parsed === undefined || ranges.length === 0 ? undefined : parsed;
  };
  const port = (name: "IP_LOCAL_PORT" | "IP_REMOTE_PORT", ranges: readonly NumberRange[] | undefined): number | undefined => {
    const found = value(name);
    const dynamic = dynamicPort(space, name, found);
    // The end that begins has a port of the stack's choice, if any will do.
    if ((flow.direction === "out") === (name === "IP_LOCAL_PORT") && dynamic !== undefined) return dynamic;
    if (found?.type === "FWP_UINT16") return found.value;
    return ranges?.[0] === undefined ? undefined : Number(ranges[0].low);
  };
  const isIcmp = flow.protocol === 1 || flow.protocol === 58;
  const [local, remote] = apart(space, flowCase, [
    address("IP_LOCAL_ADDRESS", localAddress) ?? flow.localAddress,
    address("IP_REMOTE_ADDRESS", remoteAddress) ?? flow.remoteAddress,
  ]);
  const [localPort, remotePort] = [port("IP_LOCAL_PORT", pattern.localPort), port("IP_REMOTE_PORT", pattern.remotePort)];
  const icmpType = icmpTypeOf(space, cube) ?? (localPort === undefined ? undefined : localPort & 255);
  const hasPorts = WITH_PORTS.has(flow.protocol);
  const program = value("ALE_APP_ID");
  const app = flow.app ?? (program?.type === "FWP_BYTE_BLOB_TYPE" ? dosPath(appIdPath(program.value), volumes) : undefined);
  const token = value("ALE_USER_ID");
  const tokens = space.dimensionOf(FIELD_KEY.ALE_USER_ID);
  const luid = value("IP_LOCAL_INTERFACE");
  const packageId = value("ALE_PACKAGE_ID");
  // The field may name a package that no access check asks about: the token is then any other's.
  const packageSid = packageId?.type === "FWP_SID" ? { packageSid: packageId.value === NULL_SID ? null : packageId.value } : {};
  const who = token?.type === "FWP_TOKEN_ACCESS_INFORMATION_TYPE" ? { ...token.value, ...packageSid } : undefined;
  const owner =
    who === undefined && flow.package === undefined && packageSid.packageSid !== undefined ? { package: packageSid.packageSid } : {};
  return {
    ...flow,
    ...(local === undefined ? {} : { localAddress: local }),
    ...(remote === undefined ? {} : { remoteAddress: remote }),
    ...(hasPorts && flow.localPort === undefined && localPort !== undefined ? { localPort } : {}),
    ...(hasPorts && flow.remotePort === undefined && remotePort !== undefined ? { remotePort } : {}),
    ...(isIcmp && pattern.told.icmp === undefined && icmpType !== undefined
      ? { icmp: { type: icmpType, code: icmpCode(space, remotePort) } }
      : {}),
    ...(app === undefined ? {} : { app }),
    ...owner,
    ...(who === undefined
      ? {}
      : toldToken(flow, who, { app, isNamed: (account) => tokens?.kind === "token" && tokens.atoms.atoms.includes(`member ${account}`) })),
    ...(pattern.any.has("if") && luid?.type === "FWP_UINT64" ? { interface: { luid: luid.value } } : {}),
  };
}
