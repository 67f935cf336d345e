/** Readers of what people have. */
export { decodeText } from "./decode-text.ts";
export type { NetEvent, NetEventTerminatingFilter } from "./events/net-event.ts";
export { isNetEvents, type NetEventsImport, type NetEventsOptions, readNetEvents } from "./events/net-events.ts";
export { netEventVerdicts } from "./events/net-events-verdicts.ts";
export {
  type FirewallLog,
  type FirewallLogAction,
  type FirewallLogEntry,
  type FirewallLogOptions,
  type FirewallLogPath,
  isFirewallLog,
  readFirewallLog,
} from "./events/pfirewall-log.ts";
export { firewallLogVerdicts } from "./events/pfirewall-verdicts.ts";
export {
  type EventPolicy,
  EventPolicyTimeline,
  hostsWithPolicy,
  type PolicyFromEventsOptions,
  policyFromEvents,
} from "./events/policy-from-events.ts";
export { isSecurityLog, readSecurityLog, type SecurityLog, type SecurityLogOptions } from "./events/security-log.ts";
export { firewallFormatOf, type ReadRulesOptions, readFirewallRules } from "./firewall-rules/read-firewall-rules.ts";
export { readHosts } from "./hosts/read-hosts.ts";
export { type NetshOptions, readNetsh, readNetshAsync } from "./netsh/read-netsh.ts";
export { writeNetsh } from "./netsh/write-netsh.ts";
export { openScenario, scenarioJsonSchema } from "./scenario/open-scenario.ts";
export { openSuite, suiteJsonSchema } from "./suite/open-suite.ts";
export type { ReadSuiteOptions } from "./suite/read-suite.ts";
