import { describe, expect, it } from "vitest";
import { Bfe } from "../../src/engine/index.ts";
import { SUBLAYER_KEY, ZERO_GUID } from "../../src/model/index.ts";
import { AUTH_CONNECT, addFilter, code, key, names, open, PERMIT, verdict } from "./bfe-lab.ts";

describe("sessions", () => {
  it("have keys that are taken while they are open", () => {
    const { bfe } = open();
    const session = bfe.openSession({ key: key(1) });
    expect(code(() => bfe.openSession({ key: key(1) }))).toBe("FWP_E_ALREADY_EXISTS");
    session.close();
    expect(code(() => bfe.openSession({ key: key(1) }))).toBe("ok");
    expect(bfe.openSession({ key: ZERO_GUID }).key).not.toBe(ZERO_GUID);
  });

  it("take no calls once closed, and close twice without harm", () => {
    const { session } = open();
    session.close();
    session.close();
    expect(code(() => addFilter(session, "f"))).toBe("FWP_E_SESSION_ABORTED");
    expect(code(() => session.enumFilters())).toBe("FWP_E_SESSION_ABORTED");
  });

  it("take their dynamic objects along, and their open transaction", () => {
    const { bfe, session } = open();
    addFilter(session, "static");
    const dynamic = bfe.openSession({ dynamic: true });
    const subLayer = dynamic.addSubLayer({ name: "dynamic", weight: 0x9000 });
    addFilter(dynamic, "dynamic", { subLayer, action: PERMIT, flags: { clearActionRight: true } });
    expect(verdict(bfe)).toBe("permit");
    dynamic.begin();
    addFilter(dynamic, "uncommitted");
    dynamic.close();
    expect(names(bfe)).toEqual(["static"]);
    expect(bfe.policy.subLayers.some(({ key: own }) => own === subLayer)).toBe(false);
    expect(verdict(bfe)).toBe("block");
  });

  it("end without publishing what another session has not committed", () => {
    const { bfe, session } = open();
    const dynamic = bfe.openSession({ dynamic: true });
    addFilter(dynamic, "dynamic");
    session.begin();
    addFilter(session, "pending");
    dynamic.close();
    expect(names(bfe)).not.toContain("pending");
    session.abort();
    expect(names(bfe)).toEqual([]);
  });

  it("leave static objects behind", () => {
    const { bfe, session } = open();
    addFilter(session, "static");
    session.close();
    expect(names(bfe)).toEqual(["static"]);
  });

  it("delete what is theirs to delete", () => {
    const { bfe, session } = open();
    const other = bfe.openSession();
    const one = bfe.openSession({ dynamic: true });
    const two = bfe.openSession({ dynamic: true });
    const fixed = addFilter(session, "static");
    const fleeting = addFilter(one, "dynamic");
    expect(code(() => two.deleteFilterById(fleeting))).toBe("FWP_E_WRONG_SESSION");
    expect(code(() => session.deleteFilterById(fleeting))).toBe("FWP_E_WRONG_SESSION");
    expect(code(() => one.deleteFilterById(fixed))).toBe("FWP_E_DYNAMIC_SESSION_IN_PROGRESS");
    expect(code(() => one.deleteFilterById(fleeting))).toBe("ok");
    expect(code(() => other.deleteFilterById(fixed))).toBe("ok");
    expect(code(() => other.deleteFilterById(fixed))).toBe("FWP_E_FILTER_NOT_FOUND");
  });
});

