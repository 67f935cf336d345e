import { Bfe, type BfeSession } from "../../engine/index.ts";
import {
  InternalError,
  NET_EVENT_KEYWORD,
  type Scenario,
  type ScenarioHost,
  type ScenarioProcess,
  type ScenarioSocket,
  type Sid,
} from "../../model/index.ts";
import type { Host } from "../host.ts";
import { ethernet, type NetworkInterface } from "../interface.ts";
import { desktopProcess, type Process, processAt } from "../process.ts";
import type { RawSocket } from "../raw/raw-socket.ts";
import type { Simulation } from "../simulation.ts";
import type { Socket } from "../socket.ts";
import type { UdpSocket } from "../udp/udp-socket.ts";
import { attachmentOf } from "./attachment.ts";
import type { PlayOptions } from "./play-options.ts";

/** A socket of a play; it comes into being when a step first uses it. */
export interface CastSocket {
  readonly spec: ScenarioSocket;
  readonly host: Host;
  socket: Socket | UdpSocket | RawSocket | null;
  /** A call failed that others build on, and the socket was closed. */
  isGone: boolean;
}

/** Hosts, programs and sockets of a play, by their names. */
export class Cast {
  readonly #hosts = new Map<string, Host>();
  readonly #specs = new Map<string, ScenarioHost>();
  readonly #processes = new Map<string, Process>();
  readonly #sockets = new Map<string, CastSocket>();
  readonly #sessions = new Map<string, BfeSession>();

  constructor(scenario: Scenario, simulation: Simulation, options: PlayOptions) {
    for (const spec of scenario.hosts) {
      this.#specs.set(spec.name, spec);
      const host = addHost(simulation, scenario, spec, options);
      this.#hosts.set(spec.name, host);
      const app = options.apps?.get(spec.name);
      for (const process of spec.processes) {
        this.#processes.set(`${spec.name}\n${process.name}`, processOf(app === undefined ? process : { ...process, path: app }));
      }
    }
    for (const socket of scenario.sockets) {
      this.#sockets.set(socket.name, { spec: socket, host: this.requireHost(socket.host), socket: null, isGone: false });
    }
  }

  host(name: string): Host | undefined {
    return this.#hosts.get(name);
  }

  requireHost(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new InternalError(`no host ${name} in the play`);
    return host;
  }

  spec(host: string): ScenarioHost {
    const spec = this.#specs.get(host);
    if (spec === undefined) throw new InternalError(`no host ${host} in the scenario`);
    return spec;
  }

  /** A session with the host's BFE, the same for all steps. */
  session(host: string): BfeSession {
    const session = this.#sessions.get(host) ?? this.requireHost(host).bfe.openSession({ name: "scenario" });
    this.#sessions.set(host, session);
    return session;
  }

  /** The interface of that name. */
  interface(host: string, name: string): NetworkInterface {
    const found = this.requireHost(host).interfaces.find(({ alias }) => alias === name);
    if (found === undefined) throw new InternalError(`no interface ${name} of ${host}`);
    return found;
  }

  /** undefined for one that accept has not returned. */
  socket(name: string): CastSocket | undefined {
    return this.#sockets.get(name);
  }

  /** Takes over the socket that accept returned. */
  adopt(name: string, listener: CastSocket, socket: Socket): void {
    this.#sockets.set(name, { spec: { ...listener.spec, name }, host: listener.host, socket, isGone: false });
  }

  /** Whether steps may use the socket. */
  isUsable(name: string): boolean {
    const socket = this.#sockets.get(name);
    return socket !== undefined && !socket.isGone;
  }

  /** The socket itself, made on first use. */
  opened(entry: CastSocket, family: 4 | 6): Socket | UdpSocket | RawSocket {
    if (entry.socket !== null) return entry.socket;
    const { spec, host } = entry;
    const process = this.#processes.get(`${spec.host}\n${spec.process}`);
    if (process === undefined) throw new InternalError(`no process ${spec.process} on ${spec.host}`);
    const options = { family: spec.family ?? family, process, dualStack: spec.dualStack };
    entry.socket =
      spec.protocol === "tcp"
        ? host.socket(options)
        : spec.protocol === "udp"
          ? host.udpSocket(options)
          : host.rawSocket({ family: options.family, process, protocol: spec.number });
    return entry.socket;
  }
}

function processOf({ path, id, user, package: packageSid }: ScenarioProcess): Process {
  if (user === null && packageSid === null) return processAt(path, id);
  return desktopProcess(path, id, {
    ...(user === null ? {} : { user: user as Sid }),
    ...(packageSid === null ? {} : { packageSid: packageSid as Sid }),
  });
}

function addHost(simulation: Simulation, scenario: Scenario, spec: ScenarioHost, options: PlayOptions): Host {
  const windows = options.windows ?? spec.windows ?? scenario.windows ?? options.usualWindows ?? "11";
  const policy = options.policies?.get(spec.name);
  const { interpretation = {} } = options;
  const interfaces = spec.interfaces.map((item, index) => {
    const networkInterface = ethernet({
      alias: item.name,
      index: item.index,
      addresses: item.addresses,
      profile: options.profile ?? item.profile,
      mtu: item.mtu,
      link: item.link,
      gateways: item.gateways,
      forwarding: item.forwarding,
      weakHostSend: item.weakHostSend,
      weakHostReceive: item.weakHostReceive,
      // The first one is the interface that the policy's machine has.
      ...(index === 0 && policy !== undefined ? attachmentOf(policy) : {}),
    });
    networkInterface.up = item.up;
    return networkInterface;
  });
  return simulation.addHost({
    name: spec.name,
    windows,
    bfe: new Bfe({ ...(policy === undefined ? {} : { policy }), windows, interpretation }),
    interfaces,
    allLayers: spec.allLayers,
    ...(spec.classifyAllow ? { diagnostics: { keywords: NET_EVENT_KEYWORD.CLASSIFY_ALLOW } } : {}),
  });
}
