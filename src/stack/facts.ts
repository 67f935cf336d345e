import type { AddressType, FieldValue, Guid, Interpretation, IpAddress, Metadata, Profile, Sid, Token, Unknown } from "../model/index.ts";

/** What is known of something: the thing, null where it is known to be absent (FWP_EMPTY), UNKNOWN where nobody told. */
export type Fact<T> = T | null | Unknown;

/** An interface as far as somebody described it. */
export interface InterfaceFacts {
  readonly index: Fact<number>;
  readonly subInterfaceIndex: Fact<number>;
  readonly luid: Fact<bigint>;
  /** IANA ifType. */
  readonly type: Fact<number>;
  /** TUNNEL_TYPE; 0 for what is no tunnel. */
  readonly tunnelType: Fact<number>;
  readonly profile: Fact<Profile>;
  readonly quarantineEpoch: Fact<bigint>;
}

/** The owner of a socket. */
export interface ProcessFacts {
  /** NT or DOS path, or "System"; {@link IndicationFacts.volumes} maps DOS ones. */
  readonly path: Fact<string>;
  /** Path of the program on whose behalf it connects; the same unless redirected. */
  readonly originalPath: Fact<string>;
  /** Its package SID says which AppContainer it is in. */
  readonly token: Token;
  readonly processId?: number;
}

/** A frame of a link: 6-byte addresses as this host sees them, and the EtherType. */
export interface LinkFacts {
  readonly local: Uint8Array;
  readonly remote: Uint8Array;
  readonly etherType: number;
}

/** The packet that an ICMP error quotes, from this host's viewpoint. */
export interface EmbeddedFacts {
  readonly protocol: Fact<number>;
  readonly remoteAddress: Fact<IpAddress>;
  readonly localAddressType: Fact<AddressType>;
  readonly localPort: Fact<number>;
  readonly remotePort: Fact<number>;
}

/** What a shim may know of the moment it indicates. Which of it its layer shows is the shim's own knowledge. */
export interface IndicationFacts {
  readonly family: 4 | 6;
  /** Of the packet or data; of the operation where there is neither. */
  readonly direction: "inbound" | "outbound";
  /** Of the flow's first packet; the same as `direction` where there is no flow. */
  readonly flowDirection: "inbound" | "outbound";
  readonly protocol: Fact<number>;
  readonly localAddress: Fact<IpAddress>;
  readonly remoteAddress: Fact<IpAddress>;
  /** Type for ICMP (WFP-SEMANTICS 2.1). */
  readonly localPort: Fact<number>;
  /** Code for ICMP. */
  readonly remotePort: Fact<number>;
  readonly localAddressType: Fact<AddressType>;
  readonly remoteAddressType: Fact<AddressType>;
  readonly process: ProcessFacts;
  /** Package of the other end where that is on this machine too; null for a desktop program. */
  readonly peerPackage: Fact<Sid>;
  /** The interface that has the local address. */
  readonly localInterface: Fact<InterfaceFacts>;
  /** null for what did not arrive. */
  readonly arrivalInterface: Fact<InterfaceFacts>;
  /** null for what does not leave. */
  readonly nexthopInterface: Fact<InterfaceFacts>;
  readonly originalProfile: Fact<Profile>;
  readonly currentProfile: Fact<Profile>;
  readonly isLoopback: boolean | Unknown;
  /** The packet goes on to AUTH_RECV_ACCEPT. */
  readonly aleClassifyRequired: boolean;
  /** Bits of CONDITION_FLAG that the stack sets beyond those the layer's shim derives from the facts. */
  readonly flags: number;
  /** Replaces all bits of CONDITION_FLAG, derived ones too. */
  readonly exactFlags?: number;
  readonly reauthorizeReason: Fact<number>;
  /** null unless ICMP. */
  readonly originalIcmpType: Fact<number>;
  /** Bits of ALE_SIO_FIREWALL_SYSTEM_PORT. */
  readonly socketProperty: Fact<number>;
  /** The ioctl code; 0 where the socket is not promiscuous. */
  readonly promiscuousMode: Fact<number>;
  readonly compartmentId: Fact<number>;
  /** null but for ICMP errors received. */
  readonly embedded: Fact<EmbeddedFacts>;
  /** Addresses of the link, and what the frame carries; for the MAC layers only. */
  readonly link?: LinkFacts;
  /** Drive letters to NT devices. */
  readonly volumes: Readonly<Record<string, string>>;
  /** Whether AppContainers exist: Windows 8 and later. */
  readonly hasAppContainers: boolean;
  /** Interpretation.appContainerLoopback; "any-end" where absent. */
  readonly appContainerLoopback?: Interpretation["appContainerLoopback"];
  /** Fields set to a value whatever the facts say. */
  readonly overrides: ReadonlyMap<Guid, FieldValue>;
  /** What accompanies the fields; each layer shows the part that it has. */
  readonly metadata: Metadata;
}
