import { existsSync, readFileSync } from "node:fs";
import {
  type Condition,
  type Filter,
  type FwpValue,
  fieldName,
  type Guid,
  layerName,
  parseGuid,
  parseSddl,
  type SecurityDescriptor,
  ZERO_GUID,
} from "../../src/model/index.ts";

/** One event of the Security log or the firewall's own, a line of JSON each. */
export interface RecordedEvent {
  readonly EventID: number;
  readonly RecordNumber: number;
  readonly [field: string]: string | number | boolean;
}

export const EVENTS = new URL("../../../shared/data/events/workstation5-boot-2020-09-04.security.jsonl", import.meta.url);
export const REGISTRY = new URL("../../../shared/data/firewall-rules/FirewallPolicy.reg", import.meta.url);
export const HAVE_RECORDINGS = existsSync(EVENTS) && existsSync(REGISTRY);

/** Events of the workstation in the order of their record numbers. */
export function recordedEvents(): RecordedEvent[] {
  const lines = readFileSync(EVENTS, "utf8").trim().split("\n");
  const events = lines
    .map((line) => JSON.parse(line) as RecordedEvent)
    .filter((event) => text(event, "Hostname").startsWith("WORKSTATION"));
  return events.sort((a, b) => a.RecordNumber - b.RecordNumber);
}

export const text = (event: RecordedEvent, key: string): string => String(event[key] ?? "");

/** A filter by what it does: equal strings are equal filters but for name, id and key. */
export interface Shape {
  readonly name: string;
  readonly provider: Guid;
  readonly layer: string;
  readonly action: "permit" | "block" | "callout";
  readonly callout: string;
  readonly conditions: readonly string[];
  /** Effective weight; null where nobody tells. */
  readonly weight: bigint | null;
}

/** All but the weight, of which the range stays. */
export const shapeText = ({ layer, action, callout, conditions, weight }: Shape): string =>
  [layer, action, callout, `range ${weight === null ? "?" : weight >> 60n}`, ...conditions].join(" | ");

const ACTION = { "%%16389": "block", "%%16390": "permit", "%%16391": "callout" } as const;
const MATCH: Readonly<Record<string, string>> = {
  "Equal to": "EQUAL",
  "Not equal to": "NOT_EQUAL",
  "In range": "RANGE",
  "All flags set": "FLAGS_ALL_SET",
  "Any flags set": "FLAGS_ANY_SET",
  "No flags set": "FLAGS_NONE_SET",
};

const guid = (value: string): Guid => parseGuid(value) ?? ZERO_GUID;

/** The filter of an event 5447 or 5441. */
export function recordedShape(event: RecordedEvent): Shape {
  const action = ACTION[text(event, "Action") as keyof typeof ACTION];
  const callout = guid(text(event, "CalloutKey"));
  return {
    name: text(event, "FilterName"),
    provider: guid(text(event, "ProviderKey")),
    layer: layerName(guid(text(event, "LayerKey"))),
    action,
    callout: callout === ZERO_GUID ? "" : callout,
    conditions: [...text(event, "Conditions").matchAll(CONDITION)]
      .map(([, key = "", match = "", value = ""]) => `${fieldName(guid(key))} ${MATCH[match] ?? match} ${recordedValue(value)}`)
      .sort(),
    weight: BigInt(text(event, "Weight")),
  };
}

const CONDITION = /Condition ID:\t(\{[^}]*\})\s*Match value:\t([^\n]*)\s*Condition value:\t([\s\S]*?)(?=\n\n|\n\tCondition ID|$)/g;

function recordedValue(value: string): string {
  const trimmed = value.trim();
  if (/^[0-9a-f]{8} {1,2}([0-9a-f]{2}[ -])/i.test(trimmed)) return `blob ${dumpedBytes(trimmed)}`;
  if (/^(O:|G:|D:)/.test(trimmed)) return descriptorText(parseSddl(trimmed));
  const [low = "", high] = trimmed.split(" - ");
  return high === undefined ? number(low) : `${number(low)}..${number(high)}`;
}

const number = (value: string): string =>
  value === "-" ? "sid" : /^0x/i.test(value) ? String(BigInt(value)) : /^[0-9a-f]{32}$/i.test(value) ? value.toLowerCase() : value;

