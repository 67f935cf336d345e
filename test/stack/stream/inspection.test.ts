import { describe, expect, it } from "vitest";
import type { Callout, ClassifyOut, StreamAction, StreamServices } from "../../../src/engine/index.ts";
import { WfpError } from "../../../src/model/index.ts";
import type { Socket } from "../../../src/stack/index.ts";
import { TwoHosts } from "../two-hosts.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** A stream callout, and what it was shown. */
function watching(look: (stream: StreamServices, out: ClassifyOut, call: number) => void) {
  const shown: string[] = [];
  const callout: Callout = {
    classify({ stack }, out) {
      const stream = stack?.stream;
      if (stream === undefined) return;
      shown.push(text(stream.data));
      look(stream, out, shown.length);
    },
  };
  return { shown, callout };
}

/** Everything a socket receives from now on. */
function received(hosts: TwoHosts, socket: Socket): { text: string; ended: boolean } {
  const state = { text: "", ended: false };
  const next = (): void => {
    socket.receive().onDone(({ result, data }) => {
      if (result !== "ok" || data.length === 0) {
        state.ended = true;
        return;
      }
      state.text += text(data);
      next();
    });
  };
  next();
  hosts.simulation.run(1);
  return state;
}

describe("STREAM: what a callout may ask for (WFP-SHIMS 4.9)", () => {
  it("needs more data: is asked again once so much is there", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const { shown, callout } = watching((stream, out) => {
      if (stream.data.length < 6) stream.act({ type: "need-more-data", bytesRequired: 6 });
      else out.action = "permit";
    });
    hosts.callout(hosts.server, "STREAM", callout);
    const got = received(hosts, server);
    client.send(bytes("abcd"));
    hosts.simulation.run(1);
    expect(got.text).toBe("");
    client.send(bytes("efgh"));
    hosts.simulation.run(1);
    expect(got.text).toBe("abcdefgh");
    // The first two bytes of the second segment were not enough for another look before it was all there.
    expect(shown).toEqual(["abcd", "abcdefgh"]);
  });

  it("what waits for more data is decided when no more can come", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const flags: boolean[] = [];
    const refused: string[] = [];
    const { callout } = watching((stream, out) => {
      flags.push(stream.noMoreData);
      try {
        stream.act({ type: "need-more-data", bytesRequired: 100 });
      } catch (error) {
        if (!(error instanceof WfpError)) throw error;
        refused.push(error.code);
        out.action = "permit";
      }
    });
    hosts.callout(hosts.server, "STREAM", callout);
    const got = received(hosts, server);
    client.send(bytes("short"));
    hosts.simulation.run(1);
    client.shutdown();
    hosts.simulation.run(1);
    expect(got).toEqual({ text: "short", ended: true });
    expect(flags).toEqual([false, true]);
    expect(refused).toEqual(["FWP_E_INVALID_PARAMETER"]);
  });

  it("defers inbound data until it says so, and the end of data waits as well", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    let resume: (() => void) | undefined;
    const { shown, callout } = watching((stream, out, call) => {
      if (call === 1) {
        resume = () => stream.resume();
        stream.act({ type: "defer" });
      } else out.action = "permit";
    });
    hosts.callout(hosts.server, "STREAM", callout);
    const got = received(hosts, server);
    client.send(bytes("one"));
    hosts.simulation.run(1);
    client.send(bytes("two"));
    client.shutdown();
    hosts.simulation.run(2);
    expect(got).toEqual({ text: "", ended: false });
    expect(shown).toEqual(["one"]);
    resume?.();
    hosts.simulation.run(1);
    expect(shown).toEqual(["one", "onetwo"]);
    expect(got).toEqual({ text: "onetwo", ended: true });
    // Without a deferral there is nothing to resume.
    resume?.();
    expect(shown).toHaveLength(2);
  });

  it("a deferral that is deferred again stays", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const resumes: (() => void)[] = [];
    const { callout } = watching((stream, out, call) => {
      resumes.push(() => stream.resume());
      if (call < 3) stream.act({ type: "defer" });
      else out.action = "permit";
    });
    hosts.callout(hosts.server, "STREAM", callout);
    const got = received(hosts, server);
    client.send(bytes("late"));
    hosts.simulation.run(1);
    resumes[0]?.();
    hosts.simulation.run(1);
    expect(got.text).toBe("");
    resumes[1]?.();
    hosts.simulation.run(1);
    expect(got.text).toBe("late");
  });

  it("outbound data cannot be deferred", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const problems: unknown[] = [];
    const { callout } = watching((stream, out) => {
      expect(stream.direction).toBe("outbound");
      try {
        stream.act({ type: "defer" });
      } catch (error) {
        problems.push(error);
      }
      out.action = "permit";
    });
    hosts.callout(hosts.client, "STREAM", callout);
    const got = received(hosts, server);
    client.send(bytes("x"));
    hosts.simulation.run(1);
    expect(got.text).toBe("x");
    expect(problems).toEqual([expect.objectContaining({ code: "FWP_E_INVALID_PARAMETER" })]);
  });

  it("blocked bytes are missing, the rest of the connection goes on", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const missed: number[] = [];
    const { callout } = watching((stream, out) => {
      missed.push(stream.missedBytes);
      const secret = text(stream.data).indexOf("!");
      // Decides about what stands before the mark, then about the mark alone, then about the rest.
      if (secret > 0) stream.enforce(secret);
      else if (secret === 0) stream.enforce(1);
      out.action = secret === 0 ? "block" : "permit";
    });
    hosts.callout(hosts.client, "STREAM", callout);
    const got = received(hosts, server);
    client.send(bytes("before!after"));
    hosts.simulation.run(1);
    expect(got.text).toBe("beforeafter");
    expect(missed).toEqual([0, 0, 1]);
  });

  it("allows a connection: is not asked about it any more, others are", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const first = watching((stream) => stream.act({ type: "allow-connection" }));
    const second = watching((_, out) => {
      out.action = "permit";
    });
    hosts.callout(hosts.server, "STREAM", second.callout);
    hosts.callout(hosts.server, "STREAM", first.callout);
    const got = received(hosts, server);
    client.send(bytes("a"));
    hosts.simulation.run(1);
    client.send(bytes("b"));
    hosts.simulation.run(1);
    expect(got.text).toBe("ab");
    expect(first.shown).toEqual(["a"]);
    expect(second.shown.at(-1)).toBe("b");
  });

  it("drops a connection where the filter's action leaves it that right", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const { callout } = watching((stream) => stream.act({ type: "drop-connection" }));
    hosts.callout(hosts.server, "STREAM", callout);
    const waiting = server.receive();
    client.send(bytes("x"));
    hosts.simulation.run(5);
    expect(waiting.result?.result).toBe("WSAECONNABORTED");
    expect(server.state).toBe("CLOSED");
  });

  it("a terminating callout cannot drop it", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const { callout } = watching((stream, out) => {
      stream.act({ type: "drop-connection" });
      out.action = "permit";
    });
    const key = "{ca110000-0000-4000-8000-0000000000ff}";
    hosts.server.engine.registerCallout(key, callout);
    hosts.session(hosts.server).addCallout({ key, name: "terminating", applicableLayer: hosts.layerKey("STREAM") });
    hosts.filter(hosts.server, "STREAM", { action: { type: "FWP_ACTION_CALLOUT_TERMINATING", calloutKey: key } });
    const got = received(hosts, server);
    client.send(bytes("x"));
    hosts.simulation.run(1);
    expect(got.text).toBe("x");
  });

  it("of two wishes the one that lets less happen counts", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const wishes: readonly StreamAction[] = [{ type: "drop-connection" }, { type: "need-more-data", bytesRequired: 50 }];
    for (const wish of wishes) hosts.callout(hosts.server, "STREAM", watching((stream) => stream.act(wish)).callout);
    const waiting = server.receive();
    client.send(bytes("x"));
    hosts.simulation.run(5);
    expect(waiting.result?.result).toBe("WSAECONNABORTED");
  });

  it("injects data before what it sees; the others are asked about it, it is not", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const injecting = watching((stream, out, call) => {
      if (call === 1) {
        stream.inject(bytes("<"));
        stream.inject(new Uint8Array(0));
      }
      out.action = "continue";
    });
    const other = watching((_, out) => {
      out.action = "permit";
    });
    hosts.callout(hosts.server, "STREAM", other.callout);
    hosts.callout(hosts.server, "STREAM", injecting.callout);
    const got = received(hosts, server);
    client.send(bytes("data"));
    hosts.simulation.run(1);
    expect(got.text).toBe("<data");
    expect(injecting.shown).toEqual(["data"]);
    expect(other.shown).toEqual(["data", "<"]);
  });

  it("injected data is decided at once", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const problems: unknown[] = [];
    hosts.callout(
      hosts.server,
      "STREAM",
      watching((stream, out) => {
        if (text(stream.data) === "<") {
          try {
            stream.act({ type: "defer" });
          } catch (error) {
            problems.push(error);
          }
        }
        out.action = "permit";
      }).callout,
    );
    hosts.callout(
      hosts.server,
      "STREAM",
      watching((stream, _, call) => {
        if (call === 1) stream.inject(bytes("<"));
      }).callout,
    );
    const got = received(hosts, server);
    client.send(bytes("d"));
    hosts.simulation.run(1);
    expect(got.text).toBe("<d");
    expect(problems).toEqual([expect.objectContaining({ code: "FWP_E_INVALID_PARAMETER" })]);
  });

  it("8 MB is as much as waits for a callout", () => {
    const hosts = new TwoHosts();
    const { client } = hosts.connected();
    const limits: boolean[] = [];
    const { callout } = watching((stream, out) => {
      limits.push(stream.bufferLimitReached);
      if (stream.bufferLimitReached) {
        expect(() => stream.act({ type: "need-more-data", bytesRequired: 1 << 24 })).toThrow("buffer limit");
        out.action = "permit";
      } else stream.act({ type: "need-more-data", bytesRequired: 1 << 24 });
    });
    hosts.callout(hosts.client, "STREAM", callout);
    client.send(new Uint8Array(9 * 1024 * 1024));
    expect(limits).toEqual([true]);
  });
});

