import { collectTrace, type FilterEngine, type StackServices } from "../../engine/index.ts";
import {
  CONDITION_FLAG,
  type Decision,
  type EventName,
  type FieldValue,
  type FilterResult,
  type FlowEndpoints,
  formatAddress,
  formatEndpoint,
  type IndicationRecord,
  type Layer,
  type Metadata,
  UNKNOWN,
  type Verdict,
} from "../../model/index.ts";
import type { IndicationFacts } from "../facts.ts";
import type { Shim } from "./shim.ts";

/** A classification before it has its number and time. */
export type UnstampedIndication = Omit<IndicationRecord, "seq" | "time">;

/** What an indication needs of the host. */
export interface IndicationHost {
  readonly name: string;
  readonly engine: FilterEngine;
  /** Whether `record` is to be told of every filter of the layer. */
  readonly wantsFilters?: boolean;
  /** Takes every classification, discard layers' too, in order; `facts` are what the shim was told. */
  record(indication: UnstampedIndication, facts: IndicationFacts, filters: readonly FilterResult[]): void;
}

/** What the stack has to obey. */
export interface Indicated {
  /** Whether the operation or packet goes on; at a discard layer: whether the stack may answer. */
  readonly passes: boolean;
  readonly verdict: Verdict;
  readonly absorbed: boolean;
  readonly decision: Decision;
}

const POLICY: NonNullable<Metadata["discardReason"]> = { module: "general", reason: "FWPS_DISCARD_FIREWALL_POLICY" };

/**
 * One indication: classifies at the shim's layer of the facts' IP version and records it. What is blocked and not absorbed is classified once more at the layer's
 * discard twin, which can change nothing (WFP-SHIMS 4.1). An indeterminate verdict is taken for Interpretation.indeterminate.
 */
export function indicate(
  host: IndicationHost,
  shim: Shim,
  layer: Layer,
  facts: IndicationFacts,
  event: EventName,
  stack?: StackServices,
): Indicated {
  const { decision, passes } = classifyAndRecord(host, shim, facts, event, layer, stack);
  const twin = layer.discardLayer === null ? undefined : host.engine.layer(layer.discardLayer);
  if (!passes && !decision.absorbed && twin !== undefined) {
    classifyAndRecord(host, shim, discarded(facts), event, twin);
  }
  return { passes, verdict: decision.verdict, absorbed: decision.absorbed, decision };
}

/** The same moment as the discard layer sees it after a block. */
export function discarded(facts: IndicationFacts): IndicationFacts {
  return { ...facts, metadata: { ...facts.metadata, discardReason: POLICY } };
}

function classifyAndRecord(
  host: IndicationHost,
  shim: Shim,
  facts: IndicationFacts,
  event: EventName,
  layer: Layer,
  stack?: StackServices,
): { readonly decision: Decision; readonly passes: boolean } {
  const values = shim.values(facts, layer);
  const metadata = shim.metadata(facts, layer);
  const context = stack === undefined ? { metadata } : { metadata, stack };
  const { decision, subLayers, filters } = collectTrace(host.engine, layer, values, context, { filters: host.wantsFilters === true });
  const assumed = decision.verdict === "indeterminate" ? host.engine.interpretation.indeterminate : undefined;
  const flags = flagNamesOf(layer, values);
  host.record(
    {
      type: "indication",
      host: host.name,
      event,
      direction: facts.direction,
      layer,
      flow: flowEndpoints(facts),
      flags,
      reauthorize: flags.includes("IS_REAUTHORIZE"),
      values,
      metadata,
      decision,
      subLayers,
      ...(assumed === undefined ? {} : { assumed }),
    },
    facts,
    filters,
  );
  return { decision, passes: (assumed ?? decision.verdict) === "permit" };
}

/** Names of the bits set in the layer's FLAGS; none where it has no flags or they are not known. */
export function flagNamesOf(layer: Layer, values: readonly FieldValue[]): string[] {
  const field = layer.fields.find(({ name }) => name === "FLAGS");
  const value = field === undefined ? UNKNOWN : (values[field.index] ?? UNKNOWN);
  if (value === UNKNOWN || value.type !== "FWP_UINT32") return [];
  const bits = value.value;
  return Object.entries(CONDITION_FLAG).flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name]));
}

function flowEndpoints(facts: IndicationFacts): FlowEndpoints {
  const end = (address: IndicationFacts["localAddress"], port: IndicationFacts["localPort"]): string => {
    const known = typeof port === "number" ? port : null;
    if (address === null || address === UNKNOWN) return `*:${known ?? "*"}`;
    return known === null ? formatAddress(address) : formatEndpoint(address, known);
  };
  return {
    protocol: typeof facts.protocol === "number" ? facts.protocol : 0,
    local: end(facts.localAddress, facts.localPort),
    remote: end(facts.remoteAddress, facts.remotePort),
  };
}
