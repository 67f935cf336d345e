import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RecordedVerdict, VerifiedEvent } from "../../../src/model/index.ts";
import { verifyEvents } from "../../../src/replay/index.ts";
import { readSecurityLog } from "../../../src/sources/index.ts";

const text = readFileSync(new URL("../../../examples/events/workstation.security.jsonl", import.meta.url), "utf8");
const OPTIONS = { source: "workstation.security.jsonl" };

/** The example's events, changed by `edit`; null leaves one out. */
function edited(edit: (event: Record<string, string | number>, line: number) => Record<string, string | number> | null): string {
  const events = text.trim().split("\n");
  return events.flatMap((line, index) => JSON.stringify(edit(JSON.parse(line), index + 1)) ?? "").join("\n");
}

const same = (event: Record<string, string | number>) => event;

function verify(edit: Parameters<typeof edited>[0] = same, options: { readonly learn?: boolean; readonly host?: string } = {}) {
  const kept = edited(edit)
    .split("\n")
    .filter((line) => line !== "null")
    .join("\n");
  return verifyEvents(readSecurityLog(kept, OPTIONS).records, { ...OPTIONS, ...options });
}

const line = (events: readonly VerifiedEvent[], at: number): VerifiedEvent => {
  const found = events.find(({ verdict }) => verdict.position.line === at);
  if (found === undefined) throw new Error(`no verdict at line ${at}`);
  return found;
};

/** Changes one event of the example. */
const at = (target: number, members: Readonly<Record<string, string>>) => (event: Record<string, string | number>, number: number) =>
  number === target ? { ...event, ...members } : event;

describe("a log that holds its own policy", () => {
  const { summary, events } = verify();

  it("counts", () => {
    expect(summary).toMatchObject({ events: 9, withFilter: 8, exact: 5, compatible: 3, contradiction: 0, unresolvable: 0 });
    expect(summary.unnamed).toEqual({ agrees: 1, open: 0, differs: 0, notJudged: 0 });
  });

  it("says which unknown fact leaves several filters", () => {
    const { result, candidates, unknown } = line(events, 17);
    expect([result, candidates.map((filter) => Number(filter?.filterId))]).toEqual(["compatible", [503, 501]]);
    expect(unknown).toEqual(["ORIGINAL_PROFILE_ID", "CURRENT_PROFILE_ID"]);
  });

  it("uses the policy of a later place where the verdict names a filter that the log tells of later", () => {
    const { lag, result, candidates } = line(events, 21);
    expect([lag, result, candidates.map((filter) => Number(filter?.filterId))]).toEqual([1, "compatible", [513, 503, 501]]);
  });

  it("takes boot-time filters for gone and loopback traffic for what it is", () => {
    expect(line(events, 18).candidates.map((filter) => filter?.name)).toEqual(["Query User"]);
    expect(line(events, 19).result).toBe("exact");
  });
});

describe("what cannot be", () => {
  it("a filter whose conditions do not hold, told one by one", () => {
    const { summary, events } = verify(at(16, { DestPort: "8081" }));
    expect(summary.contradiction).toBe(1);
    const { contradiction } = line(events, 16);
    expect(contradiction?.summary).toBe("conditions of the recorded filter do not hold");
    expect(contradiction?.conditions.map(({ truth }) => truth)).toEqual(["true", "true", "false"]);
    expect(contradiction?.stronger.map(({ name }) => name)).toEqual(["Query User"]);
  });

  it("a filter behind one that matches for certain", () => {
    const { contradiction } = line(verify(at(19, { FilterRTID: "501" })).events, 19);
    expect(contradiction?.summary).toBe("other filters come before the recorded one");
    expect(contradiction?.stronger.map(({ filterId }) => filterId)).toEqual([13n]);
  });

  it("a filter that does the opposite", () => {
    const { contradiction } = line(verify(at(18, { EventID: "5156" })).events, 18);
    expect(contradiction?.summary).toBe("the recorded filter decides, but to block");
  });

  it("a permit without a filter where the model blocks", () => {
    const { summary } = verify(at(18, { EventID: "5156", FilterRTID: "0" }));
    expect(summary.unnamed.differs).toBe(1);
  });
});

