import type { InputPosition } from "./errors.ts";
import type { Profile } from "./flow.ts";
import type { EventName, OutcomeRecord } from "./records.ts";
import type { ScenarioPacket } from "./scenario-packet.ts";
import type { SuiteSubLayer } from "./suite-policy.ts";
import type { WindowsVersion } from "./windows-version.ts";

/** Where something stands in a scenario file: line and column, from 1. */
export type ScenarioPlace = readonly [line: number, column: number];

/**
 * A play for hosts as a scenario file tells it (docs/scenarios.md). Plain data that JSON can hold: the built-in ones are a table of these.
 * Names are resolved when it is read: every host, interface, socket, address and call that is named exists.
 */
export interface Scenario {
  /** For messages about what it expects. */
  readonly file: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The IP versions it can be played with, the usual one first. */
  readonly families: readonly (4 | 6)[];
  /** Version of every host that does not say its own; null: that of the policies. */
  readonly windows: WindowsVersion | null;
  /** What `$port` stands for. */
  readonly port: number;
  readonly network: ScenarioNetwork;
  /** Addresses of nobody in particular by name: groups, strangers. */
  readonly addresses: Readonly<Record<string, ScenarioAddresses>>;
  readonly hosts: readonly ScenarioHost[];
  readonly sockets: readonly ScenarioSocket[];
  readonly steps: readonly ScenarioStep[];
}

/** One address for each IP version. */
export interface ScenarioAddresses {
  readonly 4?: string;
  readonly 6?: string;
}

export interface ScenarioNetwork {
  /** One-way seconds. */
  readonly delay?: number;
  /** Shares from 0 to 1. */
  readonly loss?: number;
  readonly duplication?: number;
  readonly reordering?: number;
  readonly seed?: number;
  /** Bits per second. */
  readonly rate?: number;
  /** Bytes of the longest packet that a router on the way hands on. */
  readonly mtu?: number;
  /** Packets that are lost: each line the first one that it describes. */
  readonly lose?: readonly ScenarioPacket[];
}

export interface ScenarioHost {
  readonly name: string;
  readonly windows: WindowsVersion | null;
  /** A file, @desktop, @server, or @bare: no filters at all. */
  readonly policy: string;
  readonly policyAt: ScenarioPlace;
  readonly interfaces: readonly ScenarioInterface[];
  readonly processes: readonly ScenarioProcess[];
  readonly subLayers: readonly Omit<SuiteSubLayer, "position">[];
  readonly filters: readonly ScenarioFilter[];
  /** Indicates at the MAC layers and STREAM_PACKET even where no filter is. */
  readonly allLayers: boolean;
  /** Records allowed classifications too, as net events. */
  readonly classifyAllow: boolean;
}

export interface ScenarioInterface {
  readonly name: string;
  readonly index: number;
  /** `address/prefix length`. */
  readonly addresses: readonly string[];
  readonly profile: Profile;
  readonly link: string;
  readonly mtu: number;
  readonly gateways: readonly string[];
  readonly forwarding: boolean;
  readonly weakHostSend: boolean;
  readonly weakHostReceive: boolean;
  readonly up: boolean;
}

export interface ScenarioProcess {
  readonly name: string;
  readonly path: string;
  readonly id: number;
  /** Account of the token; an ordinary user where null. */
  readonly user: string | null;
  /** SID of the AppContainer; null outside any. */
  readonly package: string | null;
}

export interface ScenarioSocket {
  readonly name: string;
  readonly host: string;
  readonly process: string;
  readonly protocol: "tcp" | "udp" | "raw";
  /** IP protocol of a raw socket. */
  readonly number: number;
  /** null: that of the play. */
  readonly family: 4 | 6 | null;
  readonly dualStack: boolean;
}

/** Which end: a host's address (of one interface), an address by name, a socket's local end, or an address as it is. */
export type ScenarioEnd =
  | { readonly kind: "host"; readonly host: string; readonly interface: string | null }
  | { readonly kind: "address"; readonly name: string }
  | { readonly kind: "socket"; readonly name: string }
  | { readonly kind: "literal"; readonly address: string };

