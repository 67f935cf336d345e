import fc from "fast-check";
import {
  type AleEndpoint,
  CALLOUT_FLAG,
  CALLOUT_KEY,
  type CalloutObject,
  type Condition,
  EMPTY,
  FIELD_KEY,
  type Filter,
  type FwpValue,
  type Guid,
  type IpAddress,
  LAYER_KEY,
  layersOfFamily,
  MATCH_TYPE,
  type MatchType,
  type Policy,
  PROVIDER_CONTEXT_KEY,
  PROVIDER_KEY,
  type Provider,
  type ProviderContext,
  type ProviderContextBody,
  parseSddl,
  type Session,
  type Sid,
  SUBLAYER_KEY,
  type SubLayer,
} from "../../../src/model/index.ts";

/** Text with everything that XML is touchy about, blanks at the ends included. */
export const text = fc
  .array(fc.constantFrom("a", "Z", "0", " ", "\n", "\t", "\r", "&", "<", ">", '"', "'", "]]>", "é", "日", "😀", "\\", "&amp;", "\u00a0"), {
    maxLength: 12,
  })
  .map((parts) => parts.join(""));

const notEmpty = text.filter((value) => value !== "");
const word = fc.array(fc.constantFrom("a", "b", "Z", "0", "_"), { minLength: 1, maxLength: 8 }).map((parts) => `x${parts.join("")}`);

const guid: fc.Arbitrary<Guid> = fc.uuid().map((value): Guid => `{${value}}`);
const keyAmong = (table: Readonly<Record<string, string>>): fc.Arbitrary<Guid> =>
  fc.oneof(fc.constantFrom(...(Object.values(table) as Guid[])), guid);
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });

const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const blob = optional(bytes(0, 12));
const uint32 = fc.nat(0xffffffff);
const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const sid = fc.constantFrom<Sid>("S-1-0-0", "S-1-5-18", "S-1-15-2-1-2-3", "S-1-5-80-4294967295-0");
const flags = (bits: number) => fc.nat(0xffffffff).map((value) => (value & bits) >>> 0);

const DESCRIPTORS = [
  "D:",
  "O:LSD:(A;;CC;;;S-1-15-3-1)(A;;CC;;;WD)(A;;CC;;;AN)",
  'O:SYG:SYD:(XA;;CC;;;WD;(WIN://SYSAPPID Contains "A & B <c>"))',
  "O:BAD:P(D;;CCRC;;;S-1-5-80-1-2)S:(ML;;NW;;;LW)",
].map((sddl) => parseSddl(sddl));

const numeric = (type: "FWP_UINT8" | "FWP_UINT16" | "FWP_UINT32" | "FWP_INT8" | "FWP_INT16" | "FWP_INT32", min: number, max: number) =>
  fc.integer({ min, max }).map((value): FwpValue => ({ type, value }));

/** Values of every type that a file can hold; ranges have no ranges in them. */
const plainValue: fc.Arbitrary<FwpValue> = fc.oneof(
  fc.constant(EMPTY),
  numeric("FWP_UINT8", 0, 0xff),
  numeric("FWP_UINT16", 0, 0xffff),
  numeric("FWP_UINT32", 0, 0xffffffff),
  numeric("FWP_INT8", -0x80, 0x7f),
  numeric("FWP_INT16", -0x8000, 0x7fff),
  numeric("FWP_INT32", -0x80000000, 0x7fffffff),
  uint64.map((value): FwpValue => ({ type: "FWP_UINT64", value })),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map((value): FwpValue => ({ type: "FWP_INT64", value })),
  // XML has no sign for zero.
  fc
    .tuple(
      fc.constantFrom("FWP_FLOAT" as const, "FWP_DOUBLE" as const),
      fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
    )
    .map(([type, value]): FwpValue => ({ type, value })),
  bytes(16, 16).map((value): FwpValue => ({ type: "FWP_BYTE_ARRAY16_TYPE", value })),
  bytes(6, 6).map((value): FwpValue => ({ type: "FWP_BYTE_ARRAY6_TYPE", value })),
  bytes(0, 9).map((value): FwpValue => ({ type: "FWP_BYTE_BLOB_TYPE", value })),
  fc.constantFrom("5c006400650076000000", "530079007300740065006d000000", "26003c000000", "3d000000").map(
    (hex): FwpValue => ({
      type: "FWP_BYTE_BLOB_TYPE",
      value: Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
    }),
  ),
  sid.map((value): FwpValue => ({ type: "FWP_SID", value })),
  fc.constantFrom(...DESCRIPTORS).map((value): FwpValue => ({ type: "FWP_SECURITY_DESCRIPTOR_TYPE", value })),
  text.map((value): FwpValue => ({ type: "FWP_UNICODE_STRING_TYPE", value })),
  fc.nat(63).map((value): FwpValue => ({ type: "FWP_BITMAP_INDEX_TYPE", value })),
  uint64.map((value): FwpValue => ({ type: "FWP_BITMAP_ARRAY64_TYPE", value })),
  fc.tuple(uint32, uint32).map(([address, mask]): FwpValue => ({ type: "FWP_V4_ADDR_MASK", address, mask })),
  fc.tuple(bytes(16, 16), fc.nat(128)).map(([address, prefixLength]): FwpValue => ({ type: "FWP_V6_ADDR_MASK", address, prefixLength })),
);

