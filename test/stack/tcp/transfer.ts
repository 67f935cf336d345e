import { expect } from "vitest";
import type { Socket } from "../../../src/stack/index.ts";
import { TwoHosts, type TwoHostsOptions } from "../two-hosts.ts";

/** Reads until the peer's end of data. */
export function readAll(socket: Socket, into: number[], done: (result: string) => void): void {
  socket.receive().onDone(({ result, data }) => {
    if (result !== "ok" || data.length === 0) {
      done(result);
      return;
    }
    into.push(...data);
    readAll(socket, into, done);
  });
}

/** Both sides send, finish and close; what arrived where, and how both ended. */
export function transfer(upstream: readonly Uint8Array[], downstream: readonly Uint8Array[], options: TwoHostsOptions) {
  const hosts = new TwoHosts(options);
  const listener = hosts.listen();
  const accepting = listener.accept();
  const client = hosts.clientSocket();
  const ends: string[] = [];
  const atServer: number[] = [];
  const atClient: number[] = [];
  accepting.onDone(({ socket }) => {
    if (socket === undefined) return;
    readAll(socket, atServer, (result) => {
      ends.push(`server ${result}`);
      socket.close();
    });
    for (const chunk of downstream) socket.send(chunk);
    socket.shutdown();
  });
  client.connect(hosts.serverAddress, 80).onDone((result) => {
    expect(result).toBe("ok");
    readAll(client, atClient, (end) => {
      ends.push(`client ${end}`);
      client.close();
    });
    for (const chunk of upstream) client.send(chunk);
    client.shutdown();
  });
  hosts.simulation.run();
  return { hosts, ends, atServer, atClient, client };
}
