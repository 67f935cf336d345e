import {
  CALLOUT_FLAG,
  calloutKeyOf,
  FILTER_FLAG,
  FILTER_FLAG_WITHOUT_VALUE,
  fieldKeyOf,
  type Guid,
  InputError,
  LAYER_FLAG,
  layerKeyOf,
  PROVIDER_CONTEXT_FLAG,
  PROVIDER_FLAG,
  providerKeyOf,
  SESSION_FLAG,
  SUBLAYER_FLAG,
  subLayerKeyOf,
} from "../../model/index.ts";
import type { DiagnosticLog } from "./diagnostics.ts";
import type { Element } from "./element.ts";

export type KeyKind = "layer" | "field" | "sublayer" | "provider" | "callout" | "provider context";

const KEY_OF: Readonly<Record<Exclude<KeyKind, "provider context">, (text: string) => Guid | undefined>> = {
  layer: layerKeyOf,
  field: fieldKeyOf,
  sublayer: subLayerKeyOf,
  provider: providerKeyOf,
  // The older names of the edge traversal callouts say Teredo (`callouts.json`, aliases).
  callout: (text) => calloutKeyOf(text.replace("_TEREDO_", "_EDGE_TRAVERSAL_")),
};

/** Provider contexts that netsh prints by name; their GUIDs are not published, so they get keys of our own. */
const CONTEXT_PREFIX = "FWPM_PROVIDER_CONTEXT_";

/** Resolves keys that netsh prints as a GUID in braces or by name; each spelling is looked up once. */
export class KeyReader {
  readonly #known = new Map<string, Guid>();
  readonly #log: DiagnosticLog;

  constructor(log: DiagnosticLog) {
    this.#log = log;
  }

  read(element: Element, kind: KeyKind): Guid {
    const { text, line } = element;
    const cached = this.#known.get(`${kind} ${text}`);
    if (cached !== undefined) return cached;
    const key = this.#resolve(text, kind, line);
    this.#known.set(`${kind} ${text}`, key);
    return key;
  }

  /** null for an empty element. */
  readOptional(element: Element | undefined, kind: KeyKind): Guid | null {
    return element === undefined || element.text === "" ? null : this.read(element, kind);
  }

  #resolve(text: string, kind: KeyKind, line: number): Guid {
    if (text === "") throw new InputError(`empty ${kind} key, expected a GUID or a name`, { line });
    const key = kind === "provider context" ? (/^\{.*\}$/.test(text) ? layerKeyOf(text) : undefined) : KEY_OF[kind](text);
    if (key !== undefined) return key;
    if (!text.startsWith(CONTEXT_PREFIX)) this.#log.warn(`unknown-${kind.replace(" ", "-")}`, `unknown ${kind} ${text}`, line);
    return `{name:${text}}`;
  }
}

export interface Flags {
  readonly bits: number;
  /** Names that stand for no published bit. */
  readonly named: readonly string[];
}

const strip = (table: Readonly<Record<string, number>>, prefix: string) =>
  new Map(Object.entries(table).map(([name, bit]) => [prefix + name, bit]));

/** Flag names as netsh prints them, by kind of object. */
export const FLAG_NAMES = {
  session: strip(SESSION_FLAG, "FWPM_SESSION_FLAG_"),
  layer: strip(LAYER_FLAG, "FWPM_LAYER_FLAG_"),
  provider: strip(PROVIDER_FLAG, "FWPM_PROVIDER_FLAG_"),
  "provider context": strip(PROVIDER_CONTEXT_FLAG, "FWPM_PROVIDER_CONTEXT_FLAG_"),
  sublayer: strip(SUBLAYER_FLAG, "FWPM_SUBLAYER_FLAG_"),
  callout: strip(CALLOUT_FLAG, ""),
  filter: strip(FILTER_FLAG, "FWPM_FILTER_FLAG_"),
} as const;

export type FlagKind = keyof typeof FLAG_NAMES;

const NAMELESS: ReadonlySet<string> = new Set(FILTER_FLAG_WITHOUT_VALUE);

/** `<flags>`: items are names; bits without a name follow as one item of 8 hex digits. */
export function readFlags(element: Element | undefined, kind: FlagKind, log: DiagnosticLog): Flags {
  let bits = 0;
  const named: string[] = [];
  for (const { text, line } of element?.children ?? []) {
    const bit = FLAG_NAMES[kind].get(text);
    if (bit !== undefined) bits |= bit;
    else if (/^[0-9A-F]{8}$/i.test(text)) bits |= Number.parseInt(text, 16) | 0;
    else {
      named.push(text);
      if (!NAMELESS.has(text)) log.warn("unknown-flag", `unknown ${kind} flag ${text}`, line);
    }
  }
  return { bits: bits >>> 0, named };
}
