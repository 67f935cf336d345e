import { formatEndpoint, type IpAddress, isUnspecified, type OutcomeRecord, REAUTHORIZE_REASON } from "../model/index.ts";
import { assignResource, type BindRequest, type BindResult } from "./ale/bind.ts";
import { closeEndpoint } from "./ale/closure.ts";
import { type AleEndpoint, createEndpoint } from "./ale/endpoint.ts";
import { unmapped } from "./ale/mapped-address.ts";
import type { Host } from "./host.ts";
import type { Process } from "./process.ts";
import type { SocketResult, WinsockErrorName } from "./winsock-error.ts";

export interface SocketOptions {
  readonly family: 4 | 6;
  readonly process: Process;
  /** IPV6_V6ONLY off: an IPv6 socket that takes IPv4 peers too, as mapped addresses or as they are. */
  readonly dualStack?: boolean;
  /** An endpoint that exists already: of a connection that was accepted. */
  readonly endpoint?: AleEndpoint;
}

/** What sockets of every protocol have in common: an owner, an endpoint at ALE, a binding, outcomes that are recorded. */
export abstract class SocketBase {
  readonly host: Host;
  readonly process: Process;
  readonly family: 4 | 6;
  readonly endpoint: AleEndpoint;
  protected isClosed = false;
  protected isBound = false;
  #freePort: (() => void) | null = null;

  protected constructor(host: Host, options: SocketOptions & { readonly protocol: number; readonly isRaw?: boolean }) {
    const { family, process, protocol, dualStack = false, isRaw = false } = options;
    this.host = host;
    this.family = family;
    this.process = process;
    this.endpoint =
      options.endpoint ??
      createEndpoint({ handle: host.nextEndpointHandle(), process, family, protocol, isDualStack: family === 6 && dualStack, isRaw });
  }

  /** Local end as text, "*" for what is not assigned. */
  get localName(): string {
    const { localAddress, localPort } = this.endpoint;
    return localAddress === null ? `*:${localPort}` : formatEndpoint(localAddress, localPort);
  }

  /** Binds to `address` (null: every address) and `port` (0: a dynamic one). Waits, as bind does, where a callout pends it. */
  bind(address: IpAddress | null, port: number): SocketResult {
    const wanted = address === null || isUnspecified(address) ? null : unmapped(address);
    const result = this.wait<SocketResult>((done) => this.bindTo({ address: wanted, port, implicit: false }, done));
    return this.outcome("bind", result, this.localName);
  }

  /** A socket option that filters may look at has changed: its flows are judged again (WFP-SHIMS 4.6, SOCKET_PROPERTY_CHANGED). */
  propertyChanged(): void {
    for (const flow of this.host.flows.flows) {
      if (flow.endpoint === this.endpoint) flow.dueReasons |= REAUTHORIZE_REASON.SOCKET_PROPERTY_CHANGED;
    }
  }

  /** Whether the socket may talk to peers of this IP version. */
  protected takes(family: 4 | 6): boolean {
    return family === this.family || this.endpoint.isDualStack;
  }

  /** The bind itself, without an outcome: connect and sendto bind implicitly. */
  protected bindTo(request: BindRequest, done: (result: SocketResult) => void): void {
    const { host, endpoint } = this;
    const misuse = this.misuse() ?? (this.isBound ? "WSAEINVAL" : undefined);
    if (misuse !== undefined) {
      done(misuse);
      return;
    }
    const { address } = request;
    if (address !== null && !this.takes(address.family)) {
      done("WSAEFAULT");
      return;
    }
    if (address !== null && !host.owns(address)) {
      done("WSAEADDRNOTAVAIL");
      return;
    }
    assignResource(host, endpoint, request, (assigned: BindResult) => {
      if (assigned.result === "ok") {
        this.#freePort = assigned.free;
        this.isBound = true;
      }
      done(assigned.result);
    });
  }

  /** A call that blocks: the clock goes on until it is done. "WSAEINTR" if nothing is left that could end it. */
  protected wait<T extends SocketResult>(start: (done: (result: T) => void) => void): T | "WSAEINTR" {
    const end: { result?: T } = {};
    start((result) => {
      end.result = result;
    });
    while (end.result === undefined && this.host.clock.step());
    return end.result ?? "WSAEINTR";
  }

  /** The endpoint's end: closure, release, the port is free again. */
  protected released(): void {
    closeEndpoint(this.host, this.endpoint);
    this.#freePort?.();
    this.#freePort = null;
  }

  protected misuse(): WinsockErrorName | undefined {
    return this.isClosed ? "WSAENOTSOCK" : undefined;
  }

  protected outcome<R extends SocketResult>(operation: OutcomeRecord["operation"], result: R, detail?: string): R {
    this.host.record({
      type: "outcome",
      host: this.host.name,
      operation,
      result,
      ...(detail === undefined ? {} : { detail }),
    });
    return result;
  }
}
