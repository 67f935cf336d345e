import { type Filter, type Guid, PROVIDER_KEY } from "../../model/index.ts";

/** Providers that come with Windows: what is odd about their filters nobody here can mend. */
const WINDOWS_OWN: ReadonlySet<Guid> = new Set(Object.values(PROVIDER_KEY));

/** Ranges of weight in which Windows Firewall puts the filters of rules (WFP-DIAGNOSTICS-FIREWALL 6.2); its defaults have others. */
const RULE_RANGES: ReadonlySet<bigint> = new Set([4n, 9n, 10n, 11n]);

/** The firewall rule that a filter was made of: its id, or its name where nobody recorded the id; null for any other filter. */
export function ruleOfFilter({ providerKey, origin, name, effectiveWeight }: Filter): string | null {
  return providerKey === PROVIDER_KEY.MPSSVC_WF && RULE_RANGES.has(effectiveWeight >> 60n) ? (origin ?? name) : null;
}

export function isWindowsProvider(key: Guid): boolean {
  return WINDOWS_OWN.has(key);
}

/** Filters that Windows makes by itself: not those of rules, nor those of other software. */
export function isWindowsOwn(filter: Filter): boolean {
  return filter.providerKey !== null && isWindowsProvider(filter.providerKey) && ruleOfFilter(filter) === null;
}
