import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type CaptureCheck, formatAddress, type RecordedVerdict } from "../../src/model/index.ts";
import { CaptureMatcher } from "../../src/replay/index.ts";
import { readSecurityLog } from "../../src/sources/index.ts";
import { CaptureReader } from "../../src/wire/index.ts";
import { runCli } from "../cli/run-cli.ts";

const pairs = fileURLToPath(new URL("../../../shared/data/pairs/", import.meta.url));
const isThere = existsSync(pairs);

/** The log of one folder was written at another time than its capture: no clock could bring them together. */
const ANOTHER_TIME = "covenant_wmi_remote_event_subscription_ActiveScriptEventConsumers_WORKSTATION6_2020-09-01103012";

interface Pair {
  readonly folder: string;
  readonly verdicts: readonly RecordedVerdict[];
  readonly check: CaptureCheck;
  /** Rows of matched.csv: somebody else's search for the packets of each event. */
  readonly judged: readonly Readonly<Record<string, string>>[];
}

const loaded = new Map<string, Pair>();

function pair(folder: string): Pair {
  const known = loaded.get(folder);
  if (known !== undefined) return known;
  const at = (name: string) => join(pairs, folder, name);
  const { records } = readSecurityLog(readFileSync(at("wfp_events.jsonl"), "utf8"), { source: folder, strict: true });
  const verdicts = records.flatMap((record) => (record.type === "verdict" ? [record] : []));
  const matcher = new CaptureMatcher({ verdicts, windows: "10" });
  const reader = new CaptureReader({ packets: (batch) => matcher.packets(batch), problem: () => undefined });
  for (const name of readdirSync(join(pairs, folder))) if (/\.(cap|pcap|pcapng)$/.test(name)) reader.push(readFileSync(at(name)));
  reader.end();
  const [header = "", ...rows] = readFileSync(at("matched.csv"), "utf8").trim().split(/\r?\n/);
  const columns = header.split(",");
  const judged = rows.map((row) => {
    const cells = row.split(",");
    // Paths of programs may have commas: the last columns are counted from the end.
    return Object.fromEntries(
      columns.map((column, index) => [column, (index < 11 ? cells[index] : cells.at(index - columns.length)) ?? ""]),
    );
  });
  const result = { folder, verdicts, check: matcher.end(folder), judged };
  loaded.set(folder, result);
  return result;
}

/** What tells one event from another in both. */
function keyOf({
  eventId,
  host,
  time,
  layerId,
  filterId,
  direction,
  protocol,
  local,
  localPort,
  remote,
  remotePort,
}: RecordedVerdict): string {
  const [here, there] = [local, remote].map((address) => (address === null ? "" : formatAddress(address)));
  const ends = direction === "out" ? [here, localPort, there, remotePort] : [there, remotePort, here, localPort];
  return [eventId, host, time?.text, protocol, ...ends, filterId, layerId].join();
}

const folders = isThere ? readdirSync(pairs) : [];
const together = folders.filter((folder) => folder !== ANOTHER_TIME);

describe.skipIf(!isThere)("captures beside the verdicts of Windows (../shared/data/pairs)", () => {
  it("are 21", () => {
    expect(folders.length).toBe(21);
  });

  it.each(together)("%s: the clocks are found, and every event that has packets finds its own", (folder) => {
    const { verdicts, check, judged } = pair(folder);
    expect(check.clock?.votes).toBe(check.clock?.voters);
    expect((check.clock?.zone ?? 1) % 3600).toBe(0);
    const found = new Map(check.matches.map((match) => [keyOf(verdicts[match.verdict] as RecordedVerdict), match]));
    for (const row of judged) {
      const key = [
        row.event_id,
        row.host,
        row.time,
        row.proto,
        row.src,
        row.sport,
        row.dst,
        row.dport,
        row.filter_rtid,
        row.layer_rtid,
      ].join();
      const match = found.get(key);
      expect(match, key).toBeDefined();
      expect(match?.frame, key).not.toBeNull();
      expect(match?.firstFrame, key).toBe(Number(row.first_frame));
      expect(Number(row.n_packets_same_tuple) - (match?.packets ?? 0), key).toBeLessThanOrEqual(check.copies);
    }
    expect(check.matched).toBeGreaterThanOrEqual(judged.length);
  });

  it("of another time: says that nothing fits", () => {
    const { check } = pair(ANOTHER_TIME);
    expect(check).toMatchObject({ clock: null, matched: 0, flows: [] });
  });

  it.each(together)("%s: counts, times and answers agree with what the model's host does with the same packets", (folder) => {
    const { check } = pair(folder);
    expect(check.flows.filter(({ result }) => result === "differs")).toEqual([]);
    expect(check.tally.agrees).toBeGreaterThan(0);
  });

  it("wfplab verify EVENTS --capture C says so of every folder", async () => {
    for (const folder of folders) {
      const capture = readdirSync(join(pairs, folder)).find((name) => /\.(cap|pcap|pcapng)$/.test(name)) ?? "";
      const { stdout, status } = await runCli([
        "verify",
        join(pairs, folder, "wfp_events.jsonl"),
        "--capture",
        join(pairs, folder, capture),
      ]);
      expect([folder, status]).toEqual([folder, 0]);
      const end = folder === ANOTHER_TIME ? /No verdict has a packet in it/ : /\d+ flows compared: counts, times and answers agree\.\n$/;
      expect(stdout).toMatch(end);
    }
  });

  it("each 5157 meets its SYN: as many SYNs as events, at the same seconds, and no answer", () => {
    const flows = folders.flatMap((folder) =>
      pair(folder).check.flows.filter(({ layerId, action }) => layerId === 44 && action === "block"),
    );
    expect(flows.length).toBeGreaterThanOrEqual(4);
    for (const { result, recorded, packets, modelled, farthest, answers, packetKind } of flows) {
      expect(result).toBe("agrees");
      expect([packets.length, modelled.length]).toEqual([recorded.length, recorded.length]);
      expect(packetKind).toBe("SYN");
      // The log has whole seconds.
      expect(farthest).toBeLessThan(1);
      expect(answers).toEqual({ captured: [], modelled: [] });
    }
    const blocked = folders.flatMap((folder) => {
      const { verdicts, check } = pair(folder);
      return check.matches.filter(({ verdict }) => verdicts[verdict]?.eventId === 5157);
    });
    expect(blocked.length).toBe(20);
    for (const { frame } of blocked) expect(frame).not.toBeNull();
  });

  it("stealth at layer 13 drops each packet once, of UDP and TCP; its ICMP errors are suppressed at layer 32", () => {
    const flows = folders.flatMap((folder) => pair(folder).check.flows);
    const dropped = flows.filter(({ layerId }) => layerId === 13);
    expect(dropped.map(({ result }) => result)).toEqual(dropped.map(() => "agrees"));
    expect(new Set(dropped.map(({ protocol }) => protocol))).toEqual(new Set([6, 17]));
    expect(dropped.length).toBe(10);
    for (const { answers } of dropped) expect(answers).toEqual({ captured: [], modelled: [] });
    const errors = flows.filter(({ layerId }) => layerId === 32);
    expect(errors).toMatchObject([{ result: "agrees", answers: { captured: [] } }]);
    expect(errors[0]?.recorded.length).toBe(6);
  });
});
