import type { InputPosition } from "./errors.ts";
import type { Condition, FilterAction } from "./filter.ts";
import type { Profile } from "./flow.ts";
import type { Guid } from "./guid.ts";
import type { WindowsVersion } from "./windows-version.ts";

export type FirewallProfileName = Exclude<Profile, "none">;

/** A text with its place, for errors of those who read it later. */
export interface PlacedText {
  readonly text: string;
  readonly position: InputPosition;
}

/** A change to a policy: the what-if flags. */
export interface PolicyChange extends PlacedText {
  readonly kind: "with" | "without" | "enable" | "disable";
}

export interface SuiteProfileSettings {
  readonly firewall?: "on" | "off";
  readonly inbound?: "allow" | "block";
  readonly outbound?: "allow" | "block";
  readonly stealth?: "on" | "off";
  readonly localRules?: "apply" | "ignore";
  /** "Shields up": off leaves inbound allow rules out. */
  readonly allowRules?: "on" | "off";
}

/** A firewall rule of a suite, in wfplab's rule notation, and the store that it is said to come from. */
export interface SuiteRule extends PlacedText {
  readonly store: "local" | "group policy";
}

export interface SuiteSubLayer {
  readonly name: string;
  readonly weight: number;
  readonly position: InputPosition;
}

export interface SuiteCallout {
  readonly name: string;
  readonly key: Guid;
  readonly registered: boolean;
  readonly position: InputPosition;
}

/** A filter of a suite. A layer without _V4 or _V6 stands for both families. */
export interface SuiteFilter {
  readonly name: string;
  readonly position: InputPosition;
  readonly layers: readonly Guid[];
  readonly subLayer: string | null;
  /** 0..15 is a range as FwpmFilterAdd0 has it; larger numbers are exact; null: automatic. */
  readonly weight: bigint | null;
  readonly action: FilterAction["type"];
  readonly callout: string | null;
  readonly hard: boolean;
  readonly permitIfUnregistered: boolean;
  readonly conditions: readonly Condition[];
}

/** Where a suite's policy comes from and what is changed in it. */
export interface SuitePolicy {
  readonly position: InputPosition;
  /** What a report calls it. */
  readonly name: string;
  /** A file, or @desktop, @server, @empty (Windows Firewall without rules), @bare (no filters at all). */
  readonly from: string;
  readonly windows: WindowsVersion | null;
  readonly rules: readonly SuiteRule[];
  readonly settings: Readonly<Partial<Record<FirewallProfileName, SuiteProfileSettings>>>;
  readonly subLayers: readonly SuiteSubLayer[];
  readonly callouts: readonly SuiteCallout[];
  readonly filters: readonly SuiteFilter[];
  readonly changes: readonly PolicyChange[];
  /** The only profile that is active; null: as the source has it. */
  readonly profile: FirewallProfileName | null;
}
