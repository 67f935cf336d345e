import type { Fate } from "./network.ts";
import { seededRandom } from "./seeded-random.ts";

/** How a network misbehaves; probabilities from 0 to 1, times in seconds. */
export interface Impairment {
  /** The same seed gives the same misfortunes. */
  readonly seed: number;
  readonly loss?: number;
  readonly duplication?: number;
  /** Share of packets that are held back by up to `jitter`, so that later ones overtake them. */
  readonly reordering?: number;
  readonly jitter?: number;
  /** Most packets lost in a row; no limit unless told. */
  readonly burst?: number;
}

/** The fate of packets on a network that loses, doubles and reorders them. */
export function impaired(options: Impairment): Fate {
  const { seed, loss = 0, duplication = 0, reordering = 0, jitter = 0.1, burst = Number.POSITIVE_INFINITY } = options;
  const next = seededRandom(seed);
  let lost = 0;
  return () => {
    if (lost < burst && next() < loss) {
      lost++;
      return [];
    }
    lost = 0;
    const extra = next() < reordering ? next() * jitter : 0;
    return next() < duplication ? [extra, extra + next() * jitter] : [extra];
  };
}
