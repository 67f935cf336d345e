import { describe, expect, it } from "vitest";
import {
  calloutKeyOf,
  calloutName,
  FIELD_KEY,
  fieldKeyOf,
  fieldName,
  type Guid,
  LAYER_KEY,
  layerKeyOf,
  layerName,
  layersOfFamily,
  layersOfWindows,
  providerKeyOf,
  providerName,
  SUBLAYER_KEY,
  subLayerKeyOf,
  subLayerName,
} from "../../src/model/index.ts";

const unknown: Guid = "{11111111-2222-3333-4444-555555555555}";

describe("well-known names", () => {
  it("are found with and without prefix, in any case, and by GUID", () => {
    expect(layerKeyOf("FWPM_LAYER_ALE_AUTH_CONNECT_V4")).toBe(LAYER_KEY.ALE_AUTH_CONNECT_V4);
    expect(layerKeyOf("ale_auth_connect_v4")).toBe(LAYER_KEY.ALE_AUTH_CONNECT_V4);
    expect(layerKeyOf(unknown.toUpperCase())).toBe(unknown);
    expect(layerKeyOf("NO_SUCH_LAYER")).toBeUndefined();
    expect(fieldKeyOf("FWPM_CONDITION_IP_PROTOCOL")).toBe(FIELD_KEY.IP_PROTOCOL);
    expect(providerKeyOf("nothing")).toBeUndefined();
    expect(calloutKeyOf("nothing")).toBeUndefined();
  });

  it("know that ICMP type and code are the ports (WFP-SEMANTICS 2.1)", () => {
    expect(fieldKeyOf("ICMP_TYPE")).toBe(FIELD_KEY.IP_LOCAL_PORT);
    expect(fieldKeyOf("FWPM_CONDITION_ICMP_CODE")).toBe(FIELD_KEY.IP_REMOTE_PORT);
  });

  it("know the older name of the edge traversal sublayer", () => {
    expect(subLayerKeyOf("FWPM_SUBLAYER_TEREDO")).toBe(SUBLAYER_KEY.EDGE_TRAVERSAL);
  });

  it("fall back to the GUID", () => {
    for (const name of [layerName, fieldName, subLayerName, providerName, calloutName]) expect(name(unknown)).toBe(unknown);
    expect(layerName(LAYER_KEY.INBOUND_IPPACKET_V6)).toBe("FWPM_LAYER_INBOUND_IPPACKET_V6");
    expect(fieldName(FIELD_KEY.FLAGS)).toBe("FLAGS");
  });
});

describe("layer schemas", () => {
  it("grow with the versions of Windows", () => {
    const counts = (["vista", "7", "8", "10", "11"] as const).map(
      (version) => layersOfWindows(version).flatMap((layer) => layer.fields).length,
    );
    expect([...counts].sort((a, b) => a - b)).toEqual(counts);
    expect(layersOfWindows("11")).toBe(layersOfWindows("11"));
  });

  it("number fields without gaps and pair discard layers", () => {
    for (const family of ["A", "B", "C"] as const) {
      const layers = layersOfFamily(family);
      const byKey = new Map(layers.map((layer) => [layer.key, layer]));
      expect(byKey.size).toBe(layers.length);
      for (const layer of layers) {
        expect(layer.fields.map((field) => field.index)).toEqual(layer.fields.map((_, index) => index));
        if (layer.discardLayer !== null) expect(byKey.get(layer.discardLayer)?.discardOf).toBe(layer.key);
      }
    }
  });
});
