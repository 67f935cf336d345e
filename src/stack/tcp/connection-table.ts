import { formatAddress, type IpAddress, isUnspecified } from "../../model/index.ts";
import type { ConnectionTuple, TcpConnection } from "./connection.ts";
import type { TcpListener } from "./passive-open.ts";

/** Demultiplexing: which connection or listener a segment is for. Connections by all four parts, listeners by port and address. */
export class ConnectionTable {
  readonly #connections = new Map<string, TcpConnection>();
  readonly #listeners = new Set<TcpListener>();

  get connections(): Iterable<TcpConnection> {
    return this.#connections.values();
  }

  find(tuple: ConnectionTuple): TcpConnection | undefined {
    return this.#connections.get(keyOf(tuple));
  }

  add(connection: TcpConnection): void {
    this.#connections.set(keyOf(connection.tuple), connection);
  }

  /** Removes this connection; a later one with the same ends stays. */
  remove(connection: TcpConnection): void {
    const key = keyOf(connection.tuple);
    if (this.#connections.get(key) === connection) this.#connections.delete(key);
  }

  /** The listener for a SYN to `local`:`port`; one bound to the very address comes before a wildcard one. */
  listener(local: IpAddress, port: number): TcpListener | undefined {
    const candidates = [...this.#listeners].filter(
      (listener) => listener.port === port && (listener.family === local.family || listener.endpoint.isDualStack),
    );
    const key = formatAddress(local);
    return (
      candidates.find(({ address }) => address !== null && formatAddress(address) === key) ??
      candidates.find(({ address }) => address === null || isUnspecified(address))
    );
  }

  addListener(listener: TcpListener): void {
    this.#listeners.add(listener);
  }

  removeListener(listener: TcpListener): void {
    this.#listeners.delete(listener);
  }
}

function keyOf({ local, localPort, remote, remotePort }: ConnectionTuple): string {
  return `${formatAddress(local)} ${localPort} ${formatAddress(remote)} ${remotePort}`;
}
