/** What the defaults of Windows Firewall are for (WFP-DIAGNOSTICS-FIREWALL 5.3, 6). */
const meanings: Readonly<Record<string, string>> = {
  "AppContainer Loopback": "loopback to or from an AppContainer that is not exempt",
  "Boot Time Default": "the firewall service has not taken over yet",
  "Quarantine Default": "the interface has changed its network and is not released yet",
  "Query User Default": "the default for inbound connections that no rule allows",
  Stealth: "closed ports do not answer",
  "UWP Default": "the AppContainer lacks the capability for this network",
  "WSH Default": "service hardening: the service may do only what its own rules list",
};

/** A filter's origin, explained where it is one of Windows' defaults; else it is the firewall rule. */
export function originText(origin: string | null): string {
  if (origin === null) return "not told by the source";
  const meaning = meanings[origin];
  return meaning === undefined ? origin : `${origin}: ${meaning}`;
}
