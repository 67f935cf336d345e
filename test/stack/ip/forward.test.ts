import { describe, expect, it } from "vitest";
import { Bfe } from "../../../src/engine/index.ts";
import { LAYER_KEY, type LayerName, parseAddress, type SessionRecord } from "../../../src/model/index.ts";
import { desktopProcess, ethernet, type Host, Simulation } from "../../../src/stack/index.ts";
import { parseIpv4Packet } from "../../../src/wire/index.ts";
import { arrive, type IpOptions, ip, udp } from "../packets.ts";
import { layersOf } from "../two-hosts.ts";

interface RouterOptions {
  readonly mtu?: number;
  readonly weakHost?: boolean;
  readonly forwarding?: boolean;
  readonly groupForwardedFragments?: boolean;
}

/** A host between two links, and what leaves it. */
class Router {
  readonly simulation = new Simulation();
  readonly host: Host;
  readonly sent: { readonly link: string; readonly bytes: Uint8Array }[] = [];

  constructor({ mtu = 1500, weakHost = false, forwarding = true, groupForwardedFragments = false }: RouterOptions = {}) {
    this.host = this.simulation.addHost({
      name: "router",
      windows: "11",
      bfe: new Bfe({ windows: "11" }),
      groupForwardedFragments,
      interfaces: [
        ethernet({ index: 2, addresses: ["10.0.0.1/24", "2001:db8::1/64"], forwarding, weakHostReceive: weakHost, weakHostSend: weakHost }),
        ethernet({ index: 3, addresses: ["10.1.0.1/24", "2001:db8:1::1/64"], forwarding, mtu, link: "inside", weakHostSend: weakHost }),
      ],
    });
    this.simulation.network.tap(({ link, bytes }) => this.sent.push({ link, bytes }));
  }

  block(layer: LayerName): void {
    const session = this.host.bfe.openSession({ name: "test" });
    session.addFilter({ name: "block", layer: LAYER_KEY[layer], conditions: [], action: { type: "FWP_ACTION_BLOCK" } });
  }

  during(action: () => void): SessionRecord[] {
    const start = this.simulation.records.length;
    action();
    this.simulation.run(0.001);
    return this.simulation.records.slice(start);
  }
}

const through = { from: "10.0.0.2", to: "10.1.0.2" };
const datagram = (options: IpOptions = {}, size = 10, ends = through) => udp(ends, 4000, 53, new Uint8Array(size), options);

