import { CONDITION_FLAG, formatAddress, type IpAddress, isUnspecified } from "../../model/index.ts";
import type { TransportAddress } from "../ale/endpoint.ts";
import { unmapped } from "../ale/mapped-address.ts";
import { sendDatagram } from "../ale/send-datagram.ts";
import type { Host } from "../host.ts";
import { indicate } from "../indicate.ts";
import { parseTransport } from "../ip/packet-bytes.ts";
import { Operation } from "../operation.ts";
import type { Packet } from "../packet.ts";
import { SocketBase, type SocketOptions } from "../socket-base.ts";
import type { ReceiveFromResult } from "../udp/udp-socket.ts";
import type { SocketResult } from "../winsock-error.ts";

const HOP_LIMIT = 128;
const NOTHING = new Uint8Array(0);

/** The ioctls that make a raw socket promiscuous (mstcpip.h); the value of ALE_PROMISCUOUS_MODE. */
export const PROMISCUOUS_IOCTL = { SIO_RCVALL: 0x98000001, SIO_RCVALL_MCAST: 0x98000002, SIO_RCVALL_IGMPMCAST: 0x98000003 } as const;

export interface RawSocketOptions extends Omit<SocketOptions, "dualStack" | "endpoint"> {
  /** IP protocol number. */
  readonly protocol: number;
}

/** A raw socket: RESOURCE_ASSIGNMENT when it is created, then like UDP with its own protocol (WFP-SHIMS 4.4.2). */
export class RawSocket extends SocketBase {
  /** How the creation ended; nothing works on a socket that a filter refused. */
  readonly opened: SocketResult;
  #promiscuous: keyof typeof PROMISCUOUS_IOCTL | null = null;
  readonly #received: { readonly data: Uint8Array; readonly from: TransportAddress }[] = [];
  readonly #receives: Operation<ReceiveFromResult>[] = [];

  constructor(host: Host, options: RawSocketOptions) {
    super(host, { ...options, isRaw: true });
    const opened = this.wait<SocketResult>((done) => this.bindTo({ address: null, port: 0, implicit: false }, done));
    this.opened = this.outcome("socket", opened, `protocol ${options.protocol}`);
    if (opened === "ok") host.raw.add(this);
    else this.isClosed = true;
  }

  /** Raw sockets are bound once they exist; bind fixes the local address only. */
  override bind(address: IpAddress | null): SocketResult {
    const isFree = address === null || isUnspecified(address);
    const misuse = this.misuse() ?? (isFree || this.host.owns(address) ? undefined : "WSAEADDRNOTAVAIL");
    if (misuse === undefined) this.endpoint.localAddress = isFree ? null : unmapped(address);
    return this.outcome("bind", misuse ?? "ok", address === null ? "*" : formatAddress(address));
  }

  /** WSAIoctl with one of the ioctls that make it promiscuous: RESOURCE_ASSIGNMENT once more, with the ioctl (WFP-SHIMS 4.3.1). */
  setPromiscuous(ioctl: keyof typeof PROMISCUOUS_IOCTL): SocketResult {
    const misuse = this.misuse();
    if (misuse !== undefined) return this.outcome("ioctl", misuse, ioctl);
    const situation = {
      direction: "outbound",
      packet: null,
      connection: null,
      endpoint: this.endpoint,
      flags: CONDITION_FLAG.IS_RAW_ENDPOINT,
      promiscuousMode: PROMISCUOUS_IOCTL[ioctl],
    } as const;
    const { passes } = indicate(this.host, "resourceAssignment", situation, "ioctl");
    if (passes) this.#promiscuous = ioctl;
    return this.outcome("ioctl", passes ? "ok" : "WSAEACCES", ioctl);
  }

  /** sendto: the bytes that follow the IP header. */
  sendTo(data: Uint8Array, address: IpAddress): SocketResult {
    const { host, endpoint } = this;
    const misuse = this.misuse() ?? (address.family === this.family ? undefined : "WSAEAFNOSUPPORT");
    if (misuse !== undefined) return this.outcome("sendto", misuse);
    let result: SocketResult = "ok";
    const packet = (source: IpAddress, remote: TransportAddress): Packet => {
      const header = { source, destination: remote.address, hopLimit: HOP_LIMIT, protocol: endpoint.protocol };
      const datagram = { ...header, payload: data, fragment: null, identification: 0, headerSize: 0 };
      const parsed = parseTransport(datagram);
      // What a program forges goes out as it is, checksum and all.
      return parsed.problem === undefined ? parsed.packet : { ...header, payload: data };
    };
    sendDatagram(host, { endpoint, target: { address, port: 0 }, event: "sendto", packet }, (end) => {
      result = end;
    });
    return this.outcome("sendto", result, `${data.length} bytes to ${formatAddress(address)}`);
  }

  /** recvfrom: the bytes that follow the IP header. */
  receive(): Operation<ReceiveFromResult> {
    const operation = new Operation<ReceiveFromResult>();
    operation.onDone(({ result, data, from }) =>
      this.outcome("receive", result, from === null ? undefined : `${data.length} bytes from ${formatAddress(from.address)}`),
    );
    const misuse = this.misuse();
    if (misuse !== undefined) operation.complete({ result: misuse, data: NOTHING, from: null });
    else {
      this.#receives.push(operation);
      this.#serve();
    }
    return operation;
  }

  close(): SocketResult {
    if (this.isClosed) return this.outcome("close", "WSAENOTSOCK");
    this.outcome("close", "ok");
    this.isClosed = true;
    for (const receive of this.#receives.splice(0)) receive.complete({ result: "WSAENOTSOCK", data: NOTHING, from: null });
    this.host.raw.remove(this);
    this.host.datagramFlows.end(this.endpoint);
    this.released();
    return "ok";
  }

  /** Whether packets of `protocol` to `address` are for this socket; a promiscuous one takes all that come in. */
  listensOn(protocol: number, address: IpAddress): boolean {
    if (address.family !== this.family) return false;
    if (this.#promiscuous !== null) return true;
    const { localAddress } = this.endpoint;
    if (protocol !== this.endpoint.protocol) return false;
    return localAddress === null || formatAddress(localAddress) === formatAddress(address) || this.host.isForMany(address);
  }

  /** A packet that passed all layers. */
  deliver(data: Uint8Array, from: TransportAddress): void {
    this.#received.push({ data, from });
    this.#serve();
  }

  #serve(): void {
    while (this.#receives.length > 0) {
      const next = this.#received.shift();
      if (next === undefined) return;
      this.#receives.shift()?.complete({ result: "ok", ...next });
    }
  }
}
