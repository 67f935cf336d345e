import {
  FALSE,
  type FlowSets,
  flowSets,
  type Node,
  PacketSpace,
  type QuestionVisit,
  type SpaceOptions,
  TRUE,
} from "../../analysis/index.ts";
import type { FilterEngine, LayerProgram, ProgramTest } from "../../engine/index.ts";
import {
  appIdBlob,
  appIdPath,
  type DataType,
  FIELD_KEY,
  type FieldValue,
  type FlowPattern,
  type FlowSpec,
  type Guid,
  type IpAddress,
  type Layer,
  NULL_SID,
  type NumberRange,
  toAppId,
  UNKNOWN,
  uint16,
} from "../../model/index.ts";
import { flowVisits, type TraceFlowOptions } from "../../stack/index.ts";
import { derivedFields, icmpTypeEdges, icmpTypeOf, withPackage } from "./derived-fields.ts";
import type { FlowCase } from "./flow-cases.ts";
import { dosPath, ordinaryWitness, toldToken } from "./ordinary-witness.ts";
import { rangeTests } from "./range-tests.ts";

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
const INTERFACE_FIELD = /INTERFACE|TUNNEL|QUARANTINE/;

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
  const limits = cases.map((flowCase, index) => limitsOf(flowCase, layers[index] ?? []));
  const edges = (options.edges ?? []).flatMap((edge) => layers.flatMap((list) => limitsOf(wholeCase(edge), list)));
  const space = new PacketSpace([...new Set(all.map(({ program }) => program))], {
    ...(options.maxNodes === undefined ? {} : { maxNodes: options.maxNodes }),
    edges: [...[...limits.flat(), ...edges].flatMap(({ tests }) => tests), ...icmpTypeEdges(all.map(({ program }) => program))],
    values: all.map(({ program, values }) => ({ layer: program.layer, values })),
  });
  const packages = space.consistentPackages();
  const limited = (list: readonly Limit[]) => {
    let set = space.possible;
    for (const { layer, fieldKey, tests } of list) {
      if (space.dimensionOf(fieldKey, layer) !== undefined) set = space.bdd.and(set, space.condition(layer, fieldKey, tests));
    }
    return set;
  };
  return cases.map((flowCase, index) => {
    const derived = engines.map((engine) => derivedFields(space, engine, flowCase.flow, options));
    const within = derived.reduce((all, { set }) => space.bdd.and(all, set), space.bdd.and(limited(limits[index] ?? []), packages));
    return {
      case: flowCase,
      questions: (visits[index] ?? []).map((list) => ({
        space,
        within,
        visits: list,
        case: flowCase,
        volumes: options.volumes ?? {},
        sets: ({ deciders = false, agreeing = false } = {}) => flowSets(space, list, { within, deciders, agreeing }),
        partOf: (other) => {
          const who = whoSet(
            space,
            other,
            list.map(({ program }) => program.layer),
            options.volumes,
          );
          return who === null ? FALSE : space.bdd.and(who, limited(limitsOf(wholeCase(other), layers[index] ?? [])));
        },
        witness: (set) => ordinaryWitness(space, flowCase, set),
        flow: (cube) =>
          derived.reduce((flow, each) => withPackage(space, each, flow, cube), flowOf(space, flowCase, cube, options.volumes)),
      })),
    };
  });
}

/** A pattern as a case of all its addresses. */
function wholeCase(pattern: FlowPattern): FlowCase {
  const all = [{ low: 0n, high: (1n << (pattern.family === 4 ? 32n : 128n)) - 1n }];
  return { pattern, flow: pattern.told, localAddress: pattern.localAddress ?? all, remoteAddress: pattern.remoteAddress ?? all };
}

/** An assignment of all variables as a set. */
export function cubeSet({ bdd }: PacketSpace, cube: Int8Array): Node {
  let set: Node = 1;
  for (let level = cube.length - 1; level >= 0; level--) set = cube[level] === 1 ? bdd.node(level, 0, set) : bdd.node(level, set, 0);
  return set;
}

