import { type Guid, type Layer, parseGuid, ZERO_GUID } from "../../model/index.ts";

/** What a callout of the firewall service does (WFP-DIAGNOSTICS-FIREWALL 6.8). */
export type CalloutKind = "query-user" | "logging" | "ftp-control" | "ftp-flow" | "ftp-stream";

const KIND: Readonly<Record<CalloutKind, number>> = {
  "query-user": 0,
  logging: 1,
  "ftp-control": 2,
  "ftp-flow": 3,
  "ftp-stream": 4,
};

const hex = (value: number): string => value.toString(16).padStart(2, "0");

/** The firewall's callout of `kind` at a layer: its GUID ends in the kind and the run-time layer id. */
export function firewallCallout(kind: CalloutKind, layer: Layer): Guid {
  return parseGuid(`c3dbed20-0bb6-4bf3-828d-96732e1e${hex(KIND[kind])}${hex(layer.id)}`) ?? ZERO_GUID;
}