/** Bytes of a hexadecimal dump: offset, up to sixteen bytes, what they read as. */
function dumpedBytes(dump: string): string {
  return dump
    .split(/\n\s*/)
    .flatMap(
      (line) =>
        line
          .trim()
          .slice(8, 8 + 2 + 16 * 3)
          .match(/[0-9a-f]{2}(?=[ -]|$)/gi) ?? [],
    )
    .join("")
    .toLowerCase();
}

/** Who passes, whatever the owner; a person's SID is what it is about, not who. */
function descriptorText({ dacl }: SecurityDescriptor): string {
  return (dacl ?? []).map(({ sid }) => sid.replace(/^S-1-5-21-.*/, "person")).join(" ");
}

/** A compiled filter in the same terms. */
export function compiledShape(filter: Filter): Shape {
  const { action } = filter;
  const kind = action.type === "FWP_ACTION_PERMIT" ? "permit" : action.type === "FWP_ACTION_BLOCK" ? "block" : "callout";
  return {
    name: filter.name,
    provider: filter.providerKey ?? ZERO_GUID,
    layer: layerName(filter.layerKey),
    action: kind,
    callout: "calloutKey" in action ? action.calloutKey : "",
    conditions: filter.conditions.map(conditionText).sort(),
    weight: filter.effectiveWeight,
  };
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const conditionText = ({ fieldKey, matchType, value }: Condition): string =>
  `${fieldName(fieldKey)} ${matchType.replace("FWP_MATCH_", "")} ${valueText(value)}`;

function valueText(value: FwpValue): string {
  switch (value.type) {
    case "FWP_RANGE_TYPE":
      return `${valueText(value.low)}..${valueText(value.high)}`;
    case "FWP_BYTE_ARRAY16_TYPE":
      return hexOf(value.value);
    case "FWP_BYTE_BLOB_TYPE":
      return `blob ${hexOf(value.value)}`;
    case "FWP_SID":
      return "sid";
    case "FWP_SECURITY_DESCRIPTOR_TYPE":
      return descriptorText(value.value);
    default:
      return "value" in value ? String(value.value) : value.type;
  }
}

/** The filters there at a moment: what 5441 and the changes of 5447 before record number `before` leave. */
export function filtersAt(events: readonly RecordedEvent[], before: number): Shape[] {
  const present = new Map<string, Shape>();
  for (const event of events) {
    if (event.RecordNumber >= before) break;
    if (event.EventID !== 5447 && event.EventID !== 5441) continue;
    const id = text(event, "FilterId");
    if (text(event, "ChangeType") === "%%16385") present.delete(id);
    else present.set(id, recordedShape(event));
  }
  return [...present.values()];
}

export interface Comparison {
  readonly recorded: number;
  readonly equal: number;
  /** Recorded and not compiled, and the other way round: name and shape. */
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/** Pairs filters of equal name (where `named`) and shape up, each with one other. */
export function compareShapes(recorded: readonly Shape[], compiled: readonly Shape[], named = true): Comparison {
  const identity = (shape: Shape): string => `${named ? `${shape.name}: ` : ""}${shapeText(shape)}`;
  const left = new Map<string, number>();
  for (const shape of compiled) left.set(identity(shape), (left.get(identity(shape)) ?? 0) + 1);
  const missing: string[] = [];
  for (const shape of recorded) {
    const count = left.get(identity(shape)) ?? 0;
    if (count === 0) missing.push(identity(shape));
    else left.set(identity(shape), count - 1);
  }
  const extra = [...left].flatMap(([text, count]) => Array.from({ length: count }, () => text));
  return { recorded: recorded.length, equal: recorded.length - missing.length, missing, extra };
}

/** Record number of the first filter change by which the firewall goes over to another profile (4956): what came before is the first one's. */
export function profileChange(events: readonly RecordedEvent[]): number {
  const told = events.findIndex(({ EventID }) => EventID === 4956);
  const listed = events.findLastIndex(({ EventID }, index) => index < told && (EventID === 4945 || EventID === 4957));
  return events.slice(listed).find(({ EventID }) => EventID === 5447)?.RecordNumber ?? 0;
}
