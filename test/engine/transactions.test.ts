import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Callout } from "../../src/engine/index.ts";
import { SUBLAYER_KEY } from "../../src/model/index.ts";
import { AUTH_CONNECT, addFilter, code, key, names, open, verdict } from "./bfe-lab.ts";

describe("transactions", () => {
  it("show the filter engine all changes at once, at commit", () => {
    const { bfe, session } = open();
    session.begin();
    addFilter(session, "one");
    addFilter(session, "two");
    expect(verdict(bfe)).toBe("permit");
    expect(names(bfe)).toEqual([]);
    const before = bfe.engine.generation(AUTH_CONNECT);
    session.commit();
    expect(verdict(bfe)).toBe("block");
    expect(names(bfe)).toEqual(["one", "two"]);
    expect(bfe.engine.generation(AUTH_CONNECT)).toBe(before + 1);
  });

  it("leave nothing behind when aborted: order, ids and sublayers are as before", () => {
    const { bfe, session } = open();
    const ids = ["a", "b", "c", "d"].map((name, index) => addFilter(session, name, { key: key(index) }));
    const subLayers = bfe.policy.subLayers;
    const generation = bfe.engine.generation(AUTH_CONNECT);
    session.begin();
    session.deleteFilterById(ids[1] ?? 0n);
    session.deleteFilterByKey(key(0));
    addFilter(session, "b again", { key: key(1) });
    session.addSubLayer({ name: "s", weight: 5 });
    addFilter(session, "e");
    session.abort();
    const added = addFilter(session, "f");
    expect(names(bfe)).toEqual(["a", "b", "c", "d", "f"]);
    expect(bfe.policy.subLayers).toEqual(subLayers);
    expect(ids.map((id) => session.getFilterById(id).name)).toEqual(["a", "b", "c", "d"]);
    expect(added).toBeGreaterThan(ids[3] ?? 0n);
    expect(bfe.engine.generation(AUTH_CONNECT)).toBe(generation + 1);
  });

  it("leave nothing behind whatever was done before the abort", () => {
    const step = fc.tuple(fc.constantFrom("add", "delete", "sublayer", "drop sublayer"), fc.nat({ max: 6 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.array(step, { maxLength: 16 }), (before, during) => {
        const { bfe, session } = open();
        const run = ([what, number]: readonly [string, number]) =>
          code(() => {
            if (what === "add") addFilter(session, `f${number}`, { key: key(number), ...(number > 3 ? { subLayer: key(number) } : {}) });
            else if (what === "delete") session.deleteFilterByKey(key(number));
            else if (what === "sublayer") session.addSubLayer({ key: key(number), name: `s${number}`, weight: number });
            else session.deleteSubLayer(key(number));
          });
        for (const each of before) run(each);
        const { filters, subLayers } = bfe.policy;
        session.begin();
        for (const each of during) run(each);
        session.abort();
        session.addProvider({ name: "publishes" });
        expect(bfe.policy.filters).toEqual(filters);
        expect(bfe.policy.subLayers).toEqual(subLayers);
        for (const filter of filters) expect(session.getFilterById(filter.filterId)).toBe(filter);
      }),
    );
  });

  it("forget the ids of filters that an abort took back", () => {
    const { session } = open();
    session.begin();
    const id = addFilter(session, "gone");
    expect(session.getFilterById(id).name).toBe("gone");
    session.abort();
    expect(code(() => session.getFilterById(id))).toBe("FWP_E_FILTER_NOT_FOUND");
  });

  it("survive a failed operation: what came before stays pending", () => {
    const { bfe, session } = open();
    session.begin();
    addFilter(session, "one", { key: key(1) });
    expect(code(() => addFilter(session, "twice", { key: key(1) }))).toBe("FWP_E_ALREADY_EXISTS");
    session.commit();
    expect(names(bfe)).toEqual(["one"]);
  });

  it("come one at a time in a session", () => {
    const { session } = open();
    expect(code(() => session.commit())).toBe("FWP_E_NO_TXN_IN_PROGRESS");
    expect(code(() => session.abort())).toBe("FWP_E_NO_TXN_IN_PROGRESS");
    session.begin();
    expect(code(() => session.begin())).toBe("FWP_E_TXN_IN_PROGRESS");
    expect(code(() => session.setSecurityInfo("subLayers", SUBLAYER_KEY.UNIVERSAL, null))).toBe("FWP_E_TXN_IN_PROGRESS");
  });

  it("take no changes when read-only", () => {
    const { bfe, session } = open();
    const id = addFilter(session, "one");
    session.begin({ readOnly: true });
    expect(code(() => addFilter(session, "two"))).toBe("FWP_E_INCOMPATIBLE_TXN");
    expect(code(() => session.deleteFilterById(id))).toBe("FWP_E_INCOMPATIBLE_TXN");
    expect(session.enumFilters()).toHaveLength(1);
    session.commit();
    expect(names(bfe)).toEqual(["one"]);
  });

  it("share the lock among readers, not with a writer", () => {
    const { bfe, session } = open();
    const other = bfe.openSession();
    session.begin({ readOnly: true });
    expect(code(() => other.begin({ readOnly: true }))).toBe("ok");
    other.commit();
    expect(code(() => other.begin())).toBe("FWP_E_TIMEOUT");
    expect(code(() => addFilter(other, "implicit"))).toBe("FWP_E_TIMEOUT");
    session.commit();
    expect(code(() => other.begin())).toBe("ok");
    expect(code(() => session.enumFilters())).toBe("FWP_E_TIMEOUT");
  });

  it("wait as long as the session asked, 15 s by default, and go on if the lock is let go", () => {
    const waits: number[] = [];
    let release = () => {};
    const wait = (milliseconds: number) => {
      waits.push(milliseconds);
      release();
    };
    const { bfe, session } = open({ wait });
    session.begin();
    expect(code(() => bfe.openSession().begin())).toBe("FWP_E_TIMEOUT");
    expect(code(() => bfe.openSession({ txnWaitTimeoutInMSec: 200 }).begin())).toBe("FWP_E_TIMEOUT");
    release = () => session.commit();
    expect(code(() => bfe.openSession().begin())).toBe("ok");
    expect(waits).toEqual([15_000, 200, 15_000]);
  });

  it("lose the lock after an hour; the next call says so, once", () => {
    let time = 0;
    const { bfe, session } = open({ now: () => time });
    const other = bfe.openSession();
    session.begin();
    addFilter(session, "lost");
    time = 3_599_999;
    expect(code(() => other.begin())).toBe("FWP_E_TIMEOUT");
    time = 3_600_000;
    expect(code(() => other.begin())).toBe("ok");
    other.commit();
    expect(code(() => session.commit())).toBe("FWP_E_TXN_ABORTED");
    expect(code(() => session.commit())).toBe("FWP_E_NO_TXN_IN_PROGRESS");
    expect(names(bfe)).toEqual([]);
  });

  it("end with an hour's holder closing its session", () => {
    let time = 0;
    const { bfe, session } = open({ now: () => time });
    session.begin();
    time = 4_000_000;
    session.close();
    expect(code(() => bfe.openSession().begin())).toBe("ok");
  });

  it("are not limited in time for kernel callers", () => {
    let time = 0;
    const { bfe } = open({ now: () => time });
    const kernel = bfe.openSession({ kernelMode: true });
    kernel.begin();
    time = 10_000_000;
    expect(code(() => kernel.commit())).toBe("ok");
  });

  it("tell callouts of additions before, of deletions after the fact, and of additions taken back", () => {
    const heard: string[] = [];
    const callout: Callout = { classify: () => {}, notify: (type, filter) => void heard.push(`${type} ${filter.name}`) };
    const { bfe, session } = open();
    bfe.registerCallout(key(9), callout);
    session.addCallout({ key: key(9), name: "c", applicableLayer: AUTH_CONNECT });
    const action = { type: "FWP_ACTION_CALLOUT_TERMINATING", calloutKey: key(9) } as const;
    const id = addFilter(session, "one", { action });
    session.begin();
    addFilter(session, "two", { action });
    session.deleteFilterById(id);
    session.abort();
    expect(heard).toEqual(["add-filter one", "add-filter two", "delete-filter two"]);
    session.deleteFilterById(id);
    expect(heard.slice(3)).toEqual(["delete-filter one"]);
  });

  it("refuse a filter that its callout refuses, but not the deletion of one", () => {
    const { bfe, session } = open();
    let willing = false;
    bfe.registerCallout(key(9), {
      classify: () => {},
      notify: () => {
        if (!willing) throw new RangeError("not today");
      },
    });
    session.addCallout({ key: key(9), name: "c", applicableLayer: AUTH_CONNECT });
    const action = { type: "FWP_ACTION_CALLOUT_INSPECTION", calloutKey: key(9) } as const;
    expect(code(() => addFilter(session, "refused", { action }))).toBe("FWP_E_CALLOUT_NOTIFICATION_FAILED");
    expect(names(bfe)).toEqual([]);
    willing = true;
    const id = addFilter(session, "accepted", { action });
    willing = false;
    expect(code(() => session.deleteFilterById(id))).toBe("ok");
    expect(names(bfe)).toEqual([]);
  });

  it("add 5,000 filters and delete 1,000 quickly, and take a deletion of 1,000 back", () => {
    const { bfe, session } = open();
    const started = performance.now();
    session.begin();
    const ids = Array.from({ length: 5000 }, (_, index) => addFilter(session, `filter ${index}`));
    session.commit();
    const order = names(bfe);
    session.begin();
    for (const id of ids.slice(2000, 3000)) session.deleteFilterById(id);
    session.abort();
    expect(names(bfe)).toEqual(order);
    session.begin();
    for (const id of ids.slice(0, 1000)) session.deleteFilterById(id);
    session.commit();
    expect(names(bfe)).toEqual(order.slice(1000));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
