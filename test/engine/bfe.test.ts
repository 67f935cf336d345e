import { describe, expect, it } from "vitest";
import { Bfe, builtInPolicy } from "../../src/engine/index.ts";
import { FILTER_FLAG, type Policy, PROVIDER_FLAG, type Token } from "../../src/model/index.ts";
import { addFilter, code, key, names, open } from "./bfe-lab.ts";

const SYSTEM: Token = { user: "S-1-5-18", groups: ["S-1-5-32-544"], packageSid: null, capabilities: [], attributes: {} };

describe("an engine that starts from another's policy", () => {
  it("passes over the keys and ids that the other one gave", () => {
    const first = open();
    addFilter(first.session, "first");
    first.session.addSubLayer({ name: "first", weight: 100 });
    const { bfe, session } = open({ policy: first.bfe.policy });
    const id = addFilter(session, "second");
    session.addSubLayer({ name: "second", weight: 100 });
    expect(names(bfe)).toEqual(["first", "second"]);
    expect(bfe.policy.filters.every((filter) => filter.name === "second" || filter.filterId < id)).toBe(true);
    const keys = bfe.policy.subLayers.map((subLayer) => subLayer.key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(first.bfe.policy.subLayers.length + 1);
  });

  it("gives the same keys in every run", () => {
    const run = () => {
      const { bfe, session } = open();
      for (const name of ["a", "b", "c"]) addFilter(session, name);
      return bfe.policy.filters.map((filter) => filter.key);
    };
    expect(run()).toEqual(run());
  });
});

describe("providers of services that do not start by themselves", () => {
  /** A machine whose provider 1 was disabled when the dump was made, with a persistent filter of each of two providers. */
  function dump(): Policy {
    const { bfe, session } = open();
    for (const number of [1, 2]) {
      const providerKey = session.addProvider({ key: key(number), name: `p${number}`, persistent: true, serviceName: `s${number}` });
      addFilter(session, `of p${number}`, { flags: { persistent: true }, providerKey });
    }
    const { policy } = bfe;
    const providers = policy.providers.map((provider) =>
      provider.key === key(1) ? { ...provider, flags: provider.flags | PROVIDER_FLAG.DISABLED } : provider,
    );
    return { ...policy, providers };
  }
  const disabled = (bfe: Bfe) => ({
    providers: bfe.policy.providers.filter(({ flags }) => (flags & PROVIDER_FLAG.DISABLED) !== 0).map(({ name }) => name),
    filters: bfe.policy.filters.filter(({ flags }) => (flags & FILTER_FLAG.DISABLED) !== 0).map(({ name }) => name),
  });

  it("are those that the dump says when nobody says otherwise", () => {
    const bfe = new Bfe({ policy: dump() });
    bfe.restart();
    expect(disabled(bfe)).toEqual({ providers: ["p1"], filters: ["of p1"] });
  });

  it("are those that are not listed, or none", () => {
    const some = new Bfe({ policy: dump(), autoStartServices: new Set(["s1"]) });
    some.restart();
    expect(disabled(some)).toMatchObject({ filters: ["of p2"] });
    expect(disabled(some).providers).toContain("p2");
    expect(disabled(some).providers).not.toContain("p1");
    const all = new Bfe({ policy: dump(), autoStartServices: "all" });
    all.restart();
    expect(disabled(all)).toEqual({ providers: [], filters: [] });
  });
});

describe("BFE", () => {
  it("runs after a restart, also out of the boot phase", () => {
    const bfe = new Bfe({ policy: builtInPolicy("11"), phase: "boot" });
    bfe.restart();
    expect(bfe.engine.phase).toBe("running");
  });

  it("lists open sessions with their user", () => {
    const bfe = new Bfe();
    const session = bfe.openSession({ name: "mine", token: SYSTEM, dynamic: true, processId: 4 });
    addFilter(session, "f");
    expect(bfe.policy.sessions).toMatchObject([{ name: "mine", sid: "S-1-5-18", processId: 4, flags: 1, kernelMode: false }]);
  });

  it("lets dynamic sessions secure their own objects only", () => {
    const { bfe, session } = open();
    session.addSubLayer({ key: key(1), name: "static", weight: 1 });
    const dynamic = bfe.openSession({ dynamic: true });
    dynamic.addSubLayer({ key: key(2), name: "dynamic", weight: 2 });
    expect(code(() => dynamic.setSecurityInfo("subLayers", key(1), null))).toBe("FWP_E_DYNAMIC_SESSION_IN_PROGRESS");
    expect(code(() => dynamic.setSecurityInfo("subLayers", key(2), null))).toBe("ok");
    expect(code(() => session.setSecurityInfo("subLayers", key(2), null))).toBe("FWP_E_WRONG_SESSION");
  });

  it("marks a filter with a provider context as having one", () => {
    const { bfe, session } = open();
    session.addProviderContext({ key: key(1), name: "c", type: "FWPM_GENERAL_CONTEXT", body: { kind: "data", data: new Uint8Array() } });
    addFilter(session, "f", { providerContextKey: key(1) });
    expect(bfe.policy.filters[0]?.flags).toBe(FILTER_FLAG.HAS_PROVIDER_CONTEXT);
  });
});
