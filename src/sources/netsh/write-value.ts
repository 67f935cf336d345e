import { type FwpValue, formatIpv4, formatIpv6 } from "../../model/index.ts";
import { hexOf, writeBlob } from "./write-blob.ts";
import type { XmlWriter } from "./xml-writer.ts";

/** `dotted`: the value belongs to an IP address field, whose UINT32 netsh prints dotted. */
export function writeValue(xml: XmlWriter, value: FwpValue, dotted = false): void {
  xml.leaf("type", value.type);
  switch (value.type) {
    case "FWP_EMPTY":
      return;
    case "FWP_UINT32":
      xml.leaf("uint32", dotted ? formatIpv4(value.value) : String(value.value));
      return;
    case "FWP_UINT8":
    case "FWP_UINT16":
    case "FWP_UINT64":
    case "FWP_INT8":
    case "FWP_INT16":
    case "FWP_INT32":
    case "FWP_INT64":
      xml.leaf(value.type.slice(4).toLowerCase(), String(value.value));
      return;
    case "FWP_FLOAT":
      xml.leaf("float32", String(value.value));
      return;
    case "FWP_DOUBLE":
      xml.leaf("double64", String(value.value));
      return;
    case "FWP_BYTE_ARRAY16_TYPE":
      xml.leaf("byteArray16", formatIpv6(value.value));
      return;
    case "FWP_BYTE_ARRAY6_TYPE":
      xml.leaf("byteArray6", hexOf(value.value));
      return;
    case "FWP_BYTE_BLOB_TYPE":
      writeBlob(xml, "byteBlob", value.value, true);
      return;
    case "FWP_SID":
      xml.leaf("sid", value.value);
      return;
    case "FWP_SECURITY_DESCRIPTOR_TYPE":
      xml.leaf("sd", value.value.sddl);
      return;
    case "FWP_UNICODE_STRING_TYPE":
      xml.leaf("unicodeString", value.value);
      return;
    case "FWP_BITMAP_INDEX_TYPE":
      xml.leaf("bitmapIndex", String(value.value));
      return;
    case "FWP_BITMAP_ARRAY64_TYPE":
      xml.leaf("bitmapArray64", String(value.value));
      return;
    case "FWP_V4_ADDR_MASK":
      xml.node("v4AddrMask", () => {
        xml.leaf("addr", formatIpv4(value.address));
        xml.leaf("mask", formatIpv4(value.mask));
      });
      return;
    case "FWP_V6_ADDR_MASK":
      xml.node("v6AddrMask", () => {
        xml.leaf("addr", formatIpv6(value.address));
        xml.leaf("prefixLength", String(value.prefixLength));
      });
      return;
    case "FWP_RANGE_TYPE":
      xml.node("rangeValue", () => {
        xml.node("valueLow", () => writeValue(xml, value.low, dotted));
        xml.node("valueHigh", () => writeValue(xml, value.high, dotted));
      });
      return;
    case "FWP_TOKEN_INFORMATION_TYPE":
    case "FWP_TOKEN_ACCESS_INFORMATION_TYPE":
      // Tokens are values of fields and never of conditions, so that no policy holds one.
      return;
  }
}
