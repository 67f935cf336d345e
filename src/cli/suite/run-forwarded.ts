import type { Interpretation, Policy, SessionRecord, WindowsVersion } from "../../model/index.ts";
import { builtInScenario, playScenario } from "../../stack/index.ts";

/** The scenario's name in suites. */
export const FORWARDED = "forwarded";

/**
 * The built-in scenario `forward` with the policy on the machine that forwards: a virtual machine (`client`) sends a datagram through it
 * (`host`) to a machine outside (`server`). Forwarded packets meet the IPFORWARD layers and none of ALE (WFP-SHIMS 4.2).
 */
export function runForwarded(
  policy: Policy,
  windows: WindowsVersion,
  interpretation: Partial<Interpretation> = {},
): readonly SessionRecord[] {
  return playScenario(builtInScenario("forward"), { policies: new Map([["host", policy]]), windows, interpretation, check: false }).records;
}
