import type { Bfe, FilterEngine } from "../engine/index.ts";
import { DEFAULT_VOLUMES, type Interpretation, type IpAddress, type WindowsVersion } from "../model/index.ts";
import { DatagramFlows } from "./ale/datagram-flows.ts";
import { EndpointTable } from "./ale/endpoint-table.ts";
import type { AleFlow } from "./ale/flow.ts";
import { FlowTable } from "./ale/flow-table.ts";
import type { Clock } from "./clock.ts";
import { DEFAULT_DIAGNOSTICS, type DiagnosticsOptions } from "./diagnostics/options.ts";
import { type EchoOptions, type EchoResult, sendEcho } from "./icmp/echo.ts";
import { Icmp } from "./icmp/icmp.ts";
import { sendError } from "./icmp/output.ts";
import { addressTypeOn, hasAddress, loopbackInterface, type NetworkInterface } from "./interface.ts";
import type { DiscardReason } from "./ip/discard.ts";
import { receiveBytes } from "./ip/input.ts";
import { Memberships } from "./ip/memberships.ts";
import { parseTransport } from "./ip/packet-bytes.ts";
import { Reassembly } from "./ip/reassembly.ts";
import type { Network, NetworkNode, NetworkPort } from "./network/network.ts";
import type { Operation } from "./operation.ts";
import { PROTOCOL } from "./packet.ts";
import { PortTable } from "./port-table.ts";
import { RawSocket, type RawSocketOptions } from "./raw/raw-socket.ts";
import { RawSockets } from "./raw/raw-sockets.ts";
import type { Event, Recorder } from "./recorder.ts";
import { Socket } from "./socket.ts";
import type { SocketOptions } from "./socket-base.ts";
import { abort } from "./tcp/reset.ts";
import { defaultTcpSettings, type TcpSettings } from "./tcp/settings.ts";
import { Tcp } from "./tcp/tcp.ts";
import { Udp } from "./udp/udp.ts";
import { UdpSocket } from "./udp/udp-socket.ts";

export interface HostOptions {
  readonly name: string;
  readonly windows: WindowsVersion;
  readonly bfe: Bfe;
  readonly interfaces: readonly NetworkInterface[];
  readonly tcp?: Partial<TcpSettings>;
  /** The dynamic port handed out first; 49701 unless told. */
  readonly firstDynamicPort?: number;
  /** Drive letters to NT devices, for ALE_APP_ID. */
  readonly volumes?: Readonly<Record<string, string>>;
  readonly diagnostics?: Partial<DiagnosticsOptions>;
  /** Whether forwarded fragments are also indicated as a group (netsh interface ipv4 set global groupforwardedfragments=enabled). */
  readonly groupForwardedFragments?: boolean;
  /** Indicates at the MAC layers and at STREAM_PACKET even where no filter is; Microsoft's tables of packet flows leave them out. */
  readonly allLayers?: boolean;
}

/** What the hosts of a simulation share. */
export interface HostWorld {
  readonly clock: Clock;
  readonly network: Network;
  readonly recorder: Recorder;
}

/** A Windows machine as far as filtering sees it: interfaces, TCP/IP, ALE and the filter engine they ask. */
export class Host implements NetworkNode {
  readonly name: string;
  readonly windows: WindowsVersion;
  readonly bfe: Bfe;
  readonly loopback: NetworkInterface = loopbackInterface();
  /** The loopback interface first. */
  readonly interfaces: readonly NetworkInterface[];
  readonly clock: Clock;
  readonly network: Network;
  readonly tcp: Tcp;
  readonly flows: FlowTable;
  /** Flows of UDP, ICMP and raw sockets by socket and peer. */
  readonly datagramFlows: DatagramFlows;
  /** The flow of all inbound multicast and broadcast, by IP version (WFP-SHIMS 4.4.3). */
  readonly multicastFlows = new Map<4 | 6, AleFlow>();
  readonly udp = new Udp();
  readonly icmp = new Icmp();
  readonly raw = new RawSockets();
  readonly endpoints = new EndpointTable();
  readonly memberships = new Memberships();
  readonly reassembly: Reassembly;
  /** Pieces of forwarded datagrams, where they are grouped. */
  readonly forwardedFragments: Reassembly;
  readonly tcpPorts: PortTable;
  readonly udpPorts: PortTable;
  readonly volumes: Readonly<Record<string, string>>;
  readonly diagnostics: DiagnosticsOptions;
  readonly groupForwardedFragments: boolean;
  readonly allLayers: boolean;
  readonly ports: readonly NetworkPort[];
  readonly #recorder: Recorder;
  readonly #discards = new Map<string, number>();
  #endpointHandles = 0n;
  #identification = 0;

