import {
  CALLOUT_FLAG,
  FILTER_FLAG,
  FILTER_FLAG_WITHOUT_VALUE,
  LAYER_FLAG,
  PROVIDER_CONTEXT_FLAG,
  PROVIDER_FLAG,
  SESSION_FLAG,
  SUBLAYER_FLAG,
} from "../../model/index.ts";
import { child, type Element } from "./element.ts";
import { itemsOf } from "./known-elements.ts";
import type { ReadContext } from "./read-context.ts";

export interface Flags {
  readonly bits: number;
  /** Names that stand for no published bit. */
  readonly named: readonly string[];
}

const strip = (table: Readonly<Record<string, number>>, prefix: string) =>
  new Map(
    Object.entries(table)
      .filter(([, bit]) => bit !== 0)
      .map(([name, bit]) => [prefix + name, bit]),
  );

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
const NONE: Flags = { bits: 0, named: [] };

/** `<flags>` of `parent`: items are names; bits without a name follow as one item of 8 hex digits. */
export function readFlags(parent: Element, kind: FlagKind, context: ReadContext): Flags {
  const element = child(parent, "flags");
  if (element === undefined || (element.children.length === 0 && element.text === "")) return NONE;
  let bits = 0;
  const named: string[] = [];
  for (const item of element.children.length === 0 ? [element] : itemsOf(element, context.log)) {
    const { text, line } = item;
    const bit = FLAG_NAMES[kind].get(text);
    if (bit !== undefined) bits |= bit;
    else if (/^[0-9A-F]{8}$/i.test(text)) bits |= Number.parseInt(text, 16);
    // Some lists of other kinds print no flags as a plain 0 (SCHEMA 2, subscriptions).
    else if (text !== "0") {
      named.push(context.texts.keep(text));
      if (!NAMELESS.has(text)) context.log.warn("unknown-flag", `unknown ${kind} flag ${text}`, line);
    }
  }
  return { bits: bits >>> 0, named };
}
