import { type FlowTrace, formatAddress, formatEndpoint, formatFlow, formatValue, type TraceStep, UNKNOWN } from "../model/index.ts";
import { decisionJson, dependencyJson } from "./decision-json.ts";
import { type JsonRecord, jsonFields, jsonRecord } from "./json-record.ts";
import { nearMissGroups } from "./near-miss-groups.ts";

export interface TraceJsonOptions {
  /** Number of the first record, from 1. */
  readonly seq: number;
  /** Number of the flow in a list, from 1. */
  readonly number: number;
  /** 1 adds the indicated values; 2 every filter with its truth. */
  readonly verbose: number;
}

/** A traced flow as records: an indication per layer reached, then the verdict. */
export function traceJson(trace: FlowTrace, options: TraceJsonOptions): JsonRecord[] {
  const flow = {
    protocol: trace.flow.protocol,
    local: endpoint(trace.flow.localAddress, trace.flow.localPort),
    remote: endpoint(trace.flow.remoteAddress, trace.flow.remotePort),
  };
  const records: JsonRecord[] = [];
  for (const step of trace.steps) {
    if (!step.reached || step.decision === null) continue;
    records.push(
      jsonRecord("indication", {
        seq: options.seq + records.length,
        time: 0,
        host: "this",
        trace: options.number,
        event: step.event,
        direction: step.direction,
        layer: step.layer.name,
        layerId: step.layer.id,
        flow,
        flags: step.flags,
        reauthorize: step.flags.includes("IS_REAUTHORIZE"),
        ...decisionJson(step.decision, step.subLayers),
        filters:
          options.verbose > 1
            ? step.filters.map(({ filter, truth, consulted }) => ({ filterId: String(filter.filterId), truth, consulted }))
            : step.filters.length,
        nearMisses: nearMissJson(step, step === trace.decisive, options.verbose),
        ...(options.verbose > 0 ? { fields: jsonFields(step.layer, step.values) } : {}),
      }),
    );
  }
  return [...records, jsonRecord("verdict", { seq: options.seq + records.length, trace: options.number, ...traceVerdictJson(trace) })];
}

/** What the whole flow comes to. */
export function traceVerdictJson(trace: FlowTrace): JsonRecord {
  const filter = trace.decisive?.decision?.filter ?? null;
  return {
    flow: formatFlow(trace.flow),
    verdict: trace.verdict,
    code: trace.code,
    layer: trace.decisive?.layer.name ?? null,
    layerId: trace.decisive?.layer.id ?? null,
    filterId: filter === null ? null : String(filter.filterId),
    filterIdHex: filter === null ? null : `0x${filter.filterId.toString(16)}`,
    filterKey: filter?.key ?? null,
    filterName: filter?.name ?? null,
    filterOrigin: filter?.origin ?? null,
    providerKey: filter?.providerKey ?? null,
    observed: trace.observed,
    dependsOn: trace.dependsOn.map(dependencyJson),
    alternatives: (trace.decisive?.decision?.alternatives ?? []).map((alternative) => ({
      verdict: alternative.verdict,
      code: alternative.code,
      filterId: alternative.filter === null ? null : String(alternative.filter.filterId),
    })),
    assumptions: trace.assumptions,
  };
}

/** Counts over all flows of a run; of a single flow its verdict too. */
export function traceSummaryJson(
  traces: { readonly permit: number; readonly block: number; readonly indeterminate: number },
  about: JsonRecord,
): JsonRecord {
  const flows = traces.permit + traces.block + traces.indeterminate;
  return jsonRecord("summary", { flows, ...traces, ...about });
}

/** All of them with -v; else the five likeliest of the layer that decided, as in the text. */
function nearMissJson(step: TraceStep, decides: boolean, verbose: number): JsonRecord[] {
  if (!decides && verbose === 0) return [];
  const groups = nearMissGroups(step);
  return (verbose > 0 ? groups : groups.slice(0, 5)).map(({ miss: { filter, failed, actual }, field, alike }) => ({
    filterId: String(filter.filterId),
    filterKey: filter.key,
    filterName: filter.name,
    action: filter.action.type,
    field: field?.name ?? null,
    expected: failed.map(({ matchType, value }) => ({ matchType, value: formatValue(value, field ?? { name: "" }) })),
    actual: field === undefined || actual === UNKNOWN ? null : formatValue(actual, field),
    alike,
  }));
}

function endpoint(address: FlowTrace["flow"]["localAddress"], port: number | undefined): string {
  if (address === undefined) return `*:${port ?? "*"}`;
  return port === undefined ? formatAddress(address) : formatEndpoint(address, port);
}
