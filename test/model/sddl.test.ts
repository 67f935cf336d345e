import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Ace,
  type AceExpression,
  type AceLiteral,
  formatSddl,
  InputError,
  parseSddl,
  type SecurityDescriptor,
  type Sid,
} from "../../src/model/index.ts";

function parts(sd: SecurityDescriptor): Omit<SecurityDescriptor, "sddl"> {
  const { sddl: _, ...rest } = sd;
  return rest;
}

function condition(text: string): AceExpression | undefined {
  return parseSddl(`D:(XA;;CC;;;WD;${text})`).dacl?.[0]?.condition;
}

function errorOf(text: string): InputError {
  try {
    parseSddl(text);
  } catch (error) {
    if (error instanceof InputError) return error;
  }
  throw new Error(`no InputError for ${text}`);
}

describe("parseSddl", () => {
  it("reads owner, group and ACEs, and keeps the text", () => {
    const text = "O:SYG:SYD:(A;;CCRC;;;S-1-5-80-1-2-3-4-5)(D;NPIO;0x3;;;WD)";
    expect(parseSddl(text)).toEqual({
      owner: "S-1-5-18",
      group: "S-1-5-18",
      dacl: [
        { kind: "allow", flags: [], mask: 0x20001, sid: "S-1-5-80-1-2-3-4-5" },
        { kind: "deny", flags: ["NP", "IO"], mask: 3, sid: "S-1-1-0" },
      ],
      sddl: text,
    });
  });

  it("tells an owner from the DACL that follows it without a separator", () => {
    expect(parseSddl("O:LSD:(A;;CC;;;AN)").owner).toBe("S-1-5-19");
  });

  it("takes the parts in any order, flags and the SACL as text", () => {
    const sd = parseSddl('D:PAI(A;;GA;;;BA)S:AI(AU;SAFA;FA;;;WD)(XU;;CC;;;WD;(x == "D:()"))G:BAO:S-1-5-18');
    expect(parts(sd)).toEqual({
      owner: "S-1-5-18",
      group: "S-1-5-32-544",
      daclFlags: ["P", "AI"],
      dacl: [{ kind: "allow", flags: [], mask: 0x10000000, sid: "S-1-5-32-544" }],
      sacl: 'AI(AU;SAFA;FA;;;WD)(XU;;CC;;;WD;(x == "D:()"))',
    });
  });

  it("tells a missing DACL from an empty one", () => {
    expect(parseSddl("O:SY").dacl).toBeUndefined();
    expect(parseSddl("D:NO_ACCESS_CONTROL")).toMatchObject({ daclFlags: ["NO_ACCESS_CONTROL"] });
    expect(parseSddl("D:NO_ACCESS_CONTROL").dacl).toBeUndefined();
    expect(parseSddl("D:").dacl).toEqual([]);
  });

  it.each([
    ["FA", 0x1f01ff],
    ["GRGW", 0xc0000000],
    ["0x80000001", 0x80000001],
    ["010", 8],
    ["10", 10],
    ["", 0],
    ["CCDCLCSWRPWPDTLOCRSDRCWDWO", 0xf01ff],
  ])("reads the rights %s", (text, mask) => {
    expect(parseSddl(`D:(A;;${text};;;WD)`).dacl?.[0]?.mask).toBe(mask);
  });

  it("gives accounts of the machine's own domain a placeholder", () => {
    expect(parseSddl("D:(A;;CC;;;LA)").dacl?.[0]?.sid).toBe("S-1-5-21-0-0-0-500");
    expect(formatSddl(parseSddl("D:(A;;CC;;;LA)"))).toBe("D:(A;;CC;;;LA)");
  });

  it.each<[string, AceExpression]>([
    [
      '(WIN://SYSAPPID Contains "Vendor.App_0123456789abc")',
      {
        op: "contains",
        left: { op: "attribute", namespace: "local", name: "WIN://SYSAPPID" },
        right: { op: "literal", value: "Vendor.App_0123456789abc" },
      },
    ],
    ["(Member_of{SID(BA),SID(S-1-5-11)})", { op: "member-of", sids: ["S-1-5-32-544", "S-1-5-11"] }],
    ["(Not_Device_Member_of_any SID(BA))", { op: "not-device-member-of-any", sids: ["S-1-5-32-544"] }],
    [
      "(@User.a%0020b<=-0x10)",
      { op: "<=", left: { op: "attribute", namespace: "user", name: "a b" }, right: { op: "literal", value: -16n } },
    ],
    [
      '(@RESOURCE.x Any_of {1, "two", #0aff, SID(SY)})',
      {
        op: "any-of",
        left: { op: "attribute", namespace: "resource", name: "x" },
        right: { op: "literal", value: [1n, "two", Uint8Array.of(10, 255), { sid: "S-1-5-18" }] },
      },
    ],
    ["(x)", { op: "attribute", namespace: "local", name: "x" }],
    ["(Existsx)", { op: "attribute", namespace: "local", name: "Existsx" }],
    [
      "(OctetStringType==#1#2#3##)",
      {
        op: "==",
        left: { op: "attribute", namespace: "local", name: "OctetStringType" },
        right: { op: "literal", value: Uint8Array.of(1, 2, 3, 0) },
      },
    ],
  ])("reads the condition %s", (text, expected) => {
    expect(condition(text)).toEqual(expected);
  });

  it("binds relations before !, && and ||", () => {
    const is = (name: string): AceExpression => ({
      op: "==",
      left: { op: "attribute", namespace: "local", name },
      right: { op: "literal", value: 1n },
    });
    expect(condition("(a == 1 || !b == 1 && c == 1)")).toEqual({
      op: "||",
      left: is("a"),
      right: { op: "&&", left: { op: "not", operand: is("b") }, right: is("c") },
    });
    expect(condition("((a==1||b==1)&&c==1)")).toEqual({ op: "&&", left: { op: "||", left: is("a"), right: is("b") }, right: is("c") });
  });

  it.each([
    ["D:(OA;;CC;;;WD)", 4, /object ACEs/],
    ["D:(AU;;CC;;;WD)", 4, /SACL/],
    ["D:(Q;;CC;;;WD)", 4, /type A, D, XA or XD/],
    ["D:(A;;CCQQ;;;WD)", 9, /access rights/],
    ["D:(A;QQ;CC;;;WD)", 6, /ACE flag/],
    ["D:(A;;CC;{00000000-0000-0000-0000-000000000000};;WD)", 10, /no object GUID/],
    ["D:(A;;CC;;;QQ)", 12, /SID/],
    ["D:(A;;CC;;;WD", 14, /\) to end the ACE.*the end/],
    ["D:(A;;CC;;;WD;(x))", 14, /only XA and XD/],
    ["D:(XA;;CC;;;WD)", 15, /a condition/],
    ["D:(XA;;CC;;;WD;(x ==))", 21, /a value/],
    ['D:(XA;;CC;;;WD;(x == "a))', 26, /end the string/],
    ["D:(XA;;CC;;;WD;(Member_of 5))", 27, /SID/],
    ["O:SYO:SY", 5, /once/],
    ["O:SYX", 5, /O:, G:, D: or S:/],
    ["S:(AU;;FA;;;WD", 15, /SACL/],
    ["D:NO_ACCESS_CONTROL(A;;CC;;;WD)", 20, /no ACE/],
  ])("refuses %s at character %d", (text, column, message) => {
    const error = errorOf(text);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`character ${column}:`);
    expect(error.position.column).toBe(column);
  });

  it("refuses hostile nesting instead of overflowing", () => {
    expect(() => condition(`(${"(".repeat(5000)}x${")".repeat(5000)})`)).toThrow(InputError);
    expect(() => condition(`(${"!".repeat(5000)}x)`)).toThrow(InputError);
    expect(() => condition(`(x == ${"(".repeat(50000)}1${")".repeat(50000)})`)).toThrow(InputError);
    expect(() => condition(`(${"x || ".repeat(50000)}x)`)).toThrow(InputError);
    expect(() => condition(`(${"x && ".repeat(50000)}x)`)).toThrow(InputError);
  });

  it("carries the position it was given", () => {
    expect(() => parseSddl("X", { file: "a.xml", line: 7 })).toThrow(
      expect.objectContaining({ position: { file: "a.xml", line: 7, column: 1 } }),
    );
  });
});

