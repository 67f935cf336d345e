import type { ScenarioData } from "../../model/index.ts";
import { Operation } from "../operation.ts";
import type { RawSocket } from "../raw/raw-socket.ts";
import { Socket } from "../socket.ts";
import type { UdpSocket } from "../udp/udp-socket.ts";
import { contentOf } from "./packet-make.ts";
import { asciiOf } from "./packet-match.ts";
import { type PendingCall, pendingCall } from "./pending-call.ts";

export type AnySocket = Socket | UdpSocket | RawSocket;

/** How a receive ended, of whichever protocol. */
interface Received {
  readonly result: string;
  readonly data: Uint8Array;
}

/** What a scenario sends, as bytes. */
export function transferred(data: ScenarioData): { readonly data: Uint8Array; readonly length: number } {
  const bytes = "text" in data ? contentOf(data.text, null) : contentOf(null, data.bytes);
  return { data: bytes, length: bytes.length };
}

/** One receive, of whatever arrives. */
export function receive(socket: AnySocket): PendingCall {
  return receiving(received(socket), () => ({ host: socket.host.name, text: "nothing has arrived" }));
}

/** As many receives as `length` bytes need: TCP hands over what is there. It has come about when all are there. */
export function receiveWhole(socket: AnySocket, length: number): PendingCall {
  const whole = new Operation<Received>();
  let count = 0;
  const next = (): void => {
    received(socket).onDone((end) => {
      count += end.data.length;
      const isOver = end.result !== "ok" || !(socket instanceof Socket) || end.data.length === 0 || count >= length;
      if (isOver) whole.complete(end);
      else next();
    });
  };
  if (length === 0 && socket instanceof Socket) whole.complete({ result: "ok", data: new Uint8Array(0) });
  else next();
  const text = () => `${count === 0 ? "nothing" : `only ${count}`} of the ${length} bytes has arrived`;
  const call = receiving(whole, () => ({ host: socket.host.name, text: text() }));
  return { ...call, cameAbout: () => call.cameAbout() && count >= length };
}

function receiving(operation: Operation<Received>, inVain: () => { readonly host: string; readonly text: string }): PendingCall {
  return {
    ...pendingCall(operation, ({ result }) => result),
    arrived: () => (operation.result?.result === "ok" ? asciiOf(operation.result.data) : null),
    inVain,
  };
}

function received(socket: AnySocket): Operation<Received> {
  const operation = new Operation<Received>();
  const pass = ({ result, data }: Received) => operation.complete({ result, data });
  if (socket instanceof Socket) socket.receive().onDone(pass);
  else socket.receive().onDone(pass);
  return operation;
}
