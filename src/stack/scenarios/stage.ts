import { Bfe, type FilterDefinition } from "../../engine/index.ts";
import { type IpAddress, parseAddress, type SessionRecord } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { ethernet } from "../interface.ts";
import { type Process, processAt } from "../process.ts";
import { Simulation } from "../simulation.ts";
import type { Socket } from "../socket.ts";
import { attachmentOf } from "./attachment.ts";
import type { ScenarioOptions } from "./scenario.ts";

const CLIENT_APP = "C:\\Program Files\\Client\\client.exe";
const SERVER_APP = "C:\\Program Files\\Server\\server.exe";
const SERVER_PORT = 8080;

/** Addresses from the ranges kept for documentation (RFC 5737, RFC 3849); both machines are two subnets apart. */
const ADDRESSES = {
  client: { 4: "198.51.100.20", 6: "2001:db8:1::20" },
  server: { 4: "192.0.2.10", 6: "2001:db8::10" },
} as const;

/** Longer than any schedule of retransmissions, in seconds. */
const PATIENCE = 300;

/** A connection as both programs hold it. */
export interface Connected {
  readonly listener: Socket;
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * Two machines and the moves scenarios are made of. A move that a filter prevents is an outcome like any other: it is recorded, and the
 * move answers null or false, so that the scenario leaves out what depends on it.
 */
export class Stage {
  readonly simulation = new Simulation();
  readonly client: Host;
  readonly server: Host;
  readonly serverPort: number;
  readonly #family: 4 | 6;
  readonly #clientProcess: Process;
  readonly #serverProcess: Process;

  constructor(options: ScenarioOptions) {
    this.#family = options.family;
    this.serverPort = options.serverPort ?? SERVER_PORT;
    this.#clientProcess = processAt(options.clientApp ?? CLIENT_APP, 4321);
    this.#serverProcess = processAt(options.serverApp ?? SERVER_APP, 1234);
    this.client = this.#addHost("client", options);
    this.server = this.#addHost("server", options);
  }

  get records(): readonly SessionRecord[] {
    return this.simulation.records;
  }

  get serverAddress(): IpAddress {
    return parseAddress(ADDRESSES.server[this.#family]);
  }

  /** Passive open: bind, listen. Null if either is refused. */
  listen(): Socket | null {
    this.simulation.step("the server opens passively: bind, listen");
    const socket = this.server.socket({ family: this.#family, process: this.#serverProcess });
    if (socket.bind(null, this.serverPort) === "ok" && socket.listen() === "ok") return socket;
    socket.close();
    return null;
  }

  /** Active open: bind to a dynamic port, connect. Waits until the connection stands or has failed. Null if it failed. */
  connect(): Socket | null {
    this.simulation.step("the client opens actively: bind, connect");
    const socket = this.client.socket({ family: this.#family, process: this.#clientProcess });
    if (socket.bind(null, 0) !== "ok") {
      socket.close();
      return null;
    }
    const connecting = socket.connect(this.serverAddress, this.serverPort);
    this.simulation.runUntil(() => connecting.done, PATIENCE);
    if (connecting.result === "ok") return socket;
    socket.close();
    return null;
  }

  /** Passive open, active open, accept. */
  establish(): Connected | null {
    const listener = this.listen();
    const accepting = listener?.accept();
    const client = this.connect();
    if (client === null || listener === null || accepting === undefined) return null;
    this.simulation.runUntil(() => accepting.done, PATIENCE);
    const server = accepting.result?.socket;
    if (server !== undefined) return { listener, client, server };
    this.simulation.note("server", "accept has not returned: the connection did not survive its handshake");
    return null;
  }

  /** `from` sends, `to` waits for it; whether it arrived. */
  transfer(from: Socket, to: Socket, bytes: Uint8Array): boolean {
    const receiving = to.receive();
    if (from.send(bytes) !== "ok") return false;
    this.simulation.runUntil(() => receiving.done, PATIENCE);
    const { result } = receiving;
    if (result === undefined) this.simulation.note(to.host.name, `nothing of the ${bytes.length} bytes has arrived`);
    return result?.result === "ok" && result.data.length > 0;
  }

  /** Request and reply. The reply leaves at once and so carries the acknowledgment of the request. */
  exchange({ client, server }: Connected): boolean {
    this.simulation.step("the client sends data");
    if (!this.transfer(client, server, textBytes("request"))) return false;
    this.simulation.step("the server sends data");
    return this.transfer(server, client, textBytes("reply"));
  }

  /** Termination: the client closes, then the server, its listener last. */
  close({ listener, client, server }: Connected): void {
    this.simulation.step("both sides close");
    const ending = server.receive();
    client.close();
    this.simulation.runUntil(() => ending.done, PATIENCE);
    server.close();
    this.simulation.runUntil(() => [client, server].every(({ state }) => state === "CLOSED" || state === "TIME-WAIT"), PATIENCE);
    this.simulation.step("the server closes its listener");
    listener.close();
  }

  /** Someone adds a filter on the server. */
  addServerFilter(filter: FilterDefinition, text: string): void {
    this.simulation.note("server", text);
    this.server.bfe.openSession({ name: "scenario" }).addFilter(filter);
  }

  #addHost(name: "client" | "server", options: ScenarioOptions): Host {
    const { windows, interpretation = {}, profile = "public" } = options;
    const policy = name === "client" ? options.clientPolicy : options.serverPolicy;
    return this.simulation.addHost({
      name,
      windows,
      bfe: new Bfe({ policy, windows, interpretation }),
      interfaces: [
        ethernet({ index: 12, profile, addresses: [`${ADDRESSES[name][4]}/24`, `${ADDRESSES[name][6]}/64`], ...attachmentOf(policy) }),
      ],
    });
  }
}

/** ASCII text as bytes. */
function textBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
