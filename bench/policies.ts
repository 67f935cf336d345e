import {
  appIdBlob,
  byteBlob,
  CONDITION_FLAG,
  type Condition,
  EMPTY,
  FIELD_KEY,
  FILTER_FLAG,
  type FieldName,
  type FieldValue,
  type Filter,
  type FwpValue,
  type Guid,
  LAYER_KEY,
  type Layer,
  type LayerName,
  layersOfFamily,
  type MatchType,
  type Policy,
  range,
  type Sid,
  type SubLayer,
  securityDescriptor,
  sidValue,
  type Token,
  tokenAccessInformation,
  uint8,
  uint16,
  uint32,
  uint64,
  v4AddrMask,
} from "../src/model/index.ts";
import { type Random, seededRandom } from "./random.ts";

const guid = (number: number): Guid => `{00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}}`;

/** Weights of the generated sublayers: a few third parties above Windows Firewall's. */
const SUBLAYER_WEIGHTS = [0xa000, 0x9000, 0x8000, 0x1000, 5, 4, 3, 2];

const APPS = Array.from({ length: 400 }, (_, index) =>
  byteBlob(appIdBlob(`\\device\\harddiskvolume3\\program files\\vendor ${index % 40}\\app${index}.exe`)),
);
const SERVICES = Array.from({ length: 60 }, (_, index): Sid => `S-1-5-80-${index}-2-3-4-5`);
const PACKAGES = Array.from({ length: 80 }, (_, index): Sid => `S-1-15-2-${index}-2-3-4-5-6-7`);
const PORTS = [22, 53, 80, 135, 137, 138, 139, 443, 445, 1900, 3389, 5353, 5355, 5985, 7680];
const PROTOCOLS = [1, 6, 6, 6, 17, 17, 58];

const DESCRIPTORS = SERVICES.map((sid) =>
  securityDescriptor({ dacl: [{ kind: "allow", flags: [], mask: 1, sid }], sddl: `D:(A;;CC;;;${sid})` }),
);

const TOKENS = Array.from({ length: 24 }, (_, index): FwpValue => {
  const token: Token = {
    user: index % 3 === 0 ? "S-1-5-18" : `S-1-5-21-1-2-3-${1000 + (index % 4)}`,
    groups: ["S-1-1-0", "S-1-5-11", SERVICES[index * 2] ?? "S-1-5-32-545"],
    packageSid: null,
    capabilities: [],
    attributes: {},
  };
  return tokenAccessInformation(token);
});

const LUIDS = Array.from({ length: 6 }, (_, index) => uint64(0x6000000000000n + BigInt(index)));

const is = (field: FieldName, value: FwpValue, matchType: MatchType = "FWP_MATCH_EQUAL"): Condition => ({
  fieldKey: FIELD_KEY[field],
  matchType,
  value,
});

function addressCondition(random: Random, field: FieldName): Condition {
  const address = (10 << 24) + random.below(1 << 20);
  const kind = random.below(10);
  if (kind < 4) return is(field, uint32(address >>> 0));
  if (kind < 8) return is(field, v4AddrMask(address >>> 0, (-1 << (32 - 8 - random.below(17))) >>> 0));
  return is(field, range(uint32(address >>> 0), uint32((address + random.below(4096)) >>> 0)), "FWP_MATCH_RANGE");
}

function portCondition(random: Random, field: FieldName): Condition {
  if (random.chance(0.15)) {
    const low = random.below(60000);
    return is(field, range(uint16(low), uint16(low + random.below(5000))), "FWP_MATCH_RANGE");
  }
  return is(field, uint16(random.chance(0.5) ? random.pick(PORTS) : random.below(65536)));
}

/** The conditions of a filter as firewall rules, service hardening and security products write them, over fifteen fields. */
function conditions(random: Random): Condition[] {
  const list: Condition[] = [];
  if (random.chance(0.75)) list.push(is("IP_PROTOCOL", uint8(random.pick(PROTOCOLS))));
  if (random.chance(0.5))
    for (let count = random.chance(0.2) ? 4 : 1; count > 0; count--) list.push(portCondition(random, "IP_LOCAL_PORT"));
  if (random.chance(0.2)) list.push(portCondition(random, "IP_REMOTE_PORT"));
  if (random.chance(0.45))
    for (let count = random.chance(0.2) ? 5 : 1; count > 0; count--) list.push(addressCondition(random, "IP_REMOTE_ADDRESS"));
  if (random.chance(0.1)) list.push(addressCondition(random, "IP_LOCAL_ADDRESS"));
  if (random.chance(0.55)) list.push(is("ALE_APP_ID", random.pick(APPS)));
  if (random.chance(0.2)) list.push(is("ALE_USER_ID", random.pick(DESCRIPTORS)));
  if (random.chance(0.1)) list.push(is("ALE_PACKAGE_ID", sidValue(random.pick(PACKAGES))));
  if (random.chance(0.4)) list.push(is("ORIGINAL_PROFILE_ID", uint32(1 + random.below(3))));
  if (random.chance(0.1)) list.push(is("CURRENT_PROFILE_ID", uint32(1 + random.below(3))));
  if (random.chance(0.15)) list.push(is("FLAGS", uint32(CONDITION_FLAG.IS_LOOPBACK), "FWP_MATCH_FLAGS_NONE_SET"));
  if (random.chance(0.03)) list.push(is("FLAGS", uint32(CONDITION_FLAG.IS_LOOPBACK), "FWP_MATCH_FLAGS_ALL_SET"));
  if (random.chance(0.08)) list.push(is("IP_LOCAL_INTERFACE", random.pick(LUIDS)));
  if (random.chance(0.08)) list.push(is("INTERFACE_TYPE", uint32(random.pick([6, 24, 71, 131]))));
  if (random.chance(0.05)) list.push(is("TUNNEL_TYPE", uint32(random.pick([0, 1, 14]))));
  if (random.chance(0.03)) list.push(is("ORIGINAL_ICMP_TYPE", uint16(random.pick([3, 8, 11]))));
  if (random.chance(0.05)) list.push(is("IP_LOCAL_ADDRESS_TYPE", uint8(1 + random.below(4))));
  if (list.length === 0) list.push(is("IP_PROTOCOL", uint8(random.pick(PROTOCOLS))));
  return list;
}

