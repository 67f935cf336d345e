import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CaptureCheck, parseAddress, type RecordedVerdict } from "../../../src/model/index.ts";
import { CaptureMatcher } from "../../../src/replay/index.ts";
import { CaptureReader } from "../../../src/wire/index.ts";
import { end, HOST, HOST6, PEER, PEER6, START, TestCapture } from "../lab.ts";

const CLIENT = end(PEER, 50_000);
const SERVICE = end(HOST, 445);

interface Given {
  /** Seconds after the start, by the clock of the capture. */
  readonly at: number;
  readonly action?: "permit" | "block";
  readonly layer?: number;
  readonly direction?: "in" | "out";
  readonly protocol?: number;
  readonly local?: { readonly address: string; readonly port: number };
  readonly remote?: { readonly address: string; readonly port: number };
  readonly program?: string;
  readonly event?: number;
}

/** A verdict as a log has it whose clock is `behind` seconds behind. */
function verdict(given: Given, behind = 0, hasFraction = true): RecordedVerdict {
  const {
    at,
    action = "block",
    layer = 44,
    direction = "in",
    protocol = 6,
    local = SERVICE,
    remote = CLIENT,
    program = "c:\\a.exe",
  } = given;
  const seconds = START + at - behind;
  return {
    type: "verdict",
    position: { file: "made up", line: 1 },
    host: "server",
    record: null,
    time: { seconds: hasFraction ? seconds : Math.floor(seconds), hasFraction, text: "" },
    eventId: given.event ?? (action === "permit" ? 5156 : layer < 44 ? 5152 : 5157),
    netEvent: null,
    action,
    direction: given.event === 5158 ? null : direction,
    layerId: layer,
    family: 4,
    protocol,
    local: parseAddress(local.address),
    localPort: local.port,
    remote: given.event === 5158 ? null : parseAddress(remote.address),
    remotePort: remote.port,
    application: layer === 13 ? "-" : program,
    processId: 1,
    user: null,
    package: null,
    originalProfile: null,
    currentProfile: null,
    interfaceIndex: null,
    isLoopback: null,
    isReauthorization: null,
    filterId: 70_001n,
    filterOrigin: null,
    terminatingFilters: [],
  };
}

function check(capture: TestCapture, verdicts: readonly RecordedVerdict[]): CaptureCheck {
  const matcher = new CaptureMatcher({ verdicts, windows: "10" });
  const reader = new CaptureReader({ packets: (batch) => matcher.packets(batch), problem: () => undefined });
  reader.push(capture.bytes());
  reader.end();
  return matcher.end("made up");
}

/** A SYN and its four retransmissions, as Windows 10 sends them, to a port that a filter guards. */
function unansweredSyns(): { readonly capture: TestCapture; readonly times: readonly number[] } {
  const capture = new TestCapture();
  const talk = capture.tcp(CLIENT, SERVICE).segment(">", "S");
  const times = [0];
  for (const wait of [1, 2, 4, 8]) {
    capture.wait(wait - 0.1);
    times.push((times.at(-1) ?? 0) + wait);
    talk.segment(">", "S", 0, { repeat: true });
  }
  return { capture, times };
}

const results = ({ flows }: CaptureCheck) => flows.map(({ layerId, action, result }) => `${layerId} ${action} ${result}`);

