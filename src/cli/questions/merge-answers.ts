/** A part of an answer with a heading whose last word is a profile. */
export interface Headed {
  readonly heading: string;
}

/** Adds a part; parts that say the same of several profiles become one. `text` is what they have to agree in. */
export function addPart<T extends Headed>(parts: T[], part: T, text: (part: T) => string): void {
  const last = parts.at(-1);
  const words = part.heading.split(" ");
  const before = last?.heading.split(" ") ?? [];
  const isNext = words.slice(0, -1).join(" ") === before.slice(0, words.length - 1).join(" ");
  if (last === undefined || !isNext || text(last) !== text(part)) parts.push(part);
  else parts[parts.length - 1] = { ...last, heading: `${last.heading}, ${words.at(-1)}` };
}
