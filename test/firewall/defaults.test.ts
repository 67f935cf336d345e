import { describe, expect, it } from "vitest";
import { DEFAULT_PROFILE_SETTINGS, ORIGIN } from "../../src/firewall/index.ts";
import { CONDITION_FLAG, type Sid } from "../../src/model/index.ts";
import { CONFIG, ETHERNET, firewallRule, lab, only } from "./lab.ts";
import { Asker, appContainer, INTERNET_CLIENT, INTERNET_CLIENT_SERVER, PACKAGE, PRIVATE_NETWORK, service } from "./values.ts";

const SET = CONDITION_FLAG;
const BLOCKED_BY_DEFAULT = `block ${ORIGIN.queryUser}`;
const off = { ...DEFAULT_PROFILE_SETTINGS, enabled: false };

describe("inbound and outbound defaults (6.2)", () => {
  it("closes inbound and opens outbound, in both families and in every profile", () => {
    const machine = lab({ activeProfiles: ["domain", "private", "public"] });
    for (const remote of ["203.0.113.9", "2001:db8:1::9"]) {
      for (const profile of ["none", "public", "private", "domain"] as const) {
        expect(machine.verdict("accept", { remote, profile })).toBe(BLOCKED_BY_DEFAULT);
        expect(machine.verdict("icmp-in", { remote, profile, icmp: { type: 3, code: 1 } })).toBe(BLOCKED_BY_DEFAULT);
        expect(machine.verdict("connect", { remote, profile })).toBe("permit -");
      }
    }
  });

  it("closes outbound where the profile says so, and rules then open it", () => {
    const closed = { ...DEFAULT_PROFILE_SETTINGS, defaultOutboundAction: "block" } as const;
    const machine = lab({
      profiles: { ...CONFIG.profiles, public: closed },
      activeProfiles: ["public", "private"],
      rules: [firewallRule({ id: "web", direction: "out", protocol: 6, remotePorts: only(443) })],
    });
    expect(machine.verdict("connect", { remotePort: 80 })).toBe("block -");
    expect(machine.verdict("connect", { remotePort: 443 })).toBe("permit web");
    expect(machine.verdict("connect", { remotePort: 80, profile: "private" })).toBe("permit -");
  });

  it("opens everything where the firewall is off, but other profiles stay closed", () => {
    const machine = lab({ profiles: { ...CONFIG.profiles, private: off }, activeProfiles: ["public", "private"] });
    expect(machine.verdict("accept", { profile: "private" })).toBe("permit -");
    expect(machine.verdict("accept", { profile: "public" })).toBe(BLOCKED_BY_DEFAULT);
    expect(machine.ask("no-endpoint", { profile: "private" }).decision.verdict).toBe("permit");
  });

  it("leaves service hardening and AppContainer isolation in force while the firewall is off", () => {
    const machine = lab({ profiles: { ...CONFIG.profiles, public: off }, hardening: { services: ["W32Time"], rules: [] } });
    expect(machine.verdict("connect", { token: service("W32Time") })).toBe(`block ${ORIGIN.serviceHardening}`);
    expect(machine.verdict("connect", { token: appContainer() })).toBe(`block ${ORIGIN.uwp}`);
  });
});

