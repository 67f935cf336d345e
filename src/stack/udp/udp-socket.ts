import { addressTypeOf, formatEndpoint, type IpAddress, isUnspecified } from "../../model/index.ts";
import type { TransportAddress } from "../ale/endpoint.ts";
import { unmapped } from "../ale/mapped-address.ts";
import { redirectConnect } from "../ale/redirect.ts";
import { sendDatagram } from "../ale/send-datagram.ts";
import type { Host } from "../host.ts";
import type { NetworkInterface } from "../interface.ts";
import { reportMembership } from "../ip/igmp.ts";
import { Operation } from "../operation.ts";
import { PROTOCOL } from "../packet.ts";
import { SocketBase, type SocketOptions } from "../socket-base.ts";
import type { SocketResult, WinsockErrorName } from "../winsock-error.ts";

/** How recvfrom ended; `from` and data are there with "ok". */
export interface ReceiveFromResult {
  readonly result: SocketResult;
  readonly data: Uint8Array;
  readonly from: TransportAddress | null;
}

const HOP_LIMIT = 128;
/** IP_MULTICAST_TTL is 1 unless the program sets it. */
const MULTICAST_HOP_LIMIT = 1;
/** Longest payload of a UDP datagram over IPv4 without options. */
const LONGEST = 65_507;
const NOTHING = new Uint8Array(0);

/** A UDP socket with Winsock's calls and results. */
export class UdpSocket extends SocketBase {
  #peer: TransportAddress | null = null;
  readonly #received: { readonly data: Uint8Array; readonly from: TransportAddress }[] = [];
  readonly #receives: Operation<ReceiveFromResult>[] = [];
  readonly #groups: { readonly networkInterface: NetworkInterface; readonly group: IpAddress; readonly leave: () => void }[] = [];

  constructor(host: Host, options: SocketOptions) {
    super(host, { ...options, protocol: PROTOCOL.UDP });
    host.udp.add(this);
  }

  /** The peer of connect; null without one. */
  get peer(): TransportAddress | null {
    return this.#peer;
  }

  /** connect: fixes the peer, which alone may answer. CONNECT_REDIRECT is asked, AUTH_CONNECT when the first datagram leaves (WFP-SHIMS 4.4). */
  connect(address: IpAddress, port: number): SocketResult {
    const target = { address: unmapped(address), port };
    const result = this.misuse() ?? this.#unreachable(target) ?? this.#bound() ?? this.#connect(target);
    return this.outcome("connect", result, formatEndpoint(address, port));
  }