describe("flow services", () => {
  it("a callout keeps a context on a flow; without one a callout conditional on flow is not asked; deletion is told", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    const calls: unknown[] = [];
    const deleted: unknown[] = [];
    const conditional: Callout = {
      conditionalOnFlow: true,
      classify({ stack }, out) {
        calls.push(stack?.flowContext?.get());
        out.action = "permit";
      },
    };
    hosts.callout(hosts.server, "STREAM", conditional);
    const got = received(hosts, server);
    client.send(bytes("a"));
    hosts.simulation.run(1);
    expect(got.text).toBe("a");
    expect(calls).toEqual([]);
    let once = false;
    const keeper: Callout = {
      classify({ stack }) {
        if (!once) stack?.flowContext?.set("mine");
        once = true;
      },
      flowDelete: (layer, context) => deleted.push([layer.name, context]),
    };
    hosts.callout(hosts.server, "INBOUND_TRANSPORT", keeper);
    client.send(bytes("b"));
    hosts.simulation.run(1);
    client.close();
    server.close();
    hosts.simulation.run(300);
    expect(deleted).toHaveLength(1);
    expect(deleted[0]).toEqual([expect.stringContaining("FWPM_LAYER_"), "mine"]);
  });

  it("FwpsFlowAbort0 ends the connection", () => {
    const hosts = new TwoHosts();
    const { client, server } = hosts.connected();
    hosts.callout(hosts.server, "INBOUND_TRANSPORT", {
      classify({ stack }) {
        stack?.abortFlow?.();
      },
    });
    const waiting = server.receive();
    const told = client.receive();
    client.send(bytes("x"));
    hosts.simulation.run(3);
    expect(waiting.result?.result).toBe("WSAECONNABORTED");
    expect(told.result?.result).toBe("WSAECONNRESET");
  });
});
