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

const KIND =
  /^(.* IPv[46](?: errors)?)(?: (multicast|broadcast))?((?: (?:none|public|private|domain)(?:, (?:none|public|private|domain))*)?)$/;

/** Parts that say the same of one receiver, of many and of all, as one. `text` is what they have to agree in. */
export function mergeKinds<T extends Headed>(parts: readonly T[], text: (part: T) => string): readonly T[] {
  const merged = new Map<string, { readonly part: T; readonly kinds: string[] }>();
  for (const part of parts) {
    const [, begin = part.heading, kind = "unicast", profiles = ""] = KIND.exec(part.heading) ?? [];
    const key = JSON.stringify([begin, profiles, text(part)]);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { part, kinds: [kind] });
    else known.kinds.push(kind);
  }
  return [...merged.values()].map(({ part, kinds }) => {
    if (kinds.length === 1) return part;
    const [, begin = "", , profiles = ""] = KIND.exec(part.heading) ?? [];
    return { ...part, heading: `${begin} ${kinds.join(", ")}${profiles}` };
  });
}