describe("what cannot be compared", () => {
  it.each([
    ["no-such-filter", { FilterRTID: "9999" }],
    ["other-layer", { FilterRTID: "504" }],
    ["unknown-layer", { LayerRTID: "4711" }],
  ])("%s", (cause, members) => {
    const { summary, events } = verify(at(17, members));
    expect(line(events, 17)).toMatchObject({ result: "unresolvable", cause });
    expect(summary.byCause.get(cause as "no-policy")).toBe(1);
  });

  it("a computer whose policy nobody knows", () => {
    const { summary } = verify((event) => (Number(event.EventID) >= 5440 ? null : event));
    expect([summary.unresolvable, summary.byCause.get("no-policy")]).toEqual([8, 8]);
  });

  it("verdicts of other computers are left out where the policy of one is known", () => {
    const elsewhere = at(24, { Hostname: "PC13.example.com" });
    const { summary } = verify(elsewhere);
    expect([summary.events, [...summary.otherHosts], summary.hosts]).toEqual([8, [["PC13.example.com", 1]], ["PC12.example.com"]]);
    expect(verify(elsewhere, { host: "pc13.EXAMPLE.com" }).summary).toMatchObject({ events: 1, unresolvable: 1 });
  });
});

describe("flows that Windows authorizes more than once", () => {
  /** A rule that only a reauthorization by an outgoing packet meets. */
  const REAUTHORIZED =
    "\n\tCondition ID:\t{632ce23b-5167-435c-86d7-e903684aa80c}\n\tMatch value:\tAll flags set\n\tCondition value:\t0x00000004\n";

  it("a verdict on a flow seen before may be one of them", () => {
    const again = verify((event, number) => {
      if (number === 10) return { ...event, Conditions: REAUTHORIZED };
      return number === 24 ? { ...event, SourceAddress: "192.0.2.40", SourcePort: "51000" } : event;
    });
    expect(line(again.events, 24).result).toBe("compatible");
    expect(line(again.events, 16).result).toBe("compatible");
  });

  it("a flow may be older than the log: a first record that fits a reauthorization only is no contradiction", () => {
    const { events } = verify(at(10, { Conditions: REAUTHORIZED }));
    expect(line(events, 16)).toMatchObject({ result: "compatible", contradiction: null });
  });
});

describe("groups and broadcasts", () => {
  const member = (direction: "in" | "out", local: string, remote: string, filterId: string) =>
    at(direction === "out" ? 19 : 18, {
      EventID: "5156",
      Protocol: "17",
      FilterRTID: filterId,
      SourceAddress: direction === "out" ? local : remote,
      DestAddress: direction === "out" ? remote : local,
      DestPort: "5353",
    });

  it("what leaves for a group is no loopback traffic, not even from 127.0.0.1", () => {
    expect(line(verify(member("out", "127.0.0.1", "224.0.0.251", "501")).events, 19).result).toBe("compatible");
    expect(line(verify(member("out", "127.0.0.1", "224.0.0.251", "13")).events, 19).result).toBe("contradiction");
  });

  it("what the host hears of itself is", () => {
    // The firewall's sublayer permits, so that the quarantine's filter is the one that is named.
    const heard = (sender: string) => (event: Record<string, string | number>, number: number) =>
      number === 8 ? { ...event, Action: "%%16390" } : member("in", "224.0.0.251", sender, "12")(event, number);
    expect(line(verify(heard("127.0.0.1")).events, 18).result).toBe("exact");
    expect(line(verify(heard("192.0.2.12")).events, 18)).toMatchObject({ result: "compatible", unknown: ["FLAGS"] });
    expect(line(verify(heard("192.0.2.12"), { learn: true }).events, 18).result).toBe("exact");
  });
});

