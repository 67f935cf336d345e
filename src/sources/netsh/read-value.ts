import {
  type FwpValue,
  InputError,
  isDataType,
  isSid,
  parseIpv4,
  parseIpv6,
  parseSddl,
  parseSid,
  type SecurityDescriptor,
} from "../../model/index.ts";
import { bigInteger, child, type Element, hexBytes, integer, notA, required } from "./element.ts";

const descriptors = new Map<string, SecurityDescriptor>();

/** A value as netsh prints it: `<type>` and one element with the content. IPv4 addresses stand dotted inside `<uint32>`. */
export function readValue(element: Element): FwpValue {
  const type = required(element, "type");
  const name = type.text;
  if (!isDataType(name)) throw new InputError(`unknown data type "${name}"`, { line: type.line });
  switch (name) {
    case "FWP_EMPTY":
      return { type: name };
    case "FWP_UINT8":
      return { type: name, value: bounded(required(element, "uint8"), 0xff) };
    case "FWP_UINT16":
      return { type: name, value: bounded(required(element, "uint16"), 0xffff) };
    case "FWP_UINT32": {
      const content = required(element, "uint32");
      return { type: name, value: parseIpv4(content.text) ?? bounded(content, 0xffffffff) };
    }
    case "FWP_UINT64":
      return { type: name, value: bigInteger(required(element, "uint64")) };
    case "FWP_INT8":
    case "FWP_INT16":
    case "FWP_INT32":
      return { type: name, value: Number(bigInteger(required(element, name.slice(4).toLowerCase()))) };
    case "FWP_INT64":
      return { type: name, value: bigInteger(required(element, "int64")) };
    case "FWP_FLOAT":
    case "FWP_DOUBLE": {
      const content = required(element, name === "FWP_FLOAT" ? "float32" : "double64");
      const value = Number(content.text);
      if (content.text === "" || Number.isNaN(value)) throw notA(content, "a number");
      return { type: name, value };
    }
    case "FWP_BYTE_ARRAY16_TYPE":
      return { type: name, value: ipv6(required(element, "byteArray16")) };
    case "FWP_BYTE_ARRAY6_TYPE":
      return { type: name, value: hexBytes(required(element, "byteArray6")) };
    case "FWP_BYTE_BLOB_TYPE":
      return { type: name, value: hexBytes(required(required(element, "byteBlob"), "data")) };
    case "FWP_SID": {
      const content = required(element, "sid");
      if (!isSid(content.text)) throw notA(content, "a SID");
      return { type: name, value: parseSid(content.text) };
    }
    case "FWP_SECURITY_DESCRIPTOR_TYPE":
      return { type: name, value: descriptor(required(element, "sd")) };
    case "FWP_UNICODE_STRING_TYPE":
      return { type: name, value: required(element, "unicodeString").text };
    case "FWP_BITMAP_INDEX_TYPE":
      return { type: name, value: bounded(required(element, "bitmapIndex"), 63) };
    case "FWP_BITMAP_ARRAY64_TYPE":
      return { type: name, value: bigInteger(required(element, "bitmapArray64")) };
    case "FWP_V4_ADDR_MASK": {
      const content = required(element, "v4AddrMask");
      return { type: name, address: ipv4(required(content, "addr")), mask: ipv4(required(content, "mask")) };
    }
    case "FWP_V6_ADDR_MASK": {
      const content = required(element, "v6AddrMask");
      return { type: name, address: ipv6(required(content, "addr")), prefixLength: bounded(required(content, "prefixLength"), 128) };
    }
    case "FWP_RANGE_TYPE": {
      const content = required(element, "rangeValue");
      return { type: name, low: readValue(required(content, "valueLow")), high: readValue(required(content, "valueHigh")) };
    }
    case "FWP_TOKEN_INFORMATION_TYPE":
    case "FWP_TOKEN_ACCESS_INFORMATION_TYPE":
      throw new InputError(`${name} is a type of fields; a condition holds FWP_SECURITY_DESCRIPTOR_TYPE instead`, { line: type.line });
  }
}

function bounded(element: Element, top: number): number {
  const value = integer(element);
  if (value > top) throw notA(element, `a number up to ${top}`);
  return value;
}

function ipv4(element: Element): number {
  const value = parseIpv4(element.text);
  if (value === undefined) throw notA(element, "an IPv4 address");
  return value;
}

function ipv6(element: Element): Uint8Array {
  const value = parseIpv6(element.text);
  if (value === undefined) throw notA(element, "an IPv6 address");
  return value;
}

/** Dumps repeat a few hundred descriptors thousands of times. */
function descriptor(element: Element): SecurityDescriptor {
  const known = descriptors.get(element.text);
  if (known !== undefined) return known;
  const parsed = parseSddl(element.text, { line: element.line });
  if (descriptors.size > 10_000) descriptors.clear();
  descriptors.set(element.text, parsed);
  return parsed;
}

/** `<providerData>` and the like: null where empty. */
export function readBlob(element: Element | undefined): Uint8Array | null {
  const data = element === undefined ? undefined : child(element, "data");
  return data === undefined ? null : hexBytes(data);
}
