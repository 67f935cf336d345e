import { FALSE, type Node, type PacketSpace } from "../../analysis/index.ts";
import type { ProgramTest } from "../../engine/index.ts";
import {
  appIdBlob,
  type DataType,
  FIELD_KEY,
  type FlowPattern,
  type FlowSpec,
  type FwpValue,
  type Guid,
  type Layer,
  NULL_SID,
  type NumberRange,
  toAppId,
} from "../../model/index.ts";
import type { FlowCase } from "./flow-cases.ts";
import { rangeTests } from "./range-tests.ts";

/** What flows have in a field: one of some tests holds. */
export interface Limit {
  readonly layer: Layer;
  readonly fieldKey: Guid;
  readonly tests: readonly ProgramTest[];
}

type Volumes = Readonly<Record<string, string>> | undefined;

/** What a case says of the fields that are open, and of its program. Fields that no layer has say nothing. */
export function limitsOf(flowCase: FlowCase, layers: readonly Layer[], volumes: Volumes): readonly Limit[] {
  return wantedOf(flowCase, volumes).flatMap(([fieldKey, wanted]) => limitOn(fieldKey, wanted, layers) ?? []);
}

/** Flows of a space that limits leave. */
export function limited(space: PacketSpace, limits: readonly Limit[]): Node {
  return limits.reduce<Node>(
    (set, { layer, fieldKey, tests }) =>
      space.dimensionOf(fieldKey, layer) === undefined ? set : space.bdd.and(set, space.condition(layer, fieldKey, tests)),
    space.possible,
  );
}

/** A pattern as a case of all its addresses. */
export function wholeCase(pattern: FlowPattern): FlowCase {
  const all = [{ low: 0n, high: (1n << (pattern.family === 4 ? 32n : 128n)) - 1n }];
  return { pattern, flow: pattern.told, localAddress: pattern.localAddress ?? all, remoteAddress: pattern.remoteAddress ?? all };
}

/** Conditions at whose edges classes must end for {@link exceptedBy} to be exact. */
export function exceptionEdges(other: FlowPattern, layers: readonly Layer[], volumes: Volumes): readonly ProgramTest[] {
  return [...limitsOf(wholeCase(other), layers, volumes), ...(packageLimit(other.told, layers) ?? [])].flatMap(({ tests }) => tests);
}

/** Parts of a flow that {@link exceptedBy} and the cases know how to take. */
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

/**
 * The flows that an exception speaks of, none where it says something that no field shows: what is excepted must be so for sure. A token that has
 * its account or service among others counts. `asked` is what the question tells of all its flows.
 */
export function exceptedBy(
  space: PacketSpace,
  other: FlowPattern,
  { layers, volumes, asked }: { readonly layers: readonly Layer[]; readonly volumes: Volumes; readonly asked: FlowSpec },
): Node {
  const { bdd } = space;
  const { told } = other;
  const { service, user, package: packageSid, interface: own, overrides } = told;
  const isStrange = Object.entries(told).some(([key, value]) => value !== undefined && !UNDERSTOOD.has(key));
  if (isStrange || overrides.length > 0 || (own !== undefined && own.luid === undefined)) return FALSE;
  // A program that the question tells of all its flows needs no field to show it.
  const { app, ...rest } = told;
  const open = app !== undefined && app === asked.app ? { ...other, told: rest } : other;
  const limits = wantedOf(wholeCase(open), volumes).map(([fieldKey, wanted]) => limitOn(fieldKey, wanted, layers));
  let set = limits.includes(undefined)
    ? FALSE
    : limited(
        space,
        limits.flatMap((limit) => limit ?? []),
      );
  const token = space.dimensionOf(FIELD_KEY.ALE_USER_ID);
  for (const [sid, known] of [
    [service, asked.service],
    [user, asked.user],
  ]) {
    if (sid === undefined || sid === known) continue;
    // What no filter asks about nothing here can tell.
    set = token?.kind === "token" ? bdd.and(set, token.atoms.having(bdd, sid)) : FALSE;
  }
  if (packageSid === undefined || packageSid === asked.package) return set;
  const named = packageLimit(told, layers);
  if (named !== undefined) return bdd.and(set, limited(space, named));
  return packageSid === null && token?.kind === "token" ? bdd.and(set, token.atoms.ofPackage(bdd, NULL_SID)) : FALSE;
}

/** The package of an exception; undefined where it tells none, or no layer shows it. */
function packageLimit({ package: sid }: FlowSpec, layers: readonly Layer[]): readonly Limit[] | undefined {
  const found = sid === undefined ? undefined : limitOn(FIELD_KEY.ALE_PACKAGE_ID, { type: "FWP_SID", value: sid ?? NULL_SID }, layers);
  return found === undefined ? undefined : [found];
}

type Wanted = readonly NumberRange[] | FwpValue;

function wantedOf(
  { pattern, localAddress, remoteAddress, icmp: open }: FlowCase,
  volumes: Volumes,
): readonly (readonly [fieldKey: Guid, wanted: Wanted])[] {
  const { icmp, interface: own, app } = pattern.told;
  const one = (value: number | bigint | undefined) => (value === undefined ? undefined : [{ low: BigInt(value), high: BigInt(value) }]);
  // ICMP has its type and code where others have ports.
  const bytes = pattern.protocol === 1 || pattern.protocol === 58 ? [{ low: 0n, high: 255n }] : undefined;
  const program: FwpValue | undefined =
    app === undefined ? undefined : { type: "FWP_BYTE_BLOB_TYPE", value: appIdBlob(toAppId(app, volumes)) };
  const all: readonly (readonly [Guid, Wanted | undefined])[] = [
    [FIELD_KEY.IP_LOCAL_ADDRESS, localAddress],
    [FIELD_KEY.IP_REMOTE_ADDRESS, remoteAddress],
    [FIELD_KEY.IP_LOCAL_PORT, one(icmp?.type) ?? open?.types ?? bytes ?? pattern.localPort],
    [FIELD_KEY.IP_REMOTE_PORT, one(icmp?.code) ?? open?.codes ?? bytes ?? pattern.remotePort],
    [FIELD_KEY.IP_LOCAL_INTERFACE, one(own?.luid)],
    [FIELD_KEY.ALE_APP_ID, program],
  ];
  return all.flatMap(([fieldKey, wanted]) => (wanted === undefined ? [] : [[fieldKey, wanted] as const]));
}

/** A limit on a field where the first layer that has it shows it; undefined where none does. */
function limitOn(fieldKey: Guid, wanted: Wanted, layers: readonly Layer[]): Limit | undefined {
  const layer = layers.find(({ fields }) => fields.some(({ key }) => key === fieldKey));
  const type: DataType | undefined = layer?.fields.find(({ key }) => key === fieldKey)?.dataType;
  if (layer === undefined || type === undefined) return undefined;
  return { layer, fieldKey, tests: "type" in wanted ? [exactly(fieldKey, wanted)] : rangeTests(fieldKey, type, wanted) };
}

/** The condition that a field without an order has a value. */
function exactly(fieldKey: Guid, value: FwpValue): ProgramTest {
  const text = textOf(value);
  return {
    condition: { fieldKey, matchType: "FWP_MATCH_EQUAL", value },
    identity: {},
    truth: (shown) => (typeof shown === "symbol" ? "unknown" : shown.type === value.type && textOf(shown) === text ? "true" : "false"),
  };
}

function textOf(value: FwpValue): string {
  return "value" in value ? String(value.value) : "";
}
