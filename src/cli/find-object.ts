import { didYouMean, type Filter, InputError, type Layer, layerKeyOf, type Policy, parseGuid } from "../model/index.ts";

/**
 * A layer by name (with or without FWPM_LAYER_), run-time id or key.
 * @throws InputError if the policy has none such.
 */
export function findLayer(policy: Policy, text: string): Layer {
  const key = /^\d+$/.test(text) ? undefined : layerKeyOf(text);
  const layer = policy.layers.find((candidate) => (key === undefined ? String(candidate.id) === text : candidate.key === key));
  if (layer !== undefined) return layer;
  const names = policy.layers.map((candidate) => candidate.name.replace(/^FWPM_LAYER_/, ""));
  throw new InputError(`--layer: ${policy.source} has no layer "${text}"${didYouMean(text.replace(/^FWPM_LAYER_/i, ""), names)}`);
}

/**
 * Filters by id (decimal or 0x…) or key.
 * @throws InputError if the policy has none such.
 */
export function findFilter(policy: Policy, text: string): Filter {
  const key = parseGuid(text);
  const number = /^#?(0x[0-9a-f]+|\d+)$/i.exec(text)?.[1];
  if (key === undefined && number === undefined) {
    throw new InputError(`--filter: expected an id (71234, 0x11642) or a key ({…}), found "${text}"`);
  }
  const id = number === undefined ? undefined : BigInt(number);
  const filter = policy.filters.find((candidate) => (key === undefined ? candidate.filterId === id : candidate.key === key));
  if (filter !== undefined) return filter;
  const why = key === undefined ? "; ids change when the Base Filtering Engine starts and when policy is refreshed, keys do not" : "";
  throw new InputError(`--filter: ${policy.source} has no filter ${text}${why}`);
}