describe("--learn", () => {
  it("lets other verdicts on both sides tell the profile, and says which", () => {
    const third = at(19, { SourceAddress: "192.0.2.12", DestAddress: "198.51.100.9", DestPort: "443", FilterRTID: "503" });
    const { summary, events } = verify(third, { learn: true });
    expect(line(events, 19)).toMatchObject({ result: "exact", learned: [{ what: "profile", value: "domain", line: 17 }] });
    expect(summary.learned).toHaveLength(1);
    expect(line(verify(third).events, 19).result).toBe("compatible");
  });

  it("never uses a verdict for itself", () => {
    expect(line(verify(same, { learn: true }).events, 17).result).toBe("compatible");
  });

  it("learns the service behind a process", () => {
    const twice = at(21, {
      ProcessID: "1100",
      Application: String(JSON.parse(text.split("\n")[19] ?? "{}").Application),
      Protocol: "17",
      SourcePort: "123",
      DestAddress: "198.51.100.21",
      DestPort: "123",
      FilterRTID: "506",
    });
    const { events } = verify(twice, { learn: true });
    expect([line(events, 20).result, line(events, 21).result]).toEqual(["exact", "exact"]);
  });
});

describe("filters of equal weight", () => {
  it("are told, with the place of the recorded one", () => {
    const rival = (event: Record<string, string | number>, number: number) => {
      // "Query User" a second time, older and newer than the first.
      if (number === 7 || number === 10) {
        const { FilterId, FilterKey } = event;
        return { ...JSON.parse(text.split("\n")[7] ?? "{}"), FilterId, FilterKey };
      }
      return number === 16 ? { ...event, EventID: "5157", FilterRTID: "504" } : event;
    };
    const { summary, events } = verify(rival);
    expect(line(events, 16).tie?.filters.map(({ filterId }) => Number(filterId))).toEqual([504, 502, 501]);
    expect(summary.ties).toMatchObject({ total: 3, newest: 2, between: 1 });
    expect(line(events, 16).result).toBe("exact");
  });
});

describe("net events", () => {
  it("are compared sublayer by sublayer", () => {
    const { records } = readSecurityLog(text, OPTIONS);
    const terminating = [
      { filterId: 504n, subLayer: "FWPP_SUBLAYER_INTERNAL_FIREWALL_WF", action: "permit" },
      { filterId: 12n, subLayer: "FWPP_SUBLAYER_INTERNAL_FIREWALL_QUARANTINE", action: "permit" },
      { filterId: 504n, subLayer: "{11111111-2222-4333-8444-555555555555}", action: "permit" },
    ] as const;
    const with3 = records.map((record) =>
      record.position.line === 16 ? ({ ...record, terminatingFilters: terminating } as unknown as RecordedVerdict) : record,
    );
    const { events } = verifyEvents(with3, OPTIONS);
    expect(line(events, 16).subLayers.map(({ result }) => result)).toEqual(["exact", "contradiction", "unresolvable"]);
  });

  it("capabilities that an event lists narrow the filters for AppContainers", () => {
    const capability = "O:LSD:(A;;CC;;;S-1-15-3-1)(A;;CC;;;WD)(A;;CC;;;AN)";
    const asked = `\n\tCondition ID:\t{af043a0a-b34d-4f86-979c-c90371af6e66}\n\tMatch value:\tEqual to\n\tCondition value:\t\n${capability}\n`;
    const { records } = readSecurityLog(edited(at(12, { Conditions: asked })), OPTIONS);
    const judged = (capabilities: readonly string[] | undefined) => {
      const told = { package: "S-1-15-2-1", ...(capabilities === undefined ? {} : { capabilities }), filterId: 506n };
      const changed = records.map((record) =>
        record.position.line === 20 ? ({ ...record, ...told } as unknown as RecordedVerdict) : record,
      );
      return line(verifyEvents(changed, OPTIONS).events, 20).result;
    };
    expect([judged(["S-1-15-3-1"]), judged(undefined), judged(["S-1-15-3-3"])]).toEqual(["exact", "compatible", "contradiction"]);
  });
});