describe("query user (6.7, F18)", () => {
  const machine = lab();

  it("lets a program without a rule bind and listen", () => {
    expect(machine.ask("bind", { protocol: 17, localPort: 5000 }).decision).toMatchObject({ verdict: "permit", filter: null });
    expect(machine.ask("listen", { localPort: 5000 }).decision).toMatchObject({ verdict: "permit", filter: null });
  });

  it("calls its callout for a listener and for a UDP port that was asked for", () => {
    const called = (what: "bind" | "listen", flow: Parameters<typeof machine.ask>[1]) =>
      machine.ask(what, flow).filters.filter(({ truth, filter }) => truth === "true" && filter.origin === ORIGIN.queryUser).length > 0;
    expect(called("listen", {})).toBe(true);
    expect(called("listen", { flags: SET.IS_LOOPBACK })).toBe(false);
    expect(called("bind", { protocol: 17 })).toBe(true);
    expect(called("bind", { protocol: 17, flags: SET.IS_WILDCARD_BIND })).toBe(false);
    expect(called("bind", { protocol: 6 })).toBe(false);
  });

  it("drops the inbound connection to it", () => {
    expect(machine.verdict("accept", { localPort: 5000 })).toBe(BLOCKED_BY_DEFAULT);
  });

  it("asks nobody where notifications are off", () => {
    const quiet = lab({ profiles: { ...CONFIG.profiles, public: { ...DEFAULT_PROFILE_SETTINGS, notifyOnListen: false } } });
    expect(quiet.ask("listen").filters).toEqual([]);
  });
});

describe("boot phase (6.6, F14, F15)", () => {
  const machine = lab({ rules: [firewallRule({ protocol: 6, localPorts: only(80) })] });
  const booting = new Asker(machine.bfe.policy, { phase: "boot" });

  it("keeps inbound closed although a rule will allow it", () => {
    expect(machine.verdict("accept", { localPort: 80 })).toBe("permit rule");
    expect(booting.verdict("accept", { localPort: 80 })).toBe(`block ${ORIGIN.bootTime}`);
    expect(booting.verdict("icmp-in", { icmp: { type: 3, code: 1 } })).toBe(`block ${ORIGIN.bootTime}`);
    expect(booting.verdict("forward")).toBe(`block ${ORIGIN.bootTime}`);
  });

  it("lets outbound, neighbour discovery and desktop loopback through", () => {
    expect(booting.ask("connect").decision).toMatchObject({ verdict: "permit", filter: null });
    const solicitation = { protocol: 58, icmp: { type: 135, code: 0 }, remote: "fe80::1" };
    expect(booting.verdict("accept", solicitation)).toBe(`permit ${ORIGIN.bootTime}`);
    const loopback = { remote: "127.0.0.1", local: "127.0.0.1", flags: SET.IS_LOOPBACK | SET.IS_NON_APPCONTAINER_LOOPBACK };
    expect(booting.verdict("accept", loopback)).toBe(`permit ${ORIGIN.bootTime}`);
  });

  it("hands over to its persistent twins, which hold until the service has written its rules again", () => {
    const fresh = lab({ rules: [firewallRule({ protocol: 6, localPorts: only(80) })] });
    fresh.bfe.restart();
    const restarted = new Asker(fresh.bfe.policy);
    expect(restarted.verdict("accept", { localPort: 80 })).toBe(`block ${ORIGIN.quarantine}`);
    expect(restarted.blockers("accept", { localPort: 80 })).toEqual(["QUARANTINE", "WF"]);
    expect(restarted.ask("connect").decision).toMatchObject({ verdict: "permit", filter: null });
    expect(restarted.ask("forward").decision.verdict).toBe("permit");
  });

  it("has forwarding open once the machine runs", () => {
    expect(machine.verdict("forward")).toBe("permit -");
  });
});

