import { FALSE, type Node, type PacketSpace } from "../../analysis/index.ts";
import {
  appIdPath,
  FIELD_KEY,
  type FlowSpec,
  isServiceSid,
  type Sid,
  SYSTEM_APP_ID,
  type Token,
  toAppId,
  UNKNOWN,
  uint16,
} from "../../model/index.ts";
import type { FlowCase } from "./flow-cases.ts";

const SYSTEM: Sid = "S-1-5-18";
const NETWORK_SERVICE: Sid = "S-1-5-20";
const ICMP = 1;

/** An assignment of all variables that is in a set, undefined for the empty set: what people know of ICMP first, which is ping. */
export function ordinaryWitness(space: PacketSpace, { flow, icmp }: FlowCase, set: Node): Int8Array | undefined {
  return space.witness(asSystem(space, flow, icmp === undefined ? set : asPing(space, flow, set)));
}

function asPing(space: PacketSpace, { protocol }: FlowSpec, set: Node): Node {
  const echo = [protocol === ICMP ? 8 : 128, 0];
  let wanted = set;
  for (const [index, fieldKey] of [FIELD_KEY.IP_LOCAL_PORT, FIELD_KEY.IP_REMOTE_PORT].entries()) {
    const dimension = space.dimensionOf(fieldKey);
    if (dimension?.kind !== "classes") continue;
    const known = space.bdd.and(wanted, space.classesSet(dimension, [dimension.classes.classOf(uint16(echo[index] ?? 0))]));
    if (known !== FALSE) wanted = known;
  }
  return wanted;
}

/** Narrows a set to packets of LocalSystem where they are the kernel's, if a filter asks for that account and there are some. */
function asSystem(space: PacketSpace, { app, user }: FlowSpec, set: Node): Node {
  const [token, program] = [space.dimensionOf(FIELD_KEY.ALE_USER_ID), space.dimensionOf(FIELD_KEY.ALE_APP_ID)];
  if (token?.kind !== "token" || program?.kind !== "classes" || user !== undefined || app !== undefined) return set;
  const cube = space.witness(set);
  const found = cube === undefined ? undefined : space.describe(cube).find(({ fieldKey }) => fieldKey === FIELD_KEY.ALE_APP_ID)?.value;
  if (found?.type !== "FWP_BYTE_BLOB_TYPE" || appIdPath(found.value) !== SYSTEM_APP_ID) return set;
  const own = space.classesSet(program, [program.classes.classOf(found)]);
  const narrowed = space.bdd.and(set, space.bdd.and(own, token.atoms.having(space.bdd, SYSTEM)));
  return narrowed === FALSE ? set : narrowed;
}

/** A device path by its drive, where the drive is known. */
export function dosPath(path: string, volumes: Readonly<Record<string, string>> = {}): string {
  for (const [drive, device] of Object.entries(volumes)) {
    const dos = `${drive.toUpperCase()}${path.slice(device.length)}`;
    if (path.toLowerCase().startsWith(`${device}\\`) && toAppId(dos, volumes) === path) return dos;
  }
  return path;
}

/** What a token adds to a flow that says nothing of it: one service among its groups is said as the service. */
export function toldToken(
  flow: FlowSpec,
  { user, groups, packageSid, capabilities }: Token,
  { app, isNamed }: { readonly app: string | undefined; readonly isNamed: (account: Sid) => boolean },
): Partial<FlowSpec> {
  const services = groups === UNKNOWN || flow.groups !== undefined || flow.service !== undefined ? [] : groups.filter(isServiceSid);
  const [service] = services.length === 1 ? services : [];
  // Where no filter asks for the account that such a program has, it may as well have it.
  const own = app === SYSTEM_APP_ID ? SYSTEM : service === undefined ? undefined : NETWORK_SERVICE;
  const isOrdinary = user !== UNKNOWN && user.startsWith("S-1-5-21-") && own !== undefined && !isNamed(own);
  return {
    ...(flow.user !== undefined || user === UNKNOWN ? {} : { user: isOrdinary ? own : user }),
    ...(flow.groups !== undefined || groups === UNKNOWN ? {} : { groups: groups.filter((sid) => sid !== service) }),
    ...(service === undefined ? {} : { service }),
    ...(flow.package !== undefined || packageSid === UNKNOWN ? {} : { package: packageSid }),
    ...(flow.capabilities !== undefined || capabilities === UNKNOWN || packageSid === null ? {} : { capabilities }),
  };
}
