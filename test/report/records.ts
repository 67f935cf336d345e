import {
  type Condition,
  type Decision,
  FIELD_KEY,
  type Fidelity,
  type FieldValue,
  type Filter,
  type FilterAction,
  type FilterResult,
  type FlowTrace,
  type IndicationRecord,
  LAYER_KEY,
  type Layer,
  type LayerName,
  layersOfWindows,
  type Policy,
  PROVIDER_KEY,
  parseFlow,
  SUBLAYER_KEY,
  type SubLayerResult,
  type TraceStep,
  UNKNOWN,
  uint8,
  uint16,
  uint32,
  type Verdict,
} from "../../src/model/index.ts";
import { PLAIN_STYLE, type TextOptions } from "../../src/report/index.ts";

/** Records made by hand, so that renderers are tested without the rooms that produce them. */

export const TEXT: TextOptions = { style: PLAIN_STYLE, verbose: 0, width: 120 };

export function layer(name: LayerName): Layer {
  const found = layersOfWindows("11").find((candidate) => candidate.key === LAYER_KEY[name]);
  if (found === undefined) throw new RangeError(name);
  return found;
}

export const PORT_445: Condition = { fieldKey: FIELD_KEY.IP_LOCAL_PORT, matchType: "FWP_MATCH_EQUAL", value: uint16(445) };
export const TCP: Condition = { fieldKey: FIELD_KEY.IP_PROTOCOL, matchType: "FWP_MATCH_EQUAL", value: uint8(6) };
export const PRIVATE: Condition = { fieldKey: FIELD_KEY.CURRENT_PROFILE_ID, matchType: "FWP_MATCH_EQUAL", value: uint32(2) };

export function filter(filterId: number, name: string, options: Partial<Filter> = {}): Filter {
  return {
    key: `{00000000-0000-4000-8000-${String(filterId).padStart(12, "0")}}`,
    name,
    description: "",
    flags: 0,
    namedFlags: [],
    providerKey: PROVIDER_KEY.MPSSVC_WF,
    providerData: null,
    layerKey: LAYER_KEY.ALE_AUTH_RECV_ACCEPT_V4,
    subLayerKey: SUBLAYER_KEY.MPSSVC_WF,
    weight: { type: "FWP_UINT8", value: 10 },
    conditions: [TCP, PORT_445],
    action: { type: "FWP_ACTION_BLOCK" } satisfies FilterAction,
    rawContext: 0n,
    providerContextKey: null,
    filterId: BigInt(filterId),
    effectiveWeight: 0xa006_0000_0000_0000n,
    origin: null,
    ...options,
  };
}

export const BLOCK_SMB = filter(71234, "Block SMB - Public", { origin: "Block SMB rule", line: 4711 });
export const ALLOW_SMB = filter(70990, "File and Printer Sharing (SMB-In)", {
  action: { type: "FWP_ACTION_PERMIT" },
  conditions: [TCP, PORT_445, PRIVATE],
  effectiveWeight: 0x9006_0000_0000_0000n,
});

export const BLOCKED: Decision = {
  verdict: "block",
  code: "FILTER_BLOCK",
  filter: BLOCK_SMB,
  absorbed: false,
  alternatives: [],
  dependsOn: [],
};

export const NO_MATCH: Decision = {
  verdict: "permit",
  code: "NO_MATCH_PERMIT",
  filter: null,
  absorbed: false,
  alternatives: [],
  dependsOn: [],
};

export const UNDECIDED: Decision = {
  verdict: "indeterminate",
  code: "INDETERMINATE_CALLOUT_AND_FIELD",
  filter: null,
  absorbed: false,
  alternatives: [
    { verdict: "permit", code: "FILTER_PERMIT", filter: ALLOW_SMB },
    { verdict: "block", code: "FILTER_BLOCK", filter: BLOCK_SMB },
  ],
  dependsOn: [
    { kind: "field", fieldKey: FIELD_KEY.CURRENT_PROFILE_ID, field: "CURRENT_PROFILE_ID" },
    {
      kind: "callout",
      calloutKey: "{11111111-2222-4333-8444-555555555555}",
      calloutName: "Example inspection",
      filterId: 555n,
      filterName: "Inspect all",
    },
  ],
};

export const OPEN = { action: "none", rights: "soft" } as const;

export function subLayer(name: keyof typeof SUBLAYER_KEY, weight: number, result: Partial<SubLayerResult> = {}): SubLayerResult {
  return {
    subLayerKey: SUBLAYER_KEY[name],
    subLayerName: `display name of ${name}`,
    weight,
    filters: 3,
    filter: null,
    action: "continue",
    rights: null,
    before: OPEN,
    after: OPEN,
    candidates: [],
    vetoed: false,
    ...result,
  };
}

