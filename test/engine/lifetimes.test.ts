import { describe, expect, it } from "vitest";
import { Bfe, buildPolicy } from "../../src/engine/index.ts";
import { CALLOUT_KEY, FILTER_FLAG, LAYER_KEY, PROVIDER_FLAG, PROVIDER_KEY, SUBLAYER_KEY } from "../../src/model/index.ts";
import { AUTH_CONNECT, addFilter, BLOCK, code, key, names, open, PERMIT, verdict } from "./bfe-lab.ts";

const persistent = { flags: { persistent: true } };
const bootTime = { flags: { bootTime: true } };

describe("lifetimes", () => {
  it("let static objects refer to static, persistent and built-in ones", () => {
    const { session } = open();
    const own = session.addSubLayer({ name: "static", weight: 1 });
    const stays = session.addSubLayer({ name: "persistent", weight: 1, persistent: true });
    for (const subLayer of [own, stays, SUBLAYER_KEY.UNIVERSAL]) expect(code(() => addFilter(session, "f", { subLayer }))).toBe("ok");
  });

  it("keep persistent and boot-time filters off what does not outlast them", () => {
    const { session } = open();
    const subLayer = session.addSubLayer({ name: "static", weight: 1 });
    const providerKey = session.addProvider({ name: "static" });
    session.addCallout({ key: key(1), name: "static", applicableLayer: AUTH_CONNECT });
    session.addProviderContext({ key: key(2), name: "static", type: "FWPM_GENERAL_CONTEXT", body: { kind: "opaque", text: "" } });
    const action = { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: key(1) } as const;
    for (const flags of [persistent.flags, bootTime.flags]) {
      expect(code(() => addFilter(session, "f", { flags, subLayer }))).toBe("FWP_E_LIFETIME_MISMATCH");
      expect(code(() => addFilter(session, "f", { flags, providerKey }))).toBe("FWP_E_LIFETIME_MISMATCH");
      expect(code(() => addFilter(session, "f", { flags, action }))).toBe("FWP_E_LIFETIME_MISMATCH");
      const context = { flags: { ...flags, hasProviderContext: true }, providerContextKey: key(2) };
      expect(code(() => addFilter(session, "f", context))).toBe("FWP_E_LIFETIME_MISMATCH");
      expect(code(() => addFilter(session, "f", { flags }))).toBe("ok");
    }
  });

  it("let persistent objects refer to those of the same provider only", () => {
    const { session } = open();
    const one = session.addProvider({ name: "one", persistent: true });
    const two = session.addProvider({ name: "two", persistent: true });
    const subLayer = session.addSubLayer({ name: "of one", weight: 1, persistent: true, providerKey: one });
    expect(code(() => addFilter(session, "f", { ...persistent, subLayer, providerKey: one }))).toBe("ok");
    expect(code(() => addFilter(session, "f", { ...persistent, subLayer, providerKey: two }))).toBe("FWP_E_LIFETIME_MISMATCH");
    expect(code(() => addFilter(session, "f", { subLayer, providerKey: two }))).toBe("ok");
  });

  it("keep sublayers, callouts and contexts off providers that end before them", () => {
    const { bfe, session } = open();
    const provider = session.addProvider({ name: "static" });
    const definition = { name: "x", persistent: true, providerKey: provider };
    const layer = AUTH_CONNECT;
    expect(code(() => session.addSubLayer({ ...definition, weight: 1 }))).toBe("FWP_E_LIFETIME_MISMATCH");
    expect(code(() => session.addCallout({ ...definition, applicableLayer: layer }))).toBe("FWP_E_LIFETIME_MISMATCH");
    const dynamic = bfe.openSession({ dynamic: true });
    const fleeting = dynamic.addProvider({ name: "dynamic" });
    expect(code(() => session.addSubLayer({ name: "x", weight: 1, providerKey: fleeting }))).toBe("FWP_E_LIFETIME_MISMATCH");
    expect(code(() => dynamic.addSubLayer({ name: "x", weight: 1, providerKey: fleeting }))).toBe("ok");
    expect(code(() => session.addSubLayer({ name: "x", weight: 1, providerKey: PROVIDER_KEY.MPSSVC_WF, persistent: true }))).toBe("ok");
  });

  it("keep dynamic objects to their session", () => {
    const { bfe, session } = open();
    const one = bfe.openSession({ dynamic: true });
    const two = bfe.openSession({ dynamic: true });
    const subLayer = one.addSubLayer({ name: "dynamic", weight: 1 });
    expect(code(() => addFilter(one, "f", { subLayer }))).toBe("ok");
    expect(code(() => addFilter(two, "f", { subLayer }))).toBe("FWP_E_LIFETIME_MISMATCH");
    expect(code(() => addFilter(session, "f", { subLayer }))).toBe("FWP_E_LIFETIME_MISMATCH");
    expect(code(() => addFilter(one, "f", persistent))).toBe("FWP_E_LIFETIME_MISMATCH");
    expect(code(() => addFilter(one, "f", bootTime))).toBe("FWP_E_LIFETIME_MISMATCH");
    expect(code(() => one.addProvider({ name: "p", persistent: true }))).toBe("FWP_E_LIFETIME_MISMATCH");
  });

  it("let boot-time filters classify alone until BFE starts, then the others", () => {
    const { bfe, session } = open({ phase: "boot" });
    addFilter(session, "boot", { ...bootTime, action: BLOCK });
    addFilter(session, "persistent", { ...persistent, action: PERMIT });
    expect(verdict(bfe)).toBe("block");
    bfe.start();
    expect(verdict(bfe)).toBe("permit");
    expect(session.enumFilters().map(({ name }) => name)).toEqual(["persistent"]);
    expect(names(bfe)).toEqual(["boot", "persistent"]);
  });

  it("leave services that do not start by themselves without their persistent filters", () => {
    const { bfe, session } = open({ phase: "boot", autoStartServices: new Set(["auto"]) });
    const manual = session.addProvider({ name: "manual", persistent: true, serviceName: "manual" });
    addFilter(session, "of manual", { ...persistent, providerKey: manual, action: BLOCK });
    bfe.start();
    expect(verdict(bfe)).toBe("permit");
    const { flags = 0 } = bfe.policy.providers.find((provider) => provider.key === manual) ?? {};
    expect(flags & PROVIDER_FLAG.DISABLED).not.toBe(0);
    expect(bfe.policy.filters.map((filter) => filter.flags & FILTER_FLAG.DISABLED)).toEqual([FILTER_FLAG.DISABLED]);
  });

  it("keep persistent and boot-time objects over a restart of BFE, under new ids", () => {
    const { bfe, session } = open();
    const ids = [addFilter(session, "static"), addFilter(session, "persistent", persistent), addFilter(session, "boot", bootTime)];
    addFilter(bfe.openSession({ dynamic: true }), "dynamic");
    session.addSubLayer({ key: key(7), name: "static", weight: 1 });
    session.addSubLayer({ key: key(8), name: "persistent", weight: 1, persistent: true });
    bfe.restart();
    expect(names(bfe)).toEqual(["persistent", "boot"]);
    expect(bfe.policy.subLayers.filter((subLayer) => [key(7), key(8)].includes(subLayer.key)).map(({ name }) => name)).toEqual([
      "persistent",
    ]);
    expect(bfe.policy.sessions).toEqual([]);
    expect(code(() => addFilter(session, "late"))).toBe("FWP_E_SESSION_ABORTED");
    const again = bfe.openSession();
    for (const filter of bfe.policy.filters) {
      expect(ids).not.toContain(filter.filterId);
      expect(again.getFilterById(filter.filterId)).toBe(filter);
    }
  });

  it("are read from the flags of a policy that was loaded", () => {
    const { bfe, session } = open();
    addFilter(session, "static");
    addFilter(session, "persistent", persistent);
    const { policy } = bfe;
    const loaded = new Bfe({
      policy: buildPolicy({ ...policy, completeness: "state" }),
    });
    loaded.restart();
    expect(names(loaded)).toEqual(["persistent"]);
    expect(loaded.policy.subLayers).toHaveLength(policy.subLayers.length);
  });

  it("put boot-time filters at kernel layers only", () => {
    const { session } = open();
    expect(code(() => addFilter(session, "f", { ...bootTime, layer: LAYER_KEY.RPC_UM }))).toBe("FWP_E_INCOMPATIBLE_LAYER");
  });

  it("make built-in objects stay", () => {
    const { session } = open();
    expect(code(() => session.deleteSubLayer(SUBLAYER_KEY.UNIVERSAL))).toBe("FWP_E_BUILTIN_OBJECT");
    expect(code(() => session.deleteProvider(PROVIDER_KEY.MPSSVC_WF))).toBe("FWP_E_BUILTIN_OBJECT");
    const silentDrop = CALLOUT_KEY.WFP_TRANSPORT_LAYER_V4_SILENT_DROP;
    expect(code(() => session.deleteCallout(silentDrop))).toBe("FWP_E_BUILTIN_OBJECT");
  });
});
