import { describe, expect, it } from "vitest";
import { Bfe, type BfeSession } from "../../src/engine/index.ts";
import {
  type IndicationRecord,
  LAYER_KEY,
  type LayerName,
  type Policy,
  type SessionRecord,
  type WindowsVersion,
} from "../../src/model/index.ts";
import { runScenario, SCENARIOS } from "../../src/stack/index.ts";
import {
  ACTIVE_OPEN,
  data,
  type FlowRow,
  flowsFor,
  PASSIVE_OPEN,
  REAUTHORIZATION_FAILS,
  REAUTHORIZATION_SUCCEEDS,
  SYN_TO_CLOSED_PORT,
} from "./packet-flows.ts";
import { sequenceOf } from "./two-hosts.ts";

const VERSIONS: readonly WindowsVersion[] = ["vista", "7", "8", "10", "11"];
const FAMILIES = [4, 6] as const;
const HANDSHAKE: readonly FlowRow[] = [...PASSIVE_OPEN, ...ACTIVE_OPEN];
const BOTH_WAYS: readonly FlowRow[] = [...data("client", "server"), ...data("server", "client")];

const policyOf = (windows: WindowsVersion, fill: (session: BfeSession) => void = () => undefined): Policy => {
  const bfe = new Bfe({ windows });
  fill(bfe.openSession({ name: "test" }));
  return bfe.policy;
};

/** Filters that match something or nothing at every kernel layer, and never block. */
const harmless = (windows: WindowsVersion): Policy =>
  policyOf(windows, (session) => {
    for (const layer of new Bfe({ windows }).policy.layers) {
      if (layer.mode !== "kernel" || !/TRANSPORT_V|IPPACKET_V|ALE_AUTH_|STREAM_V|FLOW_ESTABLISHED|RESOURCE_ASSIGNMENT/.test(layer.name))
        continue;
      session.addFilter({ name: `permit at ${layer.name}`, layer: layer.key, conditions: [], action: { type: "FWP_ACTION_PERMIT" } });
    }
  });

function play(name: string, family: 4 | 6, windows: WindowsVersion, policy = policyOf(windows)): SessionRecord[] {
  return runScenario(name, { clientPolicy: policy, serverPolicy: policy, family, windows });
}

describe("Microsoft's TCP Packet Flows", () => {
  for (const windows of VERSIONS) {
    for (const family of FAMILIES) {
      describe(`Windows ${windows}, IPv${family}`, () => {
        const expected = (rows: readonly FlowRow[]) => flowsFor(rows, family, windows);

        it("tcp-session is the page's table, row by row, up to the termination", () => {
          const sequence = sequenceOf(play("tcp-session", family, windows));
          const table = expected([...HANDSHAKE, ...BOTH_WAYS]);
          expect(sequence.slice(0, table.length)).toEqual(table);
          const rest = sequence.slice(table.length);
          expect(rest.every((line) => / (FIN|ACK|close) /.test(line))).toBe(true);
        });

        it("any policy that blocks nothing gives the same", () => {
          const summary = (records: readonly SessionRecord[]) => sequenceOf(records);
          expect(summary(play("tcp-session", family, windows, harmless(windows)))).toEqual(summary(play("tcp-session", family, windows)));
        });

        it("tcp-connect and tcp-data", () => {
          expect(sequenceOf(play("tcp-connect", family, windows))).toEqual(expected(HANDSHAKE));
          expect(sequenceOf(play("tcp-data", family, windows))).toEqual(expected([...HANDSHAKE, ...BOTH_WAYS]));
        });

        it("tcp-no-listener", () => {
          const records = play("tcp-no-listener", family, windows);
          expect(sequenceOf(records, "server")).toEqual(expected(SYN_TO_CLOSED_PORT));
          const discard = records.find((record) => record.type === "indication" && record.layer.name.endsWith("_DISCARD"));
          expect((discard as IndicationRecord).metadata.discardReason).toEqual({
            module: "transport",
            reason: "InetDiscardEndpointNotFound",
          });
          expect(outcomes(records)).toContain("client connect WSAECONNREFUSED");
        });

        it("tcp-reauthorize", () => {
          const sequence = sequenceOf(play("tcp-reauthorize", family, windows), "server");
          const handshake = expected(HANDSHAKE).filter((line) => line.startsWith("server"));
          const table = [...handshake, ...expected(REAUTHORIZATION_SUCCEEDS)];
          expect(sequence.slice(0, table.length)).toEqual(table);
          expect(sequence.slice(table.length)).toEqual(expected(data("server", "client")).filter((line) => line.startsWith("server")));
        });

        it("tcp-reauthorize-blocked", () => {
          const records = play("tcp-reauthorize-blocked", family, windows);
          const sequence = sequenceOf(records, "server").map((line) => line.replace("!", ""));
          const handshake = expected(HANDSHAKE).filter((line) => line.startsWith("server"));
          expect(sequence).toEqual([...handshake, ...expected(REAUTHORIZATION_FAILS)]);
          expect(outcomes(records)).toContain("server receive WSAECONNABORTED");
        });

        it("tcp-close: nothing but FIN and ACK segments; Windows 7 and later end the endpoints", () => {
          const sequence = sequenceOf(play("tcp-close", family, windows));
          const closing = sequence.slice(expected(HANDSHAKE).length);
          const shown = closing.filter((line) => line.includes(" close "));
          const ends =
            windows === "vista"
              ? []
              : [
                  `client close ALE_ENDPOINT_CLOSURE_V${family}`,
                  `client close ALE_RESOURCE_RELEASE_V${family}`,
                  `server close ALE_ENDPOINT_CLOSURE_V${family}`,
                  `server close ALE_ENDPOINT_CLOSURE_V${family}`,
                  `server close ALE_RESOURCE_RELEASE_V${family}`,
                ];
          expect(shown).toEqual(ends);
          expect(closing.filter((line) => !line.includes(" close ")).every((line) => / (FIN|ACK) (IN|OUT)BOUND_/.test(line))).toBe(true);
        });
      });
    }
  }
});

