import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accessCheck } from "../../src/engine/access-check.ts";
import { MATCH_FILTER_RIGHT, parseSddl, type Sid, type Token, type Truth, UNKNOWN } from "../../src/model/index.ts";

const ALICE: Sid = "S-1-5-21-1-2-3-1001";
const BOB: Sid = "S-1-5-21-1-2-3-1002";
const PACKAGE: Sid = "S-1-15-2-1-2-3-4-5-6-7";
const INTERNET_CLIENT: Sid = "S-1-15-3-1";

const desktop: Token = { user: ALICE, groups: [], packageSid: null, capabilities: [], attributes: {} };
const container: Token = { ...desktop, packageSid: PACKAGE };
const nothingKnown: Token = { user: UNKNOWN, groups: UNKNOWN, packageSid: UNKNOWN, capabilities: UNKNOWN, attributes: UNKNOWN };

function check(sddl: string, token: Token, desired = MATCH_FILTER_RIGHT): Truth {
  return accessCheck(token, parseSddl(sddl), desired);
}

describe("accessCheck", () => {
  it("grants without a DACL and denies with an empty one", () => {
    for (const token of [desktop, container, nothingKnown]) {
      expect(check("O:SYG:SY", token)).toBe("true");
      expect(check("D:NO_ACCESS_CONTROL", token)).toBe("true");
      expect(check("O:SYD:", token)).toBe("false");
    }
  });

  it("matches the user and the groups (B18)", () => {
    expect(check(`D:(A;;CC;;;${ALICE})`, desktop)).toBe("true");
    expect(check(`D:(A;;CC;;;${BOB})`, desktop)).toBe("false");
    expect(check(`D:(A;;CC;;;${BOB})`, { ...desktop, groups: [BOB] })).toBe("true");
  });

  it("takes ACEs in order", () => {
    expect(check(`D:(D;;CC;;;${ALICE})(A;;CC;;;WD)`, desktop)).toBe("false");
    expect(check(`D:(A;;CC;;;WD)(D;;CC;;;${ALICE})`, desktop)).toBe("true");
    expect(check(`D:(D;;DC;;;${ALICE})(A;;CC;;;WD)`, desktop)).toBe("true");
  });

  it("adds up grants until all of the desired rights are there", () => {
    expect(check("D:(A;;CC;;;WD)(A;;DC;;;WD)", desktop, 3)).toBe("true");
    expect(check("D:(A;;CC;;;WD)(D;;CCDC;;;WD)(A;;DC;;;WD)", desktop, 3)).toBe("false");
    expect(check("D:(A;;CC;;;WD)", desktop, 3)).toBe("false");
    expect(check("D:(A;;FA;;;WD)", desktop)).toBe("true");
    expect(check("D:(A;;RC;;;WD)", desktop)).toBe("false");
  });

  it("skips inherit-only ACEs", () => {
    expect(check("D:(A;IO;CC;;;WD)", desktop)).toBe("false");
    expect(check("D:(D;OICIIO;CC;;;WD)(A;NP;CC;;;WD)", desktop)).toBe("true");
  });

  it("does not know what generic rights in an ACE map to", () => {
    expect(check("D:(A;;GA;;;WD)", desktop)).toBe("unknown");
    expect(check("D:(A;;GA;;;WD)(A;;CC;;;WD)", desktop)).toBe("true");
    expect(check(`D:(D;;GR;;;${BOB})(A;;CC;;;WD)`, desktop)).toBe("true");
  });

  it("lets the owner read and change the DACL, but nothing else", () => {
    const sddl = `O:${ALICE}D:(D;;RC;;;WD)`;
    expect(check(sddl, desktop, 0x20000)).toBe("true");
    expect(check(sddl, desktop, 0x60000)).toBe("true");
    expect(check(sddl, desktop)).toBe("false");
    expect(check(sddl, { ...desktop, user: BOB }, 0x20000)).toBe("false");
    expect(check(sddl, { ...desktop, user: BOB, groups: UNKNOWN }, 0x20000)).toBe("unknown");
    expect(check(`O:${ALICE}D:(A;;CC;;;OW)`, desktop, 0x20000)).toBe("false");
    expect(check(`O:${ALICE}D:(A;;CC;;;OW)`, desktop)).toBe("true");
    expect(check(`O:${ALICE}D:(A;;CC;;;OW)`, { ...desktop, user: BOB })).toBe("false");
  });
});

