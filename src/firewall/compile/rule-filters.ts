import type { Condition, FirewallRule } from "../../model/index.ts";
import type { CompileContext } from "./compile-context.ts";
import { protocolIs } from "./conditions.ts";
import { FAMILIES, type Family } from "./layers.ts";
import { PROTOCOL } from "./numbers.ts";
import {
  type Alternatives,
  ANY,
  addressAlternatives,
  boundInterfaceAlternatives,
  hasPorts,
  icmpAlternatives,
  interfaceAlternatives,
  portAlternatives,
  product,
  securityConditions,
  whoConditions,
} from "./rule-conditions.ts";

/** The families a rule can speak of: ICMP belongs to one. */
export function familiesOfRule(rule: FirewallRule): readonly Family[] {
  if (rule.protocol === PROTOCOL.icmpV4) return [4];
  return rule.protocol === PROTOCOL.icmpV6 ? [6] : FAMILIES;
}

export function isIcmp(rule: FirewallRule): boolean {
  return rule.protocol === PROTOCOL.icmpV4 || rule.protocol === PROTOCOL.icmpV6;
}

const protocolConditions = (rule: FirewallRule): readonly Condition[] => (rule.protocol === "any" ? [] : [protocolIs(rule.protocol)]);

/** All conditions of a rule at AUTH_CONNECT or RECV_ACCEPT; `scope` are the alternatives of interface and direction. */
export function flowAlternatives(
  context: CompileContext,
  rule: FirewallRule,
  family: Family,
  scope: Alternatives = interfaceAlternatives(rule, context.config),
): Alternatives {
  const { config } = context;
  const ported = hasPorts(rule);
  return product(
    [whoConditions(context, rule)],
    ported ? portAlternatives(rule.localPorts, "local", config, true) : ANY,
    icmpAlternatives(context, rule),
    addressAlternatives(rule.localAddresses, "LOCAL", config, family),
    addressAlternatives(rule.remoteAddresses, "REMOTE", config, family),
    [protocolConditions(rule)],
    [securityConditions(rule, config)],
    ported ? portAlternatives(rule.remotePorts, "remote", config, true) : ANY,
    scope,
  );
}

/** What of a rule can be told when a socket is bound or listens: the program and the local end. */
export function socketAlternatives(context: CompileContext, rule: FirewallRule, family: Family): Alternatives {
  const { config } = context;
  return product(
    [whoConditions(context, rule)],
    hasPorts(rule) ? portAlternatives(rule.localPorts, "local", config, false) : ANY,
    addressAlternatives(rule.localAddresses, "LOCAL", config, family),
    boundInterfaceAlternatives(rule, config),
  );
}
