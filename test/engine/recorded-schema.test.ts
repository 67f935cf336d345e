import { describe, expect, it } from "vitest";
import { autoWeight } from "../../src/engine/index.ts";
import { type Layer, layersOfWindows, uint16, type WindowsVersion } from "../../src/model/index.ts";
import { AUTH_CONNECT, condition, key } from "./bfe-lab.ts";
import { layerNamed } from "./policy-lab.ts";

const port = condition("IP_REMOTE_PORT", uint16(80));
const isVerified = (layer: Layer) => autoWeight(layer, [port], "C").verified;

describe("weights at layers with other fields than recorded ones", () => {
  const layer = layerNamed("ALE_AUTH_CONNECT_V4");

  it("are not verified: one field more or less, or of another type, moves all slots", () => {
    const [first, ...rest] = layer.fields;
    if (first === undefined) throw new RangeError("no fields");
    expect(isVerified(layer)).toBe(true);
    expect(isVerified({ ...layer, fields: rest.toReversed() })).toBe(false);
    expect(isVerified({ ...layer, fields: [...layer.fields, { ...first, key: key(1), name: "NEW" }] })).toBe(false);
    expect(isVerified({ ...layer, fields: [{ ...first, dataType: "FWP_UINT64" }, ...rest] })).toBe(false);
  });

  it("do not depend on the order of the fields", () => {
    const reversed = { ...layer, fields: layer.fields.toReversed() };
    expect(autoWeight(reversed, [port], "C")).toEqual(autoWeight(layer, [port], "C"));
  });

  it("are verified without conditions all the same", () => {
    expect(autoWeight({ ...layer, fields: layer.fields.slice(1) }, [], "C")).toEqual({ weight: 0n, verified: true });
  });

  it("are verified for the Windows that recordings come from", () => {
    const connect = (windows: WindowsVersion) => layersOfWindows(windows).find((candidate) => candidate.key === AUTH_CONNECT);
    const verified = (["vista", "7", "8", "10", "11"] as const).filter((windows) => {
      const found = connect(windows);
      return found !== undefined && isVerified(found);
    });
    expect(verified).toEqual(["10", "11"]);
  });
});
