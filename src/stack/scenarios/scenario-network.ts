import { parseAddress, type ScenarioNetwork } from "../../model/index.ts";
import type { Fate, NetworkOptions, Transit } from "../network/network.ts";

/** How much later a packet arrives that others overtake, in delays of the network. */
const OVERTAKEN = 3;

/** Addresses of the router whose MTU is small; of the blocks kept for documentation (RFC 5737, RFC 3849). */
const ROUTER = { 4: "203.0.113.254", 6: "2001:db8:ffff::fe" } as const;

export const DELAY = 0.01;

/** What the network of a scenario does to packets; `isLost` tells of those the scenario names. */
export function networkOptions(network: ScenarioNetwork, isLost: (transit: Transit) => boolean): NetworkOptions {
  const { delay = DELAY, rate, mtu } = network;
  return {
    delay,
    fate: fateOf(network, isLost),
    ...(rate === undefined ? {} : { rate }),
    ...(mtu === undefined ? {} : { path: { mtu, router: { 4: parseAddress(ROUTER[4]), 6: parseAddress(ROUTER[6]) } } }),
  };
}

function fateOf(network: ScenarioNetwork, isLost: (transit: Transit) => boolean): Fate {
  const { loss = 0, duplication = 0, reordering = 0, seed = 1, delay = DELAY } = network;
  const random = randomNumbers(seed);
  return (transit) => {
    // Three numbers for every packet, needed or not, so that changing one share leaves the others' packets alone.
    const [lost, doubled, late] = [random(), random(), random()];
    if (isLost(transit) || lost < loss) return [];
    const first = late < reordering ? OVERTAKEN * delay : 0;
    return doubled < duplication ? [first, first + delay / 2] : [first];
  };
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32): the same in every run, on every machine. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value = (value + Math.imul(value ^ (value >>> 7), value | 61)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
