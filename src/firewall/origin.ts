/** Filter origins of defaults, as Windows 11 names them (WFP-DIAGNOSTICS-FIREWALL 5.3); a rule's filters have the rule's id. */
export const ORIGIN = {
  appContainerLoopback: "AppContainer Loopback",
  bootTime: "Boot Time Default",
  quarantine: "Quarantine Default",
  queryUser: "Query User Default",
  stealth: "Stealth",
  uwp: "UWP Default",
  serviceHardening: "WSH Default",
} as const;
