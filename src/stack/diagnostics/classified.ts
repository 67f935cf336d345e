import type { Decision, IpAddress, Layer, Profile, SubLayerResult, WindowsVersion } from "../../model/index.ts";

/** One classification as the writers of net events and audits need it. Local and remote are from this machine's viewpoint. */
export interface Classified {
  readonly host: string;
  readonly windows: WindowsVersion;
  readonly layer: Layer;
  readonly direction: "inbound" | "outbound";
  readonly decision: Decision;
  readonly subLayers: readonly SubLayerResult[];
  /** What the stack does, also where the verdict is indeterminate. */
  readonly outcome: "permit" | "block";
  readonly protocol: number;
  readonly family: 4 | 6;
  readonly localAddress: IpAddress | null;
  readonly localPort: number | null;
  readonly remoteAddress: IpAddress | null;
  readonly remotePort: number | null;
  /** NT device path or "System"; null at layers that know no process. */
  readonly appId: string | null;
  readonly processId: number | null;
  readonly interfaceIndex: number | null;
  /** Bits of CONDITION_FLAG and REAUTHORIZE_REASON. */
  readonly flags: number;
  readonly reauthorizeReason: number;
  readonly originalProfile: Profile;
  readonly currentProfile: Profile;
}
