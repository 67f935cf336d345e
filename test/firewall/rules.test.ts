import { describe, expect, it } from "vitest";
import { Bfe } from "../../src/engine/index.ts";
import { compileFirewall, parseRuleAddresses, parseRulePorts } from "../../src/firewall/index.ts";
import {
  CONDITION_FLAG,
  type Filter,
  type FwpValue,
  fieldName,
  InputError,
  layerName,
  parseSid,
  SOCKET_PROPERTY_FLAG,
  SUBLAYER_KEY,
  tokenAccessInformation,
} from "../../src/model/index.ts";
import { CONFIG, ETHERNET, firewallRule, type Lab, lab, only } from "./lab.ts";
import { Asker, appContainer, INTERNET_CLIENT_SERVER, PACKAGE, service, USER } from "./values.ts";

const filtersOf = (machine: Lab, origin: string): readonly Filter[] =>
  machine.bfe.policy.filters.filter((filter) => filter.origin === origin);

/** Layer without prefix and family, sublayer, tier, action and fields: `ALE_AUTH_LISTEN WF 9 PERMIT IP_LOCAL_PORT`. */
function shape(filter: Filter): string {
  const layer = layerName(filter.layerKey).replace(/^FWPM_LAYER_|_V[46]/g, "");
  const subLayer = filter.subLayerKey === SUBLAYER_KEY.EDGE_TRAVERSAL ? "EDGE" : "WF";
  const weight = filter.weight.type === "FWP_EMPTY" ? "auto" : filter.weight.value;
  const fields = filter.conditions.map((condition) => fieldName(condition.fieldKey)).join("+");
  return `${layer} ${subLayer} ${weight} ${filter.action.type.replace("FWP_ACTION_", "")} ${fields}`.trim();
}

const shapes = (machine: Lab, origin = "rule"): readonly string[] => [...new Set(filtersOf(machine, origin).map(shape))];

