import { Bfe, type BfeSession, type Callout } from "../../src/engine/index.ts";
import {
  type Condition,
  type FilterAction,
  type Guid,
  type IndicationRecord,
  type Interpretation,
  LAYER_KEY,
  type LayerName,
  parseAddress,
  type SessionRecord,
  type WindowsVersion,
} from "../../src/model/index.ts";
import {
  type DiagnosticsOptions,
  desktopProcess,
  ethernet,
  type Fate,
  type Host,
  type NetworkOptions,
  Simulation,
  type Socket,
  type TcpSettings,
  type Transit,
} from "../../src/stack/index.ts";

export interface TwoHostsOptions {
  readonly windows?: WindowsVersion;
  readonly family?: 4 | 6;
  readonly fate?: Fate;
  /** Sees every packet on the wire. */
  readonly tap?: (transit: Transit) => void;
  readonly network?: Omit<NetworkOptions, "onLost" | "fate">;
  readonly tcp?: Partial<TcpSettings>;
  readonly interpretation?: Partial<Interpretation>;
  readonly diagnostics?: Partial<DiagnosticsOptions>;
}

const block: FilterAction = { type: "FWP_ACTION_BLOCK" };

/** A client and a server without any policy, and short words for what tests do with them. */
export class TwoHosts {
  readonly simulation: Simulation;
  readonly client: Host;
  readonly server: Host;
  readonly family: 4 | 6;
  readonly clientProcess = desktopProcess("C:\\Program Files\\Client\\client.exe", 4321);
  readonly serverProcess = desktopProcess("C:\\Program Files\\Server\\server.exe", 1234);
  readonly #sessions = new Map<Host, BfeSession>();
  #callouts = 0;

  constructor(options: TwoHostsOptions = {}) {
    const { windows = "11", family = 4, fate, network = {}, tap, tcp = {}, interpretation = {}, diagnostics = {} } = options;
    this.family = family;
    this.simulation = new Simulation({ ...network, ...(fate === undefined ? {} : { fate }) });
    if (tap !== undefined) this.simulation.network.tap(tap);
    const host = (name: string, v4: string, v6: string) =>
      this.simulation.addHost({
        name,
        windows,
        bfe: new Bfe({ windows, interpretation }),
        interfaces: [ethernet({ index: 12, addresses: [`${v4}/24`, `${v6}/64`] })],
        tcp,
        diagnostics,
      });
    this.client = host("client", "10.0.0.2", "2001:db8::2");
    this.server = host("server", "10.0.0.1", "2001:db8::1");
  }

  get serverAddress() {
    return parseAddress(this.family === 4 ? "10.0.0.1" : "2001:db8::1");
  }

  session(host: Host): BfeSession {
    const session = this.#sessions.get(host) ?? host.bfe.openSession({ name: "test" });
    this.#sessions.set(host, session);
    return session;
  }

  /** Adds a filter at `layer`, named without FWPM_LAYER_ and family ("STREAM", "ALE_AUTH_CONNECT_DISCARD"). */
  filter(host: Host, layer: string, options: { action?: FilterAction; conditions?: readonly Condition[] } = {}): bigint {
    return this.session(host).addFilter({
      name: `test filter at ${layer}`,
      layer: this.layerKey(layer),
      conditions: options.conditions ?? [],
      action: options.action ?? block,
    });
  }

  /** A filter that calls `callout`. */
  callout(host: Host, layer: string, callout: Callout): bigint {
    const key: Guid = `{ca110000-0000-4000-8000-${(++this.#callouts).toString(16).padStart(12, "0")}}`;
    host.engine.registerCallout(key, callout);
    this.session(host).addCallout({ key, name: "test callout", applicableLayer: this.layerKey(layer) });
    return this.filter(host, layer, { action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: key } });
  }

  layerKey(layer: string): Guid {
    const discard = layer.endsWith("_DISCARD");
    const name = `${discard ? layer.slice(0, -"_DISCARD".length) : layer}_V${this.family}${discard ? "_DISCARD" : ""}`;
    return LAYER_KEY[name as LayerName];
  }

  /** A listening socket on port 80. */
  listen(port = 80): Socket {
    const socket = this.server.socket({ family: this.family, process: this.serverProcess });
    socket.bind(null, port);
    socket.listen();
    return socket;
  }

  clientSocket(): Socket {
    return this.client.socket({ family: this.family, process: this.clientProcess });
  }

  /** An established connection. */
  connected(port = 80): { readonly client: Socket; readonly server: Socket; readonly listener: Socket } {
    const listener = this.listen(port);
    const accepting = listener.accept();
    const client = this.clientSocket();
    client.connect(this.serverAddress, port);
    this.simulation.runUntil(() => accepting.done);
    const server = accepting.result?.socket;
    if (server === undefined) throw new Error("no connection");
    return { client, server, listener };
  }

  /** Forgets nothing; answers what is recorded from now on. */
  watch(): () => SessionRecord[] {
    const start = this.simulation.records.length;
    return () => this.simulation.records.slice(start);
  }
}

/** `client SYN OUTBOUND_TRANSPORT_V4`, with "!" where the layer blocked. */
export function sequenceOf(records: readonly SessionRecord[], host?: string): string[] {
  return records
    .filter((record): record is IndicationRecord => record.type === "indication" && (host === undefined || record.host === host))
    .map(({ host: name, event, layer, decision }) => {
      const blocked = decision.verdict === "block" ? "!" : "";
      return `${name} ${event} ${layer.name.replace("FWPM_LAYER_", "")}${blocked}`;
    });
}

/** Layers only, without host, event and family: what the conformance specification writes. */
export function layersOf(records: readonly SessionRecord[], host: string): string[] {
  return sequenceOf(records, host).map((line) => line.replace(/^.* /, "").replace(/_V[46]/, ""));
}