describe("implicit groups", () => {
  it("puts everyone but the anonymous user into Everyone", () => {
    expect(check("D:(A;;CC;;;WD)", desktop)).toBe("true");
    expect(check("D:(A;;CC;;;WD)", { ...desktop, user: "S-1-5-7" })).toBe("false");
    expect(check("D:(A;;CC;;;AN)", { ...desktop, user: "S-1-5-7" })).toBe("true");
    expect(check("D:(A;;CC;;;WD)", { ...desktop, user: "S-1-5-7", groups: ["S-1-1-0"] })).toBe("true");
  });

  it("puts everyone but the anonymous user and Guest into Authenticated Users", () => {
    expect(check("D:(A;;CC;;;AU)", desktop)).toBe("true");
    expect(check("D:(A;;CC;;;AU)", { ...desktop, user: "S-1-5-7" })).toBe("false");
    expect(check("D:(A;;CC;;;AU)", { ...desktop, user: "S-1-5-21-1-2-3-501", groups: UNKNOWN })).toBe("false");
  });

  it("knows LocalSystem for an administrator", () => {
    expect(check("D:(A;;CC;;;BA)", { ...desktop, user: "S-1-5-18", groups: UNKNOWN })).toBe("true");
    expect(check("D:(A;;CC;;;BA)", { ...desktop, groups: UNKNOWN })).toBe("unknown");
  });
});

describe("AppContainers (WFP-SEMANTICS 2.5)", () => {
  const capability = "O:LSD:(A;;CC;;;S-1-15-3-1)(A;;CC;;;WD)(A;;CC;;;AN)";

  it("need the capability besides Everyone (B19, B20, B21)", () => {
    expect(check(capability, container)).toBe("false");
    expect(check(capability, { ...container, capabilities: [INTERNET_CLIENT] })).toBe("true");
    expect(check(capability, desktop)).toBe("true");
  });

  it("need the user besides the capability", () => {
    expect(check("D:(A;;CC;;;S-1-15-3-1)", { ...container, capabilities: [INTERNET_CLIENT] })).toBe("false");
    expect(check(`D:(A;;CC;;;S-1-15-3-1)(A;;CC;;;${BOB})`, { ...container, capabilities: [INTERNET_CLIENT] })).toBe("false");
  });

  it("pass by package or by ALL APPLICATION PACKAGES", () => {
    expect(check(`D:(A;;CC;;;WD)(A;;CC;;;${PACKAGE})`, container)).toBe("true");
    expect(check("D:(A;;CC;;;WD)(A;;CC;;;S-1-15-2-9-9)", container)).toBe("false");
    expect(check("D:(A;;CC;;;WD)(A;;CC;;;AC)", container)).toBe("true");
    expect(check(`D:(D;;CC;;;${PACKAGE})(A;;CC;;;WD)(A;;CC;;;AC)`, container)).toBe("false");
  });

  it("less privileged ones need ALL RESTRICTED APPLICATION PACKAGES", () => {
    const token: Token = { ...container, attributes: { "WIN://NOALLAPPPKG": [1n] } };
    expect(check("D:(A;;CC;;;WD)(A;;CC;;;AC)", token)).toBe("false");
    expect(check("D:(A;;CC;;;WD)(A;;CC;;;S-1-15-2-2)", token)).toBe("true");
  });

  it("are not what a NULL package SID means", () => {
    expect(check("D:(A;;CC;;;WD)", { ...desktop, packageSid: "S-1-0-0" })).toBe("true");
  });

  it("are unknown only where it matters", () => {
    const maybe: Token = { ...desktop, packageSid: UNKNOWN, capabilities: UNKNOWN };
    expect(check(capability, maybe)).toBe("unknown");
    expect(check("D:(A;;CC;;;AC)(A;;CC;;;WD)", maybe)).toBe("true");
    expect(check(`D:(A;;CC;;;${BOB})(A;;CC;;;AC)`, maybe)).toBe("false");
    expect(check(capability, { ...container, capabilities: UNKNOWN })).toBe("unknown");
    expect(check(`D:(A;;CC;;;WD)(A;;CC;;;${PACKAGE})`, { ...container, capabilities: UNKNOWN })).toBe("true");
    expect(check("D:(A;;CC;;;WD)", { ...container, capabilities: UNKNOWN })).toBe("false");
  });
});

