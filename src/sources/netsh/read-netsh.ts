import {
  type AleEndpoint,
  appIdPath,
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
import { CONTAINERS, SKIPPED_SECTIONS } from "./known-elements.ts";
import { ReadContext } from "./read-context.ts";
import { readFilter } from "./read-filter.ts";
import { readLayer } from "./read-layer.ts";
import { readCallout, readEndpoint, readProvider, readSession, readSubLayer } from "./read-objects.ts";
import { readProviderContext } from "./read-provider-context.ts";
import { otherRootText } from "./roots.ts";
import { type Place, UnitParser } from "./unit-parser.ts";

export interface NetshOptions {
  /** What messages and reports call the input, e.g. its file name. */
  readonly source: string;
  /** Makes the first thing that is not understood an error instead of a diagnostic. */
  readonly strict?: boolean;
}

/**
 * Reads what `netsh wfp show state` and `netsh wfp show filters` write, whole or in pieces.
 * @throws InputError with file and line for anything that is not such a file, is cut short, or holds a value that cannot be.
 */
export function readNetsh(text: string | Iterable<string>, options: NetshOptions): PolicyImport {
  const reading = new Reading(options);
  return located(options, () => {
    if (typeof text === "string") reading.parser.write(text);
    else for (const chunk of text) reading.parser.write(chunk);
    return reading.finish();
  });
}

/** {@link readNetsh} for text that arrives by and by. */
export async function readNetshAsync(text: AsyncIterable<string>, options: NetshOptions): Promise<PolicyImport> {
  const reading = new Reading(options);
  for await (const chunk of text) located(options, () => reading.parser.write(chunk));
  return located(options, () => reading.finish());
}

/** Adds the file's name to errors. */
function located<T>({ source }: NetshOptions, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(error.message, { ...error.position, file: source });
    throw error;
  }
}

class Reading {
  readonly parser: UnitParser;
  readonly #source: string;
  readonly #log: DiagnosticLog;
  readonly #context: ReadContext;
  #root: "wfpstate" | "wfpdiag" = "wfpstate";
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
    this.#context = new ReadContext(this.#log);
    this.parser = new UnitParser({
      log: this.#log,
      root: (name, previous, line) => this.#onRoot(name, previous, line),
      place: (path) => this.#place(path),
      onUnit: (path, unit) => this.#units.get(belowRoot(path))?.(unit),
    });
  }

  /** What is read as a whole, by path below the root. */
  readonly #units: ReadonlyMap<string, (unit: Element) => void> = new Map([
    ["timeStamp", (unit: Element) => this.#readTimeStamp(unit)],
    ["sessions/item", (unit) => this.#sessions.push(readSession(unit, this.#context))],
    ["layers/item/layer", (unit) => this.#layers.push(readLayer(unit, this.#context))],
    ["layers/item/callouts/item", (unit) => this.#callouts.push(readCallout(unit, this.#context))],
    ["layers/item/filters/item", (unit) => this.#filters.push(readFilter(unit, this.#context))],
    ["filters/item", (unit) => this.#filters.push(readFilter(unit, this.#context))],
    ["providers/item", (unit) => this.#providers.push(readProvider(unit, this.#context))],
    ["providerContexts/item", (unit) => this.#contexts.push(readProviderContext(unit, this.#context))],
    ["subLayers/item", (unit) => this.#subLayers.push(readSubLayer(unit, this.#context))],
    ["aleConnectedEndpoints/item", (unit) => this.#endpoints.push(readEndpoint(unit, this.#context))],
  ]);

  #onRoot(name: string, previous: string | undefined, line: number): "expected" | "foreign" {
    if (previous !== undefined) return name === "firewallState" && previous !== name ? "expected" : "foreign";
    if (name !== "wfpstate" && name !== "wfpdiag") throw new InputError(otherRootText(name), { line });
    this.#root = name;
    return "expected";
  }

  #place(path: string): Place {
    if (path.startsWith("firewallState/")) return "skip";
    const below = belowRoot(path);
    this.#sections.add(below);
    if (this.#units.has(below)) return "unit";
    if (CONTAINERS.has(below)) return "container";
    return SKIPPED_SECTIONS.has(below) ? "skip" : "unknown";
  }

  #readTimeStamp({ text }: Element): void {
    this.#timeStamp = text === "" ? null : this.#context.texts.keep(text);
  }

  finish(): PolicyImport {
    this.parser.close();
    if (!["filters", "layers", "providers", "subLayers"].some((section) => this.#sections.has(section))) {
      const found = this.#sections.has("netEvents") ? " but net events" : "";
      throw new InputError(`<${this.#root}> holds nothing of a policy${found}; netsh wfp show state and netsh wfp show filters write one`);
    }
    return {
      source: this.#source,
      completeness: this.#root === "wfpstate" ? "state" : "filters",
      timeStamp: this.#timeStamp,
      layers: this.#layers.length > 0 ? this.#layers : null,
      subLayers: this.#sections.has("subLayers") ? this.#subLayers : null,
      providers: this.#providers,
      providerContexts: this.#contexts,
      callouts: this.#sections.has("layers/item/callouts") ? this.#callouts : null,
      sessions: this.#sessions,
      filters: this.#withOrigins(),
      endpoints: this.#endpoints,
      diagnostics: this.#log.list(),
    };
  }

  /** MPSSVC keeps a filter's origin as text in a general provider context (SCHEMA 2). */
  #withOrigins(): Filter[] {
    const texts = new Map<Guid, string>();
    for (const { key, body } of this.#contexts) if (body.kind === "data") texts.set(key, appIdPath(body.data));
    return this.#filters.map((filter) => {
      if (filter.providerContextKey === null || !filter.namedFlags.includes("FWPM_FILTER_FLAG_HAS_FILTER_ORIGIN")) return filter;
      const origin = texts.get(filter.providerContextKey);
      return origin === undefined ? filter : { ...filter, origin };
    });
  }
}

function belowRoot(path: string): string {
  return path.slice(path.indexOf("/") + 1);
}