describe("rules become filters (6.3)", () => {
  it("inbound allow: permits to listen and to accept, in both families", () => {
    const machine = lab({ rules: [firewallRule({ protocol: 6, localPorts: only(80) })] });
    expect(shapes(machine)).toEqual([
      "ALE_AUTH_LISTEN WF 9 PERMIT IP_LOCAL_PORT",
      "ALE_AUTH_RECV_ACCEPT WF 9 PERMIT IP_LOCAL_PORT+IP_PROTOCOL",
    ]);
    expect(filtersOf(machine, "rule")).toHaveLength(4);
  });

  it("inbound block: permits to bind, blocks to accept (the answer to a refused prompt)", () => {
    const machine = lab({ rules: [firewallRule({ action: "block", protocol: 17, program: "C:\\App\\app.exe" })] });
    expect(shapes(machine)).toEqual([
      "ALE_RESOURCE_ASSIGNMENT WF 10 PERMIT ALE_APP_ID+IP_PROTOCOL",
      "ALE_AUTH_RECV_ACCEPT WF 10 BLOCK ALE_APP_ID+IP_PROTOCOL",
    ]);
  });

  it("outbound block: blocks to connect; outbound allow: nothing, since outbound is open", () => {
    const machine = lab({
      rules: [
        firewallRule({ direction: "out", action: "block", protocol: 6, remotePorts: only(25) }),
        firewallRule({ id: "open", direction: "out", protocol: 6, remotePorts: only(25) }),
      ],
    });
    expect(shapes(machine)).toEqual(["ALE_AUTH_CONNECT WF 10 BLOCK IP_PROTOCOL+IP_REMOTE_PORT"]);
    expect(machine.compiled.skipped.get("open")).toBe("default-permits");
  });

  it("a list of ports: a filter each; a list of addresses: one filter with all", () => {
    const rule = firewallRule({
      protocol: 6,
      localPorts: parseRulePorts("80,443,5000-5010") ?? [],
      remoteAddresses: parseRuleAddresses("192.0.2.0/24,198.51.100.7") ?? [],
    });
    const machine = lab({ rules: [rule] });
    const accepts = filtersOf(machine, "rule").filter((filter) => layerName(filter.layerKey).includes("RECV_ACCEPT"));
    expect(accepts).toHaveLength(3);
    const open = (localPort: number, remote: string) => machine.ask("accept", { localPort, remote }).decision.verdict;
    expect([80, 443, 5000, 5010].map((port) => open(port, "192.0.2.200"))).toEqual(new Array(4).fill("permit"));
    expect(open(80, "198.51.100.7")).toBe("permit");
    expect([open(81, "192.0.2.200"), open(80, "198.51.100.8"), open(5011, "192.0.2.1")]).toEqual(new Array(3).fill("block"));
    expect(open(80, "2001:db8::9")).toBe("block");
  });

  it("LocalSubnet: subnets and multicast, no tunnels, and a twin for reauthorization by the opposite direction", () => {
    const machine = lab({
      rules: [firewallRule({ protocol: 6, localPorts: only(445), remoteAddresses: parseRuleAddresses("LocalSubnet") ?? [] })],
    });
    expect(shapes(machine).filter((text) => text.includes("RECV_ACCEPT"))).toEqual([
      "ALE_AUTH_RECV_ACCEPT WF 9 PERMIT IP_LOCAL_PORT+IP_REMOTE_ADDRESS+IP_REMOTE_ADDRESS+IP_PROTOCOL+ARRIVAL_TUNNEL_TYPE",
      "ALE_AUTH_RECV_ACCEPT WF 9 PERMIT IP_LOCAL_PORT+IP_REMOTE_ADDRESS+IP_REMOTE_ADDRESS+IP_PROTOCOL+NEXTHOP_TUNNEL_TYPE+FLAGS",
      "ALE_AUTH_RECV_ACCEPT WF 9 PERMIT IP_LOCAL_PORT+IP_REMOTE_ADDRESS+IP_REMOTE_ADDRESS+IP_REMOTE_ADDRESS+IP_PROTOCOL+ARRIVAL_TUNNEL_TYPE",
      "ALE_AUTH_RECV_ACCEPT WF 9 PERMIT IP_LOCAL_PORT+IP_REMOTE_ADDRESS+IP_REMOTE_ADDRESS+IP_REMOTE_ADDRESS+IP_PROTOCOL+NEXTHOP_TUNNEL_TYPE+FLAGS",
    ]);
    const open = (remote: string, more = {}) => machine.ask("accept", { localPort: 445, remote, ...more }).decision.verdict;
    expect([open("10.0.0.77"), open("2001:db8::77"), open("fe80::77")]).toEqual(["permit", "permit", "permit"]);
    expect([open("10.0.1.77"), open("2001:db8:0:1::77")]).toEqual(["block", "block"]);
    expect(open("10.0.0.77", { tunnelType: 14 })).toBe("block");
    expect(open("10.0.0.77", { reauthorizedByOpposite: true })).toBe("permit");
  });

  it("a rule for some of the active profiles: a filter per profile, testing both of the flow's profiles", () => {
    const machine = lab({
      activeProfiles: ["public", "private", "domain"],
      rules: [firewallRule({ protocol: 6, localPorts: only(80), profiles: ["private", "domain"] })],
    });
    const open = (profile: "public" | "private" | "domain", currentProfile = profile) =>
      machine.ask("accept", { localPort: 80, profile, currentProfile }).decision.verdict;
    expect([open("private"), open("domain"), open("public")]).toEqual(["permit", "permit", "block"]);
    expect(open("private", "public")).toBe("block");
  });

  it("a rule for no active profile, or disabled, or under shields up: none", () => {
    const shields = { ...CONFIG.profiles.public, allowInboundRules: false };
    const rules = [
      firewallRule({ id: "a", profiles: ["domain"] }),
      firewallRule({ id: "b", enabled: false }),
      firewallRule({ id: "c", action: "block" }),
    ];
    expect([...lab({ rules }).compiled.skipped]).toEqual([
      ["a", "no-active-profile"],
      ["b", "disabled"],
    ]);
    const shielded = lab({ rules: [firewallRule({ id: "open" }), ...rules], profiles: { ...CONFIG.profiles, public: shields } });
    expect(shielded.compiled.skipped.get("open")).toBe("shields-up");
    expect(shielded.compiled.skipped.has("c")).toBe(false);
  });

  it("services by the service's SID, users by SDDL, packages by SID", () => {
    const machine = lab({
      rules: [
        firewallRule({ id: "time", service: "W32Time", program: "%SystemRoot%\\System32\\svchost.exe", protocol: 17 }),
        firewallRule({ id: "any-service", service: "*", protocol: 6, localPorts: only(1) }),
        firewallRule({ id: "admins", localUsers: "D:(A;;CC;;;BA)", protocol: 6, localPorts: only(2) }),
        firewallRule({ id: "app", package: PACKAGE, protocol: 6, localPorts: only(3) }),
      ],
    });
    const app = "C:\\Windows\\System32\\svchost.exe";
    expect(machine.verdict("accept", { protocol: 17, app, token: service("W32Time") })).toBe("permit time");
    expect(machine.ask("accept", { protocol: 17, app, token: service("Spooler") }).decision.verdict).toBe("block");
    expect(machine.verdict("accept", { localPort: 1, token: service("Spooler") })).toBe("permit any-service");
    expect(machine.ask("accept", { localPort: 1 }).decision.verdict).toBe("block");
    expect(machine.verdict("accept", { localPort: 2, token: service("Spooler") })).toBe("permit admins");
    expect(machine.ask("accept", { localPort: 2 }).decision.verdict).toBe("block");
    const token = appContainer(INTERNET_CLIENT_SERVER);
    expect(machine.blockers("accept", { localPort: 3, token })).toEqual([]);
    expect(shapes(machine, "app")).toEqual(["ALE_AUTH_RECV_ACCEPT WF 9 PERMIT ALE_PACKAGE_ID+IP_LOCAL_PORT+IP_PROTOCOL"]);
  });

  it("package family names by a conditional ACE, where Windows has the field", () => {
    const rule = firewallRule({ packageFamilyName: "Example.App_1234567890abc" });
    const attributes = { "WIN://SYSAPPID": ["Example.App_1234567890abc"] };
    const token = { ...appContainer(INTERNET_CLIENT_SERVER), attributes };
    expect(lab({ rules: [rule] }).blockers("accept", { token })).toEqual([]);
    expect(lab({ rules: [rule] }).blockers("accept", { token: { ...token, attributes: { "WIN://SYSAPPID": ["Other"] } } })).toEqual(["WF"]);
    expect(lab({ rules: [rule], windows: "10" }).compiled.skipped.get("rule")).toBe("nothing-to-match");
  });

  it("ICMP by the flow's first type, with its code", () => {
    const machine = lab({ rules: [firewallRule({ protocol: 1, icmpTypes: [{ type: 8 }, { type: 3, code: 4 }], program: "System" })] });
    const open = (type: number, code: number) =>
      machine.ask("accept", { protocol: 1, app: "System", icmp: { type, code } }).decision.verdict;
    expect([open(8, 0), open(3, 4), open(3, 1), open(13, 0)]).toEqual(["permit", "permit", "block", "block"]);
    expect(machine.ask("accept", { protocol: 6, app: "System" }).decision.verdict).toBe("block");
    expect(filtersOf(machine, "rule").every((filter) => layerName(filter.layerKey).endsWith("V4"))).toBe(true);
  });

  it("ICMP without a program also at the layer of ICMP errors", () => {
    const machine = lab({
      rules: [firewallRule({ protocol: 1 }), firewallRule({ id: "six", protocol: 58, icmpTypes: [{ type: 1 }, { type: 128 }] })],
    });
    expect(machine.verdict("icmp-in", { icmp: { type: 3, code: 1 } })).toBe("permit rule");
    expect(machine.verdict("icmp-in", { remote: "2001:db8::9", icmp: { type: 1, code: 1 } })).toBe("permit six");
    expect(machine.ask("icmp-in", { remote: "2001:db8::9", icmp: { type: 2, code: 0 } }).decision.verdict).toBe("block");
  });

  it("port keywords: RPC by the socket's mark, the others by number", () => {
    const keyword = (name: string) => parseRulePorts(name) ?? [];
    const machine = lab({
      rules: [
        firewallRule({ id: "rpc", protocol: 6, localPorts: keyword("RPC") }),
        firewallRule({ id: "map", protocol: 6, localPorts: keyword("RPC-EPMap") }),
        firewallRule({ id: "https", protocol: 6, localPorts: keyword("IPHTTPS") }),
        firewallRule({ id: "teredo", protocol: 17, localPorts: keyword("Teredo") }),
      ],
      ipHttpsPort: 443,
    });
    expect(machine.verdict("accept", { localPort: 49664, socketFlags: SOCKET_PROPERTY_FLAG.IS_SYSTEM_PORT_RPC })).toBe("permit rpc");
    expect(machine.ask("accept", { localPort: 49664 }).decision.verdict).toBe("block");
    expect(machine.verdict("accept", { localPort: 135 })).toBe("permit map");
    expect(machine.verdict("accept", { localPort: 443 })).toBe("permit https");
    expect(machine.compiled.skipped.get("teredo")).toBe("nothing-to-match");
    const unset = lab({ rules: [firewallRule({ protocol: 6, localPorts: keyword("IPHTTPS") })] });
    expect(unset.compiled.skipped.get("rule")).toBe("nothing-to-match");
    expect(
      lab({ rules: [firewallRule({ protocol: 17, localPorts: keyword("Teredo") })], teredoPort: 3544 }).verdict("accept", {
        protocol: 17,
        localPort: 3544,
      }),
    ).toBe("permit rule");
  });

  it("interfaces by alias, on whichever side the packet shows them", () => {
    const machine = lab({
      rules: [firewallRule({ interfaces: ["ethernet"] }), firewallRule({ id: "gone", interfaces: ["Wi-Fi"] })],
      quarantine: false,
    });
    expect(machine.verdict("accept")).toBe("permit rule");
    expect(machine.verdict("accept", { reauthorizedByOpposite: true })).toBe("permit rule");
    expect(machine.ask("accept", { luid: 7n }).decision.verdict).toBe("block");
    expect(machine.compiled.skipped.get("gone")).toBe("nothing-to-match");
  });

  it("interface kinds and the hosts that an interface names", () => {
    const known = {
      ...ETHERNET,
      dnsServers: parseRuleAddresses("10.0.0.53")?.flatMap((one) => (one.kind === "range" ? [one.low] : [])) ?? [],
    };
    const machine = lab({
      interfaces: [known],
      rules: [
        firewallRule({ id: "wireless", interfaceKinds: ["wireless"], protocol: 6 }),
        firewallRule({ id: "dns", remoteAddresses: parseRuleAddresses("DNS") ?? [], protocol: 17 }),
        firewallRule({ id: "wins", remoteAddresses: parseRuleAddresses("WINS") ?? [], protocol: 17 }),
      ],
    });
    expect(machine.verdict("accept", { interfaceType: 71 })).toBe("permit wireless");
    expect(machine.ask("accept", { interfaceType: 6 }).decision.verdict).toBe("block");
    expect(machine.verdict("accept", { protocol: 17, remote: "10.0.0.53" })).toBe("permit dns");
    expect(machine.compiled.skipped.get("wins")).toBe("nothing-to-match");
  });
});

