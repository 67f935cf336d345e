import assert from "node:assert/strict";
import { autoWeight, Bfe, type BfeSession } from "../../../src/engine/index.ts";
import { FILTER_FLAG, type Filter, type Guid, LAYER_KEY, PROVIDER_FLAG, SUBLAYER_KEY, WfpError } from "../../../src/model/index.ts";
import { conforms } from "../check.ts";
import { block, Lab, permit } from "../lab.ts";
import { WEIGHT_VECTORS, weightVectors } from "../weight-vectors.ts";

function code(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof WfpError) return error.code;
    throw error;
  }
  return "ok";
}

const add = (session: BfeSession, name: string, more: Partial<Parameters<BfeSession["addFilter"]>[0]> = {}) =>
  session.addFilter({ name, layer: LAYER_KEY.ALE_AUTH_CONNECT_V4, action: block, ...more });
const names = (bfe: Bfe) => bfe.policy.filters.map(({ name }) => name);
const key = (digit: number): Guid => `{0b1ec700-0000-4000-8000-00000000000${digit}}`;

conforms("F20", () => {
  const lab = new Lab();
  const dying = lab.bfe.openSession({ dynamic: true, processId: 4711 });
  add(dying, "mortal");
  add(lab.session, "lasting");
  assert.deepEqual(names(lab.bfe).sort(), ["lasting", "mortal"]);
  // Process exit is seen by BFE as RPC rundown of the session (WFP-SEMANTICS 1.7).
  dying.close();
  assert.deepEqual(names(lab.bfe), ["lasting"]);
});

conforms("F21", () => {
  const { session, bfe } = new Lab();
  session.begin({ readOnly: true });
  assert.equal(
    code(() => add(session, "x")),
    "FWP_E_INCOMPATIBLE_TXN",
  );
  session.abort();
  assert.deepEqual(names(bfe), []);
});

conforms("F22", () => {
  const { session } = new Lab();
  session.begin();
  assert.equal(
    code(() => session.begin()),
    "FWP_E_TXN_IN_PROGRESS",
  );
});

conforms("F23", () => {
  const { session, bfe } = new Lab();
  session.begin();
  add(session, "first");
  add(session, "second");
  assert.equal(
    code(() => add(session, "third", { weight: { type: "FWP_UINT8", value: 16 } })),
    "FWP_E_INVALID_WEIGHT",
  );
  assert.deepEqual(names(bfe), [], "nothing is visible before commit");
  session.commit();
  assert.deepEqual(names(bfe), ["first", "second"]);
});

conforms("F24", () => {
  const { session } = new Lab();
  const subLayer = session.addSubLayer({ name: "static", weight: 100 });
  assert.equal(
    code(() => add(session, "x", { subLayer, flags: { persistent: true } })),
    "FWP_E_LIFETIME_MISMATCH",
  );
});

conforms("F25", () => {
  const { session } = new Lab();
  const subLayer = session.addSubLayer({ name: "used", weight: 100 });
  const filter = add(session, "x", { subLayer });
  assert.equal(
    code(() => session.deleteSubLayer(subLayer)),
    "FWP_E_IN_USE",
  );
  session.deleteFilterById(filter);
  assert.equal(
    code(() => session.deleteSubLayer(subLayer)),
    "ok",
  );
});

conforms("F26", () =>
  assert.equal(
    code(() => new Lab().session.deleteSubLayer(SUBLAYER_KEY.UNIVERSAL)),
    "FWP_E_BUILTIN_OBJECT",
  ),
);

conforms("F27", () =>
  assert.equal(
    code(() => add(new Lab().session, "x", { flags: { persistent: true, bootTime: true } })),
    "FWP_E_INVALID_FLAGS",
  ),
);

conforms("F28", () => {
  let time = 0;
  const lab = new Lab({ now: () => time });
  lab.session.begin();
  const second = lab.bfe.openSession();
  time += 1000;
  assert.equal(
    code(() => second.begin()),
    "FWP_E_TIMEOUT",
  );
  lab.session.commit();
  assert.equal(
    code(() => second.begin()),
    "ok",
    "the lock is free again",
  );
});

conforms("F29", () => {
  const lab = new Lab();
  const owner = lab.bfe.openSession({ dynamic: true });
  const other = lab.bfe.openSession({ dynamic: true });
  const subLayer = owner.addSubLayer({ name: "mine", weight: 100 });
  assert.equal(
    code(() => other.deleteSubLayer(subLayer)),
    "FWP_E_WRONG_SESSION",
  );
  assert.equal(
    code(() => owner.deleteSubLayer(subLayer)),
    "ok",
  );
});

conforms("F30", () => {
  const lab = new Lab();
  const subLayer = lab.session.addSubLayer({ name: "static", weight: 100 });
  const dynamic = lab.bfe.openSession({ dynamic: true });
  assert.equal(
    code(() => dynamic.deleteSubLayer(subLayer)),
    "FWP_E_DYNAMIC_SESSION_IN_PROGRESS",
  );
});

conforms("F31", () => {
  const { session } = new Lab();
  add(session, "first", { key: key(1) });
  assert.equal(
    code(() => add(session, "second", { key: key(1) })),
    "FWP_E_ALREADY_EXISTS",
  );
});

conforms("F32", () => {
  const bfe = new Bfe({ windows: "11", autoStartServices: new Set(["auto"]) });
  const session = bfe.openSession();
  const flags = { persistent: true };
  session.addProvider({ key: key(1), name: "manual", persistent: true, serviceName: "manual" });
  session.addProvider({ key: key(2), name: "auto", persistent: true, serviceName: "auto" });
  add(session, "of manual", { providerKey: key(1), flags });
  add(session, "of auto", { providerKey: key(2), flags });
  add(session, "of nobody", { flags });
  bfe.restart();
  const active = (filter: Filter) => (filter.flags & FILTER_FLAG.DISABLED) === 0;
  assert.deepEqual(
    bfe.policy.filters.filter(active).map(({ name }) => name),
    ["of auto", "of nobody"],
  );
  const disabled = bfe.policy.providers.filter(({ flags: bits }) => (bits & PROVIDER_FLAG.DISABLED) !== 0).map(({ name }) => name);
  assert.ok(disabled.includes("manual") && !disabled.includes("auto"));
});

conforms("F33", () => {
  const { session } = new Lab();
  const subLayer = SUBLAYER_KEY.INSPECTION;
  assert.equal(
    code(() => add(session, "x", { subLayer })),
    "FWP_E_ACTION_INCOMPATIBLE_WITH_SUBLAYER",
  );
  assert.equal(
    code(() => add(session, "y", { subLayer, action: permit })),
    "FWP_E_ACTION_INCOMPATIBLE_WITH_SUBLAYER",
  );
});

conforms(
  "F34",
  () => {
    const vectors = weightVectors();
    assert.equal(vectors.length, 751);
    for (const { layer, conditions, family, low60, text } of vectors) {
      assert.equal(autoWeight(layer, conditions, family).weight, low60, text);
    }
  },
  WEIGHT_VECTORS,
);