describe("forwarding (WFP-SHIMS 4.2)", () => {
  it("passes IPFORWARD only, and leaves with one hop less", () => {
    const router = new Router();
    const seen = router.during(() => arrive(router.host, datagram({ hopLimit: 9 })));
    expect(layersOf(seen, "router")).toEqual(["IPFORWARD"]);
    expect(router.sent.map(({ link }) => link)).toEqual(["inside"]);
    expect(parseIpv4Packet(router.sent[0]?.bytes ?? new Uint8Array(0)).timeToLive).toBe(8);
  });

  it("a block at IPFORWARD drops it", () => {
    const router = new Router();
    router.block("IPFORWARD_V4");
    const seen = router.during(() => arrive(router.host, datagram()));
    expect(layersOf(seen, "router")).toEqual(["IPFORWARD!", "IPFORWARD_DISCARD"]);
    expect(router.sent).toEqual([]);
  });

  it.each([
    ["IPv4", through, "IPFORWARD_V4_DISCARD"],
    ["IPv6", { from: "2001:db8::2", to: "2001:db8:1::2" }, "IPFORWARD_V6_DISCARD"],
  ] as const)("%s: the last hop is told, unless a filter suppresses it", (_, ends, layer) => {
    const router = new Router();
    const seen = router.during(() => arrive(router.host, datagram({ hopLimit: 1 }, 10, ends)));
    expect(layersOf(seen, "router").slice(0, 2)).toEqual(["IPFORWARD_DISCARD", "OUTBOUND_ICMP_ERROR"]);
    expect(seen[0]).toMatchObject({ metadata: { discardReason: { reason: "IpDiscardHopLimitExceeded" } } });
    router.block(layer);
    const silent = router.during(() => arrive(router.host, datagram({ hopLimit: 1 }, 10, ends)));
    expect(layersOf(silent, "router")).toEqual(["IPFORWARD_DISCARD!"]);
  });

  it("what leads nowhere is dropped for that reason", () => {
    const router = new Router();
    const [, , inside] = router.host.interfaces;
    if (inside !== undefined) inside.addresses = [];
    const [, outside] = router.host.interfaces;
    if (outside !== undefined) outside.addresses = outside.addresses.slice(0, 1);
    // Nobody has an IPv6 address to send from.
    const v6 = { from: "2001:db8::2", to: "2001:db8:1::2" };
    const seen = router.during(() => arrive(router.host, datagram({}, 10, v6)));
    expect(layersOf(seen, "router")).toEqual(["IPFORWARD_DISCARD"]);
    expect(seen[0]).toMatchObject({ metadata: { discardReason: { reason: "IpDiscardNoRoute" } } });
  });

  it("what is too long is cut, or refused where it may not be", () => {
    const router = new Router({ mtu: 600 });
    router.during(() => arrive(router.host, datagram({}, 1000)));
    expect(router.sent.filter(({ link }) => link === "inside").map(({ bytes }) => bytes.length <= 600)).toEqual([true, true]);
    router.sent.length = 0;
    const seen = router.during(() => arrive(router.host, datagram({ dontFragment: true }, 1000)));
    expect(layersOf(seen, "router").slice(0, 3)).toEqual(["IPFORWARD", "IPFORWARD_DISCARD", "OUTBOUND_ICMP_ERROR"]);
    expect(router.sent.map(({ link }) => link)).toEqual(["network"]);
    router.block("IPFORWARD_V4_DISCARD");
    router.sent.length = 0;
    router.during(() => arrive(router.host, datagram({ dontFragment: true }, 1000)));
    expect(router.sent).toEqual([]);
  });

  it("a piece is indicated once, a group once more when it is switched on", () => {
    const whole = datagram({}, 100).subarray(20);
    const pieces = [ip(through, 17, whole.subarray(0, 64), { more: true }), ip(through, 17, whole.subarray(64), { offset: 64 })];
    const each = (router: Router) =>
      pieces.map((piece) =>
        layersOf(
          router.during(() => arrive(router.host, piece)),
          "router",
        ),
      );
    expect(each(new Router())).toEqual([["IPFORWARD"], ["IPFORWARD"]]);
    const grouping = new Router({ groupForwardedFragments: true });
    expect(each(grouping)).toEqual([["IPFORWARD"], ["IPFORWARD", "IPFORWARD"]]);
    expect(grouping.sent).toHaveLength(2);
    // The callout sees the first piece, the second one, then the group.
    const blocking = new Router({ groupForwardedFragments: true });
    const session = blocking.host.bfe.openSession({ name: "test" });
    const key = "{ca110000-0000-4000-8000-000000000001}";
    let calls = 0;
    blocking.host.engine.registerCallout(key, {
      classify(_, out) {
        calls++;
        out.action = calls === 3 ? "block" : "permit";
      },
    });
    session.addCallout({ key, name: "third", applicableLayer: LAYER_KEY.IPFORWARD_V4 });
    session.addFilter({
      name: "third",
      layer: LAYER_KEY.IPFORWARD_V4,
      conditions: [],
      action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: key },
    });
    each(blocking);
    expect(calls).toBe(3);
    expect(blocking.sent).toHaveLength(1);
  });
});

describe("strong and weak host (RFC 1122 3.3.4.2)", () => {
  it("a strong host drops what is for another interface's address", () => {
    const router = new Router({ forwarding: false });
    const seen = router.during(() => arrive(router.host, datagram({}, 10, { from: "10.0.0.2", to: "10.1.0.1" })));
    expect(layersOf(seen, "router")).toEqual(["INBOUND_IPPACKET_DISCARD"]);
    expect(seen[0]).toMatchObject({ metadata: { discardReason: { reason: "IpDiscardNotLocallyDestined" } } });
  });

  it("a weak host takes it through IPFORWARD with IS_INBOUND_PASS_THRU", () => {
    const router = new Router({ forwarding: false, weakHost: true });
    const to = { from: "10.0.0.2", to: "10.1.0.1" };
    const seen = router.during(() => arrive(router.host, datagram({}, 10, to)));
    expect(layersOf(seen, "router").slice(0, 2)).toEqual(["IPFORWARD", "INBOUND_IPPACKET"]);
    expect(seen[0]).toMatchObject({ flags: expect.arrayContaining(["IS_INBOUND_PASS_THRU"]) });
    router.block("IPFORWARD_V4");
    const blocked = router.during(() => arrive(router.host, datagram({}, 10, to)));
    expect(layersOf(blocked, "router")).toEqual(["IPFORWARD!", "IPFORWARD_DISCARD"]);
  });

  it("a weak host sends with another interface's address, through IPFORWARD", () => {
    const router = new Router({ forwarding: false, weakHost: true });
    const socket = router.host.udpSocket({ family: 4, process: desktopProcess("C:\\a.exe", 3) });
    socket.bind(parseAddress("10.1.0.1"), 0);
    const seen = router.during(() => socket.sendTo(new Uint8Array(1), parseAddress("10.0.0.9"), 53));
    expect(layersOf(seen, "router")).toContain("IPFORWARD");
    expect(router.sent.map(({ link }) => link)).toEqual(["network"]);
    router.block("IPFORWARD_V4");
    router.sent.length = 0;
    router.during(() => socket.sendTo(new Uint8Array(1), parseAddress("10.0.0.9"), 53));
    expect(router.sent).toEqual([]);
  });
});
