import { describe, expect, it } from "vitest";
import { isOwnDomainSid, knownSidNames, sidAbbreviation, sidName, sidOfAbbreviation, sidOfName } from "../../src/model/index.ts";

describe("SID names", () => {
  it.each([
    ["SYSTEM", "S-1-5-18"],
    ["nt authority\\system", "S-1-5-18"],
    ["LocalSystem", "S-1-5-18"],
    ["NT AUTHORITY\\NetworkService", "S-1-5-20"],
    ["Everyone", "S-1-1-0"],
    ["SY", "S-1-5-18"],
    ["BUILTIN\\Administrators", "S-1-5-32-544"],
    ["Administrators", "S-1-5-32-544"],
    ["internetClient", "S-1-15-3-1"],
    ["s-1-5-7", "S-1-5-7"],
  ])("finds %s", (name, sid) => {
    expect(sidOfName(name)).toBe(sid);
  });

  it("does not find what it does not know", () => {
    expect(sidOfName("Nobody")).toBeUndefined();
    expect(sidOfName("S-1-x")).toBeUndefined();
    expect(sidName("S-1-5-21-1-2-3-1001")).toBeUndefined();
    expect(sidOfAbbreviation("sy")).toBeUndefined();
  });

  it("names what it finds, unambiguously", () => {
    expect(sidName("S-1-5-19")).toBe("NT AUTHORITY\\LOCAL SERVICE");
    const names = knownSidNames();
    expect(new Set(names.map((name) => name.toUpperCase())).size).toBe(names.length);
    for (const name of names) {
      const sid = sidOfName(name);
      expect(sid).toBeDefined();
      if (sid !== undefined) expect(sidName(sid)).toMatch(new RegExp(`(^|\\\\)${name.replace(/[\\$]/g, "\\$&")}$`));
    }
  });

  it("abbreviates as SDDL does", () => {
    expect(sidAbbreviation("S-1-15-2-1")).toBe("AC");
    expect(sidOfAbbreviation("UD")).toBe("S-1-5-84-0-0-0-0-0");
    expect(sidAbbreviation("S-1-5-80-0")).toBeUndefined();
  });

  it("knows its placeholders from the real SIDs of domain 0-0-0", () => {
    expect(isOwnDomainSid("S-1-5-21-0-0-0-512")).toBe(true);
    expect(isOwnDomainSid("S-1-5-21-0-0-0-497")).toBe(false);
    expect(isOwnDomainSid("S-1-5-21-1-2-3-512")).toBe(false);
  });
});
