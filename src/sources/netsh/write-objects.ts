import {
  type AleEndpoint,
  appIdBlob,
  CALLOUT_FLAG,
  type CalloutObject,
  formatAddress,
  type Layer,
  type Provider,
  type ProviderContext,
  type Session,
  type SubLayer,
} from "../../model/index.ts";
import { keyText } from "./key-text.ts";
import { writeBlob } from "./write-blob.ts";
import { writeFlags } from "./write-flags.ts";
import { writeValue } from "./write-value.ts";
import type { XmlWriter } from "./xml-writer.ts";

export function writeDisplay(xml: XmlWriter, object: { readonly name: string; readonly description: string }): void {
  xml.node("displayData", () => {
    xml.leaf("name", object.name);
    xml.leaf("description", object.description);
  });
}

export function writeLayer(xml: XmlWriter, layer: Layer): void {
  xml.leaf("layerKey", keyText(layer.key, "layer"));
  writeDisplay(xml, { name: layer.displayName, description: "" });
  writeFlags(xml, "layer", layer.flags);
  xml.list("field", layer.fields, (field) => {
    xml.leaf("fieldKey", keyText(field.key, "field"));
    xml.leaf("type", `FWPM_FIELD_${field.fieldType}`);
    xml.leaf("dataType", field.dataType);
  });
  xml.leaf("defaultSubLayerKey", keyText(layer.defaultSubLayer, "sublayer"));
  xml.leaf("layerId", String(layer.id));
}

export function writeCallout(xml: XmlWriter, callout: CalloutObject): void {
  const registered = callout.registered === true ? CALLOUT_FLAG.FWPM_CALLOUT_FLAG_REGISTERED : 0;
  xml.leaf("calloutKey", keyText(callout.key, "callout"));
  writeDisplay(xml, callout);
  writeFlags(xml, "callout", callout.flags | registered);
  xml.leaf("providerKey", keyText(callout.providerKey, "provider"));
  writeBlob(xml, "providerData", callout.providerData);
  xml.leaf("applicableLayer", keyText(callout.applicableLayer, "layer"));
  xml.leaf("calloutId", String(callout.calloutId));
}

export function writeProvider(xml: XmlWriter, provider: Provider): void {
  xml.leaf("providerKey", keyText(provider.key, "provider"));
  writeDisplay(xml, provider);
  writeFlags(xml, "provider", provider.flags);
  writeBlob(xml, "providerData", provider.data);
  xml.leaf("serviceName", provider.serviceName ?? "");
}

export function writeSubLayer(xml: XmlWriter, subLayer: SubLayer): void {
  xml.leaf("subLayerKey", keyText(subLayer.key, "sublayer"));
  writeDisplay(xml, subLayer);
  writeFlags(xml, "sublayer", subLayer.flags);
  xml.leaf("providerKey", keyText(subLayer.providerKey, "provider"));
  writeBlob(xml, "providerData", subLayer.providerData);
  xml.leaf("weight", String(subLayer.weight));
}

export function writeSession(xml: XmlWriter, session: Session): void {
  xml.leaf("sessionKey", keyText(session.key, "session"));
  writeDisplay(xml, session);
  writeFlags(xml, "session", session.flags);
  xml.leaf("txnWaitTimeoutInMSec", String(session.txnWaitTimeoutInMSec));
  xml.leaf("processId", String(session.processId));
  xml.leaf("sid", session.sid ?? "");
  xml.leaf("username", session.userName);
  xml.leaf("kernelMode", String(session.kernelMode));
}

const MAX_UINT32 = 0xffffffffn;

export function writeProviderContext(xml: XmlWriter, context: ProviderContext): void {
  xml.leaf("providerContextKey", keyText(context.key, "provider context"));
  writeDisplay(xml, context);
  writeFlags(xml, "provider context", context.flags);
  xml.leaf("providerKey", keyText(context.providerKey, "provider"));
  writeBlob(xml, "providerData", context.providerData);
  xml.leaf("type", context.type);
  const { body } = context;
  switch (body.kind) {
    case "data":
      writeBlob(xml, "dataBuffer", body.data);
      break;
    case "classify-options":
      xml.node("classifyOptions", () => {
        xml.list("options", body.options, ({ type, value }) => {
          xml.leaf("type", type);
          xml.node("value", () =>
            writeValue(xml, value <= MAX_UINT32 ? { type: "FWP_UINT32", value: Number(value) } : { type: "FWP_UINT64", value }),
          );
        });
      });
      break;
    case "opaque":
      xml.elements(body.text);
      break;
  }
  xml.leaf("providerContextId", String(context.id));
}

/** What the model keeps of an endpoint: netsh has its token, security associations and IPsec status besides. */
export function writeEndpoint(xml: XmlWriter, endpoint: AleEndpoint): void {
  xml.leaf("endpointId", String(endpoint.endpointId));
  xml.leaf("ipVersion", `FWP_IP_VERSION_V${endpoint.family}`);
  xml.leaf(`localV${endpoint.family}Address`, formatAddress(endpoint.local));
  xml.leaf(`remoteV${endpoint.family}Address`, formatAddress(endpoint.remote));
  xml.leaf("ipProtocol", String(endpoint.protocol));
  xml.leaf("localPort", String(endpoint.localPort));
  xml.leaf("remotePort", String(endpoint.remotePort));
  writeBlob(xml, "appId", endpoint.appId === null ? null : appIdBlob(endpoint.appId));
}
