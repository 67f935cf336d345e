import { type Diagnostic, InputError } from "../../model/index.ts";
import { DiagnosticLog } from "../netsh/diagnostics.ts";
import type { Element } from "../netsh/element.ts";
import { type Place, UnitParser } from "../netsh/unit-parser.ts";
import type { NetEvent } from "./net-event.ts";
import { OTHER_SECTIONS } from "./net-event-elements.ts";
import { readNetEvent } from "./read-net-event.ts";

export interface NetEventsOptions {
  /** What messages call the input, e.g. its file name. */
  readonly source: string;
  /** Makes the first thing that is not understood an error instead of a diagnostic. */
  readonly strict?: boolean;
}

export interface NetEventsImport {
  readonly source: string;
  /** In the order of the file. */
  readonly events: readonly NetEvent[];
  /** The file has filters too: wfpdiag.xml is a policy as well as its events. */
  readonly hasFilters: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the net events of `netsh wfp show netevents` (netevents.xml) and of the `wfpdiag.xml` in the cabinet of `netsh wfp capture`.
 * @throws InputError with file and line for anything that is no such file, is cut short, or holds a value that cannot be.
 */
export function readNetEvents(text: string | Iterable<string>, { source, strict = false }: NetEventsOptions): NetEventsImport {
  const log = new DiagnosticLog(strict);
  const events: NetEvent[] = [];
  let hasFilters = false;
  let hasEvents = false;
  const onUnit = (_path: string, unit: Element): void => {
    const event = readNetEvent(unit, log);
    if (event !== null) events.push(event);
  };
  const place = (path: string): Place => {
    if (/^(wfpdiag\/)?netEvents$/.test(path)) {
      hasEvents = true;
      return "container";
    }
    // Microsoft's pages print <netEvent>, netsh writes <item> (SCHEMA 8).
    if (/^(wfpdiag\/)?netEvents\/(item|netEvent)$/.test(path)) return "unit";
    const [root, section = ""] = path.split("/");
    if (section === "filters") hasFilters = true;
    return root === "wfpdiag" && OTHER_SECTIONS.has(section) ? "skip" : "unknown";
  };
  const root = (name: string, previous: string | undefined, line: number): "expected" | "foreign" => {
    if (previous !== undefined) return "foreign";
    if (name === "netEvents") hasEvents = true;
    else if (name !== "wfpdiag") {
      throw new InputError(
        `the root element is <${name}>, expected <netEvents> (netsh wfp show netevents) or <wfpdiag> (netsh wfp capture)`,
        {
          line,
        },
      );
    }
    return "expected";
  };
  const parser = new UnitParser({ log, root, place, onUnit });
  try {
    if (typeof text === "string") parser.write(text);
    else for (const chunk of text) parser.write(chunk);
    parser.close();
    if (!hasEvents) throw new InputError("<wfpdiag> holds no net events; netsh wfp capture writes one that does");
  } catch (error) {
    if (error instanceof InputError) throw new InputError(error.message, { ...error.position, file: source });
    throw error;
  }
  return { source, events, hasFilters, diagnostics: log.list() };
}

/** Whether a text begins as a file of net events does: netevents.xml, or a wfpdiag.xml, which may turn out to hold none. */
export function isNetEvents(text: string): boolean {
  return /<(netEvents|wfpdiag)[\s>/]/.test(text.slice(0, 4000));
}
