import {
  appIdPath,
  InputError,
  type IpAddress,
  NET_EVENT_HEADER_FLAG,
  type NetEventType,
  parseIpv4,
  parseIpv6,
  parseSid,
  type Sid,
} from "../../model/index.ts";
import type { DiagnosticLog } from "../netsh/diagnostics.ts";
import { bigInteger, child, type Element, hexBytes, integer, notA, required, textOf } from "../netsh/element.ts";
import type { NetEvent, NetEventTerminatingFilter } from "./net-event.ts";
import { NET_EVENT_CHILDREN, type NetEventPart } from "./net-event-elements.ts";

/** Types with a classification, and the element of the part that is theirs. */
const BODY: Readonly<Record<NetEventType, string>> = {
  FWPM_NET_EVENT_TYPE_CLASSIFY_DROP: "classifyDrop",
  FWPM_NET_EVENT_TYPE_CLASSIFY_ALLOW: "classifyAllow",
  FWPM_NET_EVENT_TYPE_CLASSIFY_DROP_MAC: "classifyDropMac",
  FWPM_NET_EVENT_TYPE_CAPABILITY_DROP: "capabilityDrop",
  FWPM_NET_EVENT_TYPE_CAPABILITY_ALLOW: "capabilityAllow",
};

/** The other members of FWPM_NET_EVENT_TYPE: they tell of IPsec and power management, not of filters (WFP-DIAGNOSTICS-FIREWALL 5.1). */
const WITHOUT_VERDICT = /^FWPM_NET_EVENT_TYPE_(IKEEXT_[MQE]M_FAILURE|IPSEC_KERNEL_DROP|IPSEC_DOSP_DROP|LPM_PACKET_ARRIVAL)$/;

const TOP_UINT32 = 0xffff_ffff;
const FLAG_PREFIX = "FWPM_NET_EVENT_FLAG_";

/**
 * One net event of `netsh wfp show netevents` or `wfpdiag.xml` (SCHEMA 8). null for a type without a verdict, which the log counts.
 * @throws InputError for a value that cannot be, or a part that is missing.
 */
export function readNetEvent(element: Element, log: DiagnosticLog): NetEvent | null {
  expectParts(element, "net event", log);
  const type = required(element, "type");
  if (!isVerdictType(type.text)) {
    if (WITHOUT_VERDICT.test(type.text)) log.remark("no-verdict", `net events of type ${type.text} have no filter's verdict`, type.line);
    else log.warn("unknown-type", `unknown type of net event "${type.text}"`, type.line);
    return null;
  }
  const body = required(element, BODY[type.text]);
  expectParts(body, "classification", log);
  return {
    line: element.line,
    type: type.text,
    ...readHeader(required(element, "header"), log),
    ...readBody(body, log),
    ...readInternal(child(element, "internalFields"), log),
  };
}

type Header = Pick<
  NetEvent,
  | "timeStamp"
  | "flags"
  | "family"
  | "protocol"
  | "localAddress"
  | "remoteAddress"
  | "localPort"
  | "remotePort"
  | "scopeId"
  | "appId"
  | "userId"
  | "packageSid"
>;

/** A member counts where its flag is set; netsh prints the others too, as zero. */
function readHeader(header: Element, log: DiagnosticLog): Header {
  expectParts(header, "header", log);
  const flags = readFlags(header, log);
  const family = readFamily(required(header, "ipVersion"));
  const set = (flag: keyof typeof NET_EVENT_HEADER_FLAG) => flags.includes(flag);
  const member = <T>(flag: keyof typeof NET_EVENT_HEADER_FLAG, name: string, read: (member: Element) => T): T | null =>
    set(flag) ? read(required(header, name)) : null;
  const address = (side: "local" | "remote", flag: "LOCAL_ADDR_SET" | "REMOTE_ADDR_SET") =>
    family === null ? null : member(flag, `${side}Addr${family === 4 ? "V4" : "V6.byteArray16"}`, (text) => readAddress(text, family));
  return {
    timeStamp: readTime(required(header, "timeStamp")),
    flags,
    family,
    protocol: member("IP_PROTOCOL_SET", "ipProtocol", (number) => integer(number, 255)),
    localAddress: address("local", "LOCAL_ADDR_SET"),
    remoteAddress: address("remote", "REMOTE_ADDR_SET"),
    localPort: member("LOCAL_PORT_SET", "localPort", (number) => integer(number, 65_535)),
    remotePort: member("REMOTE_PORT_SET", "remotePort", (number) => integer(number, 65_535)),
    scopeId: optional(header, "scopeId", (number) => integer(number, TOP_UINT32)) ?? 0,
    appId: member("APP_ID_SET", "appId", readAppId),
    userId: member("USER_ID_SET", "userId", readSid),
    packageSid: member("PACKAGE_ID_SET", "packageSid", readSid),
  };
}

type Body = Pick<
  NetEvent,
  "filterId" | "layerId" | "direction" | "reauthReason" | "originalProfile" | "currentProfile" | "isLoopback" | "networkCapability"
>;

