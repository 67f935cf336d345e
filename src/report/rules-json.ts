import type { ListedRule, RuleListing } from "../model/index.ts";
import { type JsonRecord, jsonRecord } from "./json-record.ts";
import { addressesText, portsText } from "./rule-fields.ts";

/** A record for each file, profile and chosen rule, and a summary. */
export function* rulesJson(listing: RuleListing, chosen: readonly ListedRule[]): Iterable<JsonRecord> {
  for (const { source, format, rules, diagnostics } of listing.files) {
    yield jsonRecord("file", { source, format, rules, diagnostics });
  }
  for (const { profile, settings, sources, allowLocalRules } of listing.profiles) {
    yield jsonRecord("profile", { profile, settings, sources, allowLocalRules });
  }
  for (const one of chosen) yield ruleJson(one);
  yield jsonRecord("summary", {
    windows: listing.windows,
    rules: listing.rules.length,
    inForce: listing.rules.filter(({ inert }) => inert === null).length,
    shown: chosen.length,
  });
}

/** Ports and addresses as administrators write them; members of the rule that say "any" are left out. */
function ruleJson({ rule, imported, filters, profiles, inert }: ListedRule): JsonRecord {
  const { localPorts, remotePorts, localAddresses, remoteAddresses, ...rest } = rule;
  return jsonRecord("rule", {
    ...rest,
    ...(localPorts === undefined ? {} : { localPorts: portsText(localPorts) }),
    ...(remotePorts === undefined ? {} : { remotePorts: portsText(remotePorts) }),
    ...(localAddresses === undefined ? {} : { localAddresses: addressesText(localAddresses) }),
    ...(remoteAddresses === undefined ? {} : { remoteAddresses: addressesText(remoteAddresses) }),
    profiles: imported.rule.profiles,
    effectiveProfiles: profiles,
    store: imported.store,
    policy: imported.policy,
    schema: imported.version,
    platforms: imported.platforms,
    extras: imported.extras,
    file: imported.file,
    line: imported.line,
    filters,
    inForce: inert === null,
    inert,
  });
}
