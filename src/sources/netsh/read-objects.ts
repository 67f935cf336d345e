import {
  type AleEndpoint,
  appIdPath,
  CALLOUT_FLAG,
  type CalloutObject,
  calloutName,
  type IpAddress,
  isSid,
  type Provider,
  parseIpv4,
  parseIpv6,
  type Session,
  type SubLayer,
} from "../../model/index.ts";
import { bigInteger, child, type Element, integer, notA, required, textOf } from "./element.ts";
import { expectChildren } from "./known-elements.ts";
import { readFlags } from "./names.ts";
import type { ReadContext } from "./read-context.ts";
import { readBlob, readDisplay } from "./read-parts.ts";

const MAX_UINT32 = 0xffffffff;

/** A `<callouts><item>`: one without the REGISTERED flag has no driver behind it (SCHEMA 2). */
export function readCallout(item: Element, context: ReadContext): CalloutObject {
  expectChildren(item, "callout", context.log);
  const { bits } = readFlags(item, "callout", context);
  const key = context.key(required(item, "calloutKey"), "callout");
  const { name, description } = readDisplay(item, context);
  return {
    key,
    name: name === "" ? calloutName(key) : name,
    description,
    flags: bits,
    providerKey: context.optionalKey(child(item, "providerKey"), "provider"),
    providerData: readBlob(child(item, "providerData"), context),
    applicableLayer: context.optionalKey(child(item, "applicableLayer"), "layer"),
    calloutId: integer(required(item, "calloutId"), MAX_UINT32),
    registered: (bits & CALLOUT_FLAG.FWPM_CALLOUT_FLAG_REGISTERED) !== 0,
  };
}

export function readProvider(item: Element, context: ReadContext): Provider {
  expectChildren(item, "provider", context.log);
  const serviceName = textOf(item, "serviceName");
  return {
    key: context.key(required(item, "providerKey"), "provider"),
    ...readDisplay(item, context),
    flags: readFlags(item, "provider", context).bits,
    data: readBlob(child(item, "providerData"), context),
    serviceName: serviceName === "" ? null : context.texts.keep(serviceName),
  };
}

/** A `<subLayers><item>`; its weight is a bare number, unlike a filter's. */
export function readSubLayer(item: Element, context: ReadContext): SubLayer {
  expectChildren(item, "sublayer", context.log);
  return {
    key: context.key(required(item, "subLayerKey"), "sublayer"),
    ...readDisplay(item, context),
    flags: readFlags(item, "sublayer", context).bits,
    providerKey: context.optionalKey(child(item, "providerKey"), "provider"),
    providerData: readBlob(child(item, "providerData"), context),
    weight: integer(required(item, "weight"), 0xffff),
    weightKnown: true,
  };
}

export function readSession(item: Element, context: ReadContext): Session {
  expectChildren(item, "session", context.log);
  const sid = child(item, "sid");
  if (sid !== undefined && sid.text !== "" && !isSid(sid.text)) throw notA(sid, "a SID");
  const kernelMode = child(item, "kernelMode");
  if (kernelMode !== undefined && !/^(true|false)$/.test(kernelMode.text)) throw notA(kernelMode, "true or false");
  const sidText = context.texts.keep(sid?.text ?? "");
  return {
    key: context.key(required(item, "sessionKey"), "session"),
    ...readDisplay(item, context),
    flags: readFlags(item, "session", context).bits,
    txnWaitTimeoutInMSec: integer(required(item, "txnWaitTimeoutInMSec"), MAX_UINT32),
    processId: integer(required(item, "processId"), MAX_UINT32),
    sid: isSid(sidText) ? sidText : null,
    userName: context.texts.keep(child(item, "username")?.raw ?? ""),
    kernelMode: kernelMode?.text === "true",
  };
}

/** An `<aleConnectedEndpoints><item>`. Token, security associations and IPsec status are not kept. */
export function readEndpoint(item: Element, context: ReadContext): AleEndpoint {
  expectChildren(item, "endpoint", context.log);
  const version = required(item, "ipVersion");
  const family = version.text === "FWP_IP_VERSION_V4" ? 4 : version.text === "FWP_IP_VERSION_V6" ? 6 : undefined;
  if (family === undefined) throw notA(version, "FWP_IP_VERSION_V4 or FWP_IP_VERSION_V6");
  const appId = readBlob(child(item, "appId"), context);
  return {
    endpointId: bigInteger(required(item, "endpointId")),
    family,
    local: readAddress(required(item, `localV${family}Address`), family),
    remote: readAddress(required(item, `remoteV${family}Address`), family),
    protocol: integer(required(item, "ipProtocol"), 0xff),
    localPort: integer(required(item, "localPort"), 0xffff),
    remotePort: integer(required(item, "remotePort"), 0xffff),
    appId: appId === null ? null : context.texts.keep(appIdPath(appId)),
  };
}

function readAddress(element: Element, family: 4 | 6): IpAddress {
  if (family === 4) {
    const value = parseIpv4(element.text);
    if (value !== undefined) return { family, value };
  } else {
    const bytes = parseIpv6(element.text);
    if (bytes !== undefined) return { family, bytes };
  }
  throw notA(element, `an IPv${family} address`);
}
