import {
  type AleEndpoint,
  type CalloutObject,
  type Filter,
  type Guid,
  InputError,
  type Layer,
  type PolicyImport,
  type Provider,
  type ProviderContext,
  type Session,
  type SubLayer,
} from "../../model/index.ts";
import { DiagnosticLog } from "./diagnostics.ts";
import type { Element } from "./element.ts";
import { SKIPPED_SECTIONS } from "./known-elements.ts";
import { KeyReader } from "./names.ts";
import { readFilter } from "./read-filter.ts";
import {
  readCallout,
  readEndpoint,
  readLayer,
  readProvider,
  readProviderContext,
  readSession,
  readSubLayer,
  utf16Text,
} from "./read-objects.ts";
import { UnitParser } from "./unit-parser.ts";

export interface NetshOptions {
  /** What messages and reports call the input, e.g. its file name. */
  readonly source: string;
  /** Makes the first thing that is not understood an error instead of a diagnostic. */
  readonly strict?: boolean;
}

const ROOTS: ReadonlySet<string> = new Set(["wfpstate", "wfpdiag", "firewallState"]);

/**
 * Reads what `netsh wfp show state` and `netsh wfp show filters` write, whole or in pieces.
 * @throws InputError with file and line for anything that is not such a file, is cut, or holds a value that cannot be.
 */
export function readNetsh(text: string | Iterable<string>, options: NetshOptions): PolicyImport {
  const reading = new Reading(options);
  try {
    if (typeof text === "string") reading.parser.write(text);
    else for (const chunk of text) reading.parser.write(chunk);
    reading.parser.close();
    return reading.result();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(error.message, { ...error.position, file: options.source });
    throw error;
  }
}

class Reading {
  readonly parser: UnitParser;
  readonly #source: string;
  readonly #log: DiagnosticLog;
  readonly #keys: KeyReader;
  #root: "wfpstate" | "wfpdiag" | null = null;
  readonly #sections = new Set<string>();
  #timeStamp: string | null = null;
  readonly #layers: Layer[] = [];
  readonly #subLayers: SubLayer[] = [];
  readonly #providers: Provider[] = [];
  readonly #contexts: ProviderContext[] = [];
  readonly #callouts: CalloutObject[] = [];
  readonly #sessions: Session[] = [];
  readonly #filters: Filter[] = [];
  readonly #endpoints: AleEndpoint[] = [];

  constructor({ source, strict = false }: NetshOptions) {
    this.#source = source;
    this.#log = new DiagnosticLog(strict);
    this.#keys = new KeyReader(this.#log);
    this.parser = new UnitParser({
      log: this.#log,
      isUnit: (path) => this.#units.has(path.slice(path.indexOf("/") + 1)),
      isSkipped: (path) => SKIPPED_SECTIONS.has(path.slice(path.indexOf("/") + 1)),
      onUnit: (path, unit) => this.#units.get(path.slice(path.indexOf("/") + 1))?.(unit),
      onOpen: (path, line) => this.#onOpen(path, line),
    });
  }

  /** What is read as a whole, by path below the root. */
  readonly #units: ReadonlyMap<string, (unit: Element) => void> = new Map<string, (unit: Element) => void>([
    ["timeStamp", (unit) => this.#setTimeStamp(unit.text)],
    ["sessions/item", (unit) => void this.#sessions.push(readSession(unit, this.#keys, this.#log))],
    ["layers/item/layer", (unit) => void this.#layers.push(readLayer(unit, this.#keys, this.#log))],
    ["layers/item/callouts/item", (unit) => void this.#callouts.push(readCallout(unit, this.#keys, this.#log))],
    ["layers/item/filters/item", (unit) => void this.#filters.push(readFilter(unit, this.#keys, this.#log))],
    ["filters/item", (unit) => void this.#filters.push(readFilter(unit, this.#keys, this.#log))],
    ["providers/item", (unit) => void this.#providers.push(readProvider(unit, this.#keys, this.#log))],
    ["providerContexts/item", (unit) => void this.#contexts.push(readProviderContext(unit, this.#keys, this.#log))],
    ["subLayers/item", (unit) => void this.#subLayers.push(readSubLayer(unit, this.#keys, this.#log))],
    ["aleConnectedEndpoints/item", (unit) => void this.#endpoints.push(readEndpoint(unit, this.#log))],
  ]);

  #setTimeStamp(text: string): void {
    this.#timeStamp = text === "" ? null : text;
  }

  #onOpen(path: string, line: number): void {
    const [root = "", section, ...deeper] = path.split("/");
    if (section === undefined) {
      if (!ROOTS.has(root)) {
        throw new InputError(
          `the root element is <${root}>, expected <wfpstate> (netsh wfp show state) or <wfpdiag> (netsh wfp show filters)`,
          { line },
        );
      }
      if (root !== "firewallState") this.#root ??= root === "wfpstate" ? "wfpstate" : "wfpdiag";
      return;
    }
    if (root === "firewallState") return;
    if (deeper.length === 0) this.#sections.add(section);
    if (!KNOWN_PATHS.has([section, ...deeper].join("/"))) {
      this.#log.warn("unknown-element", `unknown element <${deeper.at(-1) ?? section}> in <${deeper.at(-2) ?? root}>`, line);
    }
  }

  result(): PolicyImport {
    if (this.#root === null) throw new InputError("there is no <wfpstate> or <wfpdiag> element");
    return {
      source: this.#source,
      completeness: this.#root === "wfpstate" ? "state" : "filters",
      timeStamp: this.#timeStamp,
      layers: this.#sections.has("layers") ? this.#layers : null,
      subLayers: this.#sections.has("subLayers") ? this.#subLayers : null,
      providers: this.#providers,
      providerContexts: this.#contexts,
      callouts: this.#sections.has("layers") ? this.#callouts : null,
      sessions: this.#sessions,
      filters: this.#withOrigins(),
      endpoints: this.#endpoints,
      diagnostics: this.#log.list(),
    };
  }

  /** MPSSVC keeps a filter's origin as text in a general provider context (SCHEMA 2). */
  #withOrigins(): Filter[] {
    const texts = new Map<Guid, string>();
    for (const { key, body } of this.#contexts) if (body.kind === "data") texts.set(key, utf16Text(body.data));
    return this.#filters.map((filter) => {
      if (filter.providerContextKey === null || !filter.namedFlags.includes("FWPM_FILTER_FLAG_HAS_FILTER_ORIGIN")) return filter;
      const origin = texts.get(filter.providerContextKey);
      return origin === undefined ? filter : { ...filter, origin };
    });
  }
}

/** Containers outside units. */
const KNOWN_PATHS: ReadonlySet<string> = new Set([
  "sessions",
  "layers",
  "layers/item",
  "layers/item/callouts",
  "layers/item/filters",
  "filters",
  "providers",
  "providerContexts",
  "subLayers",
  "aleConnectedEndpoints",
]);