describe("precedence", () => {
  it("a block rule beats an allow rule, which beats the default (D20)", () => {
    const machine = lab({
      rules: [
        firewallRule({ id: "allow", protocol: 6, localPorts: only(80), program: "C:\\Test\\program.exe" }),
        firewallRule({ id: "block", action: "block", protocol: 6, localPorts: only(80) }),
        firewallRule({ id: "other", protocol: 6, localPorts: only(81) }),
      ],
    });
    expect(machine.verdict("accept", { localPort: 80 })).toBe("block block");
    expect(machine.verdict("accept", { localPort: 81 })).toBe("permit other");
    expect(machine.verdict("accept", { localPort: 82 })).toBe("block Query User Default");
  });

  it("an override beats a block rule", () => {
    const machine = lab({
      rules: [firewallRule({ id: "over", action: "bypass", protocol: 6 }), firewallRule({ id: "block", action: "block" })],
    });
    expect(machine.verdict("accept", { protocol: 6, flags: CONDITION_FLAG.IS_AUTH_FW })).toBe("permit over");
    expect(machine.verdict("accept", { protocol: 17, flags: CONDITION_FLAG.IS_AUTH_FW })).toBe("block block");
  });

  it("an override is for authenticated traffic only, whether the rule says so or not", () => {
    const machine = lab({
      rules: [firewallRule({ id: "over", action: "bypass", protocol: 6 }), firewallRule({ id: "block", action: "block" })],
    });
    expect(machine.verdict("accept", { protocol: 6 })).toBe("block block");
  });

  describe("for an authenticated computer (authenticatedRules, Q11)", () => {
    const remoteMachines = "O:LSD:(A;;CC;;;S-1-5-21-1-2-3-515)";
    const rules = [
      firewallRule({ id: "over", action: "bypass", protocol: 6, remoteMachines }),
      firewallRule({ id: "block", action: "block", protocol: 6 }),
    ];
    const computer = (group: string): FwpValue => tokenAccessInformation({ ...USER, groups: [parseSid(group)] });
    const known = { ALE_REMOTE_MACHINE_ID: computer("S-1-5-21-1-2-3-515") };
    const other = { ALE_REMOTE_MACHINE_ID: computer("S-1-5-21-1-2-3-516") };
    const flags = CONDITION_FLAG.IS_AUTH_FW;

    it("asks for the flag and the identity", () => {
      const machine = lab({ rules });
      expect(machine.verdict("accept", { flags, fields: known })).toBe("permit over");
      expect(machine.verdict("accept", { flags, fields: other })).toBe("block block");
      expect(machine.verdict("accept", { fields: known })).toBe("block block");
    });

    it("or for the identity alone", () => {
      const machine = lab({ rules, interpretation: { authenticatedRules: "identity" } });
      expect(machine.verdict("accept", { fields: known })).toBe("permit over");
      expect(machine.verdict("accept", { fields: other })).toBe("block block");
    });

    it("and without an identity for the flag either way", () => {
      const secure = firewallRule({ protocol: 6, security: "authenticate" });
      for (const authenticatedRules of ["flag-and-identity", "identity"] as const) {
        const machine = lab({ rules: [secure], interpretation: { authenticatedRules } });
        expect(machine.verdict("accept", { flags })).toBe("permit rule");
        expect(machine.verdict("accept", {})).toBe("block Query User Default");
      }
    });
  });

  it("a third party's permit above opens nothing that the firewall keeps closed (D19)", () => {
    const machine = lab({ rules: [firewallRule({ protocol: 6, localPorts: only(80) })] });
    const session = machine.bfe.openSession();
    const subLayer = session.addSubLayer({ name: "Example VPN", weight: 0x9000 });
    const layer = machine.engine.policy.layers.find(({ name }) => name === "FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4");
    session.addFilter({ name: "Permit all", layer: layer?.key ?? "{}", subLayer, action: { type: "FWP_ACTION_PERMIT" } });
    const both = new Asker(machine.bfe.policy);
    expect(both.ask("accept", { localPort: 80 }).decision.verdict).toBe("permit");
    expect(both.verdict("accept", { localPort: 81 })).toBe("block Query User Default");
    expect(both.blockers("accept", { localPort: 81 })).toEqual(["WF"]);
  });
});

