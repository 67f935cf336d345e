import type { Verdict } from "./classify.ts";
import type { InputPosition } from "./errors.ts";
import type { FlowPattern } from "./suite-flow.ts";
import type { FirewallProfileName, SuitePolicy } from "./suite-policy.ts";

/** A file of policy tests (docs/suite-format.md), checked but not run. */
export interface Suite {
  readonly file: string;
  readonly name: string;
  readonly description: string | null;
  /** The policy of tests that name none; null: the shipped desktop. */
  readonly policy: SuitePolicy | null;
  readonly policies: ReadonlyMap<string, SuitePolicy>;
  readonly tests: readonly SuiteTest[];
}

/** What a peer notices of a flow, in words a suite may expect. */
export const PEER_SEES = ["connection", "answer", "silence", "RST", "ICMP unreachable", "nothing sent"] as const;
export type PeerSees = (typeof PEER_SEES)[number];

interface TestBase {
  readonly name: string;
  readonly position: InputPosition;
  readonly description: string | null;
  /** Where the question comes from: a URL, a ticket. */
  readonly source: string | null;
  /** Null: the suite's. */
  readonly policy: SuitePolicy | null;
  /** Why it is not run; null: it is. */
  readonly skip: string | null;
}

/** What is expected of every packet of some flows. */
export interface FlowExpectation {
  readonly verdict: Verdict | null;
  /** Filter id, key or name, rule name or origin. */
  readonly decidedBy: string | null;
  readonly peerSees: PeerSees | null;
  /** Layer name without FWPM_LAYER_; without _V4 or _V6 either family's. */
  readonly at: string | null;
}

export interface FlowTest extends TestBase {
  readonly kind: "flows";
  readonly flows: readonly FlowPattern[];
  readonly expect: FlowExpectation;
  readonly listener: boolean | null;
}

/** A line of a scenario's record that must, or must not, be there. Absent members are not looked at. */
export interface RecordExpectation {
  readonly position: InputPosition;
  readonly host: string | null;
  readonly operation: string | null;
  readonly result: string | null;
  readonly layer: string | null;
  readonly event: string | null;
  readonly verdict: Verdict | null;
  readonly decidedBy: string | null;
  readonly never: boolean;
}

export interface ScenarioTest extends TestBase {
  readonly kind: "scenario";
  readonly scenario: string;
  readonly family: 4 | 6;
  readonly profile: FirewallProfileName;
  readonly clientPolicy: SuitePolicy | null;
  readonly serverPolicy: SuitePolicy | null;
  readonly clientApp: string | null;
  readonly serverApp: string | null;
  readonly serverPort: number | null;
  readonly expectations: readonly RecordExpectation[];
}

/** A property of a whole policy: `flows` must all be `verdict`, but for what `except` covers; or two families must agree. */
export interface InvariantTest extends TestBase {
  readonly kind: "invariant";
  readonly invariant: string;
  readonly flows: readonly FlowPattern[];
  readonly verdict: "permit" | "block";
  readonly except: readonly FlowPattern[];
  /** For "v4 and v6 agree": the flow of each pair that must have one verdict. */
  readonly pairs: readonly { readonly v4: FlowPattern; readonly v6: FlowPattern }[];
}

export type SuiteTest = FlowTest | ScenarioTest | InvariantTest;
