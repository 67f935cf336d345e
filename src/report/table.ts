/** A cell; `paint` colours the text after it has been measured. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

export interface TableOptions {
  readonly indent?: string;
  /** Columns, from 0, whose cells stand to the right. */
  readonly right?: readonly number[];
  /** Columns, from 0, with the most letters each may have; the rest is cut off with an ellipsis. */
  readonly limits?: Readonly<Record<number, number>>;
}

const GAP = "  ";

export const widthOf = (text: string): number => [...text].length;

/** At most `limit` letters, the last of them an ellipsis where something was cut off. */
export function truncate(text: string, limit: number): string {
  const letters = [...text];
  return letters.length <= limit ? text : `${letters.slice(0, Math.max(0, limit - 1)).join("")}…`;
}

/**
 * Rows as lines whose columns are as wide as their widest cell. The last cell of a shorter row may reach over the columns it lacks. No line
 * ends in spaces.
 */
export function tableLines(rows: readonly (readonly Cell[])[], options: TableOptions = {}): string[] {
  const { indent = "", right = [], limits = {} } = options;
  const texts = rows.map((row) => row.map((cell, column) => truncate(textOf(cell), limits[column] ?? Number.POSITIVE_INFINITY)));
  const widths: number[] = [];
  for (const row of texts) {
    for (const [column, text] of row.entries()) {
      const padded = column < row.length - 1 || right.includes(column);
      if (padded) widths[column] = Math.max(widths[column] ?? 0, widthOf(text));
    }
  }
  return rows.map((row, index) => {
    const cells = row.map((cell, column) => {
      const text = texts[index]?.[column] ?? "";
      const space = " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(text)));
      const painted = typeof cell === "string" ? text : cell.paint(text);
      if (right.includes(column)) return space + painted;
      // The last column needs no padding, and empty ones after it none either.
      return row.slice(column + 1).every((rest) => textOf(rest) === "") ? painted : painted + space;
    });
    while (cells.length > 0 && cells.at(-1)?.trim() === "") cells.pop();
    return cells.length === 0 ? "" : indent + cells.join(GAP);
  });
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}
