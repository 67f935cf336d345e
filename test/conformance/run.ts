import assert from "node:assert/strict";
import { type IndicationRecord, parseAddress, type SessionRecord } from "../../src/model/index.ts";
import {
  desktopProcess,
  ethernet,
  type Host,
  type NetworkInterface,
  type Process,
  Simulation,
  type Socket,
  type SocketResult,
  type UdpSocket,
} from "../../src/stack/index.ts";
import { abbreviationOf, CLIENT_APP, Lab, SERVER_APP } from "./lab.ts";

export const SERVER = parseAddress("10.0.0.1");
export const CLIENT = parseAddress("10.0.0.2");

/** Two hosts of the conformance specification: C 10.0.0.2 and S 10.0.0.1, each with a lab's filters. */
export class Pair {
  readonly simulation = new Simulation();
  readonly client: Host;
  readonly server: Host;
  readonly clientLab: Lab;
  readonly serverLab: Lab;
  readonly clientProcess: Process = desktopProcess(CLIENT_APP, 4321);
  readonly serverProcess: Process = desktopProcess(SERVER_APP, 1234);

  /** `interfaces`: of the server, instead of the one with 10.0.0.1. */
  constructor(clientLab = new Lab(), serverLab = new Lab(), interfaces?: readonly NetworkInterface[]) {
    this.clientLab = clientLab;
    this.serverLab = serverLab;
    this.client = this.addHost("client", clientLab, [privateNetwork(12, "10.0.0.2/24")]);
    this.server = this.addHost("server", serverLab, interfaces ?? [privateNetwork(12, "10.0.0.1/24")]);
  }

  addHost(name: string, lab: Lab, interfaces: readonly NetworkInterface[]): Host {
    return this.simulation.addHost({ name, windows: lab.bfe.windows, bfe: lab.bfe, interfaces });
  }

  /** A UDP socket of the server, bound. */
  udpServer(port = 53): UdpSocket {
    const socket = this.server.udpSocket({ family: 4, process: this.serverProcess });
    assert.equal(socket.bind(null, port), "ok");
    return socket;
  }

  udpClient(): UdpSocket {
    return this.client.udpSocket({ family: 4, process: this.clientProcess });
  }

  /** Lets everything happen that `seconds` allow; what each host indicated meanwhile. */
  during(
    action: () => void,
    seconds = 1,
  ): { readonly client: string[]; readonly server: string[]; readonly records: readonly SessionRecord[] } {
    const before = this.mark();
    action();
    this.simulation.run(seconds);
    const records = this.records.slice(before);
    return { client: sequence(records, "client"), server: sequence(records, "server"), records };
  }

  get records(): readonly SessionRecord[] {
    return this.simulation.records;
  }

  listen(port = 80): Socket {
    const socket = this.server.socket({ family: 4, process: this.serverProcess });
    assert.equal(socket.bind(null, port), "ok");
    assert.equal(socket.listen(), "ok");
    return socket;
  }

  /** Connects to the server and waits for the end of it. */
  connect(port = 80): { readonly socket: Socket; readonly result: SocketResult | undefined } {
    const socket = this.client.socket({ family: 4, process: this.clientProcess });
    socket.bind(null, 0);
    const operation = socket.connect(SERVER, port);
    this.simulation.runUntil(() => operation.done, 300);
    return { socket, result: operation.result };
  }

  /** A connection both programs hold. */
  establish(): { readonly listener: Socket; readonly client: Socket; readonly server: Socket } {
    const listener = this.listen();
    const accepting = listener.accept();
    const { socket, result } = this.connect();
    assert.equal(result, "ok");
    this.simulation.runUntil(() => accepting.done, 10);
    const server = accepting.result?.socket;
    assert.ok(server !== undefined, "accept returned");
    return { listener, client: socket, server };
  }

  /** Sends and waits; what arrived as text. */
  transfer(from: Socket, to: Socket, text = "payload"): string | undefined {
    const receiving = to.receive();
    from.send(new TextEncoder().encode(text));
    this.simulation.runUntil(() => receiving.done, 60);
    const { result } = receiving;
    return result === undefined ? undefined : result.result === "ok" ? new TextDecoder().decode(result.data) : result.result;
  }

  /** Where the records stand now, to look at what comes after. */
  mark(): number {
    return this.records.length;
  }
}

/** An interface on a private network. */
export function privateNetwork(index: number, ...addresses: string[]): NetworkInterface {
  return ethernet({ index, profile: "private", addresses });
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const isIndication = (record: SessionRecord): record is IndicationRecord => record.type === "indication";

export function indications(records: readonly SessionRecord[], host?: string): IndicationRecord[] {
  return records.filter(isIndication).filter((record) => host === undefined || record.host === host);
}

/** The layers a host indicated to, abbreviated; a blocked one is followed by "✗", a reauthorization by "(REAUTH)". */
export function sequence(records: readonly SessionRecord[], host: string): string[] {
  return indications(records, host).map(
    ({ layer, decision, reauthorize }) =>
      `${abbreviationOf(layer.name)}${reauthorize && layer.discardOf === null ? "(REAUTH)" : ""}${decision.verdict === "block" && layer.discardOf === null ? "✗" : ""}`,
  );
}

/** Section A's event: a TCP connect to 10.0.0.1:80, where somebody listens. */
export function connect(
  clientLab: Lab,
  serverLab?: Lab,
): { readonly authConnect: IndicationRecord; readonly result: SocketResult | undefined; readonly records: readonly SessionRecord[] } {
  const pair = new Pair(clientLab, serverLab);
  pair.listen();
  const { result } = pair.connect();
  const authConnect = indications(pair.records, "client").find(({ layer }) => abbreviationOf(layer.name) === "AC");
  assert.ok(authConnect !== undefined, "AUTH_CONNECT was indicated");
  return { authConnect, result, records: pair.records };
}
