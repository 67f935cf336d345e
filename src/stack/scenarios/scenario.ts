import type { Interpretation, Policy, Profile, WindowsVersion } from "../../model/index.ts";
import type { Stage } from "./stage.ts";

/** What a built-in scenario is run with. */
export interface ScenarioOptions {
  readonly clientPolicy: Policy;
  readonly serverPolicy: Policy;
  readonly family: 4 | 6;
  readonly windows: WindowsVersion;
  /** DOS or NT path; C:\Program Files\Client\client.exe unless told. */
  readonly clientApp?: string;
  /** C:\Program Files\Server\server.exe unless told. */
  readonly serverApp?: string;
  /** 8080 unless told. */
  readonly serverPort?: number;
  /** Network category of both machines' Ethernet; public unless told. */
  readonly profile?: Profile;
  readonly interpretation?: Partial<Interpretation>;
}

/** A short play for two hosts. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  play(stage: Stage): void;
}
