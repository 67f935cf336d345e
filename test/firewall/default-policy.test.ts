import { describe, expect, it } from "vitest";
import { buildPolicy, verifyWeights } from "../../src/engine/index.ts";
import { DEMO_SERVER, type DefaultPolicyKind, defaultPolicy, defaultRules } from "../../src/firewall/index.ts";
import { CONDITION_FLAG, type Filter, WINDOWS_VERSIONS } from "../../src/model/index.ts";
import { readNetsh, writeNetsh } from "../../src/sources/index.ts";
import { Asker, service } from "./values.ts";

const KINDS: readonly DefaultPolicyKind[] = ["desktop", "server"];
const svchost = "C:\\Windows\\System32\\svchost.exe";

describe.each(KINDS)("the %s policy", (kind) => {
  it.each(WINDOWS_VERSIONS)("compiles for Windows %s and lets the demo server be reached", (windows) => {
    const asker = new Asker(defaultPolicy(kind, { windows }));
    for (const profile of ["private", "domain", "public"] as const) {
      for (const remote of ["203.0.113.9", "2001:db8:1::9"]) {
        const flow = { profile, remote, app: DEMO_SERVER.program, localPort: DEMO_SERVER.port };
        expect(asker.verdict("accept", flow)).toBe("permit default-demo-tcp");
        expect(asker.ask("connect", { profile, remote }).decision.verdict).toBe("permit");
        expect(asker.verdict("accept", { ...flow, localPort: 81 })).toBe("block Query User Default");
        expect(asker.verdict("no-endpoint", { ...flow, localPort: 81 })).toBe("block Stealth");
        const loopback = { ...flow, flags: CONDITION_FLAG.IS_LOOPBACK | CONDITION_FLAG.IS_NON_APPCONTAINER_LOOPBACK };
        expect(asker.ask("accept", { ...loopback, localPort: 81 }).decision.verdict).toBe("permit");
      }
    }
  });

  it("is the same object for equal options, and equal when compiled for other profiles and back", () => {
    expect(defaultPolicy(kind)).toBe(defaultPolicy(kind, { windows: "11", profiles: ["public", "private", "domain"] }));
    expect(defaultPolicy(kind)).not.toBe(defaultPolicy(kind, { profiles: ["public"] }));
  });

  it("identifies every filter by a key that other rules do not change", () => {
    const keys = defaultPolicy(kind).filters.map((filter) => filter.key);
    expect(new Set(keys).size).toBe(keys.length);
    const keyOf = (profiles: readonly ["public"] | undefined) =>
      defaultPolicy(kind, profiles === undefined ? {} : { profiles }).filters.find((filter) => filter.origin === "default-demo-tcp")?.key;
    expect(keyOf(["public"])).toBe(keyOf(undefined));
  });

  it("has the weights that the engine computes", () => {
    expect(verifyWeights(defaultPolicy(kind))).toMatchObject({ wrong: 0 });
  });

  it("survives being written as netsh writes and read again, with the origins that Windows records", () => {
    const policy = defaultPolicy(kind);
    const again = buildPolicy(readNetsh(writeNetsh(policy), { source: "round trip" }));
    const recorded = ({ providerContextKey, origin }: Filter) => (providerContextKey === null ? null : origin);
    const facts = (filter: Filter) => [filter.key, filter.name, filter.filterId, filter.effectiveWeight, filter.conditions.length];
    const byId = (filters: readonly Filter[]) => [...filters].sort((a, b) => Number(a.filterId - b.filterId));
    expect(byId(again.filters).map((filter) => [...facts(filter), filter.origin])).toEqual(
      byId(policy.filters).map((filter) => [...facts(filter), recorded(filter)]),
    );
  });

  it("has a filter for each of its inbound rules that are switched on", () => {
    const origins = new Set(defaultPolicy(kind).filters.map((filter) => filter.origin));
    const silent = defaultRules(kind).filter((rule) => rule.enabled && !origins.has(rule.id));
    expect(silent.map(({ id }) => id)).toEqual([]);
  });
});

describe("what the shipped machines offer", () => {
  const desktop = new Asker(defaultPolicy("desktop"));
  const server = new Asker(defaultPolicy("server"));

  it("SMB at home on the desktop, also in the domain on the server", () => {
    const smb = { app: "System", localPort: 445 };
    for (const remote of ["10.0.0.77", "2001:db8::77"]) {
      const open = (asker: Asker) =>
        (["public", "private", "domain"] as const).map((profile) => asker.ask("accept", { ...smb, remote, profile }).decision.verdict);
      expect(open(desktop)).toEqual(["block", "permit", "block"]);
      expect(open(server)).toEqual(["block", "permit", "permit"]);
    }
    expect(desktop.ask("accept", { ...smb, remote: "203.0.113.9", profile: "private" }).decision.verdict).toBe("block");
  });

  it("remote desktop and management in the server's domain only", () => {
    const rdp = { app: svchost, token: service("TermService"), localPort: 3389 };
    expect(desktop.ask("accept", { ...rdp, profile: "domain" }).decision.verdict).toBe("block");
    expect(server.verdict("accept", { ...rdp, profile: "domain" })).toBe("permit default-rdp-tcp");
    expect(server.ask("accept", { ...rdp, profile: "private" }).decision.verdict).toBe("block");
    expect(server.verdict("accept", { app: "System", localPort: 5985, profile: "domain" })).toBe("permit default-winrm");
  });

  it("the web from everywhere on the server", () => {
    expect(server.verdict("accept", { app: "System", localPort: 443 })).toBe("permit default-https");
    expect(desktop.ask("accept", { app: "System", localPort: 443 }).decision.verdict).toBe("block");
  });

  it("addresses and neighbours everywhere", () => {
    for (const asker of [desktop, server]) {
      const dhcp = { protocol: 17, localPort: 68, remotePort: 67, app: svchost, token: service("Dhcp") };
      expect(asker.verdict("accept", dhcp)).toBe("permit default-dhcp");
      const neighbour = { protocol: 58, remote: "fe80::7", app: "System", icmp: { type: 135, code: 0 } };
      expect(asker.verdict("accept", neighbour)).toBe("permit default-ns");
    }
  });

  it("services held to their own ports", () => {
    const time = { app: svchost, token: service("W32Time") };
    expect(desktop.ask("connect", { ...time, protocol: 17, remotePort: 123 }).decision.verdict).toBe("permit");
    expect(desktop.verdict("connect", { ...time, remotePort: 80 })).toBe("block WSH Default");
  });
});
