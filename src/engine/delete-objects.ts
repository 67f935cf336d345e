import { type Filter, type Guid, WfpError, type WfpErrorName } from "../model/index.ts";
import type { BfeContent } from "./bfe-content.ts";
import { notifyDeleted } from "./notify-callout.ts";
import type { Entry } from "./object-store.ts";
import type { SessionAuthor } from "./session-author.ts";

/** The object types other than filters. */
export type StoreName = "providers" | "subLayers" | "callouts" | "providerContexts";

export const NOT_FOUND = {
  providers: "FWP_E_PROVIDER_NOT_FOUND",
  subLayers: "FWP_E_SUBLAYER_NOT_FOUND",
  callouts: "FWP_E_CALLOUT_NOT_FOUND",
  providerContexts: "FWP_E_PROVIDER_CONTEXT_NOT_FOUND",
  filters: "FWP_E_FILTER_NOT_FOUND",
} as const satisfies Record<StoreName | "filters", WfpErrorName>;

/** Fwpm*DeleteByKey0 of everything but filters. */
export function deleteObject(author: SessionAuthor, type: StoreName, key: Guid): void {
  const store = author.content[type];
  const entry = store.get(key);
  if (entry === undefined) throw new WfpError(NOT_FOUND[type], `no object ${key}`);
  requireDeletable(author, entry);
  if (isReferenced(author.content, type, key)) throw new WfpError("FWP_E_IN_USE", `${key} is referenced`);
  store.remove(key);
}

/** FwpmFilterDeleteByKey0, FwpmFilterDeleteById0. The callout hears of it when the deletion is final. */
export function deleteFilter(author: SessionAuthor, entry: Entry<Filter> | undefined, what: string): void {
  if (entry === undefined) throw new WfpError("FWP_E_FILTER_NOT_FOUND", `no filter ${what}`);
  requireDeletable(author, entry);
  author.content.removeFilter(entry.object);
  author.content.whenFinal(() => notifyDeleted(author, entry.object));
}

/** Keys are unique per type only (WFP-SEMANTICS 1.1), so a filter refers to `key` in one of its members. */
function isReferenced({ filters, subLayers, callouts, providerContexts }: BfeContent, type: StoreName, key: Guid): boolean {
  switch (type) {
    case "subLayers":
      return filters.list().some((filter) => filter.subLayerKey === key);
    case "callouts":
      return filters.list().some(({ action }) => "calloutKey" in action && action.calloutKey === key);
    case "providerContexts":
      return filters.list().some((filter) => filter.providerContextKey === key);
    case "providers":
      return [filters, subLayers, callouts, providerContexts].some((store) => store.list().some((object) => object.providerKey === key));
  }
}

/** WFP-SEMANTICS 1.1 and 1.7: built-in objects stay; dynamic sessions and objects keep to themselves. */
function requireDeletable(author: SessionAuthor, entry: Omit<Entry<unknown>, "object">): void {
  if (entry.lifetime === "built-in") throw new WfpError("FWP_E_BUILTIN_OBJECT", "built-in objects cannot be deleted");
  author.caller.requireOn(entry.security, "DELETE");
  requireOwn(author, entry);
}

/** Who may delete or change an object. */
export function requireOwn({ session, dynamic }: SessionAuthor, entry: Omit<Entry<unknown>, "object">): void {
  if (entry.session === session) return;
  if (entry.lifetime === "dynamic") throw new WfpError("FWP_E_WRONG_SESSION", "the object belongs to another dynamic session");
  if (dynamic) throw new WfpError("FWP_E_DYNAMIC_SESSION_IN_PROGRESS", "a dynamic session deletes and changes only its own objects");
}
