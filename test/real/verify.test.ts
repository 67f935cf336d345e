import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { SUBLAYER_KEY, type VerifyReport, ZERO_GUID } from "../../src/model/index.ts";
import { verifyEvents } from "../../src/replay/index.ts";
import { inferSubLayer } from "../../src/sources/events/policy-from-events-sublayers.ts";
import { EventPolicyTimeline, readNetsh, readSecurityLog } from "../../src/sources/index.ts";

const data = fileURLToPath(new URL("../../../shared/data/", import.meta.url));
const BOOT = `${data}events/workstation5-boot-2020-09-04.security.jsonl`;
const CHURN = `${data}events/netprofm-after-reboot.security.jsonl`;
const OFF = `${data}events/firewall-disabled.security.jsonl`;
const DROPS = `${data}events/lsass03-5152.security.jsonl`;
const DUMPS = ["win11-22h2-windivert-npcap", "win11-21h2-portmaster"].map((name) => `${data}wfp/${name}.wfpstate.xml`);

const logs = new Map<string, ReturnType<typeof readSecurityLog>>();
function log(path: string): ReturnType<typeof readSecurityLog> {
  const known = logs.get(path) ?? readSecurityLog(readFileSync(path, "utf8"), { source: "recording", strict: true });
  logs.set(path, known);
  return known;
}

describe.skipIf(!existsSync(BOOT))("a recorded boot, recomputed from its own log", () => {
  const reports = new Map<boolean, VerifyReport>();
  const report = (learn: boolean): VerifyReport => {
    const known = reports.get(learn) ?? verifyEvents(log(BOOT).records, { source: "recording", learn });
    reports.set(learn, known);
    return known;
  };

  it("537 of 541 verdicts resolve, none contradicts", () => {
    expect(report(false).summary).toMatchObject({
      events: 1081,
      withFilter: 541,
      exact: 50,
      compatible: 487,
      contradiction: 0,
      unresolvable: 4,
      unnamed: { agrees: 535, open: 5, differs: 0, notJudged: 0 },
    });
  });

  it("the unresolvable ones name filters of the start before, which the log does not have", () => {
    expect([...report(false).summary.byCause]).toEqual([["no-such-filter", 4]]);
  });

  it("of filters of equal weight the newest decides, every time", () => {
    const { total, newest } = report(true).summary.ties;
    expect(total).toBeGreaterThanOrEqual(71);
    expect(newest).toBe(total);
    const { summary } = verifyEvents(log(BOOT).records, { source: "recording", interpretation: { equalWeights: "oldest-first" } });
    expect(summary.contradiction).toBeGreaterThan(0);
  });

  it("facts of other verdicts narrow it further, without a contradiction", () => {
    const { summary } = report(true);
    expect(summary).toMatchObject({ withFilter: 541, contradiction: 0, unresolvable: 4 });
    expect(summary.exact).toBeGreaterThanOrEqual(288);
    expect(summary.learned.some(({ what, value }) => what === "profile" && value === "domain")).toBe(true);
  });

  it("finds the sublayer of every filter", () => {
    const { inferred } = new EventPolicyTimeline(log(BOOT).records, { source: "recording" });
    expect(inferred.filter(({ certainty }) => certainty !== "inferred")).toEqual([]);
    expect(new Set(inferred.map(({ subLayerKey }) => subLayerKey)).size).toBe(10);
  });
});

describe.skipIf(!existsSync(CHURN))("other recorded logs", () => {
  it("a network change: what the log still tells of resolves", () => {
    const { summary } = verifyEvents(log(CHURN).records, { source: "recording" });
    expect(summary).toMatchObject({ events: 27, withFilter: 17, compatible: 4, contradiction: 0, unresolvable: 13 });
  });

  it("a firewall switched off: its filters come and go, no verdict is in it", () => {
    const { records } = log(OFF);
    const timeline = new EventPolicyTimeline(records, { source: "recording" });
    expect([records.length, timeline.filterChanges().length]).toEqual([990, 984]);
    expect(verifyEvents(records, { source: "recording" }).summary.events).toBe(0);
  });

  it("drops without a policy are unresolvable for that reason", () => {
    const { summary } = verifyEvents(log(DROPS).records, { source: "recording" });
    expect(summary).toMatchObject({ events: 514, withFilter: 250, unresolvable: 250 });
    expect([...summary.byCause]).toEqual([["no-policy", 250]]);
  });
});

describe.skipIf(!DUMPS.every(existsSync))("sublayers inferred for filters whose sublayer is known", () => {
  it.each(DUMPS)("all of Windows' own are found in %s", (path) => {
    const { filters, subLayers } = readNetsh(readFileSync(path, "utf8"), { source: path });
    const logged = (subLayers ?? []).map((subLayer) => ({
      index: 0,
      subLayer,
      processId: null,
      seconds: null,
      change: "present" as const,
    }));
    const own = new Set<string>([
      SUBLAYER_KEY.MPSSVC_WF,
      SUBLAYER_KEY.MPSSVC_WSH,
      SUBLAYER_KEY.MPSSVC_QUARANTINE,
      SUBLAYER_KEY.MPSSVC_APP_ISOLATION,
      SUBLAYER_KEY.EDGE_TRAVERSAL,
      SUBLAYER_KEY.INSPECTION,
    ]);
    const known = filters.filter((filter) => own.has(filter.subLayerKey) && filter.providerKey !== null);
    expect(known.length).toBeGreaterThan(500);
    const wrong = known.filter((filter) => {
      const change = {
        type: "filter",
        position: { file: "", line: 1 },
        host: null,
        record: null,
        time: null,
        eventId: 5447,
        change: "add",
        processId: null,
        user: null,
        layerId: 0,
        lifetime: "run-time",
        providerName: null,
        calloutName: null,
        filter: { ...filter, subLayerKey: ZERO_GUID },
      } as const;
      return inferSubLayer(change, 0, logged).subLayerKey !== filter.subLayerKey;
    });
    expect(wrong.map(({ name, subLayerKey }) => `${name} ${subLayerKey}`)).toEqual([]);
  });
});
