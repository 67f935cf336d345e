import {
  type AleEndpoint,
  CALLOUT_FLAG,
  type CalloutObject,
  type Field,
  type FieldType,
  fieldName,
  InputError,
  type IpAddress,
  isDataType,
  isSid,
  LAYER_FLAG,
  type Layer,
  layerName,
  layersOfFamily,
  type Provider,
  type ProviderContext,
  type ProviderContextBody,
  parseAddress,
  type Session,
  type SubLayer,
} from "../../model/index.ts";
import type { DiagnosticLog } from "./diagnostics.ts";
import { bigInteger, child, type Element, hexBytes, integer, notA, required, textOf } from "./element.ts";
import { expectChildren } from "./known-elements.ts";
import { type KeyReader, readFlags } from "./names.ts";
import { readBlob, readValue } from "./read-value.ts";
import { serialize } from "./xml-text.ts";

const display = (item: Element) => {
  const element = child(item, "displayData");
  return element === undefined
    ? { name: "", description: "" }
    : { name: textOf(element, "name"), description: textOf(element, "description") };
};

const FIELD_TYPES: Readonly<Record<string, FieldType>> = {
  FWPM_FIELD_RAW_DATA: "RAW_DATA",
  FWPM_FIELD_IP_ADDRESS: "IP_ADDRESS",
  FWPM_FIELD_FLAGS: "FLAGS",
};

/** A `<layer>`: ids and fields are this machine's; the discard twin and the version come from the tables. */
export function readLayer(item: Element, keys: KeyReader, log: DiagnosticLog): Layer {
  expectChildren(item, "layer", log);
  const key = keys.read(required(item, "layerKey"), "layer");
  const known = layersOfFamily("C").find((layer) => layer.key === key);
  const name = layerName(key);
  const { bits } = readFlags(child(item, "flags"), "layer", log);
  const version = /_V([46])(_DISCARD)?$/.exec(name)?.[1];
  return {
    key,
    name,
    id: integer(required(item, "layerId")),
    displayName: display(item).name,
    mode: (bits & LAYER_FLAG.KERNEL) !== 0 ? "kernel" : "user",
    flags: bits,
    family: known?.family ?? (version === "4" ? 4 : version === "6" ? 6 : null),
    since: known?.since ?? "11",
    defaultSubLayer: keys.read(required(item, "defaultSubLayerKey"), "sublayer"),
    discardLayer: known?.discardLayer ?? null,
    discardOf: known?.discardOf ?? null,
    fields: (child(item, "field")?.children ?? []).map((field, index): Field => {
      const fieldKey = keys.read(required(field, "fieldKey"), "field");
      const type = required(field, "type");
      const dataType = required(field, "dataType");
      const fieldType = FIELD_TYPES[type.text];
      const fullType = dataType.text.startsWith("FWP_") ? dataType.text : `FWP_${dataType.text}`;
      if (fieldType === undefined) throw new InputError(`unknown field type "${type.text}"`, { line: type.line });
      if (!isDataType(fullType)) throw new InputError(`unknown data type "${dataType.text}"`, { line: dataType.line });
      const since = known?.fields.find((candidate) => candidate.key === fieldKey)?.since ?? "11";
      return { key: fieldKey, name: fieldName(fieldKey), index, dataType: fullType, fieldType, since };
    }),
  };
}

export function readCallout(item: Element, keys: KeyReader, log: DiagnosticLog): CalloutObject {
  expectChildren(item, "callout", log);
  const { bits } = readFlags(child(item, "flags"), "callout", log);
  return {
    key: keys.read(required(item, "calloutKey"), "callout"),
    ...display(item),
    flags: bits,
    providerKey: keys.readOptional(child(item, "providerKey"), "provider"),
    providerData: readBlob(child(item, "providerData")),
    applicableLayer: keys.readOptional(child(item, "applicableLayer"), "layer"),
    calloutId: integer(required(item, "calloutId")),
    registered: (bits & CALLOUT_FLAG.FWPM_CALLOUT_FLAG_REGISTERED) !== 0,
  };
}

export function readProvider(item: Element, keys: KeyReader, log: DiagnosticLog): Provider {
  expectChildren(item, "provider", log);
  const serviceName = textOf(item, "serviceName");
  return {
    key: keys.read(required(item, "providerKey"), "provider"),
    ...display(item),
    flags: readFlags(child(item, "flags"), "provider", log).bits,
    data: readBlob(child(item, "providerData")),
    serviceName: serviceName === "" ? null : serviceName,
  };
}