describe("stealth (6.6, F16, F17)", () => {
  const machine = lab();

  it("suppresses the answer to a SYN nobody listens for", () => {
    const { decision } = machine.ask("no-endpoint", { localPort: 81 });
    expect(decision).toMatchObject({ verdict: "block", code: "CALLOUT_BLOCK" });
    expect(decision.filter?.origin).toBe(ORIGIN.stealth);
    expect(machine.verdict("no-endpoint", { remote: "2001:db8::9" })).toBe(`block ${ORIGIN.stealth}`);
  });

  it("answers over loopback and to IPsec peers", () => {
    expect(machine.ask("no-endpoint", { flags: SET.IS_LOOPBACK }).decision.verdict).toBe("permit");
    expect(machine.ask("no-endpoint", { flags: SET.IS_IPSEC_SECURED }).decision.verdict).toBe("permit");
  });

  it("sends no ICMP error about a closed port, but those that path MTU discovery needs", () => {
    const error = (type: number, code: number, remote = "203.0.113.9", flags = 0) =>
      machine.verdict("icmp-out", { remote, flags, icmp: { type, code } });
    const silent = `block ${ORIGIN.stealth}`;
    expect([0, 3, 5, 12, 14, 255].map((code) => error(3, code))).toEqual(new Array(6).fill(silent));
    expect([4, 13].map((code) => error(3, code))).toEqual(["permit -", "permit -"]);
    expect(error(11, 0)).toBe("permit -");
    expect([error(1, 4, "2001:db8::9"), error(4, 2, "2001:db8::9")]).toEqual([silent, silent]);
    expect([error(2, 0, "2001:db8::9"), error(4, 3, "2001:db8::9")]).toEqual(["permit -", "permit -"]);
    expect(error(3, 3, "127.0.0.1", SET.IS_LOOPBACK)).toBe(`permit ${ORIGIN.bootTime}`);
  });

  it("is off where the profile says so", () => {
    const loud = lab({ profiles: { ...CONFIG.profiles, public: { ...DEFAULT_PROFILE_SETTINGS, stealth: false } } });
    expect(loud.ask("no-endpoint").decision.verdict).toBe("permit");
    expect(loud.ask("icmp-out", { icmp: { type: 3, code: 3 } }).decision.verdict).toBe("permit");
  });

  it("holds in each profile by itself", () => {
    const mixed = lab({
      activeProfiles: ["public", "private"],
      profiles: { ...CONFIG.profiles, private: { ...DEFAULT_PROFILE_SETTINGS, stealth: false } },
    });
    expect(mixed.ask("no-endpoint", { profile: "private" }).decision.verdict).toBe("permit");
    expect(mixed.verdict("no-endpoint", { profile: "public" })).toBe(`block ${ORIGIN.stealth}`);
    expect(mixed.verdict("icmp-out", { profile: "private", icmp: { type: 3, code: 3 } })).toBe(`permit ${ORIGIN.stealth}`);
  });
});

describe("quarantine (6.6, F10–F13)", () => {
  const allow = firewallRule({ id: "web", protocol: 6, localPorts: only(80) });
  const hardening = { services: ["W32Time"], rules: [] };
  const machine = lab({ interfaces: [{ ...ETHERNET, quarantined: true }], rules: [allow], hardening });

  it("blocks new inbound traffic whatever the rules allow", () => {
    expect(machine.verdict("accept", { localPort: 80 })).toBe(`block ${ORIGIN.quarantine}`);
    expect(machine.blockers("accept", { localPort: 80 })).toEqual(["QUARANTINE"]);
    expect(machine.verdict("accept", { localPort: 80, remote: "2001:db8::9" })).toBe(`block ${ORIGIN.quarantine}`);
  });

  it("is reported before the sublayers below that block as well", () => {
    expect(machine.verdict("accept", { token: service("W32Time") })).toBe(`block ${ORIGIN.quarantine}`);
    expect(machine.blockers("accept", { token: service("W32Time") })).toEqual(["QUARANTINE", "WSH", "WF"]);
  });

  it("lets loopback, outbound and its exceptions through", () => {
    const loopback = { localPort: 80, remote: "127.0.0.1", flags: SET.IS_LOOPBACK | SET.IS_NON_APPCONTAINER_LOOPBACK };
    expect(machine.ask("accept", loopback).decision.verdict).toBe("permit");
    expect(machine.ask("connect").decision.verdict).toBe("permit");
    const spared = (flow: Parameters<typeof machine.ask>[1]) => !machine.blockers("accept", flow).includes("QUARANTINE");
    expect(spared({ protocol: 17, localPort: 68, remotePort: 67 })).toBe(true);
    expect(spared({ protocol: 17, localPort: 546, remotePort: 547, remote: "fe80::1" })).toBe(true);
    expect(spared({ protocol: 58, icmp: { type: 135, code: 0 }, remote: "fe80::1" })).toBe(true);
    expect(spared({ protocol: 58, icmp: { type: 134, code: 0 }, remote: "fe80::1", app: "System" })).toBe(true);
    expect(spared({ protocol: 58, icmp: { type: 134, code: 0 }, remote: "2001:db8::1", app: "System" })).toBe(false);
    expect(spared({ interfaceType: 131 })).toBe(true);
  });

  it("ends when the firewall has caught up, and begins anew with the next network change", () => {
    const caughtUp = lab({ rules: [allow] });
    expect(caughtUp.verdict("accept", { localPort: 80 })).toBe("permit web");
    expect(caughtUp.verdict("accept", { localPort: 80, reauthorizedByOpposite: true })).toBe("permit web");
    expect(caughtUp.verdict("accept", { localPort: 80, epoch: ETHERNET.quarantineEpoch + 1n })).toBe(`block ${ORIGIN.quarantine}`);
    expect(caughtUp.verdict("accept", { localPort: 80, luid: 1n })).toBe(`block ${ORIGIN.quarantine}`);
  });

  it("can be left out", () => {
    const without = lab({ interfaces: [], rules: [allow], quarantine: false });
    expect(without.verdict("accept", { localPort: 80 })).toBe("permit web");
  });
});

