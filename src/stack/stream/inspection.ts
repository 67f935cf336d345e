import type { StackServices, StreamAction, StreamServices } from "../../engine/index.ts";
import { type Guid, WfpError } from "../../model/index.ts";
import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import { ByteQueue } from "../tcp/byte-queue.ts";
import type { TcpConnection } from "../tcp/connection.ts";

/** Bytes that may wait for a callout that needs more data (WFP-SHIMS 4.9). */
const BUFFER_LIMIT = 8 * 1024 * 1024;

/** Where the data of one direction of a connection goes once STREAM has let it pass. */
export interface StreamSink {
  /** Bytes that passed: to the program, or to TCP for sending. */
  accept(data: Uint8Array): void;
  /** A callout drops the connection. */
  drop(): void;
  /** Deferred data has been decided: there is room again. */
  drained(): void;
}

/** What one classification at STREAM asks for. */
interface Wish {
  action: StreamAction | null;
  enforced: number;
  readonly injected: { readonly by: Guid; readonly data: Uint8Array }[];
}

/**
 * STREAM for one direction of a connection (WFP-SHIMS 4.9): indicates data, not headers, and obeys the stream actions. What is blocked
 * is removed from the stream, the connection stays.
 */
export class StreamInspection {
  readonly #host: Host;
  readonly #connection: TcpConnection;
  readonly #direction: "inbound" | "outbound";
  readonly #sink: StreamSink;
  readonly #waiting = new ByteQueue();
  /** Callouts that have allowed the connection. */
  readonly #allowed = new Set<Guid>();
  /** Bytes a callout wants to see before it decides. */
  #required = 0;
  #isDeferred = false;
  #isEnded = false;
  #missed = 0;

  constructor(host: Host, connection: TcpConnection, direction: "inbound" | "outbound", sink: StreamSink) {
    this.#host = host;
    this.#connection = connection;
    this.#direction = direction;
    this.#sink = sink;
  }

  /** Bytes that wait for a callout: they take room in the receive window. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get isDeferred(): boolean {
    return this.#isDeferred;
  }

  /** More data of the stream. */
  offer(data: Uint8Array): void {
    this.#waiting.append(data);
    if (!this.#isDeferred && (this.#waiting.length >= this.#required || this.#waiting.length >= BUFFER_LIMIT)) this.#decide();
  }

  /** No more data will come: what waits is decided now. False as long as it is deferred; `drained` is told later. */
  end(): boolean {
    this.#isEnded = true;
    if (this.#isDeferred) return false;
    if (this.#waiting.length > 0) this.#decide();
    return !this.#isDeferred;
  }

  #decide(): void {
    while (this.#waiting.length > 0) {
      const data = this.#waiting.peek(0, this.#waiting.length);
      const { wish, passes } = this.#indicate(data, null);
      for (const { by, data: injected } of wish.injected) this.#inject(by, injected);
      const { action } = wish;
      if (action?.type === "drop-connection") {
        this.#waiting.takeAll();
        this.#sink.drop();
        return;
      }
      if (action?.type === "defer") {
        this.#isDeferred = true;
        return;
      }
      if (action?.type === "need-more-data") {
        this.#required = action.bytesRequired;
        return;
      }
      this.#required = 0;
      // A callout that allows the connection has not decided about these bytes: the others are asked once more without it.
      if (action?.type === "allow-connection") continue;
      const size = Math.max(1, Math.min(wish.enforced, data.length));
      this.#waiting.drop(size);
      if (passes) this.#sink.accept(data.subarray(0, size));
      else this.#missed += size;
    }
  }

  /** Bytes that a callout puts into the stream: the others are asked about them. */
  #inject(by: Guid, data: Uint8Array): void {
    if (data.length > 0 && this.#indicate(data, by).passes) this.#sink.accept(data);
  }

  #resume(): void {
    if (!this.#isDeferred) return;
    this.#isDeferred = false;
    this.#decide();
    if (!this.#isDeferred) this.#sink.drained();
  }

  #indicate(data: Uint8Array, injector: Guid | null): { readonly wish: Wish; readonly passes: boolean } {
    const wish: Wish = { action: null, enforced: data.length, injected: [] };
    const services: StackServices = {
      isExcused: (calloutKey) => calloutKey === injector || this.#allowed.has(calloutKey),
      forCallout: (calloutKey, filter) => ({
        stream: this.#servicesOf(calloutKey, filter.action.type, data, injector !== null, wish),
      }),
    };
    const situation = {
      direction: this.#direction,
      packet: null,
      connection: this.#connection,
      streamBytes: data.length,
    } as const;
    const { passes } = indicate(this.#host, "stream", situation, "data", services);
    return { wish, passes };
  }

  #servicesOf(calloutKey: Guid, filterAction: string, data: Uint8Array, isInjected: boolean, wish: Wish): StreamServices {
    const noMoreData = this.#isEnded;
    const bufferLimitReached = data.length >= BUFFER_LIMIT;
    return {
      data,
      direction: this.#direction,
      disconnect: this.#isEnded,
      noMoreData,
      bufferLimitReached,
      missedBytes: this.#missed,
      enforce: (bytes) => {
        wish.enforced = Math.min(wish.enforced, bytes);
      },
      act: (action) => {
        requireLegal(action, { direction: this.#direction, noMoreData, bufferLimitReached, isInjected });
        if (action.type === "drop-connection" && filterAction !== "FWP_ACTION_CALLOUT_UNKNOWN") return;
        if (action.type === "allow-connection") this.#allowed.add(calloutKey);
        wish.action = stronger(wish.action, action);
      },
      inject: (bytes) => wish.injected.push({ by: calloutKey, data: bytes.slice() }),
      resume: () => this.#resume(),
    };
  }
}

/** Which of two callouts' wishes counts: the one that lets less happen. */
const STRENGTH = { "drop-connection": 3, defer: 2, "need-more-data": 1, "allow-connection": 0 } as const;

function stronger(a: StreamAction | null, b: StreamAction): StreamAction {
  return a === null || STRENGTH[b.type] >= STRENGTH[a.type] ? b : a;
}

/** I:fwps_stream_callout_io_packet0 on what may be asked for when. @throws WfpError FWP_E_INVALID_PARAMETER */
function requireLegal(
  action: StreamAction,
  about: {
    readonly direction: "inbound" | "outbound";
    readonly noMoreData: boolean;
    readonly bufferLimitReached: boolean;
    readonly isInjected: boolean;
  },
): void {
  const refuse = (detail: string): never => {
    throw new WfpError("FWP_E_INVALID_PARAMETER", detail);
  };
  if (action.type === "defer" && about.direction === "outbound") refuse("only inbound data can be deferred");
  if (about.isInjected && (action.type === "defer" || action.type === "need-more-data")) refuse("injected data is decided at once");
  if (action.type !== "need-more-data") return;
  if (about.noMoreData) refuse("there will be no more data");
  if (about.bufferLimitReached) refuse("the buffer limit is reached");
}
