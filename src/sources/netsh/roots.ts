/** Roots of files that people mistake for a policy, and what those are. */
const OTHERS: Readonly<Record<string, string>> = {
  netEvents: "net events (netsh wfp show netevents)",
  firewallState: "the second part of netsh wfp show state alone",
  Events: "events of a Windows event log",
  Event: "an event of a Windows event log",
  html: "a web page",
};

/** What to say of a file whose root is not one of a policy. */
export function otherRootText(name: string): string {
  const other = OTHERS[name];
  const found = other === undefined ? `the root element is <${name}>` : `this is <${name}>, ${other}`;
  return `${found}; expected <wfpstate> (netsh wfp show state) or <wfpdiag> (netsh wfp show filters)`;
}
