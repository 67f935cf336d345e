/** One event and the packets it may be about, by their own clocks, in seconds since 1970. */
export interface ClockVote {
  readonly event: number;
  /** In order of time. */
  readonly packets: readonly number[];
}

/** Time zones lie on quarters of an hour (IANA tz database); most on whole ones. */
const QUARTER = 900;
/** Seconds that clocks set by the network may differ beyond the zone. */
const MOST_SKEW = 120;
/** Width of the window that the skew is looked for in: events are written in whole seconds, or a little late. */
const WINDOW = 1.5;
/** Seconds that clocks may drift apart between neighbours, and how often neighbours are asked again. */
const DRIFT = 4;
const PASSES = 3;
/** Votes to each side that tell how the clocks differ at a moment: they may drift. */
const NEIGHBOURS = 7;
/** Packets of one flow that vote: the first are the likeliest, and a talkative flow shall not outvote the others. */
const MOST_PACKETS = 32;

/** How the clock of the events and that of the capture differ. */
export class ClockOffset {
  /** Seconds to add to an event's time, in quarters of hours. */
  readonly zone: number;
  /** Seconds that the capture's clock is ahead beyond that, in the middle of the votes; negative: behind. */
  readonly skew: number;
  /** Half the width of the range that nine tenths of the votes are in, in seconds. */
  readonly spread: number;
  /** Events that agree with this zone and skew, of those that voted. */
  readonly votes: number;
  readonly voters: number;
  readonly #events: Float64Array;
  readonly #skews: Float64Array;

  constructor(zone: number, agreeing: readonly { readonly event: number; readonly skew: number }[], voters: number) {
    const ordered = agreeing.toSorted((a, b) => a.event - b.event);
    const skews = ordered.map(({ skew }) => skew).toSorted((a, b) => a - b);
    this.zone = zone;
    this.skew = quantile(skews, 0.5);
    this.spread = (quantile(skews, 0.95) - quantile(skews, 0.05)) / 2;
    this.votes = agreeing.length;
    this.voters = voters;
    this.#events = Float64Array.from(ordered, ({ event }) => event);
    this.#skews = Float64Array.from(ordered, ({ skew }) => skew);
  }

  /** An event's time by the clock of the capture: the clocks differ as they did for the events around it. */
  toCapture(event: number): number {
    return event + this.zone + this.#skewAt(event);
  }

  #skewAt(event: number): number {
    const events = this.#events;
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((events[middle] ?? 0) < event) low = middle + 1;
      else high = middle;
    }
    const around = this.#skews.slice(Math.max(0, low - NEIGHBOURS), low + NEIGHBOURS).toSorted();
    return around.length === 0 ? this.skew : (around[around.length >>> 1] ?? this.skew);
  }
}

/**
 * Finds by how many quarters of an hour the clock of the events is wrong, by a vote: each event votes for every offset that would put it
 * beside one of its packets. null where no event has packets. Ties go to the smaller offset.
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
  let best: ClockOffset | null = null;
  const candidates = [...zones].toSorted(([a, m], [b, n]) => n - m || Math.abs(a) - Math.abs(b)).slice(0, 8);
  for (const [quarters] of candidates) {
    const offset = withZone(votes, quarters * QUARTER, voters);
    if (best === null || offset.votes > best.votes) best = offset;
  }
  return best;
}

/**
 * The skew that most events agree on: the fullest window. Clocks of machines that are set while they run drift, so each event then counts
 * with the packet nearest to where the events around it put it.
 */
function withZone(votes: readonly ClockVote[], zone: number, voters: number): ClockOffset {
  const near = votes.map(({ event, packets }) => ({
    event,
    skews: packets
      .slice(0, MOST_PACKETS)
      .map((packet) => packet - event - zone)
      .filter((skew) => Math.abs(skew) <= MOST_SKEW),
  }));
  const centre = fullestWindow(near.map(({ skews }) => skews));
  let offset = new ClockOffset(
    zone,
    agreeing(near, () => centre),
    voters,
  );
  for (let pass = 0; pass < PASSES; pass++) {
    const before = offset;
    offset = new ClockOffset(
      zone,
      agreeing(near, (event) => before.toCapture(event) - event - zone),
      voters,
    );
  }
  return offset;
}

interface NearVote {
  readonly event: number;
  readonly skews: readonly number[];
}

function agreeing(votes: readonly NearVote[], expected: (event: number) => number): { readonly event: number; readonly skew: number }[] {
  return votes.flatMap(({ event, skews }) => {
    const centre = expected(event);
    const nearest = skews.toSorted((a, b) => Math.abs(a - centre) - Math.abs(b - centre))[0];
    return nearest !== undefined && Math.abs(nearest - centre) <= DRIFT ? [{ event, skew: nearest }] : [];
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

function quantile(ordered: readonly number[], share: number): number {
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? 0;
}
