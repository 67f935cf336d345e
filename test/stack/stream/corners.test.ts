import { describe, expect, it } from "vitest";
import type { StreamServices } from "../../../src/engine/index.ts";
import { WfpError } from "../../../src/model/index.ts";
import { ScriptedPeer, words } from "../tcp/scripted-peer.ts";
import { TwoHosts } from "../two-hosts.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined): string => new TextDecoder().decode(data);

/** A callout at STREAM of a scripted peer's host: `look` sees the data, `shown` keeps it. */
function watch(peer: ScriptedPeer, look: (stream: StreamServices) => void): string[] {
  const shown: string[] = [];
  const key = "{ca110000-0000-4000-8000-000000000055}";
  const layer = "{3b89653c-c170-49e4-b1cd-e0eeeee19a3e}";
  peer.host.engine.registerCallout(key, {
    classify({ stack }, out) {
      out.action = "permit";
      if (stack?.stream?.direction !== "inbound") return;
      shown.push(text(stack.stream.data));
      look(stack.stream);
    },
  });
  const session = peer.host.bfe.openSession({ name: "test" });
  session.addCallout({ key, name: "stream", applicableLayer: layer });
  session.addFilter({ name: "stream", layer, conditions: [], action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: key } });
  return shown;
}

describe("STREAM at odd moments (WFP-SHIMS 4.9)", () => {
  it("a callout that needs more is not asked before there is as much, however many segments that takes", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const shown: number[] = [];
    hosts.callout(hosts.server, "STREAM", {
      classify({ stack }, out) {
        out.action = "permit";
        const stream = stack?.stream;
        if (stream === undefined || stream.direction !== "inbound") return;
        shown.push(stream.data.length);
        if (stream.data.length < 100) stream.act({ type: "need-more-data", bytesRequired: 100 });
      },
    });
    for (const size of [10, 20, 30, 40]) {
      client.send(new Uint8Array(size));
      hosts.simulation.run(1);
    }
    expect(shown).toEqual([10, 100]);
    expect(server.receive().result?.data).toHaveLength(100);
  });

  it.each([true, false])("of two callouts the one counts that lets less happen, whoever is asked first: a deferral (%s)", (isFirst) => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    let resume = (): void => undefined;
    const wish = (action: { type: "defer" } | { type: "need-more-data"; bytesRequired: number }) =>
      hosts.callout(hosts.server, "STREAM", {
        classify({ stack }, out) {
          out.action = "continue";
          const stream = stack?.stream;
          if (stream === undefined || stream.direction !== "inbound" || stream.data.length > 3) return;
          stream.act(action);
          if (action.type === "defer") resume = stream.resume;
        },
      });
    if (isFirst) wish({ type: "defer" });
    wish({ type: "need-more-data", bytesRequired: 4 });
    if (!isFirst) wish({ type: "defer" });
    client.send(bytes("abc"));
    hosts.simulation.run(1);
    client.send(bytes("defg"));
    hosts.simulation.run(1);
    // More has come than was wanted, but as long as it is deferred nobody is asked.
    const receiving = server.receive();
    expect(receiving.done).toBe(false);
    resume();
    hosts.simulation.run(1);
    expect(text(receiving.result?.data)).toBe("abcdefg");
  });

  it.each(["defer", "need-more-data"] as const)("what was injected is decided at once: %s is refused", (type) => {
    const hosts = new TwoHosts();
    const { client } = hosts.connected();
    const refused: unknown[] = [];
    let injected = false;
    hosts.callout(hosts.server, "STREAM", {
      classify({ stack }, out) {
        out.action = "continue";
        if (stack?.stream?.direction !== "inbound" || injected) return;
        injected = true;
        stack.stream.inject(bytes("new"));
      },
    });
    hosts.callout(hosts.server, "STREAM", {
      classify({ stack }, out) {
        out.action = "continue";
        const stream = stack?.stream;
        if (stream === undefined || text(stream.data) !== "new") return;
        try {
          stream.act(type === "defer" ? { type } : { type, bytesRequired: 10 });
        } catch (error) {
          refused.push(error instanceof WfpError ? error.code : error);
        }
      },
    });
    client.send(bytes("abc"));
    hosts.simulation.run(1);
    expect(refused).toEqual(["FWP_E_INVALID_PARAMETER"]);
  });

  it("deferred data goes on while the peer's end lies beyond a gap: the program sees the data, not the end", () => {
    const { peer, socket } = ScriptedPeer.opened();
    let stream: StreamServices | undefined;
    let defers = true;
    watch(peer, (services) => {
      stream = services;
      if (defers) services.act({ type: "defer" });
    });
    peer.send({ flags: ["ack"], text: "abc" });
    const start = peer.next;
    peer.send({ flags: ["ack", "fin"], text: "end", sequence: start + 5 });
    peer.take();
    const receiving = socket.receive();
    expect(receiving.done).toBe(false);
    defers = false;
    stream?.resume();
    expect(text(receiving.result?.data)).toBe("abc");
    expect(socket.state).toBe("ESTABLISHED");
    const rest = socket.receive();
    peer.send({ flags: ["ack"], text: "12345", sequence: start });
    expect(text(rest.result?.data)).toBe("12345end");
    expect(socket.state).toBe("CLOSE-WAIT");
  });

  it("a callout that drops the connection when no more can come: a reset, no acknowledgment of the end", () => {
    const { peer, socket } = ScriptedPeer.opened();
    watch(peer, (services) => {
      if (services.noMoreData) services.act({ type: "drop-connection" });
      else services.act({ type: "need-more-data", bytesRequired: 100 });
    });
    peer.send({ flags: ["ack"], text: "abc" });
    const receiving = socket.receive();
    peer.send({ flags: ["ack", "fin"] });
    expect(words(peer.take())).toEqual(["RST ACK"]);
    expect(receiving.result?.result).toBe("WSAECONNABORTED");
    expect(socket.state).toBe("CLOSED");
  });
});
