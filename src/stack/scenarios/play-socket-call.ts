import { InternalError, type IpAddress, type ScenarioCall, type ScenarioEnd } from "../../model/index.ts";
import { type PROMISCUOUS_IOCTL, RawSocket } from "../raw/raw-socket.ts";
import { Socket } from "../socket.ts";
import { UdpSocket } from "../udp/udp-socket.ts";
import type { CastSocket } from "./cast.ts";
import { endedCall, type PendingCall, pendingCall } from "./pending-call.ts";
import type { Play } from "./play.ts";
import { type AnySocket, receive, receiveWhole, transferred } from "./transfer.ts";

type SocketCall = Exclude<ScenarioCall, { do: "ping" }>;
type Call<K extends SocketCall["do"]> = Extract<SocketCall, { do: K }>;

/** A call at a socket, which comes into being with the first one. */
export function playSocketCall(step: SocketCall, play: Play): PendingCall {
  const entry = play.cast.socket(step.socket);
  if (entry === undefined) throw new InternalError(`no socket ${step.socket} in the play`);
  const socket = play.cast.opened(entry, play.names.family);
  switch (step.do) {
    case "open":
      return endedCall(socket instanceof RawSocket ? socket.opened : "ok");
    case "bind":
      return endedCall(socket.bind(step.to === null ? null : addressFor(step.to, step, entry, play), play.names.portOf(step.port)));
    case "listen":
      return endedCall(only(Socket, socket).listen());
    case "shutdown":
      return endedCall(only(Socket, socket).shutdown());
    case "close":
      return endedCall(socket.close());
    case "join":
      return endedCall(only(UdpSocket, socket).join(addressFor(step.group, step, entry, play)));
    case "ioctl":
      return endedCall(only(RawSocket, socket).setPromiscuous(step.ioctl as keyof typeof PROMISCUOUS_IOCTL));
    case "accept":
      return accept(step, entry, only(Socket, socket), play);
    case "connect":
      return connect(step, entry, socket, play);
    case "send":
      return send(step, entry, socket, play);
    case "receive":
      return receive(socket);
  }
}

/** The reader of scenarios lets calls be made only at sockets that have them. */
function only<T extends AnySocket>(kind: abstract new (...rest: never[]) => T, socket: AnySocket): T {
  if (socket instanceof kind) return socket;
  throw new InternalError(`a call of ${kind.name} at another socket`);
}

/** The address of an end in the IP version of the socket. */
function addressFor(end: ScenarioEnd, { at }: ScenarioCall, { spec }: CastSocket, { names }: Play): IpAddress {
  return names.addressOf(end, at, spec.family ?? names.family);
}

function accept(step: Call<"accept">, entry: CastSocket, listener: Socket, { cast }: Play): PendingCall {
  const operation = listener.accept();
  operation.onDone(({ socket }) => {
    if (socket !== undefined) cast.adopt(step.as, entry, socket);
  });
  const text = "accept has not returned: the connection did not survive its handshake";
  return { ...pendingCall(operation, ({ result }) => result), inVain: () => ({ host: entry.host.name, text }) };
}

function connect(step: Call<"connect">, entry: CastSocket, socket: AnySocket, play: Play): PendingCall {
  const address = addressFor(step.to.end, step, entry, play);
  const port = play.names.portOfEndpoint(step.to) ?? 0;
  if (socket instanceof UdpSocket) return endedCall(socket.connect(address, port));
  return pendingCall(only(Socket, socket).connect(address, port), (result) => result);
}

/** With `arrivesAt` the receiver's calls are part of it, and waited for. */
function send(step: Call<"send">, entry: CastSocket, socket: AnySocket, play: Play): PendingCall {
  const { data, length } = transferred(step.data);
  const target = step.arrivesAt === null ? undefined : play.cast.socket(step.arrivesAt);
  const receiving = target === undefined ? undefined : receiveWhole(play.cast.opened(target, play.names.family), length);
  const result = sent(step, entry, socket, data, play);
  if (receiving === undefined || result !== "ok") return endedCall(result);
  return { ...receiving, result: () => (receiving.result() === null ? null : result) };
}

function sent(step: Call<"send">, entry: CastSocket, socket: AnySocket, data: Uint8Array, play: Play): string {
  if (socket instanceof Socket) return socket.send(data);
  if (step.to === null) return only(UdpSocket, socket).send(data);
  const address = addressFor(step.to.end, step, entry, play);
  return socket instanceof UdpSocket ? socket.sendTo(data, address, play.names.portOfEndpoint(step.to) ?? 0) : socket.sendTo(data, address);
}
