import {
  appIdPath,
  bitsOf,
  type Condition,
  FIELD_KEY,
  type FieldName,
  type FwpValue,
  type NumberRange,
  type Policy,
  type Sid,
} from "../../model/index.ts";

/** What the filters of a policy compare with: the values at which an answer may change. */
export interface PolicyConstants {
  ranges(field: FieldName, family: 4 | 6): readonly NumberRange[];
  /** Whether {@link ranges} are all there is: not where a filter looks at the bits of a number, or at a value by what it is not. */
  isExact(field: FieldName, family: 4 | 6): boolean;
  /** Application paths, lower case. */
  readonly apps: readonly string[];
  /** Packages that conditions name. */
  readonly packages: readonly Sid[];
  /** Accounts, groups and services in security descriptors on users. */
  readonly accounts: readonly Sid[];
  readonly interfaces: readonly bigint[];
}

const known = new WeakMap<Policy, PolicyConstants>();

/** Constants of a policy, found once. */
export function constantsOf(policy: Policy): PolicyConstants {
  const cached = known.get(policy);
  if (cached !== undefined) return cached;
  const byField = new Map<string, Condition[]>();
  for (const { conditions } of policy.filters) {
    for (const condition of conditions) {
      const list = byField.get(condition.fieldKey);
      if (list === undefined) byField.set(condition.fieldKey, [condition]);
      else list.push(condition);
    }
  }
  const conditionsOn = (...names: readonly FieldName[]) => names.flatMap((name) => byField.get(FIELD_KEY[name]) ?? []);
  const valuesOf = (...names: readonly FieldName[]) => conditionsOn(...names).map(({ value }) => value);
  const rangesOn = remembered((field, family) =>
    conditionsOn(field).flatMap((condition) => (isOfFamily(field, condition.value, family) ? [rangesOf(condition, family)] : [])),
  );
  const constants: PolicyConstants = {
    ranges: remembered((field, family) => unique(rangesOn(field, family).flatMap((ranges) => ranges ?? []))),
    isExact: remembered((field, family) =>
      NUMBERS.test(field)
        ? !rangesOn(field, family).includes(undefined)
        : conditionsOn(field).every(({ matchType }) => EQUALITY.has(matchType)),
    ),
    apps: [
      ...new Set(
        valuesOf("ALE_APP_ID", "ALE_ORIGINAL_APP_ID").flatMap((v) =>
          v.type === "FWP_BYTE_BLOB_TYPE" ? [appIdPath(v.value).toLowerCase()] : [],
        ),
      ),
    ],
    packages: [
      ...new Set(valuesOf("ALE_PACKAGE_ID").flatMap((v) => (v.type === "FWP_SID" && v.value.startsWith("S-1-15-2-") ? [v.value] : []))),
    ],
    accounts: [
      ...new Set(
        valuesOf("ALE_USER_ID").flatMap((value) =>
          value.type === "FWP_SECURITY_DESCRIPTOR_TYPE" ? (value.value.dacl ?? []).map((ace) => ace.sid) : [],
        ),
      ),
    ],
    interfaces: [
      ...new Set(
        valuesOf("IP_LOCAL_INTERFACE", "IP_ARRIVAL_INTERFACE", "IP_NEXTHOP_INTERFACE").flatMap((v) =>
          v.type === "FWP_UINT64" ? [v.value] : [],
        ),
      ),
    ],
  };
  known.set(policy, constants);
  return constants;
}

function remembered<T>(find: (field: FieldName, family: 4 | 6) => T): (field: FieldName, family: 4 | 6) => T {
  const found = new Map<string, T>();
  return (field, family) => {
    const key = `${field} ${family}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    const value = find(field, family);
    found.set(key, value);
    return value;
  };
}

const NUMBERS = /(ADDRESS|PORT|ICMP_TYPE)$/;
const EQUALITY: ReadonlySet<string> = new Set(["FWP_MATCH_EQUAL", "FWP_MATCH_NOT_EQUAL"]);

/** What either policy compares with. */
export function jointConstants(one: Policy, other: Policy): PolicyConstants {
  const [a, b] = [constantsOf(one), constantsOf(other)];
  const both = <T>(x: readonly T[], y: readonly T[]): readonly T[] => [...new Set([...x, ...y])];
  return {
    ranges: (field, family) => unique([...a.ranges(field, family), ...b.ranges(field, family)]),
    isExact: (field, family) => a.isExact(field, family) && b.isExact(field, family),
    apps: both(a.apps, b.apps),
    packages: both(a.packages, b.packages),
    accounts: both(a.accounts, b.accounts),
    interfaces: both(a.interfaces, b.interfaces),
  };
}

function unique(ranges: readonly NumberRange[]): readonly NumberRange[] {
  return [...new Map(ranges.map((range) => [`${range.low}-${range.high}`, range])).values()];
}

/** An IPv4 address is a UINT32, which in a field of addresses says nothing about IPv6. */
function isOfFamily(field: FieldName, value: FwpValue, family: 4 | 6): boolean {
  const type = value.type === "FWP_RANGE_TYPE" ? value.low.type : value.type;
  return !(family === 6 && type === "FWP_UINT32" && field.endsWith("ADDRESS"));
}

const bytesNumber = (bytes: Uint8Array): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** Numbers on whose edges a condition's answer turns; undefined where it looks at more than the order of numbers. */
function rangesOf({ matchType, value }: Condition, family: 4 | 6): readonly NumberRange[] | undefined {
  const own = rangeOf(value, family);
  if (own === undefined) return value.type === "FWP_V4_ADDR_MASK" && family === 4 ? undefined : [];
  const top = (1n << BigInt(bitsOf(value.type) ?? 0)) - 1n;
  const within = (low: bigint, high: bigint): readonly NumberRange[] => (low <= high ? [{ low, high }] : []);
  switch (matchType) {
    case "FWP_MATCH_EQUAL":
    case "FWP_MATCH_NOT_EQUAL":
    case "FWP_MATCH_RANGE":
      return [own];
    case "FWP_MATCH_GREATER":
      return within(own.high + 1n, top);
    case "FWP_MATCH_GREATER_OR_EQUAL":
      return within(own.low, top);
    case "FWP_MATCH_LESS":
      return within(0n, own.low - 1n);
    case "FWP_MATCH_LESS_OR_EQUAL":
      return within(0n, own.high);
    default:
      return undefined;
  }
}

/** The numbers that a condition's value stands for; undefined for what is no range of numbers or of the other family. */
function rangeOf(value: FwpValue, family: 4 | 6): NumberRange | undefined {
  switch (value.type) {
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT32":
      return { low: BigInt(value.value), high: BigInt(value.value) };
    case "FWP_BYTE_ARRAY16_TYPE": {
      const number = bytesNumber(value.value);
      return family === 6 ? { low: number, high: number } : undefined;
    }
    case "FWP_V4_ADDR_MASK": {
      const hosts = ~value.mask >>> 0;
      if (family !== 4 || (hosts & (hosts + 1)) !== 0) return undefined;
      const low = BigInt((value.address & value.mask) >>> 0);
      return { low, high: low | BigInt(hosts) };
    }
    case "FWP_V6_ADDR_MASK": {
      if (family !== 6) return undefined;
      const size = 1n << BigInt(128 - value.prefixLength);
      const low = (bytesNumber(value.address) / size) * size;
      return { low, high: low + size - 1n };
    }
    case "FWP_RANGE_TYPE": {
      const low = rangeOf(value.low, family);
      const high = rangeOf(value.high, family);
      return low === undefined || high === undefined ? undefined : { low: low.low, high: high.high };
    }
    default:
      return undefined;
  }
}
