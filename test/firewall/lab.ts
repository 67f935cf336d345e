import { Bfe } from "../../src/engine/index.ts";
import {
  type CompiledFirewall,
  compileFirewall,
  DEFAULT_PROFILE_SETTINGS,
  type FirewallConfig,
  type FirewallInterface,
  type FirewallRule,
} from "../../src/firewall/index.ts";
import { parseAddress } from "../../src/model/index.ts";
import { Asker, EPOCH, LUID } from "./values.ts";

/** The interface of {@link LUID}: 10.0.0.0/24 and 2001:db8::/64. */
export const ETHERNET: FirewallInterface = {
  alias: "Ethernet",
  luid: LUID,
  addresses: [
    { address: parseAddress("10.0.0.2"), prefixLength: 24 },
    { address: parseAddress("2001:db8::2"), prefixLength: 64 },
  ],
  quarantineEpoch: EPOCH,
};

export const CONFIG: FirewallConfig = {
  windows: "11",
  profiles: { domain: DEFAULT_PROFILE_SETTINGS, private: DEFAULT_PROFILE_SETTINGS, public: DEFAULT_PROFILE_SETTINGS },
  activeProfiles: ["public"],
  interfaces: [ETHERNET],
  rules: [],
  hardening: { services: [], rules: [] },
  quarantine: true,
  inspection: true,
};

/** A rule that says nothing but its direction and verdict, for all profiles, until a test says more. */
export function firewallRule(more: Partial<FirewallRule>): FirewallRule {
  return {
    id: "rule",
    name: "Rule",
    direction: "in",
    action: "allow",
    enabled: true,
    profiles: ["domain", "private", "public"],
    protocol: "any",
    ...more,
  };
}

export interface Lab extends Asker {
  readonly bfe: Bfe;
  readonly compiled: CompiledFirewall;
}

/** Windows Firewall of a machine on a public network, with what the test changes. */
export function lab(more: Partial<FirewallConfig> = {}): Lab {
  const config = { ...CONFIG, ...more };
  const bfe = new Bfe({ windows: config.windows });
  const compiled = compileFirewall(bfe, config);
  return Object.assign(new Asker(bfe.policy), { bfe, compiled });
}

/** The ports of one number. */
export const only = (port: number) => [{ kind: "range", low: port, high: port }] as const;
