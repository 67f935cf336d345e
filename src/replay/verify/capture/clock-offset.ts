/** One event and the packets it may be about, by their own clocks, in seconds since 1970. */
export interface ClockVote {
  readonly event: number;
  /** In order of time. */
  readonly packets: readonly number[];
}

/** Time zones lie on quarters of an hour (IANA tz database); most on whole ones. */
const QUARTER = 900;
/** Seconds that clocks may differ beyond the zone. */
const MOST_SKEW = 120;
/** Width of the window that the skew is looked for in: events are written in whole seconds, or a little late. */
const WINDOW = 1.5;
/** Packets of one flow that vote: the first are the likeliest, and a talkative flow shall not outvote the others. */
const MOST_PACKETS = 32;
/** Votes to each side that tell how the clocks differ at a moment. */
const NEIGHBOURS = 7;
/** Seconds that two votes may differ, and how many more for each second between them: a virtual machine's clock may run at half speed. */
const NOISE = 2;
const DRIFT = 1;
const PASSES = 3;
/** Share of the votes around a moment that agree where the clock is steady. */
const STEADY = 0.8;

interface Vote {
  readonly event: number;
  readonly skew: number;
}

/** How the clock of the events and that of the capture differ, at every moment: clocks of machines drift while they run. */
export class ClockOffset {
  /** Seconds to add to an event's time, in quarters of hours. */
  readonly zone: number;
  /** Seconds that the capture's clock is ahead beyond that, in the middle of the votes; negative: behind. */
  readonly skew: number;
  /** Half the width of the range that nine tenths of the votes are in, in seconds. */
  readonly spread: number;
  /** Events that agree, of those that have packets at all. */
  readonly votes: number;
  readonly voters: number;
  readonly #events: Float64Array;
  readonly #skews: Float64Array;

  constructor(zone: number, votes: readonly Vote[], voters: number) {
    const ordered = votes.toSorted((a, b) => a.event - b.event);
    const skews = ordered.map(({ skew }) => skew).toSorted((a, b) => a - b);
    this.zone = zone;
    this.skew = quantile(skews, 0.5);
    this.spread = (quantile(skews, 0.95) - quantile(skews, 0.05)) / 2;
    this.votes = votes.length;
    this.voters = voters;
    this.#events = Float64Array.from(ordered, ({ event }) => event);
    this.#skews = Float64Array.from(ordered, ({ skew }) => skew);
  }

  /** An event's time by the clock of the capture. */
  toCapture(event: number): number {
    return event + this.zone + this.#skewAt(event).skew;
  }

  /** Seconds that this may be wrong by: how far the clock drifted from the event's neighbour before to the one after. */
  uncertaintyAt(event: number): number {
    return this.#skewAt(event).uncertainty;
  }

  /**
   * The middle of the votes around, where they agree but for the noise of their own times; between two of them where the clock drifts. The
   * event's own vote does not count there: it would agree with itself.
   */
  #skewAt(event: number): { readonly skew: number; readonly uncertainty: number } {
    const [events, skews] = [this.#events, this.#skews];
    const next = firstNotBefore(events, event);
    let later = next;
    while (later < events.length && events[later] === event) later++;
    const around = skews.slice(Math.max(0, next - NEIGHBOURS), next + NEIGHBOURS).toSorted();
    if (around.length === 0) return { skew: this.skew, uncertainty: 0 };
    const middle = around[around.length >>> 1] ?? this.skew;
    const close = around.filter((skew) => Math.abs(skew - middle) <= WINDOW / 2);
    if (close.length >= around.length * STEADY) return { skew: middle, uncertainty: 0 };
    const [before, after] = [events[next - 1], events[later]];
    const [low, high] = [skews[next - 1], skews[later]];
    if (before === undefined || low === undefined) return { skew: high ?? middle, uncertainty: WINDOW };
    if (after === undefined || high === undefined) return { skew: low, uncertainty: WINDOW };
    const skew = low + ((high - low) * (event - before)) / Math.max(after - before, 1e-9);
    return { skew, uncertainty: Math.abs(high - low) };
  }
}

/**
 * Finds by how many quarters of an hour the clock of the events is wrong, by a vote: each event votes for every offset that would put it
 * beside one of its packets. null where no event has packets near any such offset. Ties go to the smaller offset.
 */