const value = fc.oneof(
  { weight: 5, arbitrary: plainValue },
  { weight: 1, arbitrary: fc.tuple(plainValue, plainValue).map(([low, high]): FwpValue => ({ type: "FWP_RANGE_TYPE", low, high })) },
);

const condition: fc.Arbitrary<Condition> = fc.record({
  fieldKey: keyAmong(FIELD_KEY),
  matchType: fc.constantFrom(...(Object.keys(MATCH_TYPE) as MatchType[])),
  value,
});

const common = { name: text, description: text, providerKey: optional(keyAmong(PROVIDER_KEY)), providerData: blob };

/** Few layers, so that files stay small; the first one tells the schema family. */
const LAYERS = layersOfFamily("C").filter((layer) =>
  ([LAYER_KEY.ALE_AUTH_CONNECT_V4, LAYER_KEY.INBOUND_TRANSPORT_V6_DISCARD, LAYER_KEY.RPC_UM] as Guid[]).includes(layer.key),
);

const provider: fc.Arbitrary<Provider> = fc.record({
  key: keyAmong(PROVIDER_KEY),
  name: text,
  description: text,
  flags: flags(0xff),
  data: blob,
  serviceName: optional(word),
});

const body: fc.Arbitrary<ProviderContextBody> = fc.oneof(
  bytes(0, 12).map((data): ProviderContextBody => ({ kind: "data", data })),
  fc
    .array(fc.record({ type: word, value: uint64 }), { maxLength: 2 })
    .map((options): ProviderContextBody => ({ kind: "classify-options", options })),
  fc
    .constantFrom(
      "",
      "<policy/>",
      '<policy><list numItems="2"><item>1</item><item/></list><name> a &amp; b </name><flags/></policy>',
      "<a>1</a><b><c><d/></c></b>",
    )
    .map((xml): ProviderContextBody => ({ kind: "opaque", text: xml })),
);

const providerContext: fc.Arbitrary<ProviderContext> = fc.record({
  ...common,
  key: keyAmong(PROVIDER_CONTEXT_KEY),
  id: uint64,
  flags: flags(0x3),
  type: word,
  body,
});

const callout: fc.Arbitrary<CalloutObject> = fc
  .record({
    ...common,
    key: keyAmong(CALLOUT_KEY),
    name: notEmpty,
    flags: flags(~CALLOUT_FLAG.FWPM_CALLOUT_FLAG_REGISTERED),
    applicableLayer: fc.constantFrom(...LAYERS.map((layer) => layer.key)),
    calloutId: uint32,
    registered: fc.boolean(),
  })
  .map((object) => ({
    ...object,
    flags: (object.registered ? object.flags | CALLOUT_FLAG.FWPM_CALLOUT_FLAG_REGISTERED : object.flags) >>> 0,
  }));

const session: fc.Arbitrary<Session> = fc.record({
  key: guid,
  name: text,
  description: text,
  flags: flags(0x1),
  txnWaitTimeoutInMSec: uint32,
  processId: uint32,
  sid: optional(sid),
  userName: text,
  kernelMode: fc.boolean(),
});

const address4 = uint32.map((number): IpAddress => ({ family: 4, value: number }));
const address6 = bytes(16, 16).map((list): IpAddress => ({ family: 6, bytes: list }));

const endpoint: fc.Arbitrary<AleEndpoint> = fc
  .tuple(
    fc.oneof(fc.tuple(fc.constant<4>(4), address4, address4), fc.tuple(fc.constant<6>(6), address6, address6)),
    fc.record({
      endpointId: uint64,
      protocol: fc.nat(255),
      localPort: fc.nat(65535),
      remotePort: fc.nat(65535),
      appId: optional(notEmpty),
    }),
  )
  .map(([[family, local, remote], rest]) => ({ family, local, remote, ...rest }));

