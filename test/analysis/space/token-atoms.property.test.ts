import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FilterEngine } from "../../../src/engine/index.ts";
import {
  type Ace,
  type AceExpression,
  type Condition,
  FIELD_KEY,
  type FieldValue,
  type FwpValue,
  type SecurityDescriptor,
  type Sid,
  type Token,
} from "../../../src/model/index.ts";
import { BLOCK, filter, layerNamed, policy } from "../../engine/policy-lab.ts";
import { compared, disagreement } from "../agreement.ts";

const LAYER = layerNamed("ALE_AUTH_CONNECT_V4");
const FIELD = LAYER.fields.find(({ key }) => key === FIELD_KEY.ALE_USER_ID)?.index ?? -1;

/** SIDs of every kind that membership knows. */
const ACCOUNTS: readonly Sid[] = ["S-1-5-18", "S-1-5-19", "S-1-5-21-1-2-3-1000", "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-501", "S-1-5-7"];
const GROUPS: readonly Sid[] = [
  "S-1-5-32-544",
  "S-1-5-32-545",
  "S-1-5-80-1-2-3-4-5",
  "S-1-5-80-9-9-9-9-9",
  "S-1-5-21-1-2-3-513",
  "S-1-16-12288",
];
const PACKAGES: readonly Sid[] = ["S-1-15-2-1-2-3-4-5-6-7", "S-1-15-2-7-6-5-4-3-2-1"];
const CAPABILITIES: readonly Sid[] = ["S-1-15-3-1", "S-1-15-3-1024-1"];
const IMPLICIT: readonly Sid[] = ["S-1-1-0", "S-1-5-11", "S-1-15-2-1", "S-1-15-2-2", "S-1-3-4", "S-1-3-0"];
const named = fc.constantFrom(...ACCOUNTS, ...GROUPS, ...PACKAGES, ...CAPABILITIES, ...IMPLICIT);

const attribute = { op: "attribute", namespace: "local", name: "WIN://SYSAPPID" } as const;
const texts = fc.constantFrom("Some.App", "some.app", "Other.App");
const leaf: fc.Arbitrary<AceExpression> = fc.oneof(
  texts.map((value): AceExpression => ({ op: "contains", left: attribute, right: { op: "literal", value } })),
  fc
    .uniqueArray(texts, { minLength: 1 })
    .map((value): AceExpression => ({ op: "any-of", left: attribute, right: { op: "literal", value } })),
  fc
    .uniqueArray(texts, { minLength: 1 })
    .map((value): AceExpression => ({ op: "contains", left: attribute, right: { op: "literal", value } })),
  fc.uniqueArray(fc.constantFrom(...GROUPS), { minLength: 1, maxLength: 2 }).map((sids): AceExpression => ({ op: "member-of", sids })),
  fc.uniqueArray(fc.constantFrom(...GROUPS), { minLength: 1, maxLength: 2 }).map((sids): AceExpression => ({ op: "member-of-any", sids })),
);
const expression: fc.Arbitrary<AceExpression> = fc.oneof(
  leaf,
  fc.record({ op: fc.constantFrom("&&" as const, "||" as const), left: leaf, right: leaf }),
);

/** Conditional ACEs only grant: of those that deny, only the engine can tell what an attribute that is missing does. */
const ace: fc.Arbitrary<Ace> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("allow" as const, "allow" as const, "deny" as const),
      flags: fc.constantFrom<readonly string[]>([], [], [], ["IO"]),
      mask: fc.constantFrom(1, 1, 1, 3, 2),
      sid: named,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("allow" as const),
      flags: fc.constant([]),
      mask: fc.constant(1),
      sid: named,
      condition: expression,
    }),
  },
);

const descriptor: fc.Arbitrary<SecurityDescriptor> = fc
  .tuple(
    fc.option(fc.constantFrom(...ACCOUNTS, ...GROUPS), { nil: undefined }),
    fc.option(fc.array(ace, { maxLength: 4 }), { nil: undefined, freq: 10 }),
    fc.nat(),
  )
  .map(([owner, dacl, number]) => ({
    ...(owner === undefined ? {} : { owner }),
    ...(dacl === undefined ? {} : { dacl }),
    sddl: `#${number}`,
  }));

const contained = fc.record({
  packageSid: fc.constantFrom<Sid>(...PACKAGES, "S-1-15-2-9-9-9-9-9-9-9"),
  capabilities: fc.subarray([...CAPABILITIES]),
});
const token: fc.Arbitrary<Token> = fc
  .tuple(
    fc.constantFrom(...ACCOUNTS, "S-1-5-21-9-9-9-1005" as const),
    fc.subarray([...GROUPS]),
    fc.option(contained),
    fc.record({ apps: fc.subarray(["Some.App", "OTHER.APP", "third"]), lpac: fc.boolean() }),
  )
  .map(([user, groups, container, { apps, lpac }]) => ({
    user,
    groups,
    packageSid: container?.packageSid ?? null,
    capabilities: container?.capabilities ?? [],
    attributes: { "WIN://SYSAPPID": apps, ...(lpac ? { "WIN://NOALLAPPPKG": [1n] } : {}) },
  }));

const condition = descriptor.chain((value) =>
  fc
    .constantFrom("FWP_MATCH_EQUAL" as const, "FWP_MATCH_EQUAL" as const, "FWP_MATCH_NOT_EQUAL" as const)
    .map(
      (matchType): Condition => ({ fieldKey: FIELD_KEY.ALE_USER_ID, matchType, value: { type: "FWP_SECURITY_DESCRIPTOR_TYPE", value } }),
    ),
);

/** Filters that block by one descriptor each. */
const conditions = fc.array(condition, { minLength: 1, maxLength: 5 });

const comparedFor = (list: readonly Condition[]) =>
  compared(
    new FilterEngine(
      policy(list.map((each, index) => filter({ id: index + 1, action: BLOCK, weight: BigInt(index), conditions: [each] }))),
    ),
    LAYER,
  );

const packet = (value: FwpValue): FieldValue[] =>
  LAYER.fields.map((_, index): FieldValue => (index === FIELD ? value : { type: "FWP_EMPTY" }));

describe("tokens as access-check classes", () => {
  it("are granted what the engine's access check grants them", () => {
    fc.assert(
      fc.property(conditions, fc.array(token, { minLength: 10, maxLength: 10 }), (list, tokens) => {
        const both = comparedFor(list);
        for (const each of tokens) {
          expect(disagreement(both, packet({ type: "FWP_TOKEN_ACCESS_INFORMATION_TYPE", value: each }))).toBeUndefined();
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("are given back as a token that the engine judges alike, from every set that is not empty", () => {
    fc.assert(
      fc.property(conditions, (list) => {
        const both = comparedFor(list);
        const { space, sets, engine } = both;
        for (const [found, set] of sets.decided) {
          const cube = space.witness(set);
          if (cube === undefined) continue;
          const values = space.values(LAYER, cube).map((value): FieldValue => (typeof value === "symbol" ? { type: "FWP_EMPTY" } : value));
          expect(engine.classify(LAYER, values).filter?.filterId).toBe(found.filterId);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