describe("objects", () => {
  it("have names, and keys of their own or generated ones, unique per type", () => {
    const { session } = open();
    expect(code(() => session.addProvider({ name: null }))).toBe("FWP_E_NULL_DISPLAY_NAME");
    expect(code(() => session.addSubLayer({ name: null, weight: 1 }))).toBe("FWP_E_NULL_DISPLAY_NAME");
    expect(code(() => addFilter(session, "f", { name: null }))).toBe("FWP_E_NULL_DISPLAY_NAME");
    expect(session.addProvider({ key: key(1), name: "p" })).toBe(key(1));
    expect(session.addSubLayer({ key: key(1), name: "s", weight: 1 })).toBe(key(1));
    expect(code(() => session.addProvider({ key: key(1), name: "p" }))).toBe("FWP_E_ALREADY_EXISTS");
    expect(session.addProvider({ key: ZERO_GUID, name: "generated" })).not.toBe(ZERO_GUID);
  });

  it("cannot go while they are referred to", () => {
    const { session } = open();
    const providerKey = session.addProvider({ key: key(1), name: "p" });
    const subLayer = session.addSubLayer({ key: key(2), name: "s", weight: 1, providerKey });
    session.addCallout({ key: key(3), name: "c", applicableLayer: AUTH_CONNECT });
    session.addProviderContext({ key: key(4), name: "x", type: "FWPM_GENERAL_CONTEXT", body: { kind: "opaque", text: "" } });
    const id = addFilter(session, "f", {
      subLayer,
      action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: key(3) },
      providerContextKey: key(4),
      flags: { hasProviderContext: true },
    });
    expect(code(() => session.deleteProvider(key(1)))).toBe("FWP_E_IN_USE");
    expect(code(() => session.deleteSubLayer(key(2)))).toBe("FWP_E_IN_USE");
    expect(code(() => session.deleteCallout(key(3)))).toBe("FWP_E_IN_USE");
    expect(code(() => session.deleteProviderContext(key(4)))).toBe("FWP_E_IN_USE");
    session.deleteFilterById(id);
    session.deleteProviderContext(key(4));
    session.deleteCallout(key(3));
    session.deleteSubLayer(key(2));
    session.deleteProvider(key(1));
    expect(code(() => session.deleteProvider(key(1)))).toBe("FWP_E_PROVIDER_NOT_FOUND");
  });

  it("are not kept by an object of another type that has their key", () => {
    const { session } = open();
    session.addProvider({ key: key(1), name: "p" });
    const subLayer = session.addSubLayer({ key: key(1), name: "s", weight: 1 });
    addFilter(session, "f", { subLayer });
    expect(code(() => session.deleteProvider(key(1)))).toBe("ok");
  });

  it("of type callout know whether code stands behind them", () => {
    const { bfe, session } = open();
    session.addCallout({ key: key(1), name: "c", applicableLayer: AUTH_CONNECT });
    const registered = () => bfe.policy.callouts.find((callout) => callout.key === key(1))?.registered;
    addFilter(session, "f", { action: { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: key(1) } });
    expect([registered(), verdict(bfe)]).toEqual([false, "block"]);
    bfe.registerCallout(key(1), {
      classify(_request, out) {
        out.action = "permit";
      },
    });
    expect([registered(), verdict(bfe)]).toEqual([true, "permit"]);
    bfe.unregisterCallout(key(1));
    expect([registered(), verdict(bfe)]).toEqual([false, "block"]);
  });

  it("of type callout refuse flags that are unknown or read-only", () => {
    const { session } = open();
    const add = (flags: number) => code(() => session.addCallout({ name: "c", applicableLayer: AUTH_CONNECT, flags }));
    expect([add(0x40000), add(0x80000), add(1)]).toEqual(["FWP_E_INVALID_FLAGS", "FWP_E_INVALID_FLAGS", "ok"]);
    expect(code(() => session.addCallout({ name: "c", applicableLayer: key(1) }))).toBe("FWP_E_LAYER_NOT_FOUND");
  });

  it("of type filter get growing ids and the default sublayer", () => {
    const { bfe, session } = open();
    const one = addFilter(session, "one");
    const two = addFilter(session, "two", { subLayer: ZERO_GUID });
    expect(two).toBeGreaterThan(one);
    expect(bfe.policy.filters.map((filter) => filter.subLayerKey)).toEqual([SUBLAYER_KEY.UNIVERSAL, SUBLAYER_KEY.UNIVERSAL]);
    expect(new Bfe({ policy: bfe.policy }).openSession().getFilterById(two).name).toBe("two");
  });
});
