import { formatEndpoint, type IpAddress, isUnspecified } from "../model/index.ts";
import { authorizeConnect } from "./ale/authorize-connect.ts";
import { closeEndpoint, indicateClosure } from "./ale/closure.ts";
import type { TransportAddress } from "./ale/endpoint.ts";
import { authorizeListen } from "./ale/listen.ts";
import { unmapped } from "./ale/mapped-address.ts";
import type { Host } from "./host.ts";
import { Operation } from "./operation.ts";
import { TCP } from "./packet.ts";
import { SocketBase, type SocketOptions } from "./socket-base.ts";
import { openActively } from "./tcp/active-open.ts";
import { closeSending, release } from "./tcp/close.ts";
import type { ConnectionOwner, TcpConnection } from "./tcp/connection.ts";
import { type KeepAlive, startKeepAlive, stopKeepAlive, WINDOWS_KEEP_ALIVE } from "./tcp/keep-alive.ts";
import type { TcpListener } from "./tcp/passive-open.ts";
import { windowOpened } from "./tcp/receive-window.ts";
import { abort } from "./tcp/reset.ts";
import { push, sendData } from "./tcp/send.ts";
import type { SocketResult, WinsockErrorName } from "./winsock-error.ts";

/** How accept ended; `socket` is present with "ok". */
export interface AcceptResult {
  readonly result: SocketResult;
  readonly socket?: Socket;
}

/** How receive ended; no bytes with "ok" mean that the peer has finished. */
export interface ReceiveResult {
  readonly result: SocketResult;
  readonly data: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/**
 * A TCP socket with Winsock's calls and results. Calls that Windows ends at once return their result; those that wait for the network
 * return an {@link Operation}. Every end is recorded as an outcome.
 */
export class Socket extends SocketBase {
  #listener: TcpListener | null = null;
  /** Connections of a listener that accept has not returned. */
  readonly #pending = new Set<TcpConnection>();
  readonly #acceptable: TcpConnection[] = [];
  readonly #accepts: Operation<AcceptResult>[] = [];
  #connection: TcpConnection | null = null;
  #connecting: Operation<SocketResult> | null = null;
  readonly #receives: Operation<ReceiveResult>[] = [];

  constructor(host: Host, options: SocketOptions) {
    super(host, { ...options, protocol: TCP });
    // A connection that was accepted is bound like its listener.
    this.isBound = options.endpoint !== undefined;
  }

  /** State of the connection, for those who want to look: "CLOSED" without one. */
  get state(): TcpConnection["state"] {
    return this.#connection?.state ?? "CLOSED";
  }

