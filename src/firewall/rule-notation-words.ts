/** A word of a rule's line: plain, or `key=value` with `key` set and `text` the value. */
export interface NotationWord {
  readonly text: string;
  readonly key?: string;
  /** From 1. */
  readonly column: number;
}

/** Splits a rule's line at spaces; a value in double quotes keeps its spaces, `""` in it is a quotation mark. */
export function notationWords(line: string, fail: (column: number, message: string) => never): readonly NotationWord[] {
  const found: NotationWord[] = [];
  const word = /\s*(?:([A-Za-z][A-Za-z-]*)=(?:"((?:[^"]|"")*)"(?=\s|$)|([^\s"]*)(?=\s|$))|([^\s="]+)(?=\s|$))/y;
  const end = line.trimEnd().length;
  while (word.lastIndex < end) {
    const start = word.lastIndex;
    const match = word.exec(line);
    if (match === null) {
      const column = start + 1 + (/^\s*/.exec(line.slice(start))?.[0].length ?? 0);
      return fail(
        column,
        `expected a word or key=value, found ${line.slice(column - 1).split(/\s/, 1)[0] ?? ""}; values with spaces stand in double quotes`,
      );
    }
    const [whole, key, quoted, bare, plain] = match;
    const column = start + 1 + (whole.length - whole.trimStart().length);
    found.push(
      plain !== undefined ? { text: plain, column } : { text: quoted?.replaceAll('""', '"') ?? bare ?? "", key: key ?? "", column },
    );
  }
  return found;
}
