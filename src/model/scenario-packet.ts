import type { ScenarioEndpoint, ScenarioPlace } from "./scenario.ts";

/** A packet as a scenario writes it: `client:5000 > server:80 S 0:0(0) win 65535 <mss 1460>`. Parts that are null are not told. */
export interface ScenarioPacket {
  readonly at: ScenarioPlace;
  readonly text: string;
  readonly from: ScenarioEndpoint;
  readonly to: ScenarioEndpoint;
  readonly body: ScenarioPacketBody;
}

export type ScenarioPacketBody =
  | {
      readonly kind: "tcp";
      /** Letters S F R P and "." for ACK, sorted; null: any. */
      readonly flags: string | null;
      /** Relative to the direction's initial sequence number once that has been seen. */
      readonly sequence: number | null;
      readonly length: number | null;
      readonly acknowledgment: number | null;
      readonly window: number | null;
      readonly options: readonly ScenarioTcpOption[] | null;
      readonly payload: string | null;
    }
  | { readonly kind: "udp"; readonly length: number | null; readonly payload: string | null }
  | {
      readonly kind: "icmp";
      /** By IP version: a name has its number in both, a plain number is the same in both. */
      readonly type: { readonly 4: number; readonly 6: number } | null;
      readonly code: { readonly 4: number; readonly 6: number } | null;
      readonly id: number | null;
      readonly sequence: number | null;
      readonly length: number | null;
    }
  /** A piece of a packet: byte offset of its payload (null: any), and whether others follow. */
  | { readonly kind: "fragment"; readonly offset: number | null; readonly more: boolean }
  | { readonly kind: "ip"; readonly protocol: number | null; readonly length: number | null };

export type ScenarioTcpOption =
  | { readonly name: "mss"; readonly value: number }
  | { readonly name: "wscale"; readonly value: number }
  | { readonly name: "sackOK" }
  | { readonly name: "timestamps"; readonly value: number; readonly echo: number };
