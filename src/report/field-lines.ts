import { type FieldValue, formatValue, type Layer, UNKNOWN } from "../model/index.ts";
import type { TextOptions } from "./text-options.ts";

/** The indicated values: those with a value by name, then the names of the empty and of the unknown fields. */
export function fieldLines(layer: Layer, values: readonly FieldValue[], { style, width }: TextOptions, indent: string): string[] {
  const told: string[] = [];
  const empty: string[] = [];
  const unknown: string[] = [];
  for (const field of layer.fields) {
    const value = values[field.index] ?? UNKNOWN;
    if (value === UNKNOWN) unknown.push(field.name);
    else if (value.type === "FWP_EMPTY") empty.push(field.name);
    else told.push(`${field.name}=${formatValue(value, field)}`);
  }
  const room = width - indent.length;
  return [...filled(told, "", "  ", room), ...filled(empty, "empty: ", ", ", room), ...filled(unknown, "unknown: ", ", ", room)].map(
    (line) => indent + style.dim(line),
  );
}

/** Items side by side, broken between them; a longer one stands alone. */
function filled(items: readonly string[], label: string, gap: string, width: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(label + item);
    else if (last.length + gap.length + item.length <= width) lines[lines.length - 1] = last + gap + item;
    else {
      lines[lines.length - 1] = last + gap.trimEnd();
      lines.push(" ".repeat(label.length) + item);
    }
  }
  return lines;
}