function layerNamed(name: LayerName): Layer {
  const layer = layersOfFamily("C").find((candidate) => candidate.key === LAYER_KEY[name]);
  if (layer === undefined) throw new RangeError(`no layer ${name}`);
  return layer;
}

export interface GeneratedPolicy {
  readonly policy: Policy;
  readonly layer: Layer;
}

/** A policy of `size` filters at ALE_AUTH_RECV_ACCEPT_V4: static ones in eight sublayers, a default block in the lowest. */
export function generatePolicy(size: number, seed = 1): GeneratedPolicy {
  const random = seededRandom(seed);
  const layer = layerNamed("ALE_AUTH_RECV_ACCEPT_V4");
  const subLayers = SUBLAYER_WEIGHTS.map((weight, index): SubLayer => {
    return {
      key: guid(index + 1),
      name: `generated ${index}`,
      description: "",
      flags: 0,
      providerKey: null,
      providerData: null,
      weight,
      weightKnown: true,
    };
  });
  const filters = Array.from({ length: size }, (_, index): Filter => {
    // Windows Firewall holds half of all filters.
    const lowest = subLayers.length - 1;
    const subLayer = subLayers[index === 0 || random.chance(0.5) ? lowest : random.below(lowest)] as SubLayer;
    const weight = BigInt(index === 0 ? 0 : 1 + random.below(1 << 30));
    return {
      key: guid(0x10000 + index),
      name: `generated filter ${index}`,
      description: "",
      flags: random.chance(0.05) ? FILTER_FLAG.CLEAR_ACTION_RIGHT : 0,
      namedFlags: [],
      providerKey: null,
      providerData: null,
      layerKey: layer.key,
      subLayerKey: subLayer.key,
      weight: { type: "FWP_UINT64", value: weight },
      conditions: index === 0 ? [] : conditions(random),
      action: { type: index === 0 || random.chance(0.35) ? "FWP_ACTION_BLOCK" : "FWP_ACTION_PERMIT" },
      rawContext: 0n,
      providerContextKey: null,
      filterId: BigInt(1000 + index),
      effectiveWeight: weight,
      origin: null,
    };
  });
  const policy: Policy = {
    source: `generated, ${size} filters`,
    completeness: "built",
    timeStamp: null,
    schemaFamily: "C",
    layers: layersOfFamily("C"),
    subLayers,
    providers: [],
    providerContexts: [],
    callouts: [],
    sessions: [],
    filters,
    endpoints: [],
    diagnostics: [],
  };
  return { policy, layer };
}

/** Values of arriving connections for a generated policy, drawn from what its filters ask about, with fresh ephemeral ports and peers. */
export function generateTraffic(layer: Layer, count: number, seed = 2): FieldValue[][] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const protocol = random.pick(PROTOCOLS);
    const profile = uint32(1 + random.below(3));
    const drawn: Partial<Record<string, FwpValue>> = {
      IP_PROTOCOL: uint8(protocol),
      IP_LOCAL_PORT: uint16(random.chance(0.7) ? random.pick(PORTS) : random.below(65536)),
      IP_REMOTE_PORT: uint16(random.chance(0.2) ? random.pick(PORTS) : 49152 + random.below(16384)),
      IP_REMOTE_ADDRESS: uint32(((10 << 24) + random.below(1 << 20)) >>> 0),
      IP_LOCAL_ADDRESS: uint32(((10 << 24) + random.below(64)) >>> 0),
      ALE_APP_ID: random.pick(APPS),
      ALE_USER_ID: random.pick(TOKENS),
      ALE_PACKAGE_ID: sidValue(random.chance(0.9) ? "S-1-0-0" : random.pick(PACKAGES)),
      ORIGINAL_PROFILE_ID: profile,
      CURRENT_PROFILE_ID: profile,
      FLAGS: uint32(random.chance(0.05) ? CONDITION_FLAG.IS_LOOPBACK : 0),
      IP_LOCAL_INTERFACE: random.pick(LUIDS),
      INTERFACE_TYPE: uint32(random.pick([6, 71])),
      TUNNEL_TYPE: uint32(0),
      ORIGINAL_ICMP_TYPE: protocol === 1 ? uint16(8) : EMPTY,
      IP_LOCAL_ADDRESS_TYPE: uint8(1),
    };
    return layer.fields.map((field): FieldValue => drawn[field.name] ?? EMPTY);
  });
}
