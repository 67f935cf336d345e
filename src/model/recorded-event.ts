import type { IpAddress } from "./address.ts";
import type { Filter } from "./filter.ts";
import type { Guid } from "./guid.ts";
import type { CalloutObject, Provider, ProviderContext, SubLayer } from "./objects.ts";
import type { NetEventType } from "./records.ts";
import type { Sid } from "./sid.ts";

/** What Windows wrote down about its own filtering: the Security log, net events, pfirewall.log. */

/** Where a record stands in its file; lines count from 1. */
export interface RecordPosition {
  readonly file: string;
  readonly line: number;
}

/** When a record was written, by the clock of its log: producers print local time or UTC without saying which. */
export interface RecordedTime {
  /** Seconds since 1970, with a fraction, as if the text were UTC where it names no zone. */
  readonly seconds: number;
  /** False where the log has whole seconds only. */
  readonly hasFraction: boolean;
  /** As the source prints it. */
  readonly text: string;
}

/** What every record has. */
export interface RecordedHeader {
  readonly position: RecordPosition;
  /** The computer that wrote it; logs are often collected from several. null: the source does not say. */
  readonly host: string | null;
  /** EventRecordID: the order in which one computer wrote. */
  readonly record: number | null;
  readonly time: RecordedTime | null;
}

/** The filter that ended one sublayer, as net events list them. */
export interface RecordedTerminatingFilter {
  readonly filterId: bigint;
  /** As printed: FWPP_SUBLAYER_INTERNAL_…, a name or a GUID. */
  readonly subLayer: string;
  readonly action: "permit" | "block";
}

/**
 * One verdict of Windows: events 5150–5159, net events CLASSIFY_DROP and CLASSIFY_ALLOW, lines of pfirewall.log. null is a member that the
 * source does not have.
 */
export interface RecordedVerdict extends RecordedHeader {
  readonly type: "verdict";
  /** Event id of the Security log; null for other sources. */
  readonly eventId: number | null;
  readonly netEvent: NetEventType | null;
  readonly action: "permit" | "block";
  /** From this host's viewpoint; binds and listens have none. */
  readonly direction: "in" | "out" | "forward" | null;
  /** Run-time id; null where the source names no layer (pfirewall.log). */
  readonly layerId: number | null;
  /** 4 or 6, by the layer's name or the addresses. */
  readonly family: 4 | 6 | null;
  readonly protocol: number | null;
  readonly local: IpAddress | null;
  /** ICMP has its type in the local port and the code in the remote port, as the layers' fields have them. */
  readonly localPort: number | null;
  readonly remote: IpAddress | null;
  readonly remotePort: number | null;
  /** NT device path, or "System". */
  readonly application: string | null;
  readonly processId: number | null;
  readonly user: Sid | null;
  /** "none" is a program in no AppContainer. */
  readonly package: Sid | "none" | null;
  /** Of the AppContainer, where the source lists those it knows. */
  readonly capabilities?: readonly Sid[];
  /** Numbered as the fields *_PROFILE_ID are. */
  readonly originalProfile: number | null;
  readonly currentProfile: number | null;
  readonly interfaceIndex: number | null;
  readonly isLoopback: boolean | null;
  readonly isReauthorization: boolean | null;
  /** 0: Windows names no filter, or no filter matched. null: the source has no such member. */
  readonly filterId: bigint | null;
  readonly filterOrigin: string | null;
  /** Of net events; empty elsewhere. */
  readonly terminatingFilters: readonly RecordedTerminatingFilter[];
}

/** How an object of the filter engine came into the log: it was there when the Base Filtering Engine started, or somebody changed it. */
export type RecordedChangeKind = "present" | "add" | "delete";

/** Events 5440–5444 and 5446–5450: an object that exists, comes or goes. */
export type RecordedPolicyChange = RecordedFilterChange | RecordedObjectChange;

interface RecordedChangeHeader extends RecordedHeader {
  readonly eventId: number;
  readonly change: RecordedChangeKind;
  /** The process that changed it; null at start. */
  readonly processId: number | null;
  readonly user: Sid | null;
}

/** Events 5441 and 5447. The log has no sublayer and no flags, so `filter.subLayerKey` is inferred when a policy is made. */
export interface RecordedFilterChange extends RecordedChangeHeader {
  readonly type: "filter";
  readonly filter: Filter;
  readonly layerId: number;
  /** As the log classes it: boot-time filters go when the engine has started. */
  readonly lifetime: "boot-time" | "persistent" | "run-time";
  readonly providerName: string | null;
  readonly calloutName: string | null;
}

/** Events 5440 and 5446 (callouts), 5442 and 5448 (providers), 5443 and 5449 (provider contexts), 5444 and 5450 (sublayers). */
export type RecordedObjectChange = RecordedChangeHeader &
  (
    | { readonly type: "callout"; readonly object: CalloutObject }
    | { readonly type: "provider"; readonly object: Provider }
    | { readonly type: "provider-context"; readonly object: ProviderContext }
    | { readonly type: "sublayer"; readonly object: SubLayer }
  );

/** Events 4944–4958 and 5024–5031: what the firewall service says about its rules, settings and profiles. */
export interface RecordedFirewallEvent extends RecordedHeader {
  readonly type: "firewall";
  readonly eventId: number;
  readonly ruleId: string | null;
  readonly ruleName: string | null;
  /** As printed: "Domain", "Public", "All"… */
  readonly profile: string | null;
  readonly application: string | null;
  /** Every other member, as printed. */
  readonly data: Readonly<Record<string, string>>;
}

export type RecordedEvent = RecordedVerdict | RecordedPolicyChange | RecordedFirewallEvent;

/** How the sublayer of a filter was found. */
export interface InferredSubLayer {
  readonly filterId: bigint;
  readonly filterKey: Guid;
  readonly subLayerKey: Guid;
  /** "inferred": by provider, layer, callout and name as Windows makes its own filters; "guessed": nothing tells, the layer's default. */
  readonly certainty: "inferred" | "guessed";
  readonly reason: string;
}