describe("loopback (6.4, F9)", () => {
  const target = { remote: "127.0.0.1", remotePort: 47613, flags: SET.IS_LOOPBACK };
  const machine = lab({
    rules: [
      firewallRule({ id: "no-loopback", direction: "out", action: "block", protocol: 6, remotePorts: only(47613) }),
      firewallRule({ id: "no-loopback-in", action: "block", protocol: 6, localPorts: only(47613) }),
    ],
  });

  it("is beyond ordinary block rules, outbound and inbound", () => {
    expect(machine.verdict("connect", { ...target, flags: 0, remote: "203.0.113.9" })).toBe("block no-loopback");
    expect(machine.ask("connect", target).decision.verdict).toBe("permit");
    expect(machine.ask("connect", { ...target, token: appContainer() }).decision.verdict).toBe("permit");
    const inbound = { ...target, localPort: 47613, flags: SET.IS_LOOPBACK | SET.IS_NON_APPCONTAINER_LOOPBACK };
    expect(machine.ask("accept", inbound).decision.verdict).toBe("permit");
  });

  it("of an AppContainer is dropped at the receiver unless ALE marks it as allowed", () => {
    const received = (more: number) => machine.ask("accept", { ...target, flags: SET.IS_LOOPBACK | more }).decision;
    expect(received(0).filter?.origin).toBe(ORIGIN.appContainerLoopback);
    expect(received(0).verdict).toBe("block");
    expect(received(SET.IS_APPCONTAINER_LOOPBACK).verdict).toBe("permit");
    expect(received(SET.IS_NON_APPCONTAINER_LOOPBACK).verdict).toBe("permit");
  });

  it("carries no NetBIOS names: the newer of two filters of equal weight", () => {
    expect(machine.verdict("connect", { ...target, remotePort: 137 })).toBe(`block ${ORIGIN.appContainerLoopback}`);
  });
});

