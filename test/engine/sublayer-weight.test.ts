import { describe, expect, it } from "vitest";
import { Bfe } from "../../src/engine/index.ts";
import { addFilter, BLOCK, code, open, PERMIT, verdict } from "./bfe-lab.ts";

function weights(requests: readonly number[]): (number | undefined)[] {
  const { bfe, session } = open();
  const keys = requests.map((weight, index) => session.addSubLayer({ name: `s${index}`, weight }));
  return keys.map((key) => bfe.policy.subLayers.find((subLayer) => subLayer.key === key)?.weight);
}

describe("sublayer weights", () => {
  it("are the requested ones where free", () => {
    expect(weights([0x9100, 0x100])).toEqual([0x9100, 0x100]);
  });

  it("go down to the next free one, as twenty drivers asking for 0xFFFF show", () => {
    expect(weights(Array.from({ length: 20 }, () => 0xffff))).toEqual(Array.from({ length: 20 }, (_, index) => 0xffff - index));
  });

  it("go up where nothing below is free, as sublayers asking for 0 show", () => {
    expect(weights([0, 0, 0])).toEqual([8, 9, 10]);
    expect(weights([3])).toEqual([8]);
  });

  it("put the older of two equal requests first (A27)", () => {
    for (const [first, second] of [
      [PERMIT, BLOCK],
      [BLOCK, PERMIT],
    ] as const) {
      const { bfe, session } = open();
      const one = session.addSubLayer({ name: "S1", weight: 0x100 });
      const two = session.addSubLayer({ name: "S2", weight: 0x100 });
      expect(bfe.policy.subLayers.filter(({ key }) => key === one || key === two).map(({ weight }) => weight)).toEqual([0x100, 0xff]);
      addFilter(session, "1", { subLayer: one, action: first });
      addFilter(session, "2", { subLayer: two, action: second });
      expect(verdict(bfe)).toBe("block");
    }
  });

  it("are UINT16", () => {
    const { session } = open();
    for (const weight of [-1, 0x10000, 0.5, Number.NaN]) {
      expect(code(() => session.addSubLayer({ name: "s", weight }))).toBe("FWP_E_OUT_OF_BOUNDS");
    }
  });

  it("run out at 65,536 sublayers", () => {
    const { policy } = new Bfe();
    const [template] = policy.subLayers;
    if (template === undefined) throw new RangeError("no sublayers");
    const subLayers = Array.from({ length: 0x10000 }, (_, weight) => ({
      ...template,
      key: `{00000000-0000-0000-0000-${weight.toString(16).padStart(12, "0")}}` as const,
      weight,
    }));
    const session = new Bfe({ policy: { ...policy, subLayers } }).openSession();
    expect(code(() => session.addSubLayer({ name: "one too many", weight: 5 }))).toBe("FWP_E_TOO_MANY_SUBLAYERS");
    session.deleteSubLayer("{00000000-0000-0000-0000-00000000ffff}");
    expect(code(() => session.addSubLayer({ name: "fits", weight: 5 }))).toBe("ok");
  });
});
