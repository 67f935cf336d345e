import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../../src/firewall/index.ts";
import type { SessionRecord } from "../../../src/model/index.ts";
import { runScenario } from "../../../src/stack/index.ts";

const policy = defaultPolicy("desktop");
const play = (name: string, serverApp?: string): SessionRecord[] =>
  runScenario(name, {
    clientPolicy: policy,
    serverPolicy: policy,
    family: 4,
    windows: "11",
    ...(serverApp === undefined ? {} : { serverApp }),
  });
const outcomes = (records: readonly SessionRecord[]) =>
  records.flatMap((record) => (record.type === "outcome" ? [`${record.host} ${record.operation} ${record.result}`] : []));

describe("scenarios under the policy that ships", () => {
  it("a program without a rule may listen, but nobody gets in: the client times out", () => {
    const results = outcomes(play("tcp-session", "C:\\Users\\somebody\\unknown.exe"));
    expect(results).toContain("server listen ok");
    expect(results).toContain("client connect WSAETIMEDOUT");
  });

  it("stealth keeps the reset of a closed port back", () => {
    expect(outcomes(play("tcp-no-listener"))).toContain("client connect WSAETIMEDOUT");
  });
});
