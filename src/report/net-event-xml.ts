import { appIdBlob, type NetEventHeader, type NetEventRecord } from "../model/index.ts";
import { momentAfter } from "./event-xml-time.ts";
import { EventXmlWriter } from "./event-xml-writer.ts";

export interface NetEventsXmlContext {
  /** Time of day at second 0 of the run, `2026-01-31T08:00:00Z`. */
  readonly startTime: string;
}

/**
 * Net events as `netsh wfp show netevents` writes them (SCHEMA 8; Microsoft's "Quarantine behavior" and "Troubleshooting UWP App
 * Connectivity Issues"): one `<item>` each, in the order of the run. Elements that the Windows of the record does not have are left out.
 * netsh knows one machine only: where the records are of several, a comment names the host before each event. Ends in a line break.
 */
export function netEventsXml(records: readonly NetEventRecord[], { startTime }: NetEventsXmlContext): string {
  const xml = new EventXmlWriter();
  const several = records.some(({ host }) => host !== records[0]?.host);
  xml.list("netEvents", records, (record) => {
    if (several) xml.comment(record.host);
    xml.node("item", () => {
      xml.node("header", () => header(xml, record, momentAfter(startTime, record.time, 3)));
      xml.leaf("type", record.eventType);
      body(xml, record);
      internalFields(xml, record);
    });
  });
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${xml}`;
}

function header(xml: EventXmlWriter, { header: of, appId, mac }: NetEventRecord, timeStamp: string): void {
  xml.leaf("timeStamp", timeStamp);
  xml.list("flags", of.flags, (flag) => xml.leaf("item", `FWPM_NET_EVENT_FLAG_${flag}`));
  xml.leaf("ipVersion", of.ipVersion === null ? "FWP_IP_VERSION_NONE" : `FWP_IP_VERSION_V${of.ipVersion}`);
  xml.leaf("ipProtocol", String(of.ipProtocol ?? 0));
  addresses(xml, of);
  xml.leaf("localPort", String(of.localPort ?? 0));
  xml.leaf("remotePort", String(of.remotePort ?? 0));
  xml.leaf("scopeId", String(of.scopeId));
  if (appId === null) xml.leaf("appId");
  else xml.node("appId", () => blob(xml, appIdBlob(appId)));
  xml.leaf("userId", of.userId ?? "");
  if (of.packageSid !== undefined) {
    xml.leaf("addressFamily", mac !== undefined ? "FWP_AF_ETHER" : of.ipVersion === 6 ? "FWP_AF_INET6" : "FWP_AF_INET");
    xml.leaf("packageSid", of.packageSid ?? "");
  }
  if (of.effectiveName !== undefined) {
    xml.leaf("enterpriseId");
    xml.leaf("policyFlags", String(of.policyFlags ?? 0));
    xml.leaf("effectiveName");
  }
}

/** A frame has none: its addresses stand in the body. */
function addresses(xml: EventXmlWriter, { ipVersion, localAddress, remoteAddress }: NetEventHeader): void {
  if (ipVersion === null) return;
  const [suffix, unset] = ipVersion === 4 ? ["V4", "0.0.0.0"] : ["V6.byteArray16", "::"];
  xml.leaf(`localAddr${suffix}`, localAddress ?? unset);
  xml.leaf(`remoteAddr${suffix}`, remoteAddress ?? unset);
}

/** The blob in hexadecimal, and once more with a dot for every byte that is no printable ASCII. */
function blob(xml: EventXmlWriter, bytes: Uint8Array): void {
  xml.leaf("data", [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  xml.leaf("asString", [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join(""));
}

const BODY = {
  FWPM_NET_EVENT_TYPE_CLASSIFY_DROP: "classifyDrop",
  FWPM_NET_EVENT_TYPE_CLASSIFY_ALLOW: "classifyAllow",
  FWPM_NET_EVENT_TYPE_CAPABILITY_DROP: "capabilityDrop",
  FWPM_NET_EVENT_TYPE_CAPABILITY_ALLOW: "capabilityAllow",
  FWPM_NET_EVENT_TYPE_CLASSIFY_DROP_MAC: "classifyDropMac",
} as const;

function body(xml: EventXmlWriter, record: NetEventRecord): void {
  const { filterId, mac, networkCapability } = record;
  xml.node(BODY[record.eventType], () => {
    if (networkCapability !== undefined) {
      xml.leaf("networkCapabilityId", `FWPM_APPC_NETWORK_CAPABILITY_${networkCapability}`);
      xml.leaf("filterId", String(filterId));
      xml.leaf("isLoopback", String(record.isLoopback ?? false));
      return;
    }
    if (mac !== undefined) {
      xml.leaf("localMacAddr.byteArray6", mac.localMacAddr);
      xml.leaf("remoteMacAddr.byteArray6", mac.remoteMacAddr);
      xml.leaf("mediaType", String(mac.mediaType));
      xml.leaf("ifType", String(mac.ifType));
      xml.leaf("etherType", String(mac.etherType));
      xml.leaf("ndisPortNumber", "0");
      xml.leaf("reserved", "0");
      xml.leaf("vlanTag", String(mac.vlanTag));
      xml.leaf("ifLuid", mac.ifLuid);
    }
    xml.leaf("filterId", String(filterId));
    xml.leaf("layerId", String(record.layerId));
    verdictMembers(xml, record);
  });
}

/** In samples of CLASSIFY_ALLOW the profiles are the last members, though the structure has the direction too. */
function verdictMembers(xml: EventXmlWriter, record: NetEventRecord): void {
  if (record.reauthReason === undefined) return;
  xml.leaf("reauthReason", String(record.reauthReason));
  xml.leaf("originalProfile", String(record.originalProfile ?? 0));
  xml.leaf("currentProfile", String(record.currentProfile ?? 0));
  if (record.eventType === "FWPM_NET_EVENT_TYPE_CLASSIFY_ALLOW") return;
  xml.leaf("msFwpDirection", record.direction ?? "");
  xml.leaf("isLoopback", String(record.isLoopback ?? false));
  if (record.vSwitchId === undefined) return;
  xml.leaf("vSwitchId");
  xml.leaf("vSwitchSourcePort", "0");
  xml.leaf("vSwitchDestinationPort", "0");
}

function internalFields(xml: EventXmlWriter, record: NetEventRecord): void {
  const { filterOrigin, interfaceIndex, capabilities, terminatingFilters } = record;
  // The bitmap went when the origin came: the samples have one or the other.
  const withOrigin = interfaceIndex !== undefined;
  xml.node("internalFields", () => {
    const flags = withOrigin && filterOrigin !== null ? ["FWPM_NET_EVENT_INTERNAL_FLAG_FILTER_ORIGIN_SET"] : [];
    xml.list("internalFlags", flags, (flag) => xml.leaf("item", flag));
    if (!withOrigin) xml.leaf("remoteAddrBitmap", "0000000000000000");
    if (capabilities !== undefined) xml.list("capabilities", capabilities, (flag) => xml.leaf("item", flag));
    if (record.header.effectiveName !== undefined) {
      xml.leaf("fqbnVersion", "0");
      xml.leaf("fqbnName");
    }
    xml.list("terminatingFiltersInfo", terminatingFilters, ({ filterId, subLayer, action }) =>
      xml.node("item", () => {
        xml.leaf("filterId", String(filterId));
        xml.leaf("subLayer", subLayer);
        xml.leaf("actionType", `FWP_ACTION_${action.toUpperCase()}`);
      }),
    );
    if (!withOrigin) return;
    xml.leaf("filterOrigin", filterOrigin ?? "");
    xml.leaf("interfaceIndex", String(interfaceIndex));
  });
}
