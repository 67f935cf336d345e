import type { CaptureCheck, CaptureFlowCheck, CaptureMatch } from "../model/index.ts";
import { type JsonRecord, jsonRecord, jsonSeconds } from "./json-record.ts";

/** One recorded verdict and its frame. `verdict` counts the verdicts from 0, in the order of their records. */
export function captureMatchJson({ apart, ...match }: CaptureMatch): JsonRecord {
  return jsonRecord("capture-match", { ...match, apart: apart === null ? null : jsonSeconds(apart) });
}

/** The verdicts of one flow at one layer, its packets and the model's events. Times are seconds since 1970 by the capture's clock. */
export function captureFlowJson({ type, filterIds, recorded, packets, modelled, farthest, layer, ...flow }: CaptureFlowCheck): JsonRecord {
  return jsonRecord(type, {
    ...flow,
    layer: layer.startsWith("layer ") ? layer : `FWPM_LAYER_${layer}`,
    filterIds: filterIds.map(String),
    recorded: recorded.map(jsonSeconds),
    packets: packets.map(({ frame, time }) => ({ frame, time: jsonSeconds(time) })),
    modelled: modelled.map(jsonSeconds),
    farthest: farthest === null ? null : jsonSeconds(farthest),
  });
}

export function captureSummaryJson({ matches: _, flows: _flows, unmatched, byLayer, ...summary }: CaptureCheck): JsonRecord {
  return jsonRecord("capture-summary", { ...summary, unmatched: Object.fromEntries(unmatched), byLayer: Object.fromEntries(byLayer) });
}
