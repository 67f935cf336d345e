import { type CollectedTrace, collectTrace, FilterEngine, type FilterEngineOptions } from "../../src/engine/index.ts";
import {
  ADDRESS_TYPE,
  appIdBlob,
  byteArray16,
  byteBlob,
  CONDITION_FLAG,
  EMPTY,
  type FieldName,
  type FieldValue,
  type FwpValue,
  LAYER_KEY,
  type Layer,
  type LayerName,
  NULL_SID,
  type Policy,
  PROFILE_ID,
  type Profile,
  parseAddress,
  type Sid,
  serviceSid,
  sidValue,
  type Token,
  toAppId,
  tokenAccessInformation,
  uint8,
  uint16,
  uint32,
  uint64,
} from "../../src/model/index.ts";

/** A user's process outside AppContainers. */
export const USER: Token = { user: "S-1-5-21-1-2-3-1001", groups: ["S-1-5-32-545"], packageSid: null, capabilities: [], attributes: {} };

/** A service under LocalSystem's account whose token carries the service's SID. */
export const service = (name: string): Token => ({
  user: "S-1-5-18",
  groups: [serviceSid(name), "S-1-5-80-0", "S-1-5-32-544"],
  packageSid: null,
  capabilities: [],
  attributes: {},
});

export const PACKAGE: Sid = "S-1-15-2-11-22-33-44-55-66-77";

/** A user's process inside the AppContainer {@link PACKAGE}. */
export const appContainer = (...capabilities: readonly Sid[]): Token => ({ ...USER, packageSid: PACKAGE, capabilities });

export const INTERNET_CLIENT: Sid = "S-1-15-3-1";
export const INTERNET_CLIENT_SERVER: Sid = "S-1-15-3-2";
export const PRIVATE_NETWORK: Sid = "S-1-15-3-3";

/** The interface that all test traffic uses. */
export const LUID = 0x0006_0080_0000_0000n;
export const EPOCH = 10_000_001n;

/** What a test says of one flow; the rest is as ordinary as can be. */
export interface Flow {
  readonly protocol?: number;
  readonly local?: string;
  readonly localPort?: number;
  readonly remote?: string;
  readonly remotePort?: number;
  readonly app?: string;
  readonly token?: Token;
  readonly profile?: Profile;
  readonly currentProfile?: Profile;
  readonly flags?: number;
  readonly socketFlags?: number;
  readonly icmp?: { readonly type: number; readonly code: number };
  readonly interfaceType?: number;
  readonly tunnelType?: number;
  readonly luid?: bigint;
  readonly epoch?: bigint;
  /** The packet that is classified goes the other way: near-side fields are empty, the far side's set. */
  readonly reauthorizedByOpposite?: boolean;
  readonly fields?: Partial<Record<FieldName, FieldValue>>;
}

function address(text: string): FwpValue {
  const parsed = parseAddress(text);
  return parsed.family === 4 ? uint32(parsed.value) : byteArray16(parsed.bytes);
}

