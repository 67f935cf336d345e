import { describe, expect, it } from "vitest";
import {
  byteArray16,
  type Condition,
  FILTER_ENUM_FLAG,
  LAYER_KEY,
  parseSddl,
  range,
  securityDescriptor,
  sidValue,
  uint16,
  uint32,
} from "../../src/model/index.ts";
import { AUTH_CONNECT, addFilter, code, condition, open } from "./bfe-lab.ts";

const user = (sddl: string) => condition("ALE_USER_ID", securityDescriptor(parseSddl(sddl)));

describe("a template condition", () => {
  it("names the user whom filters with a security descriptor concern", () => {
    const { session } = open();
    addFilter(session, "administrators", { conditions: [user("O:SYG:SYD:(A;;CC;;;BA)")] });
    addFilter(session, "everyone but administrators", { conditions: [user("O:SYG:SYD:(D;;CC;;;BA)(A;;CC;;;WD)")] });
    addFilter(session, "anybody");
    const concerning = (sid: `S-1-${string}`, enumType: "FULLY_CONTAINED" | "OVERLAPPING") =>
      session
        .enumFilters({ layerKey: AUTH_CONNECT, enumType, conditions: [condition("ALE_USER_ID", sidValue(sid))] })
        .map(({ name }) => name);
    expect(concerning("S-1-5-32-544", "OVERLAPPING")).toEqual(["administrators", "anybody"]);
    expect(concerning("S-1-5-32-545", "OVERLAPPING")).toEqual(["everyone but administrators", "anybody"]);
    expect(concerning("S-1-5-32-544", "FULLY_CONTAINED")).toEqual(["administrators"]);
  });

  it("is held to the field's type and match types", () => {
    const { session } = open();
    const enumerate = (wanted: Condition) => code(() => session.enumFilters({ layerKey: AUTH_CONNECT, conditions: [wanted] }));
    expect(enumerate(condition("IP_REMOTE_PORT", uint32(80)))).toBe("FWP_E_TYPE_MISMATCH");
    expect(enumerate(condition("IP_REMOTE_PORT", sidValue("S-1-1-0")))).toBe("FWP_E_TYPE_MISMATCH");
    expect(enumerate(condition("ALE_PACKAGE_ID", sidValue("S-1-0-0"), "FWP_MATCH_GREATER"))).toBe("FWP_E_MATCH_TYPE_MISMATCH");
    expect(enumerate(condition("FLAGS", uint32(0), "FWP_MATCH_FLAGS_ANY_SET"))).toBe("FWP_E_NEVER_MATCH");
    expect(enumerate(condition("FLAGS", uint32(1), "FWP_MATCH_FLAGS_ANY_SET"))).toBe("ok");
  });

  it("without a layer skips layers where the field has another type", () => {
    const { session } = open();
    const v4 = [condition("IP_REMOTE_ADDRESS", uint32(0x0a000001))];
    const v6 = [condition("IP_REMOTE_ADDRESS", byteArray16(new Uint8Array(16)))];
    addFilter(session, "IPv4", { conditions: v4 });
    addFilter(session, "IPv6", { layer: LAYER_KEY.ALE_AUTH_CONNECT_V6, conditions: v6 });
    const find = (conditions: readonly Condition[]) =>
      session.enumFilters({ conditions, flags: FILTER_ENUM_FLAG.SORTED }).map(({ name }) => name);
    expect(find(v4)).toEqual(["IPv4"]);
    expect(find(v6)).toEqual(["IPv6"]);
    const wrong = condition("IP_REMOTE_ADDRESS", range(uint16(1), uint16(2)), "FWP_MATCH_RANGE");
    expect(code(() => find([wrong]))).toBe("FWP_E_TYPE_MISMATCH");
  });
});
