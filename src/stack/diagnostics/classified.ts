import type {
  AddressType,
  Decision,
  FilterResult,
  IpAddress,
  Layer,
  Profile,
  Sid,
  SubLayerResult,
  WindowsVersion,
} from "../../model/index.ts";
import type { LinkFacts } from "../facts.ts";

/** One classification as the writers of net events and audits need it. Local and remote are from this machine's viewpoint. */
export interface Classified {
  readonly host: string;
  readonly windows: WindowsVersion;
  readonly layer: Layer;
  /** Of the packet; "forward" for one that passes through. */
  readonly direction: "inbound" | "outbound" | "forward";
  /** Of the flow's first packet. */
  readonly flowDirection: "inbound" | "outbound";
  readonly decision: Decision;
  readonly subLayers: readonly SubLayerResult[];
  /** Every filter of the layer where {@link needsFilters} asked for them; else empty. */
  readonly filters: readonly FilterResult[];
  /** What the stack does, also where the verdict is indeterminate. */
  readonly outcome: "permit" | "block";
  readonly protocol: number;
  readonly family: 4 | 6;
  /** Of the socket: 6 for a dual-stack one at a layer of IPv4 too, else that of the layer. */
  readonly socketFamily: 4 | 6;
  /** Of a packet that passes through: its destination. */
  readonly localAddress: IpAddress | null;
  readonly localPort: number | null;
  /** Of a packet that passes through: its source. */
  readonly remoteAddress: IpAddress | null;
  readonly remotePort: number | null;
  readonly localAddressType: AddressType | null;
  /** Addresses of the frame, at the MAC layers. */
  readonly link: LinkFacts | null;
  /** The program; null at layers that know none. */
  readonly owner: Owner | null;
  /** The interface crossed, or that has the local address. */
  readonly interface: CrossedInterface | null;
  /** Bits of CONDITION_FLAG. */
  readonly flags: number;
  readonly reauthorizeReason: number;
  readonly originalProfile: Profile;
  readonly currentProfile: Profile;
  /** Categories of the networks that the machine is connected to. */
  readonly activeProfiles: readonly Profile[];
}

/** The program that owns the socket, as ALE knows it. */
export interface Owner {
  /** NT device path in lower case, or "System". */
  readonly appId: string;
  /** The same as the firewall's service logs it: with a drive letter where the device has one. */
  readonly dosPath: string;
  readonly processId: number;
  /** null where nobody told. */
  readonly userId: Sid | null;
  /** null for a program in no AppContainer. */
  readonly packageSid: Sid | null;
  readonly capabilities: readonly Sid[];
}

export interface CrossedInterface {
  readonly index: number;
  /** IANA ifType. */
  readonly type: number;
  readonly luid: bigint;
}
