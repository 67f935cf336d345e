import type { FlowDecider, ReplayFlow, ReplaySummary, ReplayTally } from "../model/index.ts";
import { fatesOf } from "./flow/flow-state.ts";

const tally = (): ReplayTally => ({ flows: 0, packets: 0, bytes: 0 });

/** Adds up what a replay finds. */
export class SummaryBuilder {
  readonly #fates = new Float64Array(5);
  readonly #byVerdict = { permit: tally(), block: tally(), indeterminate: tally() };
  readonly #byLayer = new Map<string, ReplayTally>();
  readonly #byFilter: Map<bigint, ReplaySummary["byFilter"] extends ReadonlyMap<bigint, infer T> ? T : never> = new Map();
  readonly #byDependency = new Map<string, number>();
  readonly #notIp = new Map<string, number>();
  packets = 0;
  bytes = 0;
  flows = 0;
  firstTime: number | null = null;
  lastTime: number | null = null;
  peakFlows = 0;

  fate(fate: number): void {
    this.#fates[fate] = (this.#fates[fate] ?? 0) + 1;
  }

  notIp(kind: string): void {
    this.#notIp.set(kind, (this.#notIp.get(kind) ?? 0) + 1);
  }

  flow(flow: ReplayFlow): void {
    const { verdict, decider } = flow;
    this.flows++;
    add(this.#byVerdict[verdict], flow);
    if (decider === null || decider.code === "NO_MATCH_PERMIT") return;
    const layer = this.#byLayer.get(decider.layer) ?? tally();
    this.#byLayer.set(decider.layer, layer);
    add(layer, flow);
    this.#filter(flow, decider);
    for (const dependency of decider.dependsOn) this.#byDependency.set(dependency, (this.#byDependency.get(dependency) ?? 0) + 1);
  }

  get(): ReplaySummary {
    return {
      packets: this.packets,
      bytes: this.bytes,
      flows: this.flows,
      firstTime: this.firstTime,
      lastTime: this.lastTime,
      byVerdict: this.#byVerdict,
      byFate: fatesOf(this.#fates),
      byLayer: this.#byLayer,
      byFilter: this.#byFilter,
      byDependency: new Map([...this.#byDependency].sort((a, b) => b[1] - a[1])),
      notIp: this.#notIp,
      peakFlows: this.peakFlows,
    };
  }

  #filter(flow: ReplayFlow, { filter, layer }: FlowDecider): void {
    if (filter === null || flow.verdict === "indeterminate") return;
    const known = this.#byFilter.get(filter.filterId) ?? { ...tally(), filter, layer, verdict: flow.verdict };
    this.#byFilter.set(filter.filterId, known);
    add(known, flow);
  }
}

function add(to: ReplayTally, { inbound, outbound }: ReplayFlow): void {
  to.flows++;
  to.packets += inbound.packets + outbound.packets;
  to.bytes += inbound.bytes + outbound.bytes;
}