  /** Listens; `backlog` is how many connections may wait for accept (SOMAXCONN unless told). */
  listen(backlog: number = this.host.tcp.settings.backlog): SocketResult {
    const { host, endpoint } = this;
    const misuse = this.misuse() ?? (this.isBound ? undefined : "WSAEINVAL") ?? (this.#connection === null ? undefined : "WSAEISCONN");
    if (misuse !== undefined) return this.outcome("listen", misuse);
    if (this.#listener !== null) return this.outcome("listen", "ok", this.localName);
    const authorized = this.wait<SocketResult>((done) => authorizeListen(host, endpoint, (passes) => done(passes ? "ok" : "WSAEACCES")));
    if (authorized !== "ok") return this.outcome("listen", authorized, this.localName);
    this.#listener = {
      family: this.family,
      address: endpoint.localAddress,
      port: endpoint.localPort,
      endpoint,
      owner: this.#listenerOwner(Math.max(1, backlog)),
    };
    host.tcp.table.addListener(this.#listener);
    return this.outcome("listen", "ok", this.localName);
  }

  /** Waits for a connection whose handshake is complete. */
  accept(): Operation<AcceptResult> {
    const operation = new Operation<AcceptResult>();
    operation.onDone(({ result, socket }) => this.outcome("accept", result, socket?.peerName));
    const misuse = this.misuse() ?? (this.#listener === null ? "WSAEINVAL" : undefined);
    if (misuse !== undefined) operation.complete({ result: misuse });
    else {
      this.#accepts.push(operation);
      this.#serveAccepts();
    }
    return operation;
  }

  /** Remote end as text. */
  get peerName(): string {
    const { remote } = this.endpoint;
    return remote === null ? "*" : formatEndpoint(remote.address, remote.port);
  }

  /** Connects; a socket that is not bound is bound first. Ends at once if a filter blocks it, else when the peer answers or none does. */
  connect(address: IpAddress, port: number): Operation<SocketResult> {
    const operation = new Operation<SocketResult>();
    operation.onDone((result) => this.outcome("connect", result, formatEndpoint(address, port)));
    this.#connect({ address: unmapped(address), port }, operation);
    return operation;
  }

  /** Sends all of `data`. "ok" says that TCP has taken it, not that it arrives. */
  send(data: Uint8Array): SocketResult {
    const connection = this.#connection;
    const misuse = this.misuse() ?? this.#unconnected(connection);
    const result = misuse ?? connection?.error ?? (connection?.maySend === true ? "ok" : "WSAESHUTDOWN");
    if (result === "ok" && connection !== null && data.length > 0) sendData(this.host.tcp, connection, data);
    return this.outcome("send", result, `${data.length} bytes`);
  }

  /** Waits for data, or for the peer's end. */
  receive(): Operation<ReceiveResult> {
    const operation = new Operation<ReceiveResult>();
    operation.onDone(({ result, data }) => {
      this.outcome("receive", result, result !== "ok" ? undefined : data.length === 0 ? "end of data" : `${data.length} bytes`);
    });
    const misuse = this.misuse() ?? this.#unconnected(this.#connection);
    if (misuse !== undefined) operation.complete({ result: misuse, data: NOTHING });
    else {
      this.#receives.push(operation);
      this.#serveReceives();
    }
    return operation;
  }

  /** shutdown(SD_SEND): the peer sees the end of data, receiving goes on. */
  shutdown(): SocketResult {
    const connection = this.#connected();
    if (typeof connection === "string") return connection;
    if (connection.error !== null) return connection.error;
    closeSending(this.host.tcp, connection);
    return "ok";
  }

  /** TCP_NODELAY: small segments leave at once. */
  setNoDelay(on: boolean): SocketResult {
    const connection = this.#connected();
    if (typeof connection === "string") return connection;
    connection.noDelay = on;
    if (on) push(this.host.tcp, connection);
    return "ok";
  }

  /** SO_KEEPALIVE with SIO_KEEPALIVE_VALS: null turns it off. Times are in seconds. */
  setKeepAlive(settings: Partial<KeepAlive> | null): SocketResult {
    const connection = this.#connected();
    if (typeof connection === "string") return connection;
    if (settings === null) stopKeepAlive(connection);
    else startKeepAlive(this.host.tcp, connection, { ...WINDOWS_KEEP_ALIVE, ...settings });
    return "ok";
  }

  /** closesocket with SO_LINGER on and 0 seconds: the connection is reset, what was not yet delivered is lost. */
  abort(): SocketResult {
    const connection = this.#connection;
    if (this.isClosed || connection === null || connection.isOver || connection.state === "TIME-WAIT") return this.close();
    this.outcome("close", "ok", this.localName);
    this.isClosed = true;
    for (const receive of this.#receives.splice(0)) receive.complete({ result: "WSAENOTSOCK", data: NOTHING });
    connection.released = true;
    abort(this.host.tcp, connection, "WSAECONNABORTED");
    return "ok";
  }

  /** closesocket: what was sent still goes out; the resources are released when TCP is done. */
  close(): SocketResult {
    if (this.isClosed) return this.outcome("close", "WSAENOTSOCK");
    this.isClosed = true;
    this.outcome("close", "ok", this.localName);
    for (const accept of this.#accepts.splice(0)) accept.complete({ result: "WSAENOTSOCK" });
    for (const receive of this.#receives.splice(0)) receive.complete({ result: "WSAENOTSOCK", data: NOTHING });
    if (this.#listener !== null) {
      this.host.tcp.table.removeListener(this.#listener);
      for (const connection of [...this.#pending]) {
        connection.released = true;
        abort(this.host.tcp, connection, "WSAECONNABORTED");
      }
    }
    const connection = this.#connection;
    const over = connection === null || connection.state === "CLOSED" || connection.state === "TIME-WAIT";
    if (connection !== null) release(this.host.tcp, connection);
    if (over) this.#finished();
    return "ok";
  }

  #connect(target: TransportAddress, operation: Operation<SocketResult>): void {
    const misuse = this.misuse() ?? (this.#listener === null ? this.#unconnectable(target) : "WSAEINVAL");
    if (misuse !== undefined) operation.complete(misuse);
    else if (this.isBound) this.#authorize(target, operation);
    else {
      this.#connecting = operation;
      this.bindTo({ address: null, port: 0, implicit: true }, (bound) => {
        this.#connecting = null;
        if (bound === "ok") this.#authorize(target, operation);
        else operation.complete(bound);
      });
    }
  }

  #unconnectable({ address, port }: TransportAddress): WinsockErrorName | undefined {
    if (this.#connecting !== null) return "WSAEALREADY";
    if (this.#connection !== null) return "WSAEISCONN";
    if (!this.takes(address.family)) return "WSAEAFNOSUPPORT";
    return isUnspecified(address) || port === 0 ? "WSAEADDRNOTAVAIL" : undefined;
  }

  /** ALE decides at once, or when a callout completes what it pends; then TCP opens the connection. */
  #authorize(target: TransportAddress, operation: Operation<SocketResult>): void {
    const { host, endpoint } = this;
    this.#connecting = operation;
    authorizeConnect(host, endpoint, { target, event: "connect", lifetime: null }, (authorized) => {
      this.#connecting = null;
      if (authorized.result !== "ok") {
        operation.complete(authorized.result);
        return;
      }
      const { local, remote, flow } = authorized;
      const tuple = { local, localPort: endpoint.localPort, remote: remote.address, remotePort: remote.port };
      if (this.isClosed || host.tcp.table.find(tuple) !== undefined) {
        host.flows.remove(flow);
        return operation.complete(this.isClosed ? "WSAENOTSOCK" : "WSAEADDRINUSE");
      }
      endpoint.localAddress = local;
      endpoint.remote = remote;
      this.#connecting = operation;
      this.#connection = openActively(host.tcp, { tuple, endpoint, flow, owner: this.#connectionOwner() });
    });
  }

  #connectionOwner(): ConnectionOwner {
    return {
      established: () => {
        const connecting = this.#connecting;
        this.#connecting = null;
        connecting?.complete("ok");
      },
      readable: () => this.#serveReceives(),
      ended: (connection, error) => this.#ended(connection, error),
    };
  }

  #ended(connection: TcpConnection, error: WinsockErrorName | null): void {
    const connecting = this.#connecting;
    this.#connecting = null;
    if (connecting !== null) {
      // The attempt is over; the socket may try again.
      this.#connection = null;
      this.host.tcp.table.remove(connection);
      indicateClosure(this.host, this.endpoint);
    }
    connecting?.complete(error ?? "WSAECONNABORTED");
    this.#serveReceives();
    if (this.isClosed) this.#finished();
  }

  #listenerOwner(backlog: number): ConnectionOwner {
    return {
      isFull: () => this.#pending.size >= backlog,
      established: (connection) => {
        this.#acceptable.push(connection);
        this.#serveAccepts();
      },
      readable: () => undefined,
      ended: (connection) => {
        this.#pending.delete(connection);
        const index = this.#acceptable.indexOf(connection);
        if (index >= 0) this.#acceptable.splice(index, 1);
        this.host.tcp.table.remove(connection);
        closeEndpoint(this.host, connection.endpoint);
      },
      opened: (connection) => this.#pending.add(connection),
    };
  }

  #serveAccepts(): void {
    while (this.#accepts.length > 0) {
      const connection = this.#acceptable.shift();
      if (connection === undefined) return;
      this.#pending.delete(connection);
      const socket = new Socket(this.host, { family: this.family, process: this.process, endpoint: connection.endpoint });
      socket.#adopt(connection);
      this.#accepts.shift()?.complete({ result: "ok", socket });
    }
  }

  /** Takes over a connection from its listener. */
  #adopt(connection: TcpConnection): void {
    this.isBound = true;
    this.#connection = connection;
    connection.owner = this.#connectionOwner();
  }

  #serveReceives(): void {
    const connection = this.#connection;
    if (connection === null) return;
    while (this.#receives.length > 0) {
      if (connection.receiveBuffer.length > 0 && connection.error === null) {
        const data = connection.receiveBuffer.takeAll();
        this.#receives.shift()?.complete({ result: "ok", data });
        windowOpened(this.host.tcp, connection);
      } else if (connection.error !== null) this.#receives.shift()?.complete({ result: connection.error, data: NOTHING });
      else if (connection.peerFinished || connection.state === "CLOSED") this.#receives.shift()?.complete({ result: "ok", data: NOTHING });
      else return;
    }
  }

  /** TCP and the application are both done: what ALE holds is released. */
  #finished(): void {
    this.released();
  }

  /** The connection, or what a call that needs one returns. */
  #connected(): TcpConnection | WinsockErrorName {
    const misuse = this.misuse();
    if (misuse !== undefined) return misuse;
    return this.#connection === null || this.#connecting !== null ? "WSAENOTCONN" : this.#connection;
  }

  #unconnected(connection: TcpConnection | null): WinsockErrorName | undefined {
    return connection === null || this.#connecting !== null ? "WSAENOTCONN" : undefined;
  }
}