const sid = fc.oneof(
  fc.constantFrom<Sid>("S-1-1-0", "S-1-5-18", "S-1-5-21-0-0-0-500", "S-1-15-2-1"),
  fc.array(fc.nat({ max: 0xffffffff }), { minLength: 1, maxLength: 6 }).map((parts): Sid => `S-1-5-${parts.join("-")}`),
);
const scalar: fc.Arbitrary<string | bigint | Uint8Array> = fc.oneof(
  fc.string().filter((text) => !text.includes('"')),
  fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n),
  fc.uint8Array({ maxLength: 6 }),
);
const literal: fc.Arbitrary<AceLiteral> = fc.oneof(
  scalar,
  sid.map((value) => ({ sid: value })),
);
const attribute = fc.record({
  op: fc.constant("attribute" as const),
  namespace: fc.constantFrom("local" as const, "user" as const, "resource" as const, "device" as const),
  name: fc.oneof(fc.string({ minLength: 1, unit: "binary" }), fc.constantFrom("Member_of", "exists", "WIN://SYSAPPID", "a@b")),
});
const sids = fc.array(sid, { minLength: 1, maxLength: 3 });
const operand: fc.Arbitrary<AceExpression> = fc.oneof(
  attribute.filter(({ namespace }) => namespace !== "local"),
  scalar.map((value) => ({ op: "literal" as const, value })),
  sids.map((value) => ({ op: "sids" as const, sids: value })),
  fc
    .array(literal, { maxLength: 4 })
    .filter((list) => list.length === 0 || list.some((item) => typeof item !== "object" || !("sid" in item)))
    .map((value) => ({ op: "literal" as const, value })),
);
const { expression } = fc.letrec<{ expression: AceExpression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    attribute,
    fc.record({ op: fc.constantFrom("exists" as const, "not-exists" as const), operand: attribute }),
    fc.record({ op: fc.constantFrom("member-of" as const, "not-member-of-any" as const, "device-member-of-any" as const), sids }),
    fc.record({
      op: fc.constantFrom("==" as const, "!=" as const, "<" as const, ">=" as const, "contains" as const, "not-any-of" as const),
      left: attribute,
      right: operand,
    }),
    fc.record({ op: fc.constant("not" as const), operand: tie("expression") }),
    fc.record({ op: fc.constantFrom("&&" as const, "||" as const), left: tie("expression"), right: tie("expression") }),
  ),
}));
const ace: fc.Arbitrary<Ace> = fc.record(
  {
    kind: fc.constantFrom("allow" as const, "deny" as const),
    condition: expression,
    flags: fc.uniqueArray(fc.constantFrom("CI", "OI", "NP", "IO", "ID"), { maxLength: 3 }),
    mask: fc.oneof(fc.constantFrom(1, 0x20001, 0x1f01ff, 0), fc.nat({ max: 0xffffffff })),
    sid,
  },
  { requiredKeys: ["kind", "flags", "mask", "sid"] },
);