describe("AppContainer isolation (6.5, F5–F8)", () => {
  const machine = lab();

  it("blocks an AppContainer without the capability, TCP and UDP", () => {
    for (const protocol of [6, 17]) {
      expect(machine.verdict("connect", { protocol, token: appContainer() })).toBe(`block ${ORIGIN.uwp}`);
      expect(machine.verdict("connect", { protocol, token: appContainer(PRIVATE_NETWORK) })).toBe(`block ${ORIGIN.uwp}`);
    }
    expect(machine.blockers("connect", { token: appContainer() })).toEqual(["APP_ISOLATION"]);
  });

  it("lets one with internetClient out and one with internetClientServer out and in", () => {
    for (const capability of [INTERNET_CLIENT, INTERNET_CLIENT_SERVER]) {
      expect(machine.ask("connect", { token: appContainer(capability) }).decision.verdict).toBe("permit");
    }
    const inbound = (token: ReturnType<typeof appContainer>) => machine.blockers("accept", { token }).includes("APP_ISOLATION");
    expect(inbound(appContainer(INTERNET_CLIENT))).toBe(true);
    expect(inbound(appContainer(INTERNET_CLIENT_SERVER))).toBe(false);
  });

  it("does not concern other programs", () => {
    expect(machine.ask("connect").subLayers.some(({ filter }) => filter?.origin === ORIGIN.uwp)).toBe(false);
  });

  it("still leaves a block rule for the package its say", () => {
    const rule = firewallRule({ id: "no-app", direction: "out", action: "block", package: PACKAGE });
    const blocked = lab({ rules: [rule] });
    const flow = { token: appContainer(INTERNET_CLIENT) };
    expect(blocked.verdict("connect", flow)).toBe("block no-app");
    expect(blocked.blockers("connect", flow)).toEqual(["WF"]);
    expect(blocked.ask("connect").decision.verdict).toBe("permit");
  });

  it("tells the private network from the internet where the profile is not public", () => {
    const home = lab({ activeProfiles: ["private"] });
    const reach = (remote: string, ...capabilities: readonly Sid[]) =>
      home.ask("connect", { remote, profile: "private", token: appContainer(...capabilities) }).decision.verdict;
    expect(reach("10.0.0.7", PRIVATE_NETWORK)).toBe("permit");
    expect(reach("10.0.0.7", INTERNET_CLIENT)).toBe("block");
    expect(reach("203.0.113.9", INTERNET_CLIENT)).toBe("permit");
    expect(reach("203.0.113.9", PRIVATE_NETWORK)).toBe("block");
    expect(reach("2001:db8::7", PRIVATE_NETWORK)).toBe("permit");
    expect(reach("2001:db8:1::7", INTERNET_CLIENT)).toBe("permit");
  });

  it("lives among the service hardening before Windows 11 and does not exist before Windows 8", () => {
    expect(lab({ windows: "10" }).blockers("connect", { token: appContainer() })).toEqual(["WSH"]);
    expect(lab({ windows: "7" }).ask("connect", { token: appContainer() }).decision.verdict).toBe("permit");
  });
});

describe("service hardening (6.6, F19)", () => {
  const machine = lab({
    hardening: {
      services: ["W32Time", "Dnscache"],
      rules: [
        firewallRule({ id: "time", direction: "out", service: "W32Time", protocol: 17, remotePorts: only(123) }),
        firewallRule({ id: "rpc", service: "W32Time", protocol: 6, localPorts: [{ kind: "keyword", keyword: "RPC" }] }),
      ],
    },
  });
  const time = service("W32Time");

  it("lets a service do what is written for it and nothing else, although the firewall permits it", () => {
    expect(machine.ask("connect", { token: time, protocol: 17, remotePort: 123 }).decision.verdict).toBe("permit");
    const refused = { token: time, protocol: 6, remotePort: 80 };
    expect(machine.verdict("connect", refused)).toBe(`block ${ORIGIN.serviceHardening}`);
    expect(machine.blockers("connect", refused)).toEqual(["WSH"]);
    expect(machine.ask("connect", refused).subLayers.find(({ subLayerName }) => subLayerName.endsWith("MPSSVC_WF"))?.action).toBe("permit");
  });

  it("knows RPC's ports by the socket's mark", () => {
    const blockers = (socketFlags: number) => machine.blockers("accept", { token: time, localPort: 49664, socketFlags });
    expect(blockers(1)).toEqual(["WF"]);
    expect(blockers(0)).toEqual(["WSH", "WF"]);
  });

  it("does not concern services without rules", () => {
    expect(machine.ask("connect", { token: service("Spooler") }).decision.verdict).toBe("permit");
  });
});
