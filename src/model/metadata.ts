import type { IpAddress } from "./address.ts";

/** FWPS_INCOMING_METADATA_VALUES0: what a callout may find beside the fields. Only set members are present. */
export interface Metadata {
  readonly discardReason?: { readonly module: "network" | "transport" | "general"; readonly reason: string };
  readonly flowHandle?: bigint;
  readonly transportEndpointHandle?: bigint;
  readonly parentEndpointHandle?: bigint;
  readonly packetDirection?: "inbound" | "outbound";
  /** Whether INBOUND_TRANSPORT will be followed by RECV_ACCEPT. */
  readonly aleClassifyRequired?: boolean;
  readonly processId?: number;
  readonly processPath?: string;
  readonly originalDestination?: { readonly address: IpAddress; readonly port: number };
  readonly localRedirectTargetPid?: number;
  readonly ipHeaderSize?: number;
  readonly transportHeaderSize?: number;
  readonly interfaceIndex?: number;
  readonly compartmentId?: number;
}
