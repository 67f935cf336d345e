import type { DataType, FieldType } from "./data-type.ts";
import type { Guid } from "./guid.ts";
import type { WindowsVersion } from "./windows-version.ts";

/** FWPM_FIELD0: one field of a layer. */
export interface Field {
  readonly key: Guid;
  /** Name without FWPM_CONDITION_; the GUID where it has no name. */
  readonly name: string;
  /** Position in the value array of a classify call. */
  readonly index: number;
  readonly dataType: DataType;
  readonly fieldType: FieldType;
  readonly since: WindowsVersion;
}

/** FWPM_LAYER0. */
export interface Layer {
  readonly key: Guid;
  /** Full name, FWPM_LAYER_…; the GUID where it has no name. */
  readonly name: string;
  /** FWPS layer id, as audit events report it. Shifts between Windows versions above 57. */
  readonly id: number;
  readonly displayName: string;
  readonly mode: "kernel" | "user";
  readonly flags: number;
  readonly family: 4 | 6 | null;
  readonly since: WindowsVersion;
  readonly defaultSubLayer: Guid;
  /** The layer that sees what was blocked here, and the reverse. */
  readonly discardLayer: Guid | null;
  readonly discardOf: Guid | null;
  readonly fields: readonly Field[];
}
