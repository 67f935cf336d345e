import type { DiffAnswer } from "../../model/index.ts";

const PROFILES = /^(public|private|domain)$/;

/**
 * Answers that say the same of several profiles, or of single, multicast and broadcast addresses, as one: `in udp IPv4 public, private; multicast
 * private`. The first one's witness stands for all.
 */
export function mergeDifferences(answers: readonly DiffAnswer[]): readonly DiffAnswer[] {
  const groups = new Map<string, DiffAnswer[]>();
  for (const answer of answers) {
    const { change, classes, more, decidedBefore, decidedAfter, heading } = answer;
    const [direction, protocol, family] = heading.split(" ");
    const key = JSON.stringify([
      [direction, protocol, family, change, more, decidedBefore?.name, decidedAfter?.name],
      classes.map(({ heading: _, ...rest }) => rest),
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [answer]);
    else group.push(answer);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, heading: mergedHeading(group.map(({ heading }) => heading)) }];
  });
}

/** `in udp IPv4 public`, `in udp IPv4 private`, `in udp IPv4 multicast private` in one. */
function mergedHeading(headings: readonly string[]): string {
  const [direction, protocol, family] = headings[0]?.split(" ") ?? [];
  const profiles = new Map<string, string[]>();
  for (const heading of headings) {
    const rest = heading.split(" ").slice(3);
    const kind = rest.filter((word) => !PROFILES.test(word)).join(" ");
    profiles.set(kind, [...(profiles.get(kind) ?? []), ...rest.filter((word) => PROFILES.test(word))]);
  }
  const parts = [...profiles].map(([kind, list]) => [kind, list.join(", ")].filter((text) => text !== "").join(" "));
  return `${direction} ${protocol} ${family} ${parts.join("; ")}`.trimEnd();
}