  /** send: to the connected peer. */
  send(data: Uint8Array): SocketResult {
    const peer = this.#peer;
    return this.outcome("send", peer === null ? "WSAENOTCONN" : this.#send(data, peer), `${data.length} bytes`);
  }

  /** sendto. "ok" says that UDP has taken it: a filter that blocks it, or the network, loses it silently. */
  sendTo(data: Uint8Array, address: IpAddress, port: number): SocketResult {
    const result = this.#send(data, { address: unmapped(address), port });
    return this.outcome("sendto", result, `${data.length} bytes to ${formatEndpoint(address, port)}`);
  }

  /** recvfrom: waits for a datagram. */
  receive(): Operation<ReceiveFromResult> {
    const operation = new Operation<ReceiveFromResult>();
    operation.onDone(({ result, data, from }) => {
      const detail = from === null ? undefined : `${data.length} bytes from ${formatEndpoint(from.address, from.port)}`;
      this.outcome("receive", result, detail);
    });
    const misuse = this.misuse() ?? (this.isBound ? undefined : "WSAEINVAL");
    if (misuse !== undefined) operation.complete({ result: misuse, data: NOTHING, from: null });
    else {
      this.#receives.push(operation);
      this.#serve();
    }
    return operation;
  }

  /** IP_ADD_MEMBERSHIP: takes part in a multicast group on an interface, the first one with an address of the family unless told. */
  join(group: IpAddress, networkInterface: NetworkInterface | undefined = this.#firstInterface(group)): SocketResult {
    const misuse = this.misuse() ?? (addressTypeOf(group) === "multicast" ? undefined : "WSAEINVAL");
    if (misuse !== undefined) return misuse;
    if (networkInterface === undefined) return "WSAEINVAL";
    this.#groups.push({ networkInterface, group, leave: this.host.memberships.join(networkInterface, group) });
    reportMembership(this.host, networkInterface, group);
    return "ok";
  }

  close(): SocketResult {
    if (this.isClosed) return this.outcome("close", "WSAENOTSOCK");
    this.outcome("close", "ok", this.localName);
    this.isClosed = true;
    for (const receive of this.#receives.splice(0)) receive.complete({ result: "WSAENOTSOCK", data: NOTHING, from: null });
    for (const { leave } of this.#groups) leave();
    this.host.udp.remove(this);
    this.host.datagramFlows.end(this.endpoint);
    this.released();
    return "ok";
  }

  /** Whether datagrams to `address` and `port` are for this socket. */
  listensOn(address: IpAddress, port: number, arrival: NetworkInterface | undefined): boolean {
    const { localAddress, localPort } = this.endpoint;
    if (!this.isBound || localPort !== port || !this.takes(address.family)) return false;
    if (localAddress !== null && formatEndpoint(localAddress, 0) === formatEndpoint(address, 0)) return true;
    if (!this.host.isForMany(address)) return localAddress === null;
    if (addressTypeOf(address) !== "multicast") return localAddress === null;
    return this.#groups.some(
      ({ networkInterface, group }) => networkInterface === arrival && formatEndpoint(group, 0) === formatEndpoint(address, 0),
    );
  }

  /** Whether the socket is connected to somebody else than `from`. */
  refuses(from: TransportAddress): boolean {
    const peer = this.#peer;
    return peer !== null && (peer.port !== from.port || formatEndpoint(peer.address, 0) !== formatEndpoint(from.address, 0));
  }

  /** A datagram that passed all layers. */
  deliver(data: Uint8Array, from: TransportAddress): void {
    this.#received.push({ data, from });
    this.#serve();
  }

  /** An ICMP error about a datagram of this socket: the next receive fails (Winsock: WSAECONNRESET for port unreachable). */
  failed(error: WinsockErrorName): void {
    this.#receives.shift()?.complete({ result: error, data: NOTHING, from: null });
  }

  #connect(target: TransportAddress): SocketResult {
    const effective = redirectConnect(this.host, this.endpoint, target, "connect");
    if (effective === null) return "WSAEACCES";
    this.#peer = target;
    return "ok";
  }

  #send(data: Uint8Array, target: TransportAddress): SocketResult {
    const misuse = this.misuse() ?? this.#unreachable(target) ?? (data.length > LONGEST ? "WSAEMSGSIZE" : undefined) ?? this.#bound();
    if (misuse !== undefined) return misuse;
    const { host, endpoint } = this;
    const isForMany = host.isForMany(target.address);
    return this.wait<SocketResult>((done) => {
      // What a callout pends does not make sendto wait: the datagram is UDP's by then.
      let answered = false;
      const answer = (result: SocketResult): void => {
        if (!answered) done(result);
        answered = true;
      };
      sendDatagram(
        host,
        {
          endpoint,
          target,
          event: "sendto",
          packet: (source, remote) => ({
            source,
            destination: remote.address,
            hopLimit: isForMany ? MULTICAST_HOP_LIMIT : HOP_LIMIT,
            protocol: PROTOCOL.UDP,
            datagram: { sourcePort: endpoint.localPort, destinationPort: remote.port, payload: data },
          }),
        },
        answer,
      );
      answer("ok");
    });
  }

  /** An implicit bind where there is none yet; the error if it fails. */
  #bound(): WinsockErrorName | undefined {
    if (this.isBound) return undefined;
    const result = this.wait<SocketResult>((done) => this.bindTo({ address: null, port: 0, implicit: true }, done));
    return result === "ok" ? undefined : result;
  }

  #unreachable({ address, port }: TransportAddress): WinsockErrorName | undefined {
    if (!this.takes(address.family)) return "WSAEAFNOSUPPORT";
    return isUnspecified(address) || port === 0 ? "WSAEADDRNOTAVAIL" : undefined;
  }

  #firstInterface({ family }: IpAddress): NetworkInterface | undefined {
    const candidates = this.host.interfaces.filter(({ addresses }) => addresses.some(({ address }) => address.family === family));
    return candidates.find(({ link }) => link !== "loopback") ?? candidates[0];
  }

  #serve(): void {
    while (this.#receives.length > 0) {
      const next = this.#received.shift();
      if (next === undefined) return;
      this.#receives.shift()?.complete({ result: "ok", ...next });
    }
  }
}