const subLayer: fc.Arbitrary<SubLayer> = fc.record({
  ...common,
  key: keyAmong(SUBLAYER_KEY),
  flags: flags(0x1),
  weight: fc.nat(0xffff),
  weightKnown: fc.constant(true),
});

interface Targets {
  readonly callouts: readonly Guid[];
  readonly subLayers: readonly Guid[];
}

const STRAY_LAYER: Guid = "{00000000-0000-4000-8000-0000000000aa}";

function filter({ callouts, subLayers }: Targets): fc.Arbitrary<Filter> {
  const plain = fc
    .tuple(fc.constantFrom("FWP_ACTION_BLOCK" as const, "FWP_ACTION_PERMIT" as const), fc.option(guid))
    .map(([type, filterType]): Filter["action"] => (filterType === null ? { type } : { type, filterType }));
  const types = fc.constantFrom(
    "FWP_ACTION_CALLOUT_TERMINATING" as const,
    "FWP_ACTION_CALLOUT_INSPECTION" as const,
    "FWP_ACTION_CALLOUT_UNKNOWN" as const,
  );
  const calling = callouts.map((calloutKey) => types.map((type): Filter["action"] => ({ type, calloutKey })));
  return fc
    .record({
      ...common,
      key: guid,
      flags: fc.nat(0xffffffff).map((bits) => bits >>> 0),
      namedFlags: fc.subarray(["FWPM_FILTER_FLAG_HAS_PACKAGE_ID_CONDITION_CONVERTED_TO_PFN", "FWPM_FILTER_FLAG_OF_TOMORROW"]),
      layerKey: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...LAYERS.map((layer) => layer.key)) }, fc.constant(STRAY_LAYER)),
      subLayerKey: fc.constantFrom(...subLayers),
      weight: fc.oneof(
        fc.constant<Filter["weight"]>({ type: "FWP_EMPTY" }),
        fc.nat(15).map((number): Filter["weight"] => ({ type: "FWP_UINT8", value: number })),
        uint64.map((number): Filter["weight"] => ({ type: "FWP_UINT64", value: number })),
      ),
      conditions: fc.array(condition, { maxLength: 5 }),
      action: fc.oneof(plain, ...calling),
      rawContext: uint64,
      providerContextKey: optional(guid),
      filterId: uint64,
      effectiveWeight: uint64,
      origin: fc.constant(null),
    })
    .map((object): Filter => (object.providerContextKey === null ? object : { ...object, rawContext: 0n }));
}

const distinct = <T extends { readonly key: Guid }>(arbitrary: fc.Arbitrary<T>, minLength: number, maxLength: number) =>
  fc.uniqueArray(arbitrary, { minLength, maxLength, selector: ({ key }) => key });

/** Policies that a dump could hold: every object listed, filters grouped by layer as `<wfpstate>` has them. */
export const statePolicy: fc.Arbitrary<Policy> = fc
  .record({
    timeStamp: optional(fc.constant("2026-01-02T03:04:05.678Z")),
    subLayers: distinct(subLayer, 1, 4),
    providers: distinct(provider, 0, 3),
    providerContexts: distinct(providerContext, 0, 3),
    callouts: distinct(callout, 0, 4),
    sessions: distinct(session, 0, 2),
    endpoints: fc.array(endpoint, { maxLength: 2 }),
  })
  .chain((objects) => {
    const targets = { callouts: objects.callouts.map(({ key }) => key), subLayers: objects.subLayers.map(({ key }) => key) };
    return fc.array(filter(targets), { maxLength: 6 }).map((filters): Policy => {
      const layerKeys = [...LAYERS.map((layer) => layer.key), STRAY_LAYER];
      const place = ({ layerKey }: { readonly layerKey: Guid }) => layerKeys.indexOf(layerKey);
      const calloutPlace = ({ applicableLayer }: CalloutObject) => (applicableLayer === null ? -1 : layerKeys.indexOf(applicableLayer));
      return {
        ...objects,
        source: "arbitrary",
        completeness: "state",
        schemaFamily: "C",
        layers: LAYERS,
        callouts: objects.callouts.toSorted((a, b) => calloutPlace(a) - calloutPlace(b)),
        filters: filters.toSorted((a, b) => place(a) - place(b)),
        diagnostics: [],
      };
    });
  });