  constructor(options: HostOptions, world: HostWorld) {
    this.name = options.name;
    this.windows = options.windows;
    this.bfe = options.bfe;
    this.interfaces = [this.loopback, ...options.interfaces];
    this.clock = world.clock;
    this.network = world.network;
    this.#recorder = world.recorder;
    this.tcp = new Tcp(this, { ...defaultTcpSettings(options.windows), ...options.tcp });
    this.tcpPorts = new PortTable(options.firstDynamicPort ?? 49_701);
    this.udpPorts = new PortTable(options.firstDynamicPort ?? 49_701);
    this.volumes = options.volumes ?? DEFAULT_VOLUMES;
    this.diagnostics = { ...DEFAULT_DIAGNOSTICS, ...options.diagnostics };
    this.allLayers = options.allLayers ?? false;
    this.groupForwardedFragments = options.groupForwardedFragments ?? false;
    this.flows = new FlowTable(this.clock, (calloutKey, context, { layerKey }) => {
      const layer = this.engine.layer(layerKey);
      if (layer !== undefined) this.engine.callout(calloutKey)?.flowDelete?.(layer, context);
    });
    this.datagramFlows = new DatagramFlows(this.flows);
    this.reassembly = new Reassembly(this.clock, (head) => sendError(this, "reassemblyTimeExceeded", parseTransport(head).packet));
    this.forwardedFragments = new Reassembly(this.clock, () => undefined);
    this.ports = this.interfaces.map((networkInterface) => ({
      link: networkInterface.link,
      owns: (address) => hasAddress(networkInterface, address),
      receive: (bytes) => this.receive(networkInterface, bytes),
    }));
    this.network.attach(this);
  }

  get engine(): FilterEngine {
    return this.bfe.engine;
  }

  get interpretation(): Interpretation {
    return this.bfe.engine.interpretation;
  }

  owns(address: IpAddress): boolean {
    return this.interfaceOf(address) !== undefined;
  }

  /** The interface that has the address. */
  interfaceOf(address: IpAddress): NetworkInterface | undefined {
    return this.interfaces.find((candidate) => hasAddress(candidate, address));
  }

  /** Whether packets to `address` that come in by `arrival` are for this host: its own address, a broadcast, a group it has joined. */
  listensOn(arrival: NetworkInterface, address: IpAddress): boolean {
    if (hasAddress(arrival, address)) return true;
    const type = addressTypeOn(arrival, address);
    return type === "broadcast" || (type === "multicast" && this.memberships.has(arrival, address));
  }

  /** Whether `address` is a multicast or broadcast address. */
  isForMany(address: IpAddress): boolean {
    return this.interfaces.some((own) => {
      const type = addressTypeOn(own, address);
      return type === "multicast" || type === "broadcast";
    });
  }

  /** A new TCP socket of `process`. */
  socket(options: SocketOptions): Socket {
    return new Socket(this, options);
  }

  /** A new UDP socket of `process`. */
  udpSocket(options: SocketOptions): UdpSocket {
    return new UdpSocket(this, options);
  }

  /** A new raw socket of `process`; `opened` says whether a filter refused it. */
  rawSocket(options: RawSocketOptions): RawSocket {
    return new RawSocket(this, options);
  }

  /** IcmpSendEcho: an echo request, and the wait for its reply. */
  ping(destination: IpAddress, options: EchoOptions = {}): Operation<EchoResult> {
    return sendEcho(this, destination, options);
  }

  /** Ports of a transport protocol; null for one without ports. */
  portsOf(protocol: number): PortTable | null {
    return protocol === PROTOCOL.TCP ? this.tcpPorts : protocol === PROTOCOL.UDP ? this.udpPorts : null;
  }

  /** Ends a flow: a connection is aborted, others are forgotten (FwpsFlowAbort0). */
  abortFlow(flow: AleFlow): void {
    for (const connection of this.tcp.table.connections) {
      if (connection.flow === flow) {
        abort(this.tcp, connection, "WSAECONNABORTED");
        return;
      }
    }
    this.flows.remove(flow);
  }

  /** A packet comes in by one of the interfaces. */
  receive(arrival: NetworkInterface, bytes: Uint8Array): void {
    receiveBytes(this, arrival, bytes);
  }

  /** Counts what is dropped before there is anything to indicate (netstat -s: "received header errors"). */
  countDiscard({ reason }: DiscardReason): void {
    this.#discards.set(reason, (this.#discards.get(reason) ?? 0) + 1);
  }

  /** Packets dropped without an indication, by reason. */
  get discards(): ReadonlyMap<string, number> {
    return this.#discards;
  }

  /** Identification of the next IP packet. */
  nextIdentification(): number {
    this.#identification = (this.#identification + 1) & 0xffff;
    return this.#identification;
  }

  record(event: Event): void {
    this.#recorder.add(event);
  }

  /** TRANSPORT_ENDPOINT_HANDLE of a new endpoint. */
  nextEndpointHandle(): bigint {
    return ++this.#endpointHandles;
  }
}
