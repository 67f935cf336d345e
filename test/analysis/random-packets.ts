import type { Random } from "../../bench/random.ts";
import type { LayerProgram } from "../../src/engine/index.ts";
import {
  bitsOf,
  EMPTY,
  type Field,
  type FieldValue,
  type FwpValue,
  type SecurityDescriptor,
  type Sid,
  type Token,
} from "../../src/model/index.ts";

/**
 * Packets of a layer for a recorded policy: half of the values are what its filters ask about, with neighbours and members of ranges, the
 * others anything that the type has.
 */
export function randomPackets(program: LayerProgram, random: Random): () => FieldValue[] {
  const asked = new Map<number, FwpValue[]>();
  const descriptors: SecurityDescriptor[] = [];
  for (const { fieldIndex, tests } of program.subLayers.flatMap(({ filters }) => filters).flatMap(({ groups }) => groups)) {
    const list = asked.get(fieldIndex) ?? [];
    asked.set(fieldIndex, list);
    for (const { condition } of tests) {
      list.push(condition.value);
      if (condition.value.type === "FWP_SECURITY_DESCRIPTOR_TYPE") descriptors.push(condition.value.value);
    }
  }
  const sids = [...new Set(descriptors.flatMap(({ dacl = [] }) => dacl.map(({ sid }) => sid)))];
  const drawn = (field: Field): FwpValue => {
    if (random.chance(0.05)) return EMPTY;
    if (field.dataType === "FWP_TOKEN_ACCESS_INFORMATION_TYPE" || field.dataType === "FWP_TOKEN_INFORMATION_TYPE") {
      return { type: field.dataType, value: randomToken(sids, descriptors, random) };
    }
    const list = asked.get(field.index) ?? [];
    const constant = list.length > 0 && random.chance(0.7) ? random.pick(list) : undefined;
    return (constant === undefined ? undefined : near(constant, field, random)) ?? anything(field, random);
  };
  return () => program.layer.fields.map(drawn);
}

function number(bits: number, random: Random): bigint {
  let result = 0n;
  for (let left = bits; left > 0; left -= 16)
    result = (result << BigInt(Math.min(16, left))) | BigInt(random.below(2 ** Math.min(16, left)));
  return result;
}

function fromNumber(type: Field["dataType"], value: bigint): FwpValue | undefined {
  const bits = bitsOf(type);
  if (bits === undefined || value < 0n || value >= 1n << BigInt(bits)) return undefined;
  switch (type) {
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT32":
      return { type, value: Number(value) };
    case "FWP_UINT64":
      return { type, value };
    case "FWP_BYTE_ARRAY16_TYPE":
    case "FWP_BYTE_ARRAY6_TYPE":
      return { type, value: Uint8Array.from({ length: bits / 8 }, (_, index) => Number((value >> BigInt(bits - 8 - index * 8)) & 255n)) };
    default:
      return undefined;
  }
}

function toNumber(value: FwpValue): bigint | undefined {
  if (!("value" in value)) return undefined;
  if (typeof value.value === "number" || typeof value.value === "bigint") return BigInt(value.value);
  if (!(value.value instanceof Uint8Array) || value.type === "FWP_BYTE_BLOB_TYPE") return undefined;
  return value.value.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** The condition's value, one beside it, one within it, or with other bits. */
function near(constant: FwpValue, field: Field, random: Random): FwpValue | undefined {
  const { dataType } = field;
  if (constant.type === "FWP_V4_ADDR_MASK")
    return fromNumber(dataType, BigInt(((constant.address & constant.mask) | (Number(number(32, random)) & ~constant.mask)) >>> 0));
  if (constant.type === "FWP_V6_ADDR_MASK") {
    const hosts = (1n << BigInt(128 - constant.prefixLength)) - 1n;
    const address = constant.address.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return fromNumber(dataType, (address & ~hosts) | (number(128, random) & hosts));
  }
  if (constant.type === "FWP_RANGE_TYPE") {
    const low = toNumber(constant.low);
    const high = toNumber(constant.high);
    if (low === undefined || high === undefined) return undefined;
    const within = low + (number(128, random) % (high - low + 1n));
    return fromNumber(dataType, random.pick([low - 1n, low, within, within, high, high + 1n]));
  }
  const value = toNumber(constant);
  if (value === undefined || constant.type !== dataType) return constant.type === dataType ? constant : undefined;
  const bit = 1n << BigInt(random.below(bitsOf(dataType) ?? 1));
  return fromNumber(dataType, random.pick([value, value, value, value - 1n, value + 1n, value ^ bit]));
}

function anything({ dataType }: Field, random: Random): FwpValue {
  const bits = bitsOf(dataType);
  const whole =
    bits === undefined ? undefined : fromNumber(dataType, random.chance(0.5) ? number(bits, random) : BigInt(random.below(256)));
  if (whole !== undefined) return whole;
  if (dataType === "FWP_BYTE_BLOB_TYPE")
    return { type: dataType, value: Uint8Array.from({ length: random.below(40) * 2 }, () => random.below(128)) };
  if (dataType === "FWP_SID") return { type: dataType, value: random.chance(0.5) ? "S-1-0-0" : `S-1-15-2-${random.below(9)}` };
  if (dataType === "FWP_UNICODE_STRING_TYPE") return { type: dataType, value: `any ${random.below(100)}` };
  return EMPTY;
}

const isAccount = (sid: Sid): boolean => /^S-1-5-(18|19|20|7|21-.*)$/.test(sid);
const isListed = (sid: Sid): boolean => !/^S-1-(5-(7|10|18|19|20)|3-[0-4]|0-0|15-[23]-.*)$/.test(sid);

/** A token as Windows makes them: accounts are users, packages and capabilities have lists of their own. */
function randomToken(sids: readonly Sid[], descriptors: readonly SecurityDescriptor[], random: Random): Token {
  const accounts = [...sids.filter(isAccount), "S-1-5-18" as const, "S-1-5-20" as const, "S-1-5-21-5-6-7-1007" as const];
  const packages = [...sids.filter((sid) => /^S-1-15-2-\d+-/.test(sid)), "S-1-15-2-5-5-5-5-5-5-5" as const];
  const few = (list: readonly Sid[]) => list.filter(() => random.chance(2 / Math.max(list.length, 4)));
  const texts = descriptors.flatMap(({ dacl = [] }) => dacl.flatMap(({ condition }) => textsIn(condition)));
  const isContained = random.chance(0.3);
  return {
    user: random.pick(accounts),
    groups: few(sids.filter(isListed)),
    packageSid: isContained ? random.pick(packages) : null,
    capabilities: isContained ? few(sids.filter((sid) => sid.startsWith("S-1-15-3-"))) : [],
    attributes: {
      "WIN://SYSAPPID": texts.length > 0 && random.chance(0.3) ? [random.pick(texts)] : [],
      ...(random.chance(0.1) ? { "WIN://NOALLAPPPKG": [1n] } : {}),
    },
  };
}

/** Every text in a conditional ACE's expression. */
function textsIn(expression: unknown): string[] {
  if (typeof expression !== "object" || expression === null) return [];
  return Object.entries(expression).flatMap(([key, value]) =>
    key === "value" && typeof value === "string" ? [value] : Array.isArray(value) ? value.flatMap(textsIn) : textsIn(value),
  );
}
