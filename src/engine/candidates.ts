/**
 * Which filters a walk has to look at. The plain one offers every filter; the index skips those that cannot match, which the walk
 * would have found out itself.
 */
export interface Candidates {
  /** The first candidate at or after position `from`; at least the number of filters where there is none. */
  next(from: number): number;
}

export const EVERY_FILTER: Candidates = { next: (from) => from };