describe("formatSddl", () => {
  it("writes canonically", () => {
    expect(formatSddl(parseSddl("D:AI(a;;0x1;;;s-1-1-0)(XD;;RCCC;;;AU;( !(x) && @user.y==1 || exists z ))O:S-1-5-18"))).toBe(
      "O:SYD:AI(A;;CC;;;WD)(XD;;CCRC;;;AU;(((!(x)) && (@USER.y == 1)) || (Exists z)))",
    );
  });

  it("is undone by parseSddl", () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            owner: sid,
            group: sid,
            daclFlags: fc.constantFrom(["P"], ["AR", "AI"]),
            dacl: fc.array(ace, { maxLength: 4 }),
            sacl: fc.constant("AI(AU;SA;FA;;;WD)"),
          },
          { requiredKeys: ["dacl"] },
        ),
        (sd) => {
          const text = formatSddl({ ...sd, sddl: "" });
          const again = parseSddl(text);
          expect(parts(again)).toEqual(sd);
          expect(formatSddl(again)).toBe(text);
        },
      ),
    );
  });

  it("refuses a string that SDDL cannot hold", () => {
    const x: AceExpression = { op: "==", left: { op: "attribute", namespace: "local", name: "x" }, right: { op: "literal", value: '"' } };
    const dacl: Ace[] = [{ kind: "allow", flags: [], mask: 1, sid: "S-1-1-0", condition: x }];
    expect(() => formatSddl({ dacl, sddl: "" })).toThrow(InputError);
  });
});
