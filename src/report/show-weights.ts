import type { Filter } from "../model/index.ts";
import { shortLayerName } from "./event-text.ts";
import { filterLabel, weightText } from "./filter-label.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";
import { count, plural } from "./number-text.ts";
import type { PolicyView } from "./policy-view.ts";
import { tableLines } from "./table.ts";
import type { TextOptions } from "./text-options.ts";

/** Recomputed effective weights beside the policy's own. */
export interface WeightsReport {
  readonly filters: number;
  readonly exact: number;
  readonly unverified: number;
  readonly wrong: number;
  readonly details: readonly {
    readonly filter: Filter;
    readonly expected: bigint;
    readonly verified: boolean;
    readonly exact: boolean;
  }[];
}

/** How many effective weights come out as the policy has them; each that does not is listed. */
export function weightsText(view: PolicyView, report: WeightsReport, options: TextOptions): string {
  const differing = report.details.filter((check) => !check.exact || (options.verbose > 0 && !check.verified));
  const rows = differing.map(({ filter, expected, verified }) => {
    const layer = view.layerOf(filter);
    return [
      layer === undefined ? filter.layerKey : shortLayerName(layer.name),
      weightText(filter.effectiveWeight),
      weightText(expected),
      verified ? "wrong" : "unverified",
      filterLabel(filter),
    ];
  });
  const head = `${plural(report.filters, "effective weight")}: ${count(report.exact)} exact, ${count(report.unverified)} unverified, ${count(report.wrong)} wrong`;
  const note = report.unverified === 0 ? [] : ["unverified: rests on a field whose place in the weight no recording has pinned"];
  const table =
    rows.length === 0 ? [] : ["", ...tableLines([["layer", "policy", "recomputed", "", "filter"], ...rows], { limits: { 4: 60 } })];
  return `${[head, ...note.map(options.style.dim), ...table].join("\n")}\n`;
}

export function weightsJson(report: WeightsReport): JsonRecord {
  const { filters, exact, unverified, wrong } = report;
  return jsonRecord("weights", {
    autoWeights: { filters, exact, unverified, wrong },
    differing: report.details
      .filter((check) => !check.exact)
      .map(({ filter, expected, verified }) => ({
        filterId: String(filter.filterId),
        effectiveWeight: String(filter.effectiveWeight),
        recomputed: String(expected),
        verified,
      })),
  });
}
