import { type Guid, InputError, isSid, parseGuid, type Sid, ZERO_GUID } from "../../model/index.ts";
import type { SecurityEvent } from "./security-event.ts";

/** Reads members of one event's data. What is missing or makes no sense is an InputError with the event's line. */
export class SecurityFields {
  readonly #event: SecurityEvent;

  constructor(event: SecurityEvent) {
    this.#event = event;
  }

  /** "-" and nothing are null: Windows prints "-" for what is absent. */
  text(...names: readonly string[]): string | null {
    for (const name of names) {
      const value = this.#event.data.get(name)?.trim();
      if (value !== undefined && value !== "" && value !== "-") return value;
    }
    return null;
  }

  /** As it stands, blanks included; "" where absent. */
  raw(name: string): string {
    return this.#event.data.get(name) ?? "";
  }

  /** Decimal or 0x…; null where absent. @throws InputError for anything else. */
  integer(...names: readonly string[]): number | null {
    const value = this.big(...names);
    return value === null ? null : Number(value);
  }

  big(...names: readonly string[]): bigint | null {
    const value = this.text(...names);
    if (value === null) return null;
    if (!/^(\d{1,20}|0x[0-9a-f]{1,16})$/i.test(value)) throw this.fault(`${names[0]} is "${value}", expected a number`);
    return BigInt(value);
  }

  required(name: string): bigint {
    const value = this.big(name);
    if (value === null) throw this.fault(`${name} is missing`);
    return value;
  }

  /** A message of the event log's parameter table: "%%14592" and 14592 are the same. */
  message(...names: readonly string[]): number | null {
    const value = this.text(...names);
    if (value === null) return null;
    const number = /^(?:%%)?(\d{1,6})$/.exec(value)?.[1];
    return number === undefined ? null : Number(number);
  }

  /** null for absent and for the GUID of zeros, which Windows writes for "none". */
  guid(name: string): Guid | null {
    const value = this.text(name);
    if (value === null) return null;
    const guid = parseGuid(value);
    if (guid === undefined) throw this.fault(`${name} is "${value}", expected a GUID`);
    return guid === ZERO_GUID ? null : guid;
  }

  requiredGuid(name: string): Guid {
    const guid = this.guid(name);
    if (guid === null) throw this.fault(`${name} is missing`);
    return guid;
  }

  sid(...names: readonly string[]): Sid | null {
    const value = this.text(...names);
    return value !== null && isSid(value) ? value : null;
  }

  fault(message: string): InputError {
    return new InputError(`event ${this.#event.id}: ${message}`, { line: this.#event.line });
  }
}
