import {
  calloutKeyOf,
  type FwpValue,
  fieldKeyOf,
  type Guid,
  layerKeyOf,
  madeUpKey,
  madeUpName,
  parseGuid,
  parseSddl,
  providerContextKeyOf,
  providerKeyOf,
  type SecurityDescriptor,
  subLayerKeyOf,
} from "../../model/index.ts";
import type { DiagnosticLog } from "./diagnostics.ts";
import { type Element, hexBytes, notA } from "./element.ts";
import { detached, TextPool } from "./text-pool.ts";

export type KeyKind = "layer" | "field" | "sublayer" | "provider" | "callout" | "provider context" | "filter" | "session";

const KEY_OF: Readonly<Record<KeyKind, (text: string) => Guid | undefined>> = {
  layer: layerKeyOf,
  field: fieldKeyOf,
  sublayer: subLayerKeyOf,
  provider: providerKeyOf,
  // The older names of the edge traversal callouts say Teredo (`callouts.json`, aliases).
  callout: (text) => calloutKeyOf(text.replace("_TEREDO_", "_EDGE_TRAVERSAL_")),
  "provider context": providerContextKeyOf,
  filter: parseGuid,
  session: parseGuid,
};

/** What is shared while one file is read: the remarks, and one copy of everything that dumps repeat thousands of times. */
export class ReadContext {
  readonly log: DiagnosticLog;
  readonly texts = new TextPool();
  /** Values by type and text. */
  readonly values = new Map<string, FwpValue>();
  readonly #keys = new Map<KeyKind, Map<string, Guid>>();
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #descriptors = new Map<string, SecurityDescriptor>();
  #hasUnknown = false;

  constructor(log: DiagnosticLog) {
    this.log = log;
  }

  /**
   * A key that netsh prints as a GUID in braces or by name. One with a name that no table has gets a made-up key, `{name:…}`, which is
   * equal only to itself.
   * @throws InputError for what is neither.
   */
  key(element: Element, kind: KeyKind): Guid {
    const { text } = element;
    const known = this.#keys.get(kind) ?? new Map<string, Guid>();
    this.#keys.set(kind, known);
    const cached = known.get(text);
    if (cached === undefined) {
      const key = this.#resolve(element, kind);
      known.set(detached(text), key);
      if (madeUpName(key) !== undefined) this.#unknown(element, kind);
      return key;
    }
    if (this.#hasUnknown && madeUpName(cached) !== undefined) this.#unknown(element, kind);
    return cached;
  }

  /** null for an empty or absent element. */
  optionalKey(element: Element | undefined, kind: KeyKind): Guid | null {
    return element === undefined || element.text === "" ? null : this.key(element, kind);
  }

  /** Bytes written as hex; equal ones are the same object. @throws InputError */
  bytes(element: Element): Uint8Array {
    const known = this.#blobs.get(element.text);
    if (known !== undefined) return known;
    const bytes = hexBytes(element);
    this.#blobs.set(detached(element.text), bytes);
    return bytes;
  }

  /** SDDL; equal ones are the same object. @throws InputError */
  descriptor(element: Element): SecurityDescriptor {
    const known = this.#descriptors.get(element.text);
    if (known !== undefined) return known;
    const text = detached(element.text);
    const descriptor = parseSddl(text, { line: element.line });
    this.#descriptors.set(text, descriptor);
    return descriptor;
  }

  #resolve(element: Element, kind: KeyKind): Guid {
    const { text } = element;
    const key = KEY_OF[kind](text);
    if (key !== undefined) return detached(key) as Guid;
    if (!/^[A-Za-z_]\w*$/.test(text)) throw notA(element, `the key of a ${kind}: a GUID in braces or a name`);
    return madeUpKey(detached(text));
  }

  #unknown({ text, line }: Element, kind: KeyKind): void {
    this.#hasUnknown = true;
    this.log.warn(`unknown-${kind.replace(" ", "-")}`, `unknown ${kind} ${text}`, line);
  }
}
