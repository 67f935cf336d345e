import { describe, expect, it } from "vitest";
import { verifyWeights } from "../../src/engine/index.ts";
import { type Policy, uint16 } from "../../src/model/index.ts";
import { addFilter, condition, key, open } from "./bfe-lab.ts";

function policyWith(change: (session: ReturnType<typeof open>["session"]) => void): Policy {
  const { bfe, session } = open();
  change(session);
  return bfe.policy;
}

const remotePort = [condition("IP_REMOTE_PORT", uint16(80))];

describe("verifyWeights", () => {
  it("finds what BFE itself assigned exact", () => {
    const policy = policyWith((session) => {
      addFilter(session, "empty", { conditions: remotePort });
      addFilter(session, "range", { conditions: remotePort, weight: { type: "FWP_UINT8", value: 7 } });
      addFilter(session, "exact", { conditions: remotePort, weight: { type: "FWP_UINT64", value: 7n } });
    });
    const report = verifyWeights(policy);
    expect(report).toMatchObject({ filters: 3, exact: 3, unverified: 0, wrong: 0 });
    expect(report.details.map(({ expected }) => expected)).toEqual([7n << 39n, (7n << 60n) | (7n << 39n), 7n]);
  });

  it("tells wrong weights from those nobody can verify", () => {
    const policy = policyWith((session) => {
      addFilter(session, "wrong", { conditions: remotePort });
      addFilter(session, "unverified", { conditions: [condition("COMPARTMENT_ID", { type: "FWP_UINT32", value: 1 })] });
    });
    const filters = policy.filters.map((filter) => ({ ...filter, effectiveWeight: filter.effectiveWeight + 1n }));
    const report = verifyWeights({ ...policy, filters });
    expect(report).toMatchObject({ filters: 2, exact: 0, unverified: 1, wrong: 1 });
    expect(report.details.map(({ verified, exact }) => [verified, exact])).toEqual([
      [true, false],
      [false, false],
    ]);
  });

  it("cannot verify a filter at a layer that the policy does not describe", () => {
    const policy = policyWith((session) => addFilter(session, "f", { conditions: remotePort }));
    const report = verifyWeights({ ...policy, filters: policy.filters.map((filter) => ({ ...filter, layerKey: key(1) })) });
    expect(report).toMatchObject({ filters: 1, exact: 0, unverified: 1, wrong: 0 });
  });
});