describe("runScenario", () => {
  it("gives the same records every time", () => {
    const text = (records: readonly SessionRecord[]) =>
      JSON.stringify(records, (_, value) => (typeof value === "bigint" ? value.toString() : value));
    for (const { name } of SCENARIOS) expect(text(play(name, 4, "11"))).toBe(text(play(name, 4, "11")));
  });

  it("numbers its records from 1 without a gap, in time order", () => {
    for (const { name } of SCENARIOS) {
      const records = play(name, 6, "10");
      expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1));
      expect(records.every(({ time }, index) => index === 0 || time >= (records[index - 1]?.time ?? 0))).toBe(true);
    }
  });

  it("goes on sensibly wherever a filter blocks", () => {
    const layers = [
      "ALE_RESOURCE_ASSIGNMENT",
      "ALE_AUTH_LISTEN",
      "ALE_AUTH_CONNECT",
      "OUTBOUND_TRANSPORT",
      "OUTBOUND_IPPACKET",
      "INBOUND_IPPACKET",
      "INBOUND_TRANSPORT",
      "ALE_AUTH_RECV_ACCEPT",
      "ALE_FLOW_ESTABLISHED",
      "STREAM",
    ];
    for (const { name } of SCENARIOS) {
      for (const layer of layers) {
        const blocked = policyOf("11", (session) => {
          session.addFilter({
            name: "block",
            layer: LAYER_KEY[`${layer}_V4` as LayerName],
            conditions: [],
            action: { type: "FWP_ACTION_BLOCK" },
          });
        });
        const open = policyOf("11");
        for (const [clientPolicy, serverPolicy] of [
          [blocked, open],
          [open, blocked],
        ] as const) {
          const records = runScenario(name, { clientPolicy, serverPolicy, family: 4, windows: "11" });
          expect(records.length).toBeGreaterThan(0);
          expect(records.filter(({ type }) => type === "outcome").length).toBeGreaterThan(0);
        }
      }
    }
  });

  it("refuses a scenario that does not exist, naming those that do", () => {
    expect(() => play("tcp-nonsense", 4, "11")).toThrow(/tcp-session/);
  });
});

function outcomes(records: readonly SessionRecord[]): string[] {
  return records.flatMap((record) => (record.type === "outcome" ? [`${record.host} ${record.operation} ${record.result}`] : []));
}