function readBody(body: Element, log: DiagnosticLog): Body {
  const number = (name: string) => optional(body, name, (element) => integer(element, TOP_UINT32));
  return {
    filterId: bigInteger(required(body, "filterId")),
    layerId: number("layerId"),
    direction: optional(body, "msFwpDirection", (element) => readDirection(element, log)),
    reauthReason: number("reauthReason"),
    originalProfile: number("originalProfile"),
    currentProfile: number("currentProfile"),
    isLoopback: optional(body, "isLoopback", readBoolean),
    networkCapability: optional(body, "networkCapabilityId", ({ text }) => text.replace("FWPM_APPC_NETWORK_CAPABILITY_", "")),
  };
}

type Internal = Pick<NetEvent, "capabilities" | "terminatingFilters" | "filterOrigin" | "interfaceIndex">;

/** What only netsh knows; its structure is not published. */
function readInternal(internal: Element | undefined, log: DiagnosticLog): Internal {
  if (internal === undefined) return { capabilities: null, terminatingFilters: [], filterOrigin: null, interfaceIndex: null };
  expectParts(internal, "internal fields", log);
  const capabilities = child(internal, "capabilities");
  const terminating = child(internal, "terminatingFiltersInfo");
  return {
    capabilities: capabilities === undefined ? null : capabilities.children.map(({ text }) => text.replace("FWP_CAPABILITIES_FLAG_", "")),
    terminatingFilters: terminating === undefined ? [] : terminating.children.flatMap((item) => readTerminating(item, log)),
    filterOrigin: textOf(internal, "filterOrigin") || null,
    interfaceIndex: optional(internal, "interfaceIndex", (element) => integer(element, TOP_UINT32)),
  };
}

function readTerminating(item: Element, log: DiagnosticLog): NetEventTerminatingFilter[] {
  expectParts(item, "terminating filter", log);
  const action = required(item, "actionType");
  const verdict = { FWP_ACTION_PERMIT: "permit", FWP_ACTION_BLOCK: "block" }[action.text];
  if (verdict !== "permit" && verdict !== "block") {
    log.warn("unknown-action", `the terminating filter of a sublayer has the action "${action.text}"`, action.line);
    return [];
  }
  return [{ filterId: bigInteger(required(item, "filterId")), subLayer: required(item, "subLayer").text, action: verdict }];
}

function isVerdictType(text: string): text is NetEventType {
  return Object.hasOwn(BODY, text);
}

function readFlags(header: Element, log: DiagnosticLog): string[] {
  const list = child(header, "flags");
  if (list === undefined) throw new InputError("<header> lacks <flags>, which say what is set", { line: header.line });
  return list.children.map(({ text, line }) => {
    const name = text.replace(FLAG_PREFIX, "");
    if (!Object.hasOwn(NET_EVENT_HEADER_FLAG, name) && !/^[0-9A-F]{8}$/i.test(name)) {
      log.warn("unknown-flag", `unknown flag of a net event ${text}`, line);
    }
    return name;
  });
}

function readFamily(element: Element): 4 | 6 | null {
  switch (element.text) {
    case "FWP_IP_VERSION_V4":
      return 4;
    case "FWP_IP_VERSION_V6":
      return 6;
    case "FWP_IP_VERSION_NONE":
      return null;
    default:
      throw notA(element, "FWP_IP_VERSION_V4, _V6 or _NONE");
  }
}

function readAddress(element: Element, family: 4 | 6): IpAddress {
  if (family === 4) {
    const value = parseIpv4(element.text);
    if (value === undefined) throw notA(element, "an IPv4 address");
    return { family, value };
  }
  const bytes = parseIpv6(element.text);
  if (bytes === undefined) throw notA(element, "an IPv6 address");
  return { family, bytes };
}

/** `data` counts: `asString` has a dot for every byte that is not printable (SCHEMA 5). */
function readAppId(element: Element): string {
  return appIdPath(hexBytes(required(element, "data")));
}

function readSid(element: Element): Sid {
  try {
    return parseSid(element.text);
  } catch {
    throw notA(element, "a SID");
  }
}

function readTime(element: Element): string {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(element.text)) throw notA(element, "a time like 2026-01-31T08:00:00.000Z");
  return element.text;
}

/** By name; a number where netsh knows no name (0x3900 in, 0x3901 out, 0x3902 forward). */
function readDirection(element: Element, log: DiagnosticLog): NetEvent["direction"] {
  switch (element.text) {
    case "MS_FWP_DIRECTION_IN":
    case "14592":
      return "in";
    case "MS_FWP_DIRECTION_OUT":
    case "14593":
      return "out";
    case "MS_FWP_DIRECTION_FORWARD":
    case "14594":
      return "forward";
    default:
      log.warn("unknown-direction", `unknown direction "${element.text}"`, element.line);
      return null;
  }
}

function readBoolean(element: Element): boolean {
  if (element.text !== "true" && element.text !== "false") throw notA(element, "true or false");
  return element.text === "true";
}

/** null for what is absent or empty. */
function optional<T>(parent: Element, name: string, read: (element: Element) => T): T | null {
  const found = child(parent, name);
  return found === undefined || found.text === "" ? null : read(found);
}

function expectParts(element: Element, part: NetEventPart, log: DiagnosticLog): void {
  for (const { name, line } of element.children) {
    if (!NET_EVENT_CHILDREN[part].has(name)) log.warn("unknown-element", `unknown element <${name}> in a ${part}`, line);
  }
}
