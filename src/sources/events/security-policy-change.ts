import {
  CALLOUT_KEY,
  type CalloutObject,
  FILTER_FLAG,
  type FilterAction,
  type FilterWeight,
  type Guid,
  PROVIDER_FLAG,
  type RecordedChangeKind,
  type RecordedFilterChange,
  type RecordedHeader,
  type RecordedObjectChange,
  SUBLAYER_FLAG,
  ZERO_GUID,
} from "../../model/index.ts";
import { readConditionText } from "./security-conditions.ts";
import type { SecurityEvent } from "./security-event.ts";
import { SecurityFields } from "./security-fields.ts";

/** Present when the Base Filtering Engine started, and changed since (WFP-DIAGNOSTICS-FIREWALL 5.2). */
const OBJECTS: Readonly<Record<number, RecordedObjectChange["type"]>> = {
  5440: "callout",
  5446: "callout",
  5442: "provider",
  5448: "provider",
  5443: "provider-context",
  5449: "provider-context",
  5444: "sublayer",
  5450: "sublayer",
};
const LAST_PRESENT = 5444;

const ADDED = 16384;
const DELETED = 16385;
const BOOT_TIME = 16386;
const PERSISTENT = 16387;
const BLOCK = 16389;
const PERMIT = 16390;
const CALLOUT = 16391;

export function isFilterChange(id: number): boolean {
  return id === 5441 || id === 5447;
}

export function isObjectChange(id: number): boolean {
  return OBJECTS[id] !== undefined;
}

/** Told of conditions that could not be understood. */
export type OnLost = (why: string) => void;

/** @throws InputError with the line where a member cannot be. */
export function readFilterChange(event: SecurityEvent, header: RecordedHeader, onLost: OnLost): RecordedFilterChange {
  const fields = new SecurityFields(event);
  const { conditions, lost } = readConditionText(fields.raw("Conditions"), event.line);
  for (const why of lost) onLost(why);
  const lifetime = lifetimeOf(fields.message("FilterType"));
  const effectiveWeight = fields.required("Weight");
  return {
    ...changeHeader(event, header, fields),
    type: "filter",
    layerId: Number(fields.required("LayerId")),
    lifetime,
    providerName: fields.text("ProviderName"),
    calloutName: fields.text("CalloutName"),
    filter: {
      key: fields.requiredGuid("FilterKey"),
      name: fields.text("FilterName") ?? "",
      description: "",
      flags: lifetime === "boot-time" ? FILTER_FLAG.BOOTTIME : lifetime === "persistent" ? FILTER_FLAG.PERSISTENT : 0,
      namedFlags: [],
      providerKey: fields.guid("ProviderKey"),
      providerData: null,
      layerKey: fields.requiredGuid("LayerKey"),
      subLayerKey: ZERO_GUID,
      weight: weightOf(effectiveWeight),
      conditions,
      action: actionOf(fields),
      rawContext: 0n,
      providerContextKey: null,
      filterId: fields.required("FilterId"),
      effectiveWeight,
      origin: null,
      line: event.line,
    },
  };
}

export function readObjectChange(event: SecurityEvent, header: RecordedHeader): RecordedObjectChange {
  const fields = new SecurityFields(event);
  const change = changeHeader(event, header, fields);
  const providerKey = fields.guid("ProviderKey");
  switch (OBJECTS[event.id]) {
    case "callout":
      return { ...change, type: "callout", object: callout(fields, providerKey) };
    case "sublayer":
      return {
        ...change,
        type: "sublayer",
        object: {
          key: fields.requiredGuid("SubLayerKey"),
          name: fields.text("SubLayerName") ?? "",
          description: "",
          flags: isPersistent(fields, "SubLayerType") ? SUBLAYER_FLAG.PERSISTENT : 0,
          providerKey,
          providerData: null,
          weight: Number(fields.required("Weight")),
          weightKnown: true,
        },
      };
    case "provider-context":
      return {
        ...change,
        type: "provider-context",
        object: {
          key: fields.requiredGuid("ProviderContextKey"),
          id: 0n,
          name: fields.text("ProviderContextName") ?? "",
          description: "",
          flags: 0,
          providerKey,
          providerData: null,
          type: "",
          body: { kind: "opaque", text: "" },
        },
      };
    default:
      return {
        ...change,
        type: "provider",
        object: {
          key: fields.requiredGuid("ProviderKey"),
          name: fields.text("ProviderName") ?? "",
          description: "",
          flags: isPersistent(fields, "ProviderType") ? PROVIDER_FLAG.PERSISTENT : 0,
          data: null,
          serviceName: null,
        },
      };
  }
}

