import { describe, expect, it } from "vitest";
import { buildPolicy } from "../../../src/engine/index.ts";
import { appIdPath, type Condition, FILTER_FLAG, formatCondition, madeUpName, subLayerName } from "../../../src/model/index.ts";
import { EventPolicyTimeline, hostsWithPolicy, policyFromEvents, readSecurityLog } from "../../../src/sources/index.ts";
import { change, conditions, FIELD, filterEvent, lines, NOBODY, subLayerEvent, WF, WSH } from "./policy-samples.ts";

const OPTIONS = { source: "events.log" };
const log = (...events: Parameters<typeof lines>) => readSecurityLog(lines(...events), OPTIONS);
const policy = (...events: Parameters<typeof lines>) => policyFromEvents(log(...events).records, OPTIONS);

function conditionsOf(text: string): readonly Condition[] {
  const [filter] = policy(filterEvent(1, "add", { Conditions: text })).filters;
  return filter?.conditions ?? [];
}

describe("conditions of events 5441 and 5447", () => {
  it.each([
    [FIELD.PROTOCOL, "Equal to", "0x06", { type: "FWP_UINT8", value: 6 }],
    [FIELD.REMOTE_PORT, "Equal to", "0x01bb", { type: "FWP_UINT16", value: 443 }],
    [FIELD.FLAGS, "All flags set", "0x00400000", { type: "FWP_UINT32", value: 0x400000 }],
    [FIELD.EPOCH, "Equal to", "0x0018000000000000", { type: "FWP_UINT64", value: 0x18000000000000n }],
    [FIELD.REMOTE_ADDRESS, "Equal to", "192.0.2.0/255.255.255.0", { type: "FWP_V4_ADDR_MASK", address: 0xc0000200, mask: 0xffffff00 }],
    [FIELD.PACKAGE, "Not equal to", "-", { type: "FWP_SID", value: "S-1-0-0" }],
  ])("%s %s %s", (field, match, text, value) => {
    expect(conditionsOf(conditions([field, match, text]))).toMatchObject([{ value }]);
  });

  it("ranges of both families", () => {
    const v6 = "fe800000000000000000000000000000 - fe80000000000000ffffffffffffffff";
    const found = conditionsOf(
      conditions([FIELD.REMOTE_ADDRESS, "In range", "0xc0000200 - 0xc00002ff"], [FIELD.REMOTE_ADDRESS, "In range", v6]),
    );
    expect(found.map(({ value }) => (value.type === "FWP_RANGE_TYPE" ? value.low.type : value.type))).toEqual([
      "FWP_UINT32",
      "FWP_BYTE_ARRAY16_TYPE",
    ]);
    expect(found[0] && formatCondition(found[0], undefined)).toContain("192.0.2.0");
  });

  it("program paths from the dump of their bytes", () => {
    const dump = [
      "\n    00000000  5c 00 64 00 65 00 76 00-5c 00 61 00 2e 00 65 00  \\.d.e.v.\\.a...e.",
      "    00000010  78 00 65 00 00 00                                x.e...",
      "",
    ].join("\n");
    const [found] = conditionsOf(conditions([FIELD.APP, "Equal to", dump], [FIELD.PROTOCOL, "Equal to", "0x11"]));
    expect(found?.value.type === "FWP_BYTE_BLOB_TYPE" && appIdPath(found.value.value)).toBe("\\dev\\a.exe");
  });

  it("security descriptors, with what is no SDDL behind them", () => {
    const [found] = conditionsOf(conditions([FIELD.USER, "Equal to", "\nO:LSD:(A;;CC;;;S-1-15-3-1)(A;;CC;;;WD)S:NO_ACCESS_CONTROL\n"]));
    expect(found?.value.type === "FWP_SECURITY_DESCRIPTOR_TYPE" && found.value.value.dacl?.map(({ sid }) => sid)).toEqual([
      "S-1-15-3-1",
      "S-1-1-0",
    ]);
  });

  it("a lost package SID makes the condition unknowable, not false; that of plain loopback filters is known", () => {
    const [lost] = conditionsOf(conditions([FIELD.PACKAGE, "Equal to", "-"]));
    expect(lost && madeUpName(lost.fieldKey)).toBe("UNREADABLE_ALE_PACKAGE_ID");
    const plain = conditionsOf(conditions([FIELD.FLAGS, "All flags set", "0x00800000"], [FIELD.PACKAGE, "Equal to", "-"]));
    expect(plain[1]?.value).toEqual({ type: "FWP_SID", value: "S-1-0-0" });
  });

  it("what an English Windows would not write is told and kept unknowable", () => {
    const { records, diagnostics } = log(filterEvent(1, "add", { Conditions: "Bedingung: immer" }));
    expect(diagnostics).toMatchObject([{ code: "lost-condition", line: 1 }]);
    const [record] = records;
    expect(record?.type === "filter" && record.filter.conditions).toHaveLength(1);
  });
});

