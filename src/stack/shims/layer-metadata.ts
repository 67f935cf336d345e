import { type Layer, METADATA_BY_LAYER, type Metadata } from "../../model/index.ts";

/** Names of flags.json's table, by our own. */
const NAMES: Readonly<Record<keyof Metadata, string>> = {
  discardReason: "DISCARD_REASON",
  flowHandle: "FLOW_HANDLE",
  transportEndpointHandle: "TRANSPORT_ENDPOINT_HANDLE",
  parentEndpointHandle: "PARENT_ENDPOINT_HANDLE",
  packetDirection: "PACKET_DIRECTION",
  aleClassifyRequired: "ALE_CLASSIFY_REQUIRED",
  processId: "PROCESS_ID",
  processPath: "PROCESS_PATH",
  originalDestination: "ORIGINAL_DESTINATION",
  localRedirectTargetPid: "LOCAL_REDIRECT_TARGET_PID",
  ipHeaderSize: "IP_HEADER_SIZE",
  transportHeaderSize: "TRANSPORT_HEADER_SIZE",
  interfaceIndex: "INTERFACE_INDEX",
  compartmentId: "COMPARTMENT_ID",
};

/** The part of `metadata` that the layer shows (WFP-SHIMS 4.1), with what the shim knows beyond the table. */
export function layerMetadata(metadata: Metadata, layer: Layer, more: readonly (keyof Metadata)[] = []): Metadata {
  const table = METADATA_BY_LAYER[layer.name] ?? [];
  const isShown = (name: string): boolean => {
    const key = name as keyof Metadata;
    return table.includes(NAMES[key]) || more.includes(key);
  };
  return Object.fromEntries(Object.entries(metadata).filter(([name, value]) => value !== undefined && isShown(name)));
}