describe("unknown parts of a token", () => {
  it("leave groups open, but not what can be no group", () => {
    const token: Token = { ...desktop, groups: UNKNOWN };
    expect(check("D:(A;;CC;;;BU)", token)).toBe("unknown");
    expect(check("D:(A;;CC;;;S-1-5-80-1-2-3-4-5)", token)).toBe("unknown");
    for (const sid of ["SY", "LS", "NS", "AN", "S-1-15-3-1", "CO", "LA"]) expect(check(`D:(A;;CC;;;${sid})`, token)).toBe("false");
    expect(check("D:(A;;CC;;;BU)(A;;CC;;;WD)", token)).toBe("true");
    expect(check("D:(D;;CC;;;BU)(A;;CC;;;WD)", token)).toBe("unknown");
    expect(check("D:(D;;CC;;;BU)(D;;CC;;;WD)", token)).toBe("false");
  });

  it("count an unknown user as anonymous or not, never both", () => {
    const token: Token = { ...desktop, user: UNKNOWN };
    expect(check("D:(A;;CC;;;WD)(A;;CC;;;AN)", token)).toBe("true");
    expect(check("D:(A;;CC;;;WD)", token)).toBe("unknown");
    expect(check("D:(A;;CC;;;AN)", token)).toBe("unknown");
    expect(check("D:(A;;CC;;;WD)", { ...token, groups: ["S-1-5-11"] })).toBe("true");
    expect(check("D:(A;;CC;;;WD)(A;;CC;;;AC)", { ...container, user: UNKNOWN })).toBe("true");
    expect(check(`D:(A;;CC;;;${ALICE})`, token)).toBe("unknown");
    expect(check("D:(A;;CC;;;BA)", token)).toBe("false");
  });

  it("leave accounts of an untold domain open where the RID agrees", () => {
    expect(check("D:(A;;CC;;;LA)", { ...desktop, user: "S-1-5-21-1-2-3-500" })).toBe("unknown");
    expect(check("D:(A;;CC;;;LA)", desktop)).toBe("false");
    expect(check("D:(A;;CC;;;DA)", { ...desktop, groups: ["S-1-5-21-1-2-3-512"] })).toBe("unknown");
    expect(check("D:(A;;CC;;;LA)", { ...desktop, user: "S-1-5-21-0-0-0-500" })).toBe("true");
  });
});

describe("conditional ACEs", () => {
  const attributes = {
    "WIN://SYSAPPID": ["Vendor.App_1.0_x64__0123456789abc", "App", "Vendor.App_0123456789abc"],
    level: [5n],
    zero: [0n],
    empty: [""],
    owner: ["S-1-5-18"],
    "@User.dept": ["Sales"],
  };
  const token: Token = { ...desktop, attributes };
  const allow = (condition: string, of: Token = token) => check(`D:(XA;;CC;;;WD;(${condition}))`, of);
  const deny = (condition: string, of: Token = token) => check(`D:(XD;;CC;;;WD;(${condition}))(A;;CC;;;WD)`, of);

  it("match package families by token attribute", () => {
    expect(allow('WIN://SYSAPPID Contains "vendor.app_0123456789ABC"')).toBe("true");
    expect(allow('WIN://SYSAPPID Contains "Vendor.Other_0123456789abc"')).toBe("false");
    expect(allow('WIN://SYSAPPID Contains "x"', desktop)).toBe("false");
    expect(allow('WIN://SYSAPPID Contains "x"', { ...desktop, attributes: UNKNOWN })).toBe("unknown");
    const family = 'D:(XA;;CC;;;WD;(WIN://SYSAPPID Contains "Vendor.App_0123456789abc"))(A;;CC;;;S-1-15-3-1)';
    expect(check(family, { ...container, attributes })).toBe("false");
    expect(check(family, { ...container, attributes, capabilities: [INTERNET_CLIENT] })).toBe("true");
    expect(check(family, { ...container, capabilities: [INTERNET_CLIENT] })).toBe("false");
  });

  // [expression, its value: T, F or U (Windows' UNKNOWN)]
  it.each([
    ["level == 5", "T"],
    ["LEVEL != 5", "F"],
    ["level < 6", "T"],
    ["level >= 6", "F"],
    ["level", "T"],
    ["zero", "F"],
    ["empty", "F"],
    ["absent", "U"],
    ["absent == 1", "U"],
    ['level == "5"', "U"],
    ['level == "5" || level == 5', "U"],
    ["absent == 1 || level == 5", "T"],
    ["absent == 1 && level == 6", "F"],
    ["!(absent == 1)", "U"],
    ["!(level == 5)", "F"],
    ["Exists level", "T"],
    ["Not_Exists level", "F"],
    ["Exists absent", "F"],
    ["Not_Exists absent", "T"],
    ["level Any_of {4, 5}", "T"],
    ["level Not_Any_of {4, 5}", "F"],
    ["level Contains {5, 5}", "T"],
    ["level Not_Contains {4, 5}", "T"],
    ["WIN://SYSAPPID > 5", "U"],
    ['WIN://SYSAPPID Any_of {"App", "b"}', "T"],
    ['WIN://SYSAPPID Contains {"App", "b"}', "F"],
    ['@User.dept == "sales"', "T"],
    ["dept", "U"],
    ["owner == SID(SY)", "T"],
    ["owner == SID(BA)", "F"],
    ["@Resource.x == 1", "U"],
    ["Member_of {SID(WD), SID(AU)}", "T"],
    ["Member_of {SID(WD), SID(BA)}", "F"],
    ["Member_of_Any {SID(WD), SID(BA)}", "T"],
    ["Not_Member_of SID(BA)", "T"],
    ["Not_Member_of_Any {SID(WD), SID(BA)}", "F"],
  ])("evaluate %s to %s", (expression, value) => {
    expect(allow(expression)).toBe(value === "T" ? "true" : "false");
    expect(deny(expression)).toBe(value === "F" ? "true" : "false");
  });

  it("leave open what a token does not tell", () => {
    expect(allow("@Device.x == 1")).toBe("unknown");
    expect(allow("Device_Member_of SID(BA)")).toBe("unknown");
    expect(allow("Member_of SID(BA)", { ...token, groups: UNKNOWN })).toBe("unknown");
    expect(check('D:(XA;;CC;;;WD;(@Resource.x == 1))S:(RA;;;;;WD;("x",TI,0,1))', token)).toBe("unknown");
    const blind: Token = { ...desktop, attributes: UNKNOWN };
    expect(allow("level == 5 || Member_of SID(WD)", blind)).toBe("unknown");
    expect(allow("(Exists level) || Member_of SID(WD)", blind)).toBe("true");
    expect(allow("level == 5", blind)).toBe("unknown");
    expect(deny("level == 5", blind)).toBe("unknown");
  });
});

