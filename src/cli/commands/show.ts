import { builtInCallout, fidelityOf, verifyWeights } from "../../engine/index.ts";
import { type Filter, InputError, type Layer } from "../../model/index.ts";
import {
  calloutJson,
  calloutsText,
  filterJson,
  filtersText,
  filterText,
  fwpSessionJson,
  type JsonRecord,
  layerJson,
  layersText,
  layerText,
  overviewText,
  PolicyView,
  providerJson,
  providersText,
  sessionsText,
  showSummaryJson,
  subLayerJson,
  subLayersText,
  type TextOptions,
  type WeightsReport,
  weightsJson,
  weightsText,
} from "../../report/index.ts";
import type { CliContext } from "../context.ts";
import { findFilter, findLayer } from "../find-object.ts";
import { loadPolicy, warn } from "../load-policy.ts";
import { Output } from "../output.ts";
import type { ShowFlags } from "./show-command.ts";

/** One thing to show, in both forms. */
interface Part {
  text(options: TextOptions): string;
  records(): Iterable<JsonRecord>;
}

/** `wfplab show`. */
export async function show(this: CliContext, flags: ShowFlags, source?: string): Promise<void> {
  if (source !== undefined && flags.policy !== undefined)
    throw new InputError("expected the policy once, found it as an argument and as --policy");
  const { policy } = await loadPolicy(this.io, source ?? flags.policy, { strict: flags.strict, kind: "desktop" });
  const view = new PolicyView(policy, fidelityOf(policy), (key) => builtInCallout(key) !== undefined);
  const layer = flags.layer === undefined ? undefined : findLayer(policy, flags.layer);
  const filter = flags.filter === undefined ? undefined : findFilter(policy, flags.filter);
  const parts = partsOf(view, flags, layer, filter);
  const output = new Output(this.io);
  // The overview lists what the reader did not understand; other parts leave that to stderr.
  if (parts.length > 0 || flags.json) warn(this.io, policy);
  if (flags.json) {
    for (const part of parts) {
      for (const record of part.records()) {
        output.json(record);
        await output.breathe();
      }
    }
    output.json(showSummaryJson(view));
  } else {
    const options = output.textOptions(flags.verbose ?? 0);
    const texts = parts.length === 0 ? [overviewText(view, options)] : parts.map((part) => part.text(options));
    output.text(texts.join("\n"));
  }
  return output.flush();
}

function partsOf(view: PolicyView, flags: ShowFlags, layer: Layer | undefined, filter: Filter | undefined): Part[] {
  const { policy } = view;
  const parts: Part[] = [];
  const add = (wanted: boolean, text: Part["text"], records: Part["records"]) => {
    if (wanted) parts.push({ text, records });
  };
  add(
    flags.layers,
    (options) => layersText(view, options),
    () => policy.layers.map((each) => layerJson(view, each)),
  );
  add(
    flags.sublayers,
    (options) => subLayersText(view, options),
    () => policy.subLayers.map((each) => subLayerJson(view, each)),
  );
  const shown = layer === undefined ? view.filters : view.filtersAt(layer);
  add(
    flags.filters,
    (options) => filtersText(view, shown, options),
    () => shown.map((each) => filterJson(view, each)),
  );
  add(
    flags.callouts,
    (options) => calloutsText(view, options),
    () => policy.callouts.map((each) => calloutJson(view, each)),
  );
  add(
    flags.providers,
    (options) => providersText(view, options),
    () => policy.providers.map((each) => providerJson(view, each)),
  );
  add(
    flags.sessions,
    (options) => sessionsText(view, options),
    () => policy.sessions.map((each) => fwpSessionJson(each)),
  );
  if (filter !== undefined) {
    add(
      true,
      (options) => filterText(view, filter, options),
      () => [filterJson(view, filter)],
    );
  }
  if (flags.weights) {
    const report: WeightsReport = verifyWeights(policy);
    add(
      true,
      (options) => weightsText(view, report, options),
      () => [weightsJson(report)],
    );
  }
  // A layer narrows the list of filters; alone it is what to show.
  if (layer !== undefined && parts.length === 0) {
    add(
      true,
      (options) => layerText(view, layer, options),
      () => [layerJson(view, layer), ...shown.map((each) => filterJson(view, each))],
    );
  }
  return parts;
}