export const WF_BLOCKS = subLayer("MPSSVC_WF", 2, {
  filter: BLOCK_SMB,
  action: "block",
  rights: "hard",
  after: { action: "block", rights: "hard" },
});

export const FIDELITY: Fidelity = {
  filters: 1254,
  filtersModelled: 1200,
  conditions: 3000,
  conditionsModelled: 3000,
  calloutsUsed: 20,
  calloutsModelled: 17,
};

export function policy(members: Partial<Policy> = {}): Policy {
  return {
    source: "wfpstate.xml",
    completeness: "state",
    timeStamp: "2024-05-01T10:00:00Z",
    schemaFamily: "C",
    layers: layersOfWindows("11"),
    subLayers: [
      { ...emptyObject, key: SUBLAYER_KEY.MPSSVC_WF, name: "Windows Firewall", weight: 2, weightKnown: true },
      { ...emptyObject, key: "{99999999-2222-4333-8444-555555555555}", name: "Example VPN", weight: 0xffff, weightKnown: false },
    ],
    providers: [
      { key: PROVIDER_KEY.MPSSVC_WF, name: "Microsoft Corporation", description: "", flags: 1, data: null, serviceName: "mpssvc" },
    ],
    providerContexts: [],
    callouts: [],
    sessions: [],
    filters: [ALLOW_SMB, BLOCK_SMB],
    endpoints: [],
    diagnostics: [],
    ...members,
  };
}

const emptyObject = { description: "", flags: 0, providerKey: null, providerData: null } as const;

/** The values of a layer: some by field name, the others unknown. */
export function values(of: Layer, told: Readonly<Record<string, FieldValue>>): FieldValue[] {
  return of.fields.map((field) => told[field.name] ?? UNKNOWN);
}

const results: FilterResult[] = [
  {
    filter: BLOCK_SMB,
    truth: "true",
    conditions: [
      { condition: TCP, truth: "true" },
      { condition: PORT_445, truth: "true" },
    ],
    consulted: true,
  },
  {
    filter: ALLOW_SMB,
    truth: "false",
    conditions: [
      { condition: TCP, truth: "true" },
      { condition: PORT_445, truth: "true" },
      { condition: PRIVATE, truth: "false" },
    ],
    consulted: true,
  },
];

/** Two layers: nothing at the transport, then `decision` at RECV_ACCEPT, then one that is not reached. */
export function trace(decision: Decision, verdict: Verdict = decision.verdict): FlowTrace {
  const accept = layer("ALE_AUTH_RECV_ACCEPT_V4");
  const quiet = (name: LayerName, reached: boolean): TraceStep => ({
    event: "SYN",
    direction: "inbound",
    layer: layer(name),
    values: [],
    flags: [],
    reached,
    decision: reached ? NO_MATCH : null,
    subLayers: [],
    filters: [],
    nearMisses: [],
  });
  const told = { IP_PROTOCOL: uint8(6), IP_LOCAL_PORT: uint16(445), CURRENT_PROFILE_ID: uint32(1) };
  const acceptValues = values(accept, told);
  const decisive: TraceStep = {
    ...quiet("ALE_AUTH_RECV_ACCEPT_V4", true),
    values: acceptValues,
    decision,
    subLayers: [subLayer("MPSSVC_WSH", 3), decision.verdict === "block" ? WF_BLOCKS : subLayer("MPSSVC_WF", 2)],
    filters: results,
    nearMisses: [{ filter: ALLOW_SMB, failed: [PRIVATE], actual: uint32(1) }],
  };
  return {
    flow: parseFlow("in tcp 203.0.113.9:51000 > 10.0.0.5:445 app=System profile=public"),
    assumptions: ["a listener exists on port 445"],
    steps: [quiet("INBOUND_TRANSPORT_V4", true), decisive, quiet("ALE_FLOW_ESTABLISHED_V4", false)],
    verdict,
    code: decision.code,
    decisive,
    dependsOn: decision.dependsOn,
    observed: { application: "nothing: the listener never learns of it", peer: "no answer: the connection times out" },
  };
}

export function indication(decision: Decision, members: Partial<IndicationRecord> = {}): IndicationRecord {
  const accept = layer("ALE_AUTH_RECV_ACCEPT_V4");
  return {
    type: "indication",
    seq: 7,
    time: 0.0312,
    host: "server",
    event: "SYN",
    direction: "inbound",
    layer: accept,
    flow: { protocol: 6, local: "10.0.0.5:445", remote: "203.0.113.9:51000" },
    flags: [],
    reauthorize: false,
    values: values(accept, { IP_PROTOCOL: uint8(6) }),
    metadata: {},
    decision,
    subLayers: decision.verdict === "block" ? [WF_BLOCKS] : [],
    ...members,
  };
}