describe("a capture beside recorded verdicts", () => {
  it("every SYN that is blocked has its 5157, at the same seconds, and no answer", () => {
    const { capture, times } = unansweredSyns();
    const { clock, flows, matches, tally } = check(
      capture,
      times.map((at) => verdict({ at: at + 0.3 }, 4 * 3600, false)),
    );
    expect(clock).toMatchObject({ zone: 4 * 3600, votes: 5, voters: 5 });
    expect(matches.map(({ frame }) => frame)).toEqual([1, 2, 3, 4, 5]);
    expect(flows).toMatchObject([
      {
        flow: `in tcp ${PEER}:50000 > ${HOST}:445`,
        layer: "ALE_AUTH_RECV_ACCEPT_V4",
        action: "block",
        packetKind: "SYN",
        result: "agrees",
        notes: [],
      },
    ]);
    expect(flows[0]?.recorded.length).toBe(5);
    expect(flows[0]?.modelled.map((time) => Math.round((time - START) * 10) / 10)).toEqual(times);
    expect(flows[0]?.farthest).toBeLessThan(0.6);
    expect(flows[0]?.answers).toEqual({ captured: [], modelled: [] });
    expect(tally).toEqual({ agrees: 1, differs: 0, notCompared: 0 });
  });

  it("a log without filter ids will do, as pfirewall.log is one", () => {
    const { capture, times } = unansweredSyns();
    const plain = times.map((at) => ({
      ...verdict({ at }, 0, false),
      host: null,
      eventId: null,
      filterId: null,
      application: null,
      processId: null,
    }));
    expect(check(capture, plain).flows).toMatchObject([{ result: "agrees", filterIds: [], host: null }]);
  });

  it("a verdict that is missing, a time that is wrong and an answer that should not be are differences", () => {
    const { capture, times } = unansweredSyns();
    const all = times.map((at) => verdict({ at }));
    expect(check(capture, all.slice(0, 4)).flows[0]?.notes).toEqual([]);
    // The log goes on, so that the fifth is missing and not merely later than it.
    const later = verdict({ at: 16, remote: end(PEER, 50_001) });
    expect(check(capture, [...all.slice(0, 4), later]).flows[0]).toMatchObject({
      result: "differs",
      notes: ["4 events recorded, the model writes 5"],
    });
    capture.wait(10).udp(end(PEER, 50_001), SERVICE);
    const late = [...all.slice(0, 4), verdict({ at: 15 + 2.5 })];
    expect(check(capture, late).flows[0]?.notes).toEqual([expect.stringMatching(/^a time is 2\.5 s away/)]);
    capture.tcp(SERVICE, CLIENT).segment(">", "RA");
    expect(check(capture, all).flows[0]).toMatchObject({ result: "differs", notes: ["the capture has RST, the model sends none"] });
  });

  it("a permitted connection has one verdict, whoever opened it and however often its SYN was sent", () => {
    const capture = new TestCapture();
    capture.tcp(CLIENT, SERVICE).segment(">", "S").segment(">", "S", 0, { repeat: true }).segment("<", "SA").segment(">", "A");
    const outward = end(HOST, 49_701);
    capture.tcp(outward, end(PEER, 443)).handshake().data(">").close();
    const found = check(capture, [
      verdict({ at: 0, action: "permit" }),
      verdict({ at: 0.4, action: "permit", layer: 48, direction: "out", local: outward, remote: end(PEER, 443) }),
    ]);
    expect(results(found)).toEqual(["44 permit agrees", "48 permit agrees"]);
    const [first] = found.matches;
    expect(first).toMatchObject({ frame: 1, firstFrame: 1, packets: 3 });
  });

  it("datagrams are one flow while it lasts, over IPv6 too", () => {
    const capture = new TestCapture();
    const [here, there] = [end(HOST6, 49_702), end(PEER6, 53)];
    capture.udp(here, there).udp(there, here).udp(here, there).udp(there, here);
    const one = { action: "permit", layer: 50, direction: "out", protocol: 17, local: here, remote: there } as const;
    expect(results(check(capture, [verdict({ at: 0, ...one })]))).toEqual(["50 permit agrees"]);
    expect(results(check(capture, [verdict({ at: 0, ...one }), verdict({ at: 0.2, ...one })]))).toEqual(["50 permit differs"]);
  });

  it("stealth: a datagram to a port that was closed is dropped at layer 13, and its ICMP error at layer 32", () => {
    const capture = new TestCapture();
    const [here, there] = [end(HOST, 49_703), end(PEER, 53)];
    capture.udp(here, there).wait(5).udp(there, here).udp(there, here);
    const closed = { protocol: 17, local: here, remote: there };
    const question = verdict({ at: 0, action: "permit", layer: 48, direction: "out", ...closed });
    const drops = [5.1, 5.2].map((at) => verdict({ at, layer: 13, ...closed }));
    const error = verdict({ at: 5.1, layer: 32, direction: "out", protocol: 1, local: end(HOST, 0), remote: end(PEER, 0) });
    const found = check(capture, [question, ...drops, error]);
    expect(results(found)).toEqual(["48 permit agrees", "13 block agrees", "32 block agrees"]);
    expect(found.flows[2]?.notes).toEqual([expect.stringMatching(/^1 more datagram came close/)]);
    expect(found.unmatched).toEqual(new Map([["never-sent", 1]]));
    // An error that nothing was discarded for, and one that was sent all the same.
    const alone = verdict({ at: 1.5, layer: 32, direction: "out", protocol: 1, local: end(HOST, 0), remote: end(PEER, 0) });
    expect(results(check(capture, [question, ...drops, alone])).at(-1)).toBe("32 block differs");
    capture.icmp(HOST, PEER, 3, 3);
    expect(check(capture, [question, ...drops, error]).flows.at(-1)?.notes[0]).toMatch(/the capture has 1 ICMP error all the same/);
  });

  it("stealth: a segment of a connection that is gone is dropped at layer 13 without a reset", () => {
    const capture = new TestCapture();
    const talk = capture.tcp(CLIENT, SERVICE).handshake();
    capture.wait(5);
    talk.segment(">", "A", 10);
    const found = check(capture, [verdict({ at: 0, action: "permit" }), verdict({ at: 5.3, layer: 13 })]);
    expect(results(found)).toEqual(["44 permit agrees", "13 block agrees"]);
    talk.segment("<", "R");
    expect(results(check(capture, [verdict({ at: 0, action: "permit" }), verdict({ at: 5.3, layer: 13 })]))).toContain("13 block differs");
  });

  it("a port that is taken again drops nothing any more", () => {
    const capture = new TestCapture();
    const [here, there] = [end(HOST, 49_704), end(PEER, 53)];
    const closed = { protocol: 17, local: here, remote: there };
    capture.udp(there, here).wait(5).udp(there, here);
    const drop = verdict({ at: 0, layer: 13, ...closed });
    const later = verdict({ at: 9, remote: end(PEER, 50_009) });
    const error = verdict({ at: 0, layer: 32, direction: "out", protocol: 1, local: end(HOST, 0), remote: end(PEER, 0) });
    expect(check(capture, [drop, error, later]).flows[0]?.notes).toEqual(["1 event recorded, the model writes 2"]);
    const bind = verdict({ at: 3, event: 5158, action: "permit", layer: 36, ...closed });
    expect(check(capture, [drop, error, bind, later]).flows[0]?.notes).toEqual([]);
    // Without the filter at layer 32 the model's host would have answered.
    expect(check(capture, [drop, bind, later]).flows[0]?.notes).toEqual(["the capture has no answer, the model sends ICMP error"]);
  });

  it("ICMP errors that come in are dropped at layer 28, one event each", () => {
    const capture = new TestCapture();
    capture.udp(end(HOST, 49_705), end(PEER, 9)).wait(1);
    capture.icmp(PEER, HOST, 3, 3).wait(1).icmp(PEER, HOST, 3, 3);
    const of = { layer: 28, protocol: 1, local: end(HOST, 3), remote: end(PEER, 3) };
    expect(results(check(capture, [verdict({ at: 1.1, ...of }), verdict({ at: 2.2, ...of })]))).toEqual(["28 block agrees"]);
    expect(results(check(capture, [verdict({ at: 1.1, ...of }), verdict({ at: 4, layer: 44 })]))[0]).toBe("28 block differs");
  });

  it("each echo request that comes in has its verdict", () => {
    const capture = new TestCapture();
    capture.icmp(PEER, HOST, 8, 0, 0x00010001).icmp(HOST, PEER, 0, 0, 0x00010001).icmp(PEER, HOST, 8, 0, 0x00010002);
    const of = { action: "permit", protocol: 1, local: end(HOST, 8), remote: end(PEER, 0) } as const;
    expect(results(check(capture, [verdict({ at: 0, ...of }), verdict({ at: 0.2, ...of })]))).toEqual(["44 permit agrees"]);
  });

  it("a host hears its own broadcasts: one verdict a packet and listening program", () => {
    const capture = new TestCapture();
    const [here, all] = [end(HOST, 137), end("10.0.0.255", 137)];
    capture.udp(here, all).wait(1.9).udp(here, all).wait(1.9).udp(here, all);
    const out = { action: "permit", layer: 48, direction: "out", protocol: 17, local: here, remote: all } as const;
    const heard = { action: "permit", layer: 44, direction: "in", protocol: 17, local: all, remote: here } as const;
    const own = [0, 2, 4].map((at) => verdict({ at, ...heard }));
    const bind = verdict({ at: 3, event: 5158, action: "permit", layer: 36, protocol: 17, local: here, program: "c:\\b.exe" });
    const second = verdict({ at: 4, ...heard, program: "c:\\b.exe" });
    const found = check(capture, [verdict({ at: 0, ...out }), ...own, bind, second]);
    expect(results(found)).toEqual(["48 permit agrees", "44 permit agrees", "44 permit agrees"]);
    expect(results(check(capture, [verdict({ at: 0, ...out }), ...own.slice(1)]))).toContain("44 permit differs");
  });

  it("packets that the capture has twice count once", () => {
    const { times } = unansweredSyns();
    const verdicts = times.map((at) => verdict({ at }));
    const doubled = new TestCapture();
    for (const [index, at] of times.entries()) {
      doubled.wait(at - (times[index - 1] ?? 0) - (index === 0 ? 0 : 0.2));
      const talk = doubled.tcp(CLIENT, SERVICE).segment(">", "S");
      doubled.wait(-0.1);
      talk.segment(">", "S", 0, { repeat: true });
      doubled.wait(0.1);
    }
    const found = check(doubled, verdicts);
    expect(found.copies).toBe(5);
    expect(found.flows[0]?.packets.length).toBe(5);
    expect(results(found)).toEqual(["44 block agrees"]);
  });

  it("says why a verdict has no packet", () => {
    const capture = new TestCapture();
    capture.tcp(CLIENT, SERVICE).handshake();
    const { unmatched, matched, flows } = check(capture, [
      verdict({ at: 0, action: "permit" }),
      verdict({ at: 0, action: "permit", event: 5158, layer: 36 }),
      verdict({ at: 0.1, action: "permit", local: end("127.0.0.1", 80), remote: end("127.0.0.1", 50_000) }),
      verdict({ at: 500, action: "permit", remote: end(PEER, 50_001) }),
      verdict({ at: 0.1, layer: 48, direction: "out", local: end(HOST, 49_706), remote: end(PEER, 80) }),
      verdict({ at: 0.1, action: "permit", remote: end(PEER, 50_002) }),
      { ...verdict({ at: 0 }), time: null },
    ]);
    expect(matched).toBe(1);
    expect(Object.fromEntries(unmatched)).toEqual({
      "no-packet-event": 1,
      "inside-the-host": 1,
      "outside-the-capture": 1,
      "never-sent": 1,
      "not-captured": 1,
      incomplete: 1,
    });
    expect(flows.filter(({ result }) => result === "not-compared").map(({ notes }) => notes[0])).toEqual([
      "outside the time of the capture",
      "the capture has no packet of it",
      "the capture has no packet of it",
    ]);
  });

  it("finds nothing in a capture of other hosts, and says so", () => {
    const capture = new TestCapture();
    capture.tcp(end("192.0.2.1", 1), end("192.0.2.2", 2)).handshake();
    const found = check(capture, [verdict({ at: 0 })]);
    expect(found).toMatchObject({ clock: null, matched: 0, flows: [], packets: 3 });
    expect(check(new TestCapture(), [])).toMatchObject({ clock: null, matches: [] });
  });

  it("finds any difference of clocks in quarters of hours, with drift", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -56, max: 56 }),
        fc.integer({ min: -60, max: 60 }),
        fc.integer({ min: 0, max: 40 }),
        (quarters, skew, drift) => {
          const capture = new TestCapture();
          const verdicts: RecordedVerdict[] = [];
          for (let index = 0; index < 12; index++) {
            const client = end(PEER, 51_000 + index);
            verdicts.push(verdict({ at: capture.now, remote: client }, quarters * 900 + skew + (drift * index) / 100));
            capture.tcp(client, SERVICE).segment(">", "S");
            capture.wait(index * 0.7);
          }
          const found = check(capture, verdicts);
          expect(found.clock).toMatchObject({ zone: quarters * 900, votes: 12, voters: 12 });
          expect(found.matches.map(({ frame }) => frame)).toEqual(verdicts.map((_, index) => index + 1));
          expect(found.tally).toEqual({ agrees: 12, differs: 0, notCompared: 0 });
        },
      ),
      { numRuns: 25 },
    );
  });

  it("makes something of any log beside any capture", () => {
    const address = fc.constantFrom(HOST, PEER, "10.0.0.255", "224.0.0.251", "127.0.0.1");
    const port = fc.constantFrom(0, 53, 137, 445);
    const ends = fc.record({ address, port });
    const layer = fc.constantFrom(0, 12, 13, 28, 32, 44, 48, 53, 99);
    const packet = fc.record({
      from: ends,
      to: ends,
      kind: fc.constantFrom("udp", "syn", "rst", "data", "icmp", "echo"),
      wait: fc.integer({ min: -30, max: 30 }),
    });
    const event = fc.record({
      at: fc.integer({ min: -10, max: 60 }),
      action: fc.constantFrom("permit" as const, "block" as const),
      layer,
      direction: fc.constantFrom("in" as const, "out" as const),
      protocol: fc.constantFrom(1, 6, 17, 47),
      local: ends,
      remote: ends,
      event: fc.constantFrom(5156, 5157, 5158, 5152),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 25 }), fc.array(event, { maxLength: 15 }), (packets, events) => {
        const capture = new TestCapture();
        for (const { from, to, kind, wait } of packets) {
          capture.wait(Math.max(-capture.now, wait / 10));
          if (kind === "udp") capture.udp(from, to);
          else if (kind === "icmp" || kind === "echo") capture.icmp(from.address, to.address, kind === "icmp" ? 3 : 8);
          else capture.tcp(from, to).segment(">", kind === "syn" ? "S" : kind === "rst" ? "R" : "A");
        }
        const { matches, flows, tally, matched } = check(
          capture,
          events.map((of) => verdict(of)),
        );
        expect(matches.length).toBe(events.length);
        expect(tally.agrees + tally.differs + tally.notCompared).toBe(flows.length);
        expect(matched).toBeLessThanOrEqual(events.length);
        for (const { result, notes } of flows) if (result !== "agrees") expect(notes.length).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });
});
