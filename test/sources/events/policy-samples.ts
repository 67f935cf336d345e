import { HOST } from "./security-samples.ts";

/** Made-up events of the policy, as NXLog writes them. */

export const WF = "{decc16ca-3f33-4346-be1e-8fb4ae0f3d62}";
export const WSH = "{4b153735-1049-4480-aab4-d1b9bdc03710}";
export const NOBODY = "{00000000-0000-0000-0000-000000000000}";
export const CONNECT = { LayerKey: "{c38d57d1-05a7-4c33-904f-7fbceee60e82}", LayerName: "ALE Connect v4 Layer", LayerId: "48" };

type Members = Readonly<Record<string, string | number>>;

let record = 1000;

export function change(id: number, members: Members): Members {
  record++;
  return { EventID: id, Hostname: HOST, EventTime: "2026-02-02 07:00:01", RecordNumber: record, ...members };
}

/** A 5447, or a 5441 where `kind` says present. */
export function filterEvent(id: number, kind: "present" | "add" | "delete", members: Members = {}): Members {
  const common = {
    FilterId: String(id),
    FilterKey: `{00000000-0000-4000-8000-${String(id).padStart(12, "0")}}`,
    FilterName: `Filter ${id}`,
    FilterType: "%%16388",
    ...CONNECT,
    ProviderKey: WF,
    ProviderName: "Microsoft Corporation",
    Weight: String(9n << 60n),
    Conditions: "-",
    Action: "%%16390",
    CalloutKey: NOBODY,
    CalloutName: "-",
  };
  if (kind === "present") return change(5441, { ...common, ...members });
  return change(5447, { ...common, ProcessId: "2044", ChangeType: kind === "add" ? "%%16384" : "%%16385", ...members });
}

export function subLayerEvent(key: string, weight: number, provider: string, members: Members = {}): Members {
  const common = { SubLayerKey: key, SubLayerName: "A sublayer", SubLayerType: "%%16388", Weight: String(weight) };
  return change(5450, { ...common, ProviderKey: provider, ProviderName: "-", ProcessId: "2044", ChangeType: "%%16384", ...members });
}

/** Conditions as event text. */
export function conditions(...list: readonly (readonly [field: string, match: string, value: string])[]): string {
  return list
    .map(([field, match, value]) => `\n\tCondition ID:\t{${field}}\n\tMatch value:\t${match}\n\tCondition value:\t${value}\n`)
    .join("");
}

export const FIELD = {
  PROTOCOL: "3971ef2b-623e-4f9a-8cb1-6e79b806b9a7",
  APP: "d78e1e87-8644-4ea5-9437-d809ecefc971",
  USER: "af043a0a-b34d-4f86-979c-c90371af6e66",
  REMOTE_ADDRESS: "b235ae9a-1d64-49b8-a44c-5ff3d9095045",
  REMOTE_PORT: "c35a604d-d22b-4e1a-91b4-68f674ee674b",
  FLAGS: "632ce23b-5167-435c-86d7-e903684aa80c",
  PACKAGE: "71bc78fa-f17c-4997-a602-6abb261f351c",
  EPOCH: "cce68d5e-053b-43a8-9a6f-33384c28e4f6",
  ARRIVAL_TUNNEL: "511166dc-7a8c-4aa7-b533-95ab59fb0340",
  ARRIVAL_TYPE: "89f990de-e798-4e6d-ab76-7c9558292e6f",
} as const;

export function lines(...events: Members[]): string {
  return events.map((event) => JSON.stringify(event)).join("\n");
}