export function findClockOffset(votes: readonly ClockVote[]): ClockOffset | null {
  const zones = new Map<number, number>();
  let voters = 0;
  for (const { event, packets } of votes) {
    const own = new Set<number>();
    for (const packet of packets.slice(0, MOST_PACKETS)) {
      const quarters = Math.round((packet - event) / QUARTER);
      if (Math.abs(packet - event - quarters * QUARTER) <= MOST_SKEW) own.add(quarters);
    }
    if (packets.length > 0) voters++;
    for (const quarters of own) zones.set(quarters, (zones.get(quarters) ?? 0) + 1);
  }
  const candidates = [...zones].toSorted(([a, m], [b, n]) => n - m || Math.abs(a) - Math.abs(b)).slice(0, 8);
  let best: ClockOffset | null = null;
  for (const [quarters] of candidates) {
    const offset = withZone(votes, quarters * QUARTER, voters);
    if (best === null || offset.votes > best.votes) best = offset;
  }
  return best;
}

interface NearVote {
  readonly event: number;
  /** What the skew would be for each packet. */
  readonly skews: readonly number[];
}

/** Events with one packet are sure of it, and say how the clocks differ over time; the others then count with the packet nearest to that. */
function withZone(votes: readonly ClockVote[], zone: number, voters: number): ClockOffset {
  const near = votes
    .map(({ event, packets }): NearVote => {
      const skews = packets.slice(0, MOST_PACKETS).map((packet) => packet - event - zone);
      return { event, skews: skews.filter((skew) => Math.abs(skew) <= MOST_SKEW) };
    })
    .filter(({ skews }) => skews.length > 0)
    .toSorted((a, b) => a.event - b.event);
  const sure = withoutOutliers(near.flatMap(({ event, skews: [skew = 0, ...more] }) => (more.length === 0 ? [{ event, skew }] : [])));
  const centre = fullestWindow(near.map(({ skews }) => skews));
  let offset = new ClockOffset(zone, sure.length > 0 ? sure : nearestTo(near, () => centre), voters);
  for (let pass = 0; pass < PASSES; pass++) {
    const before = offset;
    offset = new ClockOffset(zone, withoutOutliers(nearestTo(near, (event) => before.toCapture(event) - event - zone)), voters);
  }
  return offset;
}

function nearestTo(votes: readonly NearVote[], expected: (event: number) => number): Vote[] {
  return votes.flatMap(({ event, skews }) => {
    const centre = expected(event);
    const nearest = skews.toSorted((a, b) => Math.abs(a - centre) - Math.abs(b - centre))[0];
    return nearest !== undefined && Math.abs(nearest - centre) <= 2 * NOISE ? [{ event, skew: nearest }] : [];
  });
}

/** Votes that at least half of their neighbours could follow: a port used twice, or a packet that was not captured, speaks alone. */
function withoutOutliers(votes: readonly Vote[]): Vote[] {
  return votes.filter(({ event, skew }, index) => {
    const others = votes.slice(Math.max(0, index - NEIGHBOURS), index + NEIGHBOURS + 1);
    const agreeing = others.filter((other) => Math.abs(other.skew - skew) <= NOISE + DRIFT * Math.abs(other.event - event));
    return agreeing.length * 2 >= others.length;
  });
}

/** The middle of the window with differences of the most events. */
function fullestWindow(differences: readonly (readonly number[])[]): number {
  const all = differences
    .flatMap((own, voter) => own.map((difference) => ({ difference, voter })))
    .toSorted((a, b) => a.difference - b.difference);
  const inside = new Map<number, number>();
  let most = 0;
  let centre = 0;
  let start = 0;
  for (const { difference, voter } of all) {
    inside.set(voter, (inside.get(voter) ?? 0) + 1);
    for (let first = all[start]; first !== undefined && first.difference < difference - WINDOW; first = all[++start]) {
      const left = (inside.get(first.voter) ?? 1) - 1;
      if (left === 0) inside.delete(first.voter);
      else inside.set(first.voter, left);
    }
    if (inside.size > most) {
      most = inside.size;
      centre = ((all[start]?.difference ?? difference) + difference) / 2;
    }
  }
  return centre;
}

function firstNotBefore(ordered: Float64Array, value: number): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ordered[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function quantile(ordered: readonly number[], share: number): number {
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? 0;
}