export function readSubLayer(item: Element, keys: KeyReader, log: DiagnosticLog): SubLayer {
  expectChildren(item, "sublayer", log);
  return {
    key: keys.read(required(item, "subLayerKey"), "sublayer"),
    ...display(item),
    flags: readFlags(child(item, "flags"), "sublayer", log).bits,
    providerKey: keys.readOptional(child(item, "providerKey"), "provider"),
    providerData: readBlob(child(item, "providerData")),
    weight: integer(required(item, "weight")),
    weightKnown: true,
  };
}

export function readSession(item: Element, keys: KeyReader, log: DiagnosticLog): Session {
  expectChildren(item, "session", log);
  const sid = textOf(item, "sid");
  return {
    key: keys.read(required(item, "sessionKey"), "provider context"),
    ...display(item),
    flags: readFlags(child(item, "flags"), "session", log).bits,
    txnWaitTimeoutInMSec: integer(required(item, "txnWaitTimeoutInMSec")),
    processId: integer(required(item, "processId")),
    sid: isSid(sid) ? sid : null,
    userName: textOf(item, "username"),
    kernelMode: textOf(item, "kernelMode") === "true",
  };
}

const CONTEXT_MEMBERS: ReadonlySet<string> = new Set([
  "providerContextKey",
  "displayData",
  "flags",
  "providerKey",
  "providerData",
  "type",
  "providerContextId",
]);

export function readProviderContext(item: Element, keys: KeyReader, log: DiagnosticLog): ProviderContext {
  const id = child(item, "providerContextId");
  return {
    key: keys.read(required(item, "providerContextKey"), "provider context"),
    id: id === undefined ? 0n : bigInteger(id),
    ...display(item),
    flags: readFlags(child(item, "flags"), "provider context", log).bits,
    providerKey: keys.readOptional(child(item, "providerKey"), "provider"),
    providerData: readBlob(child(item, "providerData")),
    type: required(item, "type").text,
    body: readBody(item),
  };
}

/** The typed body: bytes and classify options are understood, IPsec policies are kept as text. */
function readBody(item: Element): ProviderContextBody {
  const data = child(item, "dataBuffer");
  if (data !== undefined) {
    const bytes = child(data, "data");
    return { kind: "data", data: bytes === undefined ? new Uint8Array() : hexBytes(bytes) };
  }
  const options = child(item, "classifyOptions");
  if (options !== undefined) {
    return {
      kind: "classify-options",
      options: (child(options, "options")?.children ?? []).map((option) => {
        const value = readValue(required(option, "value"));
        const plain = "value" in value && (typeof value.value === "number" || typeof value.value === "bigint") ? BigInt(value.value) : 0n;
        return { type: required(option, "type").text, value: plain };
      }),
    };
  }
  return {
    kind: "opaque",
    text: item.children
      .filter((part) => !CONTEXT_MEMBERS.has(part.name))
      .map(serialize)
      .join(""),
  };
}

export function readEndpoint(item: Element, log: DiagnosticLog): AleEndpoint {
  expectChildren(item, "endpoint", log);
  const version = required(item, "ipVersion");
  const family = version.text === "FWP_IP_VERSION_V4" ? 4 : version.text === "FWP_IP_VERSION_V6" ? 6 : undefined;
  if (family === undefined) throw notA(version, "FWP_IP_VERSION_V4 or FWP_IP_VERSION_V6");
  const blob = readBlob(child(item, "appId"));
  return {
    endpointId: bigInteger(required(item, "endpointId")),
    family,
    local: address(required(item, `localV${family}Address`)),
    remote: address(required(item, `remoteV${family}Address`)),
    protocol: integer(required(item, "ipProtocol")),
    localPort: integer(required(item, "localPort")),
    remotePort: integer(required(item, "remotePort")),
    appId: blob === null ? null : utf16Text(blob),
  };
}

function address(element: Element): IpAddress {
  try {
    return parseAddress(element.text);
  } catch {
    throw notA(element, "an IP address");
  }
}

/** UTF-16LE text up to its terminating NUL. */
export function utf16Text(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index + 1 < bytes.length; index += 2) {
    const unit = (bytes[index] ?? 0) | ((bytes[index + 1] ?? 0) << 8);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return text;
}
