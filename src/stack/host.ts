import type { Bfe, FilterEngine } from "../engine/index.ts";
import { DEFAULT_VOLUMES, type Interpretation, type IpAddress, type WindowsVersion } from "../model/index.ts";
import { FlowTable } from "./ale/flow-table.ts";
import type { Clock } from "./clock.ts";
import { hasAddress, loopbackInterface, type NetworkInterface } from "./interface.ts";
import { receivePacket } from "./ip/input.ts";
import type { Network, NetworkNode } from "./network.ts";
import type { IpPacket } from "./packet.ts";
import { PortTable } from "./port-table.ts";
import type { Process } from "./process.ts";
import type { Event, Recorder } from "./recorder.ts";
import { Socket } from "./socket.ts";
import { defaultTcpSettings, type TcpSettings } from "./tcp/settings.ts";
import { Tcp } from "./tcp/tcp.ts";

/** What is written about classifications, beside the indications themselves (WFP-DIAGNOSTICS-FIREWALL 5.1, 5.2). */
export interface DiagnosticsOptions {
  /** FWPM_NET_EVENT_TYPE_CLASSIFY_DROP; Windows collects them by default. */
  readonly netEvents: boolean;
  /** FWPM_NET_EVENT_TYPE_CLASSIFY_ALLOW too (keyword CLASSIFY_ALLOW). */
  readonly classifyAllow: boolean;
  /** Security audit "Filtering Platform Connection": 5154–5159. Off in Windows until switched on. */
  readonly auditConnections: boolean;
  /** Security audit "Filtering Platform Packet Drop": 5152, 5153. */
  readonly auditPacketDrops: boolean;
  /**
   * Which end events 5156 and 5157 call "source" for an inbound TCP connection (WFP-CONFORMANCE Q10). Microsoft's samples have the local
   * end; Windows 10 machines log the initiator, as 5152 does.
   */
  readonly connectionSource: "local" | "initiator";
  /**
   * Which filter 5156 names for TCP: the one that permitted, as Windows 10 machines log it, or 0 where that filter has conditions beyond
   * user, program, protocol and remote port, as the page on auditing says.
   */
  readonly permittedFilter: "winning" | "documented";
}

export const DEFAULT_DIAGNOSTICS: DiagnosticsOptions = {
  netEvents: true,
  classifyAllow: false,
  auditConnections: true,
  auditPacketDrops: true,
  connectionSource: "initiator",
  permittedFilter: "winning",
};

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
  /** The loopback interface first. */
  readonly interfaces: readonly NetworkInterface[];
  readonly clock: Clock;
  readonly network: Network;
  readonly tcp: Tcp;
  readonly flows = new FlowTable();
  readonly ports: PortTable;
  readonly volumes: Readonly<Record<string, string>>;
  readonly diagnostics: DiagnosticsOptions;
  readonly #recorder: Recorder;
  #endpoints = 0n;

  constructor(options: HostOptions, world: HostWorld) {
    this.name = options.name;
    this.windows = options.windows;
    this.bfe = options.bfe;
    this.interfaces = [loopbackInterface(), ...options.interfaces];
    this.clock = world.clock;
    this.network = world.network;
    this.#recorder = world.recorder;
    this.tcp = new Tcp(this, { ...defaultTcpSettings(options.windows), ...options.tcp });
    this.ports = new PortTable(options.firstDynamicPort ?? 49_701);
    this.volumes = options.volumes ?? DEFAULT_VOLUMES;
    this.diagnostics = { ...DEFAULT_DIAGNOSTICS, ...options.diagnostics };
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

  /** A new TCP socket of `process`. */
  socket(options: { readonly family: 4 | 6; readonly process: Process }): Socket {
    return new Socket(this, options);
  }

  receive(packet: IpPacket): void {
    receivePacket(this, packet);
  }

  record(event: Event): void {
    this.#recorder.add(event);
  }

  /** TRANSPORT_ENDPOINT_HANDLE of a new endpoint. */
  nextEndpointHandle(): bigint {
    return ++this.#endpoints;
  }
}
