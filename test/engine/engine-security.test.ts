import { describe, expect, it } from "vitest";
import { parseSddl, type Sid, SUBLAYER_KEY, serviceSid, type Token } from "../../src/model/index.ts";
import { AUTH_CONNECT, addFilter, code, key, open } from "./bfe-lab.ts";

const token = (user: Sid, ...groups: Sid[]): Token => ({ user, groups, packageSid: null, capabilities: [], attributes: {} });
const ADMINISTRATOR = token("S-1-5-21-1-1-1-500", "S-1-5-32-544");
const OPERATOR = token("S-1-5-21-1-1-1-1001", "S-1-5-32-556");
const USER = token("S-1-5-21-1-1-1-1002", "S-1-5-32-545");
const FIREWALL = token("S-1-5-19", serviceSid("MpsSvc"));

describe("access to BFE", () => {
  it("lets everyone open, but only administrators, operators and some services change", () => {
    const { bfe } = open();
    for (const who of [ADMINISTRATOR, OPERATOR, FIREWALL]) {
      const session = bfe.openSession({ token: who });
      expect(code(() => session.deleteFilterById(addFilter(session, "f")))).toBe("ok");
    }
    const user = bfe.openSession({ token: USER });
    expect(code(() => addFilter(user, "f"))).toBe("ERROR_ACCESS_DENIED");
    expect(code(() => user.begin())).toBe("ERROR_ACCESS_DENIED");
    expect(code(() => user.begin({ readOnly: true }))).toBe("ERROR_ACCESS_DENIED");
    expect(code(() => user.enumFilters())).toBe("ERROR_ACCESS_DENIED");
  });

  it("hides filters from those who may not read them, and refuses them by id", () => {
    const { bfe, session } = open();
    addFilter(session, "open");
    const id = addFilter(session, "hidden", { key: key(1) });
    session.setSecurityInfo("filters", key(1), parseSddl("D:(A;;0x80;;;SY)"));
    const operator = bfe.openSession({ token: OPERATOR });
    expect(operator.enumFilters().map(({ name }) => name)).toEqual(["open"]);
    expect(code(() => operator.getFilterById(id))).toBe("ERROR_ACCESS_DENIED");
    expect(code(() => operator.getFilterByKey(key(1)))).toBe("ERROR_ACCESS_DENIED");
    expect(bfe.openSession({ kernelMode: true }).enumFilters()).toHaveLength(2);
  });

  it("protects an object that denies DELETE, from administrators too, not from the kernel", () => {
    const { bfe, session } = open();
    const id = addFilter(session, "protected", { key: key(1) });
    session.setSecurityInfo("filters", key(1), parseSddl("D:(D;;SD;;;WD)(A;;0x1f07ff;;;BA)"));
    expect(code(() => session.deleteFilterById(id))).toBe("ERROR_ACCESS_DENIED");
    expect(code(() => bfe.openSession({ token: ADMINISTRATOR }).deleteFilterById(id))).toBe("ERROR_ACCESS_DENIED");
    expect(code(() => bfe.openSession({ kernelMode: true }).deleteFilterById(id))).toBe("ok");
  });

  it("gives an object back to administrators who change its security, and to nobody else", () => {
    const { bfe, session } = open();
    const id = addFilter(session, "f", { key: key(1) });
    session.setSecurityInfo("filters", key(1), parseSddl("D:"));
    expect(code(() => session.getFilterById(id))).toBe("ERROR_ACCESS_DENIED");
    expect(code(() => bfe.openSession({ token: OPERATOR }).setSecurityInfo("filters", key(1), null))).toBe("ERROR_ACCESS_DENIED");
    session.setSecurityInfo("filters", key(1), null);
    expect(code(() => session.getFilterById(id))).toBe("ok");
    expect(code(() => session.setSecurityInfo("filters", key(2), null))).toBe("FWP_E_FILTER_NOT_FOUND");
    expect(code(() => session.setSecurityInfo("subLayers", key(2), null))).toBe("FWP_E_SUBLAYER_NOT_FOUND");
  });

  it("asks for ADD_LINK on whatever a new object refers to", () => {
    const { bfe, session } = open();
    const provider = session.addProvider({ name: "p" });
    session.addCallout({ key: key(1), name: "c", applicableLayer: AUTH_CONNECT });
    const noLink = parseSddl("D:(D;;0x2;;;WD)(A;;0x1f07ff;;;BA)");
    session.setSecurityInfo("providers", provider, noLink);
    session.setSecurityInfo("callouts", key(1), noLink);
    expect(code(() => addFilter(session, "f", { providerKey: provider }))).toBe("ERROR_ACCESS_DENIED");
    expect(code(() => session.addSubLayer({ name: "s", weight: 1, providerKey: provider }))).toBe("ERROR_ACCESS_DENIED");
    const action = { type: "FWP_ACTION_CALLOUT_UNKNOWN", calloutKey: key(1) } as const;
    expect(code(() => addFilter(session, "f", { action }))).toBe("ERROR_ACCESS_DENIED");
    expect(code(() => addFilter(bfe.openSession({ kernelMode: true }), "f", { action }))).toBe("ok");
    session.setSecurityInfo("subLayers", SUBLAYER_KEY.UNIVERSAL, noLink);
    expect(code(() => addFilter(session, "f"))).toBe("ERROR_ACCESS_DENIED");
  });
});
