import type { Profile } from "./flow.ts";

/** A network category that Windows Firewall keeps settings for. */
export type FirewallProfile = Exclude<Profile, "none">;

export const FIREWALL_PROFILES: readonly FirewallProfile[] = ["domain", "private", "public"];

/** What is set for one network category. */
export interface ProfileSettings {
  readonly enabled: boolean;
  readonly defaultInboundAction: "allow" | "block";
  readonly defaultOutboundAction: "allow" | "block";
  /** False ("shields up") leaves every inbound allow rule out. */
  readonly allowInboundRules: boolean;
  /** No RST and no ICMP unreachable for ports that nobody listens on. */
  readonly stealth: boolean;
  /** Whether a program without a rule that starts to listen is brought to the user's notice. */
  readonly notifyOnListen: boolean;
}
