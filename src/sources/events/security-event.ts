import type { RecordedTime } from "../../model/index.ts";

/** One event of the Security log before anybody has judged what it means, whichever tool exported it. */
export interface SecurityEvent {
  /** Of its first character, from 1. */
  readonly line: number;
  readonly id: number;
  readonly host: string | null;
  readonly record: number | null;
  readonly time: RecordedTime | null;
  /** EventData by the names of the provider's manifest. */
  readonly data: ReadonlyMap<string, string>;
}

const CONNECTION = "Application Direction SourceAddress SourcePort DestAddress DestPort Protocol";
const NAMED = "FilterRTID LayerName LayerRTID";
const FRAME = `Direction SourceAddress DestAddress EtherType MediaType InterfaceType VlanTag ${NAMED}`;
const PACKET = `ProcessId ${CONNECTION} ${NAMED}`;
const ENDPOINT = `ProcessId Application SourceAddress SourcePort Protocol ${NAMED}`;
const OBJECT = "ProviderKey ProviderName";
const CHANGED = "ProcessId UserSid UserName ProviderKey ProviderName ChangeType";
const FILTER = "FilterKey FilterName FilterType FilterId LayerKey LayerName LayerId Weight Conditions Action CalloutKey CalloutName";
const CALLOUT = "CalloutKey CalloutName CalloutType CalloutId LayerKey LayerName LayerId";

/**
 * Names of the data by event id, in the manifest's order (Microsoft-Windows-Security-Auditing), for exports that keep the values only:
 * `Get-WinEvent | ConvertTo-Json` has Properties without names. Windows 11 puts FilterOrigin and InterfaceIndex before the filter in 5152
 * and 5157 (WFP-DIAGNOSTICS-FIREWALL 5.2), which the number of values tells.
 */
const NAMES: Readonly<Record<number, readonly string[]>> = {
  5031: ["Profiles Application"],
  5150: [FRAME],
  5151: [FRAME],
  5152: [PACKET, `ProcessId ${CONNECTION} FilterOrigin ${NAMED} InterfaceIndex`],
  5153: [PACKET],
  5154: [ENDPOINT],
  5155: [ENDPOINT],
  5156: [`ProcessID ${CONNECTION} ${NAMED}`, `ProcessID ${CONNECTION} ${NAMED} RemoteUserID RemoteMachineID`],
  5157: [
    `ProcessID ${CONNECTION} ${NAMED}`,
    `ProcessID ${CONNECTION} ${NAMED} RemoteUserID RemoteMachineID`,
    `ProcessID ${CONNECTION} FilterOrigin ${NAMED} RemoteUserID RemoteMachineID InterfaceIndex`,
  ],
  5158: [ENDPOINT],
  5159: [ENDPOINT],
  5440: [`${OBJECT} ${CALLOUT}`],
  5441: [`${OBJECT} ${FILTER}`],
  5442: [`${OBJECT} ProviderType`],
  5443: [`${OBJECT} ProviderContextKey ProviderContextName ProviderContextType`],
  5444: [`${OBJECT} SubLayerKey SubLayerName SubLayerType Weight`],
  5446: [`${CHANGED} ${CALLOUT}`],
  5447: [`${CHANGED} ${FILTER}`],
  5448: ["ProcessId UserSid UserName ChangeType ProviderKey ProviderName ProviderType"],
  5449: [`${CHANGED} ProviderContextKey ProviderContextName ProviderContextType`],
  5450: [`${CHANGED} SubLayerKey SubLayerName SubLayerType Weight`],
};

/** Values in the manifest's order as named data; undefined where there are not as many as any version of the event has. */
export function nameValues(id: number, values: readonly string[]): Map<string, string> | undefined {
  for (const form of NAMES[id] ?? []) {
    const names = form.split(" ");
    if (names.length === values.length) return new Map(names.map((name, index) => [name, values[index] ?? ""]));
  }
  return undefined;
}