function changeHeader(event: SecurityEvent, header: RecordedHeader, fields: SecurityFields) {
  return {
    ...header,
    eventId: event.id,
    change: changeOf(event, fields),
    processId: fields.integer("ProcessId"),
    user: fields.sid("UserSid"),
  };
}

function changeOf({ id }: SecurityEvent, fields: SecurityFields): RecordedChangeKind {
  if (id <= LAST_PRESENT) return "present";
  const message = fields.message("ChangeType");
  if (message === ADDED) return "add";
  if (message === DELETED) return "delete";
  const text = fields.text("ChangeType");
  if (text !== null && /^add/i.test(text)) return "add";
  if (text !== null && /^delete/i.test(text)) return "delete";
  throw fields.fault(`ChangeType is "${text ?? ""}", expected %%${ADDED} (add) or %%${DELETED} (delete)`);
}

/**
 * What the provider asked for is not in the log, but the outcome tells: a range is in the top four bits, where no weight leaves zeros
 * (SCHEMA 3). Exact weights of Windows' own filters are at the top of the last range.
 */
function weightOf(effective: bigint): FilterWeight {
  const range = Number(effective >> 60n);
  if (range === 0) return { type: "FWP_EMPTY" };
  return range === 15 ? { type: "FWP_UINT64", value: effective } : { type: "FWP_UINT8", value: range };
}

function lifetimeOf(message: number | null): RecordedFilterChange["lifetime"] {
  return message === BOOT_TIME ? "boot-time" : message === PERSISTENT ? "persistent" : "run-time";
}

function isPersistent(fields: SecurityFields, name: string): boolean {
  return fields.message(name) === PERSISTENT;
}

function callout(fields: SecurityFields, providerKey: Guid | null): CalloutObject {
  return {
    key: fields.requiredGuid("CalloutKey"),
    name: fields.text("CalloutName") ?? "",
    description: "",
    flags: 0,
    providerKey,
    providerData: null,
    applicableLayer: fields.guid("LayerKey"),
    calloutId: fields.integer("CalloutId") ?? 0,
    // The log tells of the object in the engine, not of the driver behind it.
    registered: null,
  };
}

const NEVER_TERMINATE = /^(SET_OPTIONS|RESERVED|IPSEC_.*INITIATE|TCP_|IPSEC_ALE_CONNECT)/;
const INSPECTION: ReadonlySet<string> = new Set(
  Object.entries(CALLOUT_KEY).flatMap(([name, key]) => (NEVER_TERMINATE.test(name) ? [key] : [])),
);
/** The firewall's own: logging, FTP control and flow callouts inspect; query user and FTP data may do either (WFP-DIAGNOSTICS-FIREWALL 6.8). */
const FIREWALL_INSPECTION = /^\{c3dbed20-0bb6-4bf3-828d-96732e1e0[13]/;
const SILENT_DROP: ReadonlySet<string> = new Set(
  Object.entries(CALLOUT_KEY).flatMap(([name, key]) => (/SILENT_DROP|EDGE_TRAVERSAL|TEREDO/.test(name) ? [key] : [])),
);

/** The log says "callout" for all three callout actions; which it is shows from Windows' own callouts, and is unknown for others. */
function actionOf(fields: SecurityFields): FilterAction {
  const message = fields.message("Action");
  if (message === PERMIT) return { type: "FWP_ACTION_PERMIT" };
  if (message === BLOCK) return { type: "FWP_ACTION_BLOCK" };
  const calloutKey = fields.guid("CalloutKey");
  if (message !== CALLOUT || calloutKey === null) {
    const text = fields.text("Action");
    if (text !== null && /^permit$/i.test(text)) return { type: "FWP_ACTION_PERMIT" };
    if (text !== null && /^block$/i.test(text)) return { type: "FWP_ACTION_BLOCK" };
    if (calloutKey === null)
      throw fields.fault(`Action is "${text ?? ""}", expected %%${BLOCK}, %%${PERMIT} or %%${CALLOUT} with a callout`);
  }
  if (INSPECTION.has(calloutKey) || FIREWALL_INSPECTION.test(calloutKey)) return { type: "FWP_ACTION_CALLOUT_INSPECTION", calloutKey };
  if (SILENT_DROP.has(calloutKey)) return { type: "FWP_ACTION_CALLOUT_TERMINATING", calloutKey };
  return { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey };
}
