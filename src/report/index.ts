/** One renderer per output form, over plain records. */

export { fidelityText } from "./fidelity-text.ts";
export type { JsonRecord } from "./json-record.ts";
export { PolicyNames } from "./policy-names.ts";
export { policyText } from "./policy-text.ts";
export { PolicyView } from "./policy-view.ts";
export { replayFlowJson, replayPacketJson, replaySummaryJson } from "./replay-json.ts";
export { type ReplayTextOptions, replayComment, replayFlowLine, replayPacketLine, replaySummaryText } from "./replay-text.ts";
export { scenarioListJson, scenarioListText } from "./scenario-list.ts";
export { type SessionJsonOptions, sessionJson, sessionSummaryJson } from "./session-json.ts";
export { type SessionTextOptions, sessionText } from "./session-text.ts";
export { filterText, layerText } from "./show-detail.ts";
export { calloutJson, filterJson, fwpSessionJson, layerJson, providerJson, showSummaryJson, subLayerJson } from "./show-json.ts";
export { diagnosticText, overviewText } from "./show-overview.ts";
export { calloutsText, filtersText, layersText, providersText, sessionsText, subLayersText } from "./show-text.ts";
export { type WeightsReport, weightsJson, weightsText } from "./show-weights.ts";
export { ANSI_STYLE, PLAIN_STYLE, type Style } from "./style.ts";
export type { TextOptions } from "./text-options.ts";
export { type TraceJsonOptions, traceJson, traceSummaryJson, traceVerdictJson } from "./trace-json.ts";
export { traceLine } from "./trace-line.ts";
export { type TraceTextOptions, traceText } from "./trace-text.ts";
