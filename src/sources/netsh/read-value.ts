import { EMPTY, type FwpValue, InputError, isDataType, isSid, parseIpv4, parseIpv6, parseSid } from "../../model/index.ts";
import { bigInteger, child, type Element, hexBytes, integer, notA, required } from "./element.ts";
import type { ReadContext } from "./read-context.ts";

/**
 * A value as netsh prints it: `<type>` and one element with the content. null for a type that is new, or a security descriptor that
 * cannot be parsed; the log has it then.
 * @throws InputError for content that its type cannot have.
 */
export function readValue(element: Element, context: ReadContext): FwpValue | null {
  const type = required(element, "type");
  const content = contentOf(element, type, context);
  if (content === undefined) return type.text === "FWP_EMPTY" ? EMPTY : readContent(element, type, undefined, context);
  // Dumps repeat a few hundred values thousands of times: equal ones are the same object.
  const name = content.children.length === 0 ? `${type.text} ${content.name} ${content.raw}` : undefined;
  const known = name === undefined ? undefined : context.values.get(name);
  if (known !== undefined) return known;
  const value = readContent(element, type, content, context);
  if (value !== null && name !== undefined) context.values.set(name, value);
  return value;
}

function contentOf(element: Element, type: Element, context: ReadContext): Element | undefined {
  const [first, ...more] = element.children.filter((part) => part !== type);
  for (const { name, line } of more) context.log.warn("unknown-element", `unknown element <${name}> beside the content of a value`, line);
  return first;
}

/** Element of the content by data type, named as the members of FWP_VALUE0 and FWP_CONDITION_VALUE0. */
const CONTENT: Readonly<Record<string, string>> = {
  FWP_UINT8: "uint8",
  FWP_UINT16: "uint16",
  FWP_UINT32: "uint32",
  FWP_UINT64: "uint64",
  FWP_INT8: "int8",
  FWP_INT16: "int16",
  FWP_INT32: "int32",
  FWP_INT64: "int64",
  FWP_FLOAT: "float32",
  FWP_DOUBLE: "double64",
  FWP_BYTE_ARRAY16_TYPE: "byteArray16",
  FWP_BYTE_ARRAY6_TYPE: "byteArray6",
  FWP_BYTE_BLOB_TYPE: "byteBlob",
  FWP_SID: "sid",
  FWP_SECURITY_DESCRIPTOR_TYPE: "sd",
  FWP_UNICODE_STRING_TYPE: "unicodeString",
  FWP_BITMAP_INDEX_TYPE: "bitmapIndex",
  FWP_BITMAP_ARRAY64_TYPE: "bitmapArray64",
  FWP_V4_ADDR_MASK: "v4AddrMask",
  FWP_V6_ADDR_MASK: "v6AddrMask",
  FWP_RANGE_TYPE: "rangeValue",
};

function readContent(element: Element, type: Element, content: Element | undefined, context: ReadContext): FwpValue | null {
  const name = type.text;
  if (!isDataType(name)) {
    context.log.warn("unknown-type", `unknown data type "${name}"`, type.line);
    return null;
  }
  const expected = CONTENT[name];
  if (content === undefined || (expected !== undefined && content.name !== expected)) {
    const found = content === undefined ? "nothing" : `<${content.name}>`;
    throw new InputError(`expected <${expected ?? "…"}> after the type ${name}, found ${found}`, { line: element.line });
  }
  switch (name) {
    case "FWP_EMPTY":
      throw new InputError(`expected nothing after the type FWP_EMPTY, found <${content.name}>`, { line: content.line });
    case "FWP_UINT8":
      return { type: name, value: integer(content, 0xff) };
    case "FWP_UINT16":
      return { type: name, value: integer(content, 0xffff) };
    case "FWP_UINT32":
      // Addresses stand dotted inside <uint32> (SCHEMA 5).
      return { type: name, value: parseIpv4(content.text) ?? integer(content, 0xffffffff) };
    case "FWP_UINT64":
      return { type: name, value: bigInteger(content) };
    case "FWP_INT8":
      return { type: name, value: signed(content, 8) };
    case "FWP_INT16":
      return { type: name, value: signed(content, 16) };
    case "FWP_INT32":
      return { type: name, value: signed(content, 32) };
    case "FWP_INT64":
      return { type: name, value: bigInteger(content, -(1n << 63n), (1n << 63n) - 1n) };
    case "FWP_FLOAT":
    case "FWP_DOUBLE": {
      const value = Number(content.text);
      if (content.text === "" || Number.isNaN(value)) throw notA(content, "a number");
      return { type: name, value };
    }
    case "FWP_BYTE_ARRAY16_TYPE":
      return { type: name, value: ipv6(content) };
    case "FWP_BYTE_ARRAY6_TYPE":
      return { type: name, value: mac(content) };
    case "FWP_BYTE_BLOB_TYPE":
      return { type: name, value: context.bytes(required(content, "data")) };
    case "FWP_SID":
      if (!isSid(content.text)) throw notA(content, "a SID");
      return { type: name, value: parseSid(context.texts.keep(content.text)) };
    case "FWP_SECURITY_DESCRIPTOR_TYPE":
      return descriptor(content, context);
    case "FWP_UNICODE_STRING_TYPE":
      return { type: name, value: context.texts.keep(content.raw) };
    case "FWP_BITMAP_INDEX_TYPE":
      return { type: name, value: integer(content, 63) };
    case "FWP_BITMAP_ARRAY64_TYPE":
      return { type: name, value: bigInteger(content) };
    case "FWP_V4_ADDR_MASK":
      return { type: name, address: ipv4(required(content, "addr")), mask: ipv4(required(content, "mask")) };
    case "FWP_V6_ADDR_MASK":
      return { type: name, address: ipv6(required(content, "addr")), prefixLength: integer(required(content, "prefixLength"), 128) };
    case "FWP_RANGE_TYPE":
      return range(content, context);
    case "FWP_TOKEN_INFORMATION_TYPE":
    case "FWP_TOKEN_ACCESS_INFORMATION_TYPE":
      // A type of fields: conditions hold security descriptors for them. How netsh would print one is not known.
      context.log.warn("unknown-type", `a value of the type ${name}, which only fields have`, type.line);
      return null;
  }
}

function range(content: Element, context: ReadContext): FwpValue | null {
  const ends = ["valueLow", "valueHigh"].map((name) => {
    const end = required(content, name);
    if (child(end, "rangeValue") !== undefined) throw new InputError("a range of ranges", { line: end.line });
    return readValue(end, context);
  });
  const [low, high] = ends;
  return low === null || low === undefined || high === null || high === undefined ? null : { type: "FWP_RANGE_TYPE", low, high };
}

function descriptor(content: Element, context: ReadContext): FwpValue | null {
  try {
    return { type: "FWP_SECURITY_DESCRIPTOR_TYPE", value: context.descriptor(content) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    context.log.warn("unreadable-security-descriptor", error.message, content.line);
    return null;
  }
}

function signed(element: Element, bits: number): number {
  const top = 1n << BigInt(bits - 1);
  return Number(bigInteger(element, -top, top - 1n));
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

/** Six bytes in hex; how netsh parts them has not been seen. */
function mac(element: Element): Uint8Array {
  const bytes = hexBytes({ ...element, text: element.text.replace(/[-:]/g, "") });
  if (bytes.length !== 6) throw notA(element, "six bytes in hex");
  return bytes;
}