/** A number, or the port that the play is given. */
export type ScenarioPort = number | "$port";

export interface ScenarioEndpoint {
  readonly end: ScenarioEnd;
  /** null: none is told. */
  readonly port: ScenarioPort | null;
}

/** What a callout of a scenario does when a filter calls it. */
export type ScenarioCallout =
  | { readonly does: "permit" | "block" | "continue"; readonly hard: boolean; readonly absorb: boolean }
  /** Holds the operation back until a step completes it, or by itself after some seconds. */
  | { readonly does: "pend"; readonly after: number | null; readonly decision: "permit" | "block" }
  | { readonly does: "redirect"; readonly to: ScenarioEndpoint; readonly processId: number | null }
  /** FWPM_CLASSIFY_OPTIONS_CONTEXT by the callouts that Windows has for it. */
  | { readonly does: "set-options"; readonly options: Readonly<Record<string, number>> };

export interface ScenarioFilter {
  readonly name: string;
  readonly at: ScenarioPlace;
  /** Without FWPM_LAYER_; without _V4 or _V6 it is the layer of the IP version that is played. */
  readonly layer: string;
  readonly action: "permit" | "block" | ScenarioCallout;
  /** Name of a sublayer of the host or of Windows; null: the default one. */
  readonly subLayer: string | null;
  /** 0 to 15 is a range, more is the exact weight; a decimal string; null: automatic. */
  readonly weight: string | null;
  readonly hard: boolean;
  readonly conditions: readonly { readonly text: string; readonly at: ScenarioPlace }[];
}

/** What a scenario sends. */
export type ScenarioData = { readonly text: string } | { readonly bytes: number };

interface StepCommon {
  readonly at: ScenarioPlace;
  /** Seconds of virtual time at which it happens, at the earliest; null: at once. */
  readonly time: number | null;
  readonly id: string | null;
  /** Sockets and steps that must have come about: otherwise the step is left out. */
  readonly needs: readonly string[];
  readonly expect: ScenarioExpect | null;
}

interface CallCommon extends StepCommon {
  /** How the call must end; null: however it ends. */
  readonly result: string | null;
  /** Closes the socket if the call fails; steps that use it are then left out. */
  readonly orClose: boolean;
}

export type ScenarioStep =
  | (StepCommon & { readonly do: "group"; readonly title: string | null; readonly steps: readonly ScenarioStep[] })
  | (StepCommon & { readonly do: "note"; readonly host: string; readonly text: string })
  /** Seconds; null: until nothing is left to happen. */
  | (StepCommon & { readonly do: "wait"; readonly seconds: number | null })
  | (StepCommon & { readonly do: "await"; readonly calls: readonly string[] })
  | (StepCommon & { readonly do: "await-closed"; readonly sockets: readonly string[] })
  | ScenarioCall
  | (StepCommon & { readonly do: "add-filter"; readonly host: string; readonly filter: ScenarioFilter })
  | (StepCommon & { readonly do: "remove-filter"; readonly host: string; readonly name: string })
  | (StepCommon & {
      readonly do: "interface";
      readonly host: string;
      readonly interface: string;
      readonly changes: ScenarioInterfaceChange;
    })
  | (StepCommon & { readonly do: "complete"; readonly host: string; readonly filter: string; readonly decision: "permit" | "block" })
  | (StepCommon & { readonly do: "inject"; readonly link: string; readonly packets: readonly ScenarioPacket[] });

export type ScenarioInterfaceChange = Partial<
  Pick<ScenarioInterface, "profile" | "up" | "forwarding" | "weakHostSend" | "weakHostReceive" | "addresses">
>;