/** What a token may really be: every unknown part filled in some way. */
const pool: readonly Sid[] = [ALICE, BOB, "S-1-5-7", "S-1-5-32-545", "S-1-5-80-1-2-3-4-5"];
const caps: readonly Sid[] = [INTERNET_CLIENT, "S-1-15-3-2"];
const full: fc.Arbitrary<Token> = fc.record({
  user: fc.constantFrom(ALICE, BOB, "S-1-5-7" as Sid),
  groups: fc.subarray(["S-1-5-32-545", "S-1-5-80-1-2-3-4-5"] as Sid[]),
  packageSid: fc.constantFrom(null, PACKAGE),
  capabilities: fc.subarray([...caps]),
  attributes: fc.constantFrom<Record<string, bigint[]>[]>({}, { a: [1n] }, { a: [0n], b: [1n] }),
});
const aceText = fc
  .tuple(
    fc.constantFrom("A", "D", "XA", "XD"),
    fc.constantFrom("CC", "DC", "CCDC"),
    fc.constantFrom(...pool, ...caps, PACKAGE, "S-1-1-0", "S-1-5-11", "S-1-15-2-1", "S-1-3-4"),
    fc.constantFrom("a", "a == 1", "!(b == 1)", "Exists a", "a == 1 || Member_of SID(BU)", `Not_Member_of SID(${BOB})`),
  )
  .map(([type, mask, sid, condition]) => `(${type};;${mask};;;${sid}${type.startsWith("X") ? `;(${condition})` : ""})`);

describe("soundness", () => {
  it("a definite answer for a token with unknown parts is the answer for every token it may be", () => {
    const owner = fc.constantFrom("", `O:${ALICE}`, "O:BU");
    const desiredRights = fc.constantFrom(1, 3, 0x20001);
    const hide = fc.subarray(["user", "groups", "packageSid", "capabilities", "attributes"] as const);
    fc.assert(
      fc.property(
        fc.array(aceText, { minLength: 1, maxLength: 5 }),
        owner,
        full,
        hide,
        desiredRights,
        (aces, by, token, hidden, desired) => {
          // There are no anonymous AppContainers: the check rules them out.
          fc.pre(token.user !== "S-1-5-7" || token.packageSid === null);
          const sddl = `${by}D:${aces.join("")}`;
          const exact = check(sddl, token, desired);
          expect(exact).not.toBe("unknown");
          const partial = check(sddl, { ...token, ...Object.fromEntries(hidden.map((key) => [key, UNKNOWN])) }, desired);
          if (partial !== "unknown") expect(partial).toBe(exact);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