/** The values of a visit with what the pattern leaves open unknown again. */
function opened(
  { pattern, icmp }: FlowCase,
  { layer, values }: { readonly layer: Layer; readonly values: readonly FieldValue[] },
  more: readonly string[],
): readonly FieldValue[] {
  const open = new Set<string>([...OPEN_FIELDS, ...(icmp === undefined ? [] : ICMP_FIELDS), ...more]);
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

/** Parts of a flow that {@link whoSet}, the cases and the limits know how to take. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  "direction",
  "protocol",
  "family",
  "overrides",
  "app",
  "service",
  "user",
  "package",
  "icmp",
  "interface",
  "profile",
]);

/** Packets of the program that a pattern names: a token that has the account or service among others counts. null where it says what no field shows. */
function whoSet(space: PacketSpace, { told }: FlowPattern, layers: readonly Layer[], volumes: TraceFlowOptions["volumes"]): Node | null {
  const { bdd } = space;
  const { app, service, user, package: packageSid, interface: own, overrides } = told;
  const isStrange = Object.entries(told).some(([key, value]) => value !== undefined && !UNDERSTOOD.has(key));
  if (isStrange || overrides.length > 0 || (own !== undefined && own.luid === undefined)) return null;
  let set: Node = TRUE;
  if (app !== undefined) {
    const layer = layers.find(({ fields }) => fields.some(({ key }) => key === FIELD_KEY.ALE_APP_ID));
    if (layer === undefined) return null;
    const values: FieldValue[] = [];
    values[layer.fields.find(({ key }) => key === FIELD_KEY.ALE_APP_ID)?.index ?? 0] = {
      type: "FWP_BYTE_BLOB_TYPE",
      value: appIdBlob(toAppId(app, volumes)),
    };
    set = bdd.and(set, space.known(layer, values));
  }
  const token = space.dimensionOf(FIELD_KEY.ALE_USER_ID);
  for (const sid of [service, user]) {
    if (sid === undefined) continue;
    // What no filter asks about nothing here can tell: the exception then covers nothing.
    if (token?.kind !== "token") return null;
    set = bdd.and(set, token.atoms.having(bdd, sid));
  }
  if (packageSid !== undefined) {
    if (token?.kind !== "token") return null;
    set = bdd.and(set, token.atoms.ofPackage(bdd, packageSid ?? NULL_SID));
  }
  return set;
}

interface Limit {
  readonly layer: Layer;
  readonly fieldKey: Guid;
  readonly tests: readonly ProgramTest[];
}

/** What a case says of the fields that are open. */
function limitsOf({ pattern, localAddress, remoteAddress, icmp: open }: FlowCase, layers: readonly Layer[]): readonly Limit[] {
  const { icmp, interface: own } = pattern.told;
  const one = (value: number | bigint | undefined) => (value === undefined ? undefined : [{ low: BigInt(value), high: BigInt(value) }]);
  // ICMP has its type and code where others have ports.
  const bytes = pattern.protocol === 1 || pattern.protocol === 58 ? [{ low: 0n, high: 255n }] : undefined;
  const wanted: readonly (readonly [Guid, readonly NumberRange[] | undefined])[] = [
    [FIELD_KEY.IP_LOCAL_ADDRESS, localAddress],
    [FIELD_KEY.IP_REMOTE_ADDRESS, remoteAddress],
    [FIELD_KEY.IP_LOCAL_PORT, one(icmp?.type) ?? open?.types ?? bytes ?? pattern.localPort],
    [FIELD_KEY.IP_REMOTE_PORT, one(icmp?.code) ?? open?.codes ?? bytes ?? pattern.remotePort],
    [FIELD_KEY.IP_LOCAL_INTERFACE, one(own?.luid)],
  ];
  return wanted.flatMap(([fieldKey, ranges]) => {
    const layer = layers.find(({ fields }) => fields.some(({ key }) => key === fieldKey));
    const type: DataType | undefined = layer?.fields.find(({ key }) => key === fieldKey)?.dataType;
    return ranges === undefined || layer === undefined || type === undefined
      ? []
      : [{ layer, fieldKey, tests: rangeTests(fieldKey, type, ranges) }];
  });
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

/** The case's flow with the values that an assignment gives to what is open. */
function flowOf(
  space: PacketSpace,
  { pattern, flow, localAddress, remoteAddress }: FlowCase,
  cube: Int8Array,
  volumes: TraceFlowOptions["volumes"],
): FlowSpec {
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
  const local = address("IP_LOCAL_ADDRESS", localAddress);
  const remote = address("IP_REMOTE_ADDRESS", remoteAddress);
  const [localPort, remotePort] = [port("IP_LOCAL_PORT", pattern.localPort), port("IP_REMOTE_PORT", pattern.remotePort)];
  const icmpType = icmpTypeOf(space, cube) ?? (localPort === undefined ? undefined : localPort & 255);
  const hasPorts = flow.protocol === 6 || flow.protocol === 17;
  const program = value("ALE_APP_ID");
  const app = flow.app ?? (program?.type === "FWP_BYTE_BLOB_TYPE" ? dosPath(appIdPath(program.value), volumes) : undefined);
  const token = value("ALE_USER_ID");
  const tokens = space.dimensionOf(FIELD_KEY.ALE_USER_ID);
  const luid = value("IP_LOCAL_INTERFACE");
  const who = token?.type === "FWP_TOKEN_ACCESS_INFORMATION_TYPE" ? token.value : undefined;
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
    ...(who === undefined
      ? {}
      : toldToken(flow, who, { app, isNamed: (account) => tokens?.kind === "token" && tokens.atoms.atoms.includes(`member ${account}`) })),
    ...(pattern.any.has("if") && luid?.type === "FWP_UINT64" ? { interface: { luid: luid.value } } : {}),
  };
}
