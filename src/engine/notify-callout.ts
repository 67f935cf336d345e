import { type Filter, WfpError } from "../model/index.ts";
import type { SessionAuthor } from "./session-author.ts";

/**
 * notifyFn(ADD_FILTER): the callout learns of a filter before the filter is stored, and may refuse it.
 * @throws WfpError FWP_E_CALLOUT_NOTIFICATION_FAILED.
 */
export function notifyAdded(author: Pick<SessionAuthor, "calloutCode">, filter: Filter): void {
  if (!("calloutKey" in filter.action)) return;
  try {
    author.calloutCode(filter.action.calloutKey)?.notify?.("add-filter", filter);
  } catch (error) {
    throw new WfpError("FWP_E_CALLOUT_NOTIFICATION_FAILED", error instanceof Error ? error.message : String(error));
  }
}

/** notifyFn(DELETE_FILTER): a callout cannot keep a filter from going. */
export function notifyDeleted(author: Pick<SessionAuthor, "calloutCode">, filter: Filter): void {
  if (!("calloutKey" in filter.action)) return;
  try {
    author.calloutCode(filter.action.calloutKey)?.notify?.("delete-filter", filter);
  } catch {
    // The filter is gone whatever the callout says.
  }
}