describe("edge traversal", () => {
  const rule = firewallRule({ protocol: 17, localPorts: only(7680) });
  const throughTeredo = { protocol: 17, localPort: 7680, remote: "2001:db8:9::9", interfaceType: 131, tunnelType: 14 };

  it("is closed unless the rule has it", () => {
    const closed = lab({ rules: [rule] });
    expect(closed.blockers("accept", throughTeredo)).toEqual(["EDGE_TRAVERSAL"]);
    expect(closed.verdict("accept", { ...throughTeredo, interfaceType: 6, tunnelType: 0 })).toBe("permit rule");
    const open = lab({ rules: [{ ...rule, edgeTraversal: "allow" }] });
    expect(open.ask("accept", throughTeredo).decision.verdict).toBe("permit");
    expect(open.ask("accept", { ...throughTeredo, reauthorizedByOpposite: true }).decision.verdict).toBe("permit");
  });

  it("tells Teredo of the socket", () => {
    const open = lab({ rules: [{ ...rule, edgeTraversal: "allow" }] });
    expect(shapes(open)).toContain("ALE_RESOURCE_ASSIGNMENT EDGE 9 CALLOUT_TERMINATING IP_LOCAL_PORT+IP_PROTOCOL");
    expect(open.ask("bind", { protocol: 17, localPort: 7680 }).decision.verdict).toBe("permit");
  });

  it("may be left to the program, which asks for it on its socket", () => {
    const deferred = lab({ rules: [{ ...rule, edgeTraversal: "defer-app" }] });
    expect(deferred.blockers("accept", throughTeredo)).toEqual(["EDGE_TRAVERSAL"]);
    const asking = { ...throughTeredo, socketFlags: SOCKET_PROPERTY_FLAG.ALLOW_EDGE_TRAFFIC };
    expect(deferred.ask("accept", asking).decision.verdict).toBe("permit");
  });

  it("or to the user, who is then still asked", () => {
    const deferred = lab({ rules: [{ ...rule, edgeTraversal: "defer-user" }] });
    const permits = (socketFlags: number) => deferred.verdict("bind", { protocol: 17, localPort: 7680, socketFlags });
    expect(permits(0)).toBe("permit rule");
    expect(permits(SOCKET_PROPERTY_FLAG.ALLOW_EDGE_TRAFFIC)).toBe("permit -");
  });
});

describe("a rule that cannot be compiled", () => {
  it.each([
    ["a service and users", firewallRule({ service: "W32Time", localUsers: "D:(A;;CC;;;BA)" })],
    ["an unknown variable", firewallRule({ program: "%NoSuchPlace%\\a.exe" })],
    ["malformed SDDL", firewallRule({ localUsers: "D:(A;;CC" })],
  ])("%s: is refused", (_, rule) => {
    expect(() => lab({ rules: [rule] })).toThrow(InputError);
  });

  it("leaves nothing behind", () => {
    const bfe = new Bfe({ windows: "11" });
    const rules = [firewallRule({ id: "fine" }), firewallRule({ program: "%NoSuchPlace%\\a.exe" })];
    expect(() => compileFirewall(bfe, { ...CONFIG, rules })).toThrow(InputError);
    expect(bfe.policy.filters).toEqual([]);
    expect(compileFirewall(bfe, CONFIG).filterIds.length).toBeGreaterThan(0);
  });
});