/** Fields by name, as the shims would fill them in, for whichever layer. */
function namedValues(flow: Flow, inbound: boolean): Partial<Record<string, FieldValue>> {
  const { profile = "public", token = USER, icmp, interfaceType = 6, tunnelType = 0, luid = LUID, epoch = EPOCH } = flow;
  const current = flow.currentProfile ?? profile;
  const v6 = (flow.remote ?? "").includes(":");
  const arrival = inbound !== (flow.reauthorizedByOpposite ?? false);
  const flags = (flow.flags ?? 0) | (flow.reauthorizedByOpposite === true ? CONDITION_FLAG.IS_REAUTHORIZE : 0);
  const side = (present: boolean, value: FwpValue): FwpValue => (present ? value : EMPTY);
  return {
    IP_PROTOCOL: uint8(flow.protocol ?? 6),
    IP_LOCAL_ADDRESS: address(flow.local ?? (v6 ? "2001:db8::2" : "10.0.0.2")),
    IP_REMOTE_ADDRESS: address(flow.remote ?? "203.0.113.9"),
    IP_LOCAL_ADDRESS_TYPE: uint8(ADDRESS_TYPE.unicast),
    IP_LOCAL_PORT: uint16(icmp?.type ?? flow.localPort ?? 50000),
    IP_REMOTE_PORT: uint16(icmp?.code ?? flow.remotePort ?? 50001),
    ORIGINAL_ICMP_TYPE: icmp === undefined ? EMPTY : uint16(icmp.type),
    FLAGS: uint32(flags),
    ALE_APP_ID: byteBlob(appIdBlob(toAppId(flow.app ?? "C:\\Test\\program.exe"))),
    ALE_USER_ID: tokenAccessInformation(token),
    ALE_PACKAGE_ID: sidValue(typeof token.packageSid === "string" ? token.packageSid : NULL_SID),
    ALE_PACKAGE_FAMILY_NAME: tokenAccessInformation(token),
    ALE_SIO_FIREWALL_SYSTEM_PORT: uint32(flow.socketFlags ?? 0),
    ORIGINAL_PROFILE_ID: uint32(PROFILE_ID[profile]),
    CURRENT_PROFILE_ID: uint32(PROFILE_ID[current]),
    ARRIVAL_INTERFACE_PROFILE_ID: side(arrival, uint32(PROFILE_ID[current])),
    NEXTHOP_INTERFACE_PROFILE_ID: side(!arrival, uint32(PROFILE_ID[current])),
    IP_LOCAL_INTERFACE: uint64(luid),
    IP_ARRIVAL_INTERFACE: side(arrival, uint64(luid)),
    IP_NEXTHOP_INTERFACE: side(!arrival, uint64(luid)),
    ARRIVAL_INTERFACE_TYPE: side(arrival, uint32(interfaceType)),
    NEXTHOP_INTERFACE_TYPE: side(!arrival, uint32(interfaceType)),
    ARRIVAL_TUNNEL_TYPE: side(arrival, uint32(tunnelType)),
    NEXTHOP_TUNNEL_TYPE: side(!arrival, uint32(tunnelType)),
    INTERFACE_TYPE: uint32(interfaceType),
    TUNNEL_TYPE: uint32(tunnelType),
    INTERFACE_QUARANTINE_EPOCH: uint64(epoch),
    COMPARTMENT_ID: uint32(1),
    REAUTHORIZE_REASON: uint32(0),
    ...flow.fields,
  };
}

/** The value array of one indication: what is not said is empty. */
export function valuesFor(layer: Layer, flow: Flow, inbound: boolean): readonly FieldValue[] {
  const named = namedValues(flow, inbound);
  return layer.fields.map((field) => named[field.name] ?? EMPTY);
}

type Short = "bind" | "listen" | "accept" | "connect" | "icmp-in" | "icmp-out" | "no-endpoint" | "forward";

const LAYER: Readonly<Record<Short, readonly [string, inbound: boolean, discard?: true]>> = {
  bind: ["ALE_RESOURCE_ASSIGNMENT", false],
  listen: ["ALE_AUTH_LISTEN", false],
  accept: ["ALE_AUTH_RECV_ACCEPT", true],
  connect: ["ALE_AUTH_CONNECT", false],
  "icmp-in": ["INBOUND_ICMP_ERROR", true],
  "icmp-out": ["OUTBOUND_ICMP_ERROR", false],
  "no-endpoint": ["INBOUND_TRANSPORT", true, true],
  forward: ["IPFORWARD", true],
};

/** Asks a policy what it decides; remembers the engine. */
export class Asker {
  readonly engine: FilterEngine;

  constructor(policy: Policy, options: FilterEngineOptions = {}) {
    this.engine = new FilterEngine(policy, options);
  }

  /** The whole answer of one layer for one flow; the family is the remote address's. */
  ask(what: Short, flow: Flow = {}): CollectedTrace {
    const [base, inbound, discard] = LAYER[what];
    const family = (flow.remote ?? "").includes(":") ? 6 : 4;
    const name = `${base}_V${family}${discard === true ? "_DISCARD" : ""}` as LayerName;
    const layer = this.engine.layer(LAYER_KEY[name]);
    if (layer === undefined) throw new RangeError(`no layer ${name}`);
    return collectTrace(this.engine, layer, valuesFor(layer, flow, inbound), { metadata: {} }, { filters: true });
  }

  /**
   * "permit" or "block", and whose filter: `block Query User Default`, `permit -`. Several sublayers may permit; the rules' one, the
   * lowest, is named.
   */
  verdict(what: Short, flow: Flow = {}): string {
    const { decision, subLayers } = this.ask(what, flow);
    const filter = decision.verdict === "permit" ? subLayers.findLast((entry) => entry.action === "permit")?.filter : decision.filter;
    return `${decision.verdict} ${filter?.origin ?? "-"}`;
  }

  /** Names of the sublayers that blocked, by descending weight, without FWPM_SUBLAYER_MPSSVC_. */
  blockers(what: Short, flow: Flow = {}): readonly string[] {
    return this.ask(what, flow)
      .subLayers.filter((subLayer) => subLayer.action === "block")
      .map((subLayer) => subLayer.subLayerName.replace(/^FWPM_SUBLAYER_(MPSSVC_)?/, ""));
  }
}