/** A call of a program. Those that wait for the network may go on in the background. */
export type ScenarioCall =
  | (CallCommon & { readonly do: "open" | "listen" | "shutdown" | "close"; readonly socket: string })
  | (CallCommon & { readonly do: "bind"; readonly socket: string; readonly to: ScenarioEnd | null; readonly port: ScenarioPort })
  | (CallCommon & { readonly do: "accept"; readonly socket: string; readonly as: string; readonly background: boolean })
  | (CallCommon & { readonly do: "connect"; readonly socket: string; readonly to: ScenarioEndpoint; readonly background: boolean })
  | (CallCommon & {
      readonly do: "send";
      readonly socket: string;
      readonly to: ScenarioEndpoint | null;
      readonly data: ScenarioData;
      /** Waits until the data has arrived at this socket. */
      readonly arrivesAt: string | null;
    })
  | (CallCommon & { readonly do: "receive"; readonly socket: string; readonly data: string | null; readonly background: boolean })
  | (CallCommon & { readonly do: "join"; readonly socket: string; readonly group: ScenarioEnd })
  | (CallCommon & { readonly do: "ioctl"; readonly socket: string; readonly ioctl: string })
  | (CallCommon & {
      readonly do: "ping";
      readonly host: string;
      readonly to: ScenarioEnd;
      readonly bytes: number | null;
      readonly background: boolean;
    });

/** What must have happened by the end of a step. */
export interface ScenarioExpect {
  /** All indications, in order, of the hosts that the list names. */
  readonly indications: readonly ExpectedIndication[] | null;
  /** Indications that must be among those, in order. */
  readonly includes: readonly ExpectedIndication[];
  readonly never: readonly ExpectedIndication[];
  /** Calls that have ended, in order, others between. */
  readonly outcomes: readonly ExpectedOutcome[];
  /** All packets that left the hosts the list names, in order; null: not looked at. */
  readonly packets: readonly ScenarioPacket[] | null;
  /** Audits and net events that must be there. */
  readonly events: readonly ExpectedEvent[];
  /** Hosts on which nothing is indicated. */
  readonly nothing: readonly string[];
  readonly at: ScenarioPlace;
}

export interface ExpectedIndication {
  readonly at: ScenarioPlace;
  readonly text: string;
  readonly host: string;
  readonly event: EventName | null;
  readonly direction: "inbound" | "outbound" | null;
  /** As in {@link ScenarioFilter.layer}. */
  readonly layer: string;
  readonly verdict: "permit" | "block" | "indeterminate" | null;
  readonly reauthorize: boolean | null;
  /** Flags that must be set, or with "not" clear. */
  readonly flags: readonly { readonly name: string; readonly set: boolean }[];
  /** Fields by name, values as text. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  /** Name of the filter that decided. */
  readonly by: string | null;
}

export interface ExpectedOutcome {
  readonly at: ScenarioPlace;
  readonly text: string;
  readonly host: string;
  readonly operation: OutcomeRecord["operation"];
  readonly result: string;
}

export interface ExpectedEvent {
  readonly at: ScenarioPlace;
  readonly text: string;
  readonly host: string;
  /** An event of the Security log, or a net event's type without FWPM_NET_EVENT_TYPE_. */
  readonly event: number | string;
  /** Fields of the event, values as text. */
  readonly data: Readonly<Record<string, string>>;
}

/** An expectation that was not met. */
export interface UnmetExpectation {
  readonly position: InputPosition;
  readonly expected: string;
  readonly found: string;
}

/** A packet as it crossed the network. */
export interface WirePacket {
  /** From the IP header on. */
  readonly bytes: Uint8Array;
  /** Seconds at which it left. */
  readonly time: number;
  readonly from: string;
  /** Name of the host, or the address that nobody or everybody has. */
  readonly to: string;
  readonly link: string;
  /** How often it arrives: 0 for one that is lost. */
  readonly copies: number;
  /** Seconds at which the first copy arrives; null for a lost one. */
  readonly arrives: number | null;
  /** `S 0:0(0) win 65535`. */
  readonly text: string;
  /** How many session records there were before it. */
  readonly after: number;
}

/** What a play gave. */
export interface ScenarioRun<R> {
  readonly records: readonly R[];
  readonly packets: readonly WirePacket[];
  readonly unmet: readonly UnmetExpectation[];
  /** How many expectations were looked at. */
  readonly checked: number;
}