describe("the policy as of a moment", () => {
  const events = [
    filterEvent(1, "present", { FilterType: "%%16386" }),
    filterEvent(2, "present", { FilterType: "%%16387" }),
    filterEvent(3, "add", { EventTime: "2026-02-02 07:00:05" }),
    filterEvent(2, "delete", { EventTime: "2026-02-02 07:00:09" }),
  ];
  const ids = (list: { readonly filters: readonly { readonly filterId: bigint }[] }) =>
    list.filters.map(({ filterId }) => Number(filterId));

  it("has what was listed at start, and what came, without what went", () => {
    expect(ids(policy(...events))).toEqual([1, 3]);
    const at = (seconds: number) => ids(policyFromEvents(log(...events).records, { ...OPTIONS, at: 1_770_015_600 + seconds }));
    expect([at(1), at(5), at(8), at(9)]).toEqual([
      [1, 2],
      [1, 2, 3],
      [1, 2, 3],
      [1, 3],
    ]);
  });

  it("starts anew when the Base Filtering Engine does", () => {
    expect(ids(policy(...events, filterEvent(9, "present")))).toEqual([9]);
  });

  it("keeps lifetimes, weights and actions", () => {
    const block = filterEvent(4, "add", { Action: "%%16389", Weight: String((1n << 64n) - 1n) });
    const { filters } = policy(...events, block);
    expect(filters.map(({ flags }) => flags)).toEqual([FILTER_FLAG.BOOTTIME, 0, 0]);
    expect(filters.at(-1)).toMatchObject({
      action: { type: "FWP_ACTION_BLOCK" },
      weight: { type: "FWP_UINT64" },
      effectiveWeight: 2n ** 64n - 1n,
    });
    expect(filters[0]?.weight).toEqual({ type: "FWP_UINT8", value: 9 });
  });

  it("is a policy that can be built", () => {
    const built = buildPolicy(policy(...events, subLayerEvent("{11111111-2222-4333-8444-555555555555}", 77, NOBODY)));
    expect(built.subLayers.find(({ weight }) => weight === 77)?.weightKnown).toBe(true);
    expect(built.diagnostics.some(({ code }) => code === "sublayer-inferred")).toBe(true);
  });

  it("is one computer's", () => {
    const other = filterEvent(8, "add", { Hostname: "PC13.example.com" });
    const { records } = log(...events, other);
    expect([...hostsWithPolicy(records)]).toEqual(["PC12.example.com", "PC13.example.com"]);
    expect(ids(new EventPolicyTimeline(records, { ...OPTIONS, host: "PC13.example.com" }).asOf(records.length))).toEqual([8]);
  });
});

describe("sublayers, which the events do not name", () => {
  const OWN = "{11111111-2222-4333-8444-555555555555}";
  const SECOND = "{11111111-2222-4333-8444-666666666666}";
  const PROVIDER = "{99999999-2222-4333-8444-555555555555}";
  const inferred = (...events: Parameters<typeof lines>) =>
    policy(...events).inferred.map(
      ({ subLayerKey, certainty }) => `${certainty} ${subLayerName(subLayerKey).replace("FWPM_SUBLAYER_", "")}`,
    );

  it.each([
    ["service hardening by its provider", { ProviderKey: WSH }, "inferred MPSSVC_WSH"],
    ["firewall rules by their provider", { ProviderKey: WF }, "inferred MPSSVC_WF"],
    ["quarantine by its epoch", { Conditions: conditions([FIELD.EPOCH, "Equal to", "0x0000000000000001"]) }, "inferred MPSSVC_QUARANTINE"],
    ["quarantine by its name", { FilterName: "Interface Un-quarantine filter" }, "inferred MPSSVC_QUARANTINE"],
    ["AppContainer loopback before Windows 11", { FilterName: "AppContainerLoopback" }, "inferred MPSSVC_WSH"],
    [
      "edge traversal by interface and tunnel",
      { Conditions: conditions([FIELD.ARRIVAL_TYPE, "Equal to", "0x00000083"], [FIELD.ARRIVAL_TUNNEL, "Equal to", "0x0000000e"]) },
      "inferred EDGE_TRAVERSAL",
    ],
    ["nothing to go by", { ProviderKey: NOBODY, ProcessId: "1" }, "guessed UNIVERSAL"],
  ])("%s", (_name, members, expected) => {
    expect(inferred(filterEvent(1, "add", members))).toEqual([expected]);
  });

  it("a provider's only sublayer", () => {
    expect(inferred(filterEvent(1, "add", { ProviderKey: PROVIDER }), subLayerEvent(OWN, 300, PROVIDER))).toEqual([`inferred ${OWN}`]);
  });

  it("of several the one of the same transaction, which is written after its filters", () => {
    const found = inferred(
      filterEvent(1, "add", { ProviderKey: PROVIDER }),
      subLayerEvent(OWN, 300, PROVIDER),
      filterEvent(2, "add", { ProviderKey: PROVIDER }),
      subLayerEvent(SECOND, 301, PROVIDER),
    );
    expect(found).toEqual([`inferred ${OWN}`, `inferred ${SECOND}`]);
  });

  it("a process's sublayer where there is no provider", () => {
    expect(inferred(filterEvent(1, "add", { ProviderKey: NOBODY }), subLayerEvent(OWN, 300, NOBODY))).toEqual([`inferred ${OWN}`]);
  });

  it("callouts of filters are there even if no event tells of them", () => {
    const key = "{77777777-2222-4333-8444-555555555555}";
    const { callouts, filters } = policy(
      filterEvent(1, "add", { Action: "%%16391", CalloutKey: key }),
      change(5448, { ProviderKey: PROVIDER, ChangeType: "%%16384" }),
    );
    expect(callouts).toMatchObject([{ key, registered: null }]);
    expect(filters[0]?.action).toEqual({ type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: key });
  });
});
