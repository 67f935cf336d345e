import type { Interpretation, Policy, Profile, WindowsVersion } from "../../model/index.ts";

/** What a scenario is played with, beside what it says itself. */
export interface PlayOptions {
  /** By host; a host without one has no filters. */
  readonly policies?: ReadonlyMap<string, Policy>;
  /** The scenario's usual one unless told. */
  readonly family?: 4 | 6;
  /** Of every host, whatever the scenario says. */
  readonly windows?: WindowsVersion;
  /** Of hosts for which the scenario names none; 11 unless told. */
  readonly usualWindows?: WindowsVersion;
  /** What $port stands for. */
  readonly port?: number;
  /** Category of every network, whatever the scenario says. */
  readonly profile?: Profile;
  /** Path of the programs of a host, whatever the scenario says. */
  readonly apps?: ReadonlyMap<string, string>;
  readonly interpretation?: Partial<Interpretation>;
  /** Whether to look at what the scenario expects; true unless told. */
  readonly check?: boolean;
}
